"""Index advice on the embedded PostgreSQL: what its planner says, and that nothing pasted is ever run there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dbbuddy.context import Engine
from dbbuddy.settings import settings
from dbbuddy.sqlreview.ddl import build_schema
from dbbuddy.sqlreview.indexes import advise, apply_stats
from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.schema import Schema
from dbbuddy.sqlreview.scratch import Verified, as_stats, server, verify
from dbbuddy.sqlreview.scratch.model import NotAvailableError
from dbbuddy.sqlreview.scratch.server import EmbeddedServer, embedded_server

DDL = """
CREATE TYPE mood AS ENUM ('good', 'bad');
CREATE TABLE parcels (id bigserial PRIMARY KEY, sender_id bigint NOT NULL, weight numeric(8,2), stage text, sent_at timestamptz,
                      facts jsonb, feeling mood, slow int DEFAULT 1, twice int GENERATED ALWAYS AS (slow * 2) STORED);
CREATE TABLE people (id bigint PRIMARY KEY, email text NOT NULL);
CREATE INDEX parcels_stage ON parcels (stage);
"""
STATS: dict[str, object] = {"parcels": 20_000_000, "people": 1_000_000}


def verified(sql: str, ddl: str = DDL, stats: dict[str, object] | None = None, engine: Engine = "postgresql") -> Verified:
    schema = build_schema(ddl, engine) if ddl else Schema()
    overrides, _ = apply_stats(schema, STATS if stats is None else stats)
    script = read_script(sql, engine)
    return verify(script, schema, advise(script, schema, engine, foreign_keys=False), engine, overrides=overrides)


@pytest.fixture
def inside() -> Iterator[psycopg.Connection]:
    """A connection to the process's scratch server."""
    with psycopg.connect(**embedded_server().parameters(), dbname="postgres", autocommit=True) as connection:
        yield connection


def test_plan_and_cost_before_and_after() -> None:
    result = verified("SELECT * FROM parcels WHERE sender_id = 7 AND sent_at > now() - interval '7 days'")
    one = result.advised.indexes[0].verified
    assert one is not None
    assert one.verified
    assert one.used
    assert one.ratio is not None
    assert one.ratio > 1000
    best = one.best
    assert best is not None
    assert best.before is not None
    assert best.after is not None
    assert "Seq Scan on parcels" in best.before.shape
    assert "parcels_sender_id_sent_at_idx" in best.after.shape
    assert best.after.plan.root.walk()
    assert {column.source for column in result.assumptions[0].columns} == {"assumed"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM people WHERE lower(email) = $1",
        """SELECT * FROM parcels WHERE facts @> '{"a": 1}'""",
        "SELECT * FROM parcels WHERE facts->>'colour' = 'red'",
        "SELECT * FROM parcels WHERE stage = 'waiting' ORDER BY sent_at LIMIT 10",
        "SELECT * FROM parcels WHERE sender_id IN (1, 2, 3)",
        "UPDATE parcels SET weight = %s WHERE sender_id = %s",
        "DELETE FROM parcels WHERE sent_at < '2001-01-01'",
        "SELECT p.* FROM people o JOIN parcels p ON p.sender_id = o.id WHERE o.email = :mail",
    ],
)
def test_the_planner_takes_the_advised_index(sql: str) -> None:
    result = verified(sql)
    assert [statement.reason for statement in result.statements] == [None]
    assert result.advised.indexes
    for advice in result.advised.indexes:
        assert advice.verified is not None
        assert advice.verified.used, advice.sql


def test_of_two_shapes_the_cheaper_one_is_advised() -> None:
    sql = "SELECT * FROM parcels WHERE sender_id = 3 AND weight > 5000 ORDER BY sent_at LIMIT 10"
    columns = {"sender_id": {"distinct": 4}}
    for distinct, expected in ((20_000_000, ("sender_id", "sent_at")),):
        facts = {**columns, "weight": {"distinct": distinct}}
        result = verified(sql, stats={"parcels": {"rows": 20_000_000, "columns": facts}})
        assert result.advised.indexes[0].columns == expected
        assert result.advised.indexes[0].alternatives


