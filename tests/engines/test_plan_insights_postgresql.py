"""Each insight into plans of PostgreSQL, on plans that a real server makes: one that triggers it and one that must not.

The SQL of each finding runs on that server, and where the case says so the finding is gone after it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.postgresql import read
from tests.engines.blocks import FIXTURES
from tests.engines.servers import PostgreSQL

SERIAL = ["max_parallel_workers_per_gather = 0", "jit = off"]
GROUPS = {
    "serial": SERIAL,
    "loops": [*SERIAL, "enable_hashjoin = off", "enable_mergejoin = off"],
    "small_memory": [*SERIAL, "work_mem = '64kB'"],
    "workers": [
        "max_parallel_workers_per_gather = 2", "parallel_setup_cost = 0", "parallel_tuple_cost = 0",
        "min_parallel_table_scan_size = 0", "jit = off",
    ],
}  # fmt: skip


class Case(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    bad: str
    good: str
    settings: list[str] = []
    good_settings: list[str] = []
    options: str = "ANALYZE, BUFFERS, SETTINGS"
    good_options: str | None = None
    before: list[str] = []
    cured: bool = False


CASES = [Case(**case) for case in yaml.safe_load((FIXTURES / "plan_insights_postgresql.yaml").read_text())]


@pytest.fixture(scope="module")
def server(postgresql_server: PostgreSQL) -> Iterator[PostgreSQL]:
    with postgresql_server.connect() as admin:
        admin.execute("CREATE DATABASE insights")
    with postgresql_server.connect("insights") as session:
        settle(session, [])
        session.execute((FIXTURES / "plan_insights_postgresql.sql").read_text())
        session.execute("VACUUM ANALYZE")
    yield postgresql_server
    with postgresql_server.connect() as admin:
        admin.execute("DROP DATABASE insights WITH (FORCE)")


def insights(session: psycopg.Connection, statement: str, options: str, form: str = "TEXT") -> dict[str, Insight]:
    listed = ", ".join(option for option in (options, f"FORMAT {form}") if option)
    with session.transaction(force_rollback=True):
        rows = session.execute(f"EXPLAIN ({listed}) {statement}").fetchall()
    plan = read("\n".join(row if isinstance(row, str) else json.dumps(row) for (row,) in rows)).plans[0]
    plan.statement = statement
    return {found.id: found for found in find_insights(plan)}


def indexes(session: psycopg.Connection) -> set[str]:
    found = session.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indexrelid >= 16384").fetchall()
    return {name for (name,) in found}


def settle(session: psycopg.Connection, settings: list[str]) -> None:
    session.execute("RESET ALL")
    session.execute("SET synchronous_commit = on")  # else VACUUM finds rows whose commit is not on disk
    for group in settings:
        for setting in GROUPS.get(group, [group]):
            session.execute(f"SET {setting}")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id}: {case.bad[:40]}")
def test_finding(server: PostgreSQL, case: Case) -> None:
    with server.connect("insights") as session:
        settle(session, case.settings)
        for statement in case.before:
            session.execute(statement)
        known = indexes(session)
        found = insights(session, case.bad, case.options)
        assert case.id in found, sorted(found)
        assert found[case.id].evidence
        if not case.before or case.cured:
            assert case.id in insights(session, case.bad, case.options, "JSON")
        settle(session, [*case.settings, *case.good_settings])
        assert case.id not in insights(session, case.good, case.options if case.good_options is None else case.good_options)
        settle(session, case.settings)
        try:
            for block in found[case.id].blocks:
                for statement in block.code.split(";\n"):
                    session.execute(statement)
            if case.cured:
                assert found[case.id].blocks
                assert case.id not in insights(session, case.bad, case.options)
        finally:
            for index in indexes(session) - known:
                session.execute(f"DROP INDEX {index}")
