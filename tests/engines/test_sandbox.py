"""The sandboxes leave the server as they found it, and say what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.engines import parsing, servers
from tests.engines.blocks import SqlBlock
from tests.engines.sandbox import MariaDBSandbox, PostgreSQLSandbox, Sandbox, only_reads


def block(engine: str, sql: str, before: tuple[SqlBlock, ...] = ()) -> SqlBlock:
    return SqlBlock("a-slug", engine, Path("a-slug.md"), 1, sql, before=before)  # type: ignore[arg-type]


POSTGRESQL = {
    "table": "INSERT INTO counters VALUES ('a', 1); DROP TABLE outbox;",
    "role": "CREATE ROLE someone; GRANT app_role TO app_user; ALTER ROLE app_user SET work_mem = '64MB';",
    "role dropped": "DROP ROLE app_role;",
    "setting": "ALTER SYSTEM SET work_mem = '64MB'; SELECT pg_reload_conf();",
    "slot": "SELECT pg_create_logical_replication_slot('left_over', 'pgoutput');",
    "prepared": "BEGIN; DELETE FROM orders; PREPARE TRANSACTION 'left_over';",
    "subscription": "CREATE SUBSCRIPTION s CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false);",
    "database": "CREATE DATABASE {{database}}; ALTER DATABASE fixture SET work_mem = '64MB';",
    "terminate": "SELECT pg_terminate_backend({{pid}});",
    "terminate all": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid();",
    "drop the named slot": "SELECT pg_drop_replication_slot('{{slot}}');",
    "own extension": "CREATE EXTENSION pg_stat_statements; SELECT query FROM pg_stat_statements ORDER BY total_exec_time DESC;",
    "parameter": "SELECT * FROM orders WHERE id = $1;",
    "index that exists": "DROP INDEX CONCURRENTLY {{index}};",
    "index to come": "CREATE INDEX CONCURRENTLY {{index}} ON {{table}} ({{column}});",
    "copy": "COPY (SELECT 1) TO STDOUT;",
}


@pytest.mark.parametrize("sql", POSTGRESQL.values(), ids=POSTGRESQL)
def test_postgresql_is_left_as_it_was(postgresql_sandbox: PostgreSQLSandbox, sql: str) -> None:
    check = "SELECT count(*) FROM outbox; SELECT 1 / (count(*) = 2)::int FROM pg_roles WHERE rolname ~ '^app_'; SHOW work_mem;"
    assert postgresql_sandbox.run(block("postgresql", sql)) is None
    assert postgresql_sandbox._state() == postgresql_sandbox._clean
    assert postgresql_sandbox.run(block("postgresql", check)) is None


MARIADB = {
    "table": "INSERT INTO counters VALUES ('a', 1); DROP TABLE outbox;",
    "user": "CREATE USER someone; GRANT app_role TO app_user; DROP ROLE app_role;",
    "variable": "SET GLOBAL long_query_time = 0.5; SET GLOBAL innodb_lock_wait_timeout = 5;",
    "lock": "FLUSH TABLES WITH READ LOCK;",
    "kill": "KILL {{pid}};",
    "parameter": "SELECT * FROM orders WHERE id = ?;",
    "procedure": "CREATE PROCEDURE p() BEGIN SELECT 1; END; CALL p();",
    "transaction": "START TRANSACTION; UPDATE counters SET value = 1; ROLLBACK;",
}


@pytest.mark.parametrize("sql", MARIADB.values(), ids=MARIADB)
def test_mariadb_is_left_as_it_was(mariadb_sandbox: MariaDBSandbox, sql: str) -> None:
    before = mariadb_sandbox._globals()["long_query_time"], mariadb_sandbox._globals()["innodb_lock_wait_timeout"]
    assert mariadb_sandbox.run(block("mariadb", sql)) is None
    assert (mariadb_sandbox._globals()["long_query_time"], mariadb_sandbox._globals()["innodb_lock_wait_timeout"]) == before
    assert mariadb_sandbox.run(block("mariadb", "SELECT COUNT(*) FROM outbox; DROP ROLE app_role;")) is None


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_a_wrong_statement_is_named(engine: str, request: pytest.FixtureRequest) -> None:
    sandbox: Sandbox = request.getfixturevalue(f"{engine}_sandbox")
    failure = sandbox.run(block(engine, "SELECT 1; SELECT wrong FROM orders;"))
    assert failure is not None
    assert failure.statement == "SELECT wrong FROM orders"
    assert "wrong" in failure.error


def test_a_block_may_build_on_those_before_it(postgresql_sandbox: PostgreSQLSandbox) -> None:
    first = block("postgresql", "ALTER TABLE orders ADD COLUMN id_new bigint;")
    assert postgresql_sandbox.run(block("postgresql", "UPDATE orders SET id_new = id;", (first,))) is None


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT 1; SHOW work_mem;", True),
        ("SELECT 'DELETE'", True),
        ("EXPLAIN ANALYZE DELETE FROM orders", False),
        ("WITH gone AS (DELETE FROM orders RETURNING 1) SELECT 1", False),
        ("SELECT pg_create_physical_replication_slot('a')", False),
        ("BEGIN", False),
    ],
)
def test_reading_is_told_from_changing(sql: str, expected: bool) -> None:
    assert only_reads(sql, "postgresql") is expected


@pytest.mark.parametrize(
    ("engine", "sql", "fine"),
    [
        ("sqlserver", "SELECT TOP (5) * FROM sys.dm_exec_requests CROSS APPLY sys.dm_exec_sql_text(sql_handle);", True),
        ("sqlserver", "SELEC 1 FROM t WHERE;", False),
        ("sqlserver", "WHILE @rows > 0\nBEGIN\n  DELETE TOP (10) FROM t;\n  SET @rows = @@ROWCOUNT;\nEND;", True),
        ("sqlserver", "WHILE 1 = 1\nBEGIN\n  DELETE FROM t WHERE WHERE a = 1;\nEND;", False),
        ("oracle", "ALTER SYSTEM SET processes = 500 SCOPE = SPFILE;", True),
        ("oracle", "CREATE INDEX i ON t (a) ONLINE;", True),
        ("oracle", "CREATE INDEX i ON t (a ONLINE;", False),
        ("oracle", "BEGIN\n  DBMS_STATS.GATHER_TABLE_STATS(USER, 'T');\nEND;\n/", True),
        ("oracle", "BEGIN\n  a(1;\nEND;\n/", False),
        ("mysql", "SET PERSIST max_connections = 500;", True),
        ("mysql", "SELECT FROM WHERE;", False),
    ],
)
def test_parsing(engine: str, sql: str, fine: bool) -> None:
    assert (parsing.failure(block(engine, sql)) is None) is fine


def test_a_server_ends_with_its_block_and_leaves_no_folder() -> None:
    with servers.postgresql() as server:
        pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        assert server.connect().execute("SELECT 1").fetchone() == (1,)
    assert not server.folder.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