def test_edited_assumptions_are_what_is_planned_with() -> None:
    sql = "SELECT * FROM parcels WHERE sender_id = 7"
    first = verified(sql)
    edited = as_stats(first.assumptions)
    edited["parcels"]["columns"]["sender_id"]["distinct"] = 1_000_000  # type: ignore[index]
    second = verified(sql, stats=dict(edited))
    costs = [result.advised.indexes[0].verified for result in (first, second)]
    assert costs[0] is not None
    assert costs[1] is not None
    assert costs[0].cost_after != costs[1].cost_after
    assert "stated" in {column.source for column in second.assumptions[0].columns}


def test_without_ddl_tables_are_made_up_and_it_is_said() -> None:
    result = verified(
        "SELECT * FROM visits WHERE shop_id = 3 AND seen_at > '2024-01-01' AND is_paid", ddl="", stats={"visits": 5e6}
    )
    assert result.assumptions[0].inferred
    assert result.advised.indexes[0].verified is not None
    assert result.advised.indexes[0].verified.used


def test_what_cannot_be_planned_says_why() -> None:
    result = verified("SELECT * FROM parcels WHERE my_function(sender_id) = 3 AND weight = 3")
    assert result.statements[0].reason is not None
    assert "my_function" in result.statements[0].reason
    advice = result.advised.indexes[0]
    assert advice.verified is not None
    assert not advice.verified.verified


@pytest.mark.parametrize("engine", ["mysql", "sqlserver", "oracle"])
def test_other_engines_are_not_verified(engine: Engine) -> None:
    result = verified("SELECT * FROM p WHERE nr = 3", ddl="", stats={}, engine=engine)
    assert result.reason is not None
    assert result.advised.indexes[0].verified is not None
    assert result.advised.indexes[0].verified.reason == result.reason


def test_an_unavailable_server_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dbbuddy.sqlreview.scratch.database.embedded_server", _missing)
    result = verified("SELECT * FROM parcels WHERE sender_id = 7")
    assert result.reason == "the package is missing"
    assert result.advised.indexes[0].verified is not None
    assert not result.advised.indexes[0].verified.verified


def _missing() -> EmbeddedServer:
    raise NotAvailableError("the package is missing")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT pg_sleep(60) FROM parcels WHERE sender_id = 1",
        "SELECT * FROM parcels WHERE sender_id = 1; DROP TABLE parcels; CREATE ROLE evil SUPERUSER",
        "SELECT * FROM parcels WHERE sender_id = 1 AND stage = pg_read_file('/etc/passwd')",
        "SELECT * FROM parcels WHERE sender_id = 1 AND weight = length(repeat('x', 1000000000))",
        "WITH gone AS (DELETE FROM parcels WHERE sender_id = 1 RETURNING *) SELECT * FROM gone",
        "SELECT * INTO copied FROM parcels WHERE sender_id = 1",
        "COPY parcels TO PROGRAM 'touch /tmp/x'",
        "DO $$ BEGIN PERFORM pg_sleep(60); END $$",
        "SELECT * FROM parcels WHERE stage = 'a''; DROP TABLE parcels; --' AND sender_id = 1",
        "EXPLAIN ANALYZE DELETE FROM parcels WHERE sender_id = 1",
        'SELECT * FROM "parcels""; DROP TABLE x; --" WHERE nr = 1',
    ],
)
def test_pasted_statements_are_never_run(sql: str, inside: psycopg.Connection) -> None:
    began = time.monotonic()
    verified(sql)
    assert time.monotonic() - began < 30
    assert inside.execute("SELECT count(*) FROM pg_roles WHERE rolname = 'evil'").fetchone() == (0,)


@pytest.mark.parametrize(
    "ddl",
    [
        "CREATE TABLE t (nr int DEFAULT pg_sleep(60), b int)",
        "CREATE TABLE t (nr int, b int); CREATE INDEX i ON t (pg_sleep(60))",
        "CREATE TABLE t (nr int, b int); CREATE INDEX i ON t (nr) WHERE pg_sleep(60) IS NULL",
        "CREATE TABLE t (nr int, b int); CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        'CREATE TABLE t (nr "int; DROP TABLE t", b int)',
        "CREATE TABLE t (nr varchar(99999999), b nosuchtype(3)[])",
    ],
)
def test_pasted_ddl_is_never_run(ddl: str) -> None:
    began = time.monotonic()
    result = verified("SELECT * FROM t WHERE nr = 1", ddl=ddl, stats={})
    assert time.monotonic() - began < 30
    assert result.reason is None


def test_no_database_is_left_behind(inside: psycopg.Connection) -> None:
    verified("SELECT * FROM parcels WHERE sender_id = 7")
    assert inside.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'dbbuddy%'").fetchone() == (0,)


def test_the_server_is_unprivileged_and_off_the_network(inside: psycopg.Connection) -> None:
    assert inside.execute("SHOW listen_addresses").fetchone() == ("",)
    row = inside.execute("SELECT pg_backend_pid()").fetchone()
    assert row is not None
    if Path(f"/proc/{row[0]}").exists():
        assert Path(f"/proc/{row[0]}").stat().st_uid != 0
    assert embedded_server().folder.stat().st_mode & 0o077 == 0


def test_a_killed_app_leaves_neither_server_nor_files() -> None:
    program = (
        "from dbbuddy.sqlreview.scratch.server import embedded_server\nimport time\n"
        "print(embedded_server().folder, flush=True)\ntime.sleep(120)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        folder = Path(app.stdout.readline().strip())
        assert (folder / "data" / "postmaster.pid").exists()
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(app.pid, signal.SIGKILL)
    deadline = time.monotonic() + 30
    while folder.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_configured_server_is_used_and_left_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    own = EmbeddedServer()
    try:
        address = f"host={own.folder} user=postgres dbname=postgres"
        changed = settings().model_copy(update={"scratch_database_url": address})
        monkeypatch.setattr("dbbuddy.sqlreview.scratch.database.settings", lambda: changed)
        monkeypatch.setattr(server, "embedded_server", _missing)
        result = verified("SELECT * FROM parcels WHERE sender_id = 7")
        assert result.reason is None
        assert result.advised.indexes[0].verified is not None
        assert result.advised.indexes[0].verified.used
        with psycopg.connect(**own.parameters(), dbname="postgres", autocommit=True) as connection:
            assert connection.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'dbbuddy%'").fetchone() == (0,)
    finally:
        own.close()


def test_a_configured_server_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    changed = settings().model_copy(update={"scratch_database_url": "host=/nowhere user=postgres password=hidden"})
    monkeypatch.setattr("dbbuddy.sqlreview.scratch.database.settings", lambda: changed)
    reason = verified("SELECT * FROM parcels WHERE sender_id = 7").reason
    assert reason is not None
    assert "cannot be reached" in reason
    assert "hidden" not in reason


def test_the_gain_is_a_range_where_distinct_values_were_assumed() -> None:
    one = verified("SELECT * FROM parcels WHERE sender_id = 7").advised.indexes[0].verified
    assert one is not None
    assert one.ratio is not None
    assert one.ratio_range is not None
    least, most = one.ratio_range
    assert least <= one.ratio <= most
    assert least < most


def test_there_is_no_range_where_all_is_stated() -> None:
    stated: dict[str, object] = {"people": {"rows": 1_000_000, "columns": {"email": {"distinct": 900_001}}}}
    one = verified("SELECT id FROM people WHERE email = 'x'", stats=stated).advised.indexes[0].verified
    assert one is not None
    assert one.used
    assert one.ratio_range is None
