"""Migration rules: for each a script that it speaks of and one that it must not, by engine and version."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, Engine
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.sqlreview.ddl import build_schema
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations import find
from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.rules.registry import texts
from tests.effort import examples

KNOWN: dict[Engine, str] = {
    "postgresql": "CREATE TABLE bills (id bigint PRIMARY KEY, note varchar(20), paid boolean, sum numeric(10, 2), buyer bigint);",
    "mysql": "CREATE TABLE bills (id int PRIMARY KEY, note varchar(20) NOT NULL DEFAULT 'x', paid int, buyer int,"
    " KEY k (buyer, paid));",
    "sqlserver": "CREATE TABLE bills (id int PRIMARY KEY, note varchar(20) NOT NULL, paid int NULL);",
    "oracle": "CREATE TABLE bills (id NUMBER PRIMARY KEY, note VARCHAR2(20), paid NUMBER);",
}
NEW = "CREATE TABLE t (id int, a int);"

# Engine, version, rule, a script with the finding, a script without.
CASES: list[tuple[Engine, str | None, str, str, str]] = [
    (
        "postgresql",
        None,
        "pg.index-not-concurrent",
        "CREATE INDEX i ON bills (note)",
        "CREATE INDEX CONCURRENTLY i ON bills (note)",
    ),
    ("postgresql", None, "pg.index-not-concurrent", "CREATE INDEX i ON bills (note)", f"{NEW} CREATE INDEX i ON t (a)"),
    ("postgresql", None, "pg.drop-index-not-concurrent", "DROP INDEX i", "DROP INDEX CONCURRENTLY i"),
    ("postgresql", None, "pg.reindex-not-concurrent", "REINDEX TABLE bills", "REINDEX TABLE CONCURRENTLY bills"),
    ("postgresql", None, "pg.refresh-not-concurrent", "REFRESH MATERIALIZED VIEW v", "REFRESH MATERIALIZED VIEW CONCURRENTLY v"),
    ("postgresql", None, "pg.vacuum-full", "VACUUM (FULL, ANALYZE) bills", "VACUUM (ANALYZE) bills"),
    (
        "postgresql",
        "16",
        "pg.detach-not-concurrent",
        "ALTER TABLE p DETACH PARTITION q",
        "ALTER TABLE p DETACH PARTITION q CONCURRENTLY",
    ),
    ("postgresql", None, "pg.table-rewrite", "ALTER TABLE bills SET UNLOGGED", "ALTER TABLE bills SET (fillfactor = 70)"),
    (
        "postgresql",
        None,
        "pg.attach-scans",
        "ALTER TABLE p ATTACH PARTITION bills FOR VALUES IN (1)",
        "CREATE TABLE q (id int); ALTER TABLE p ATTACH PARTITION q FOR VALUES IN (1)",
    ),
    (
        "postgresql",
        None,
        "pg.volatile-default",
        "ALTER TABLE bills ADD COLUMN key uuid DEFAULT gen_random_uuid()",
        "ALTER TABLE bills ADD COLUMN at timestamptz DEFAULT now() + interval '1 day'",
    ),
    (
        "postgresql",
        "10",
        "pg.default-rewrites-before-11",
        "ALTER TABLE bills ADD COLUMN n int DEFAULT 0",
        "ALTER TABLE bills ADD COLUMN n int",
    ),
    ("postgresql", None, "pg.add-serial", "ALTER TABLE bills ADD COLUMN n bigserial", "ALTER TABLE bills ADD COLUMN n bigint"),
    (
        "postgresql",
        None,
        "pg.add-stored-generated",
        "ALTER TABLE bills ADD COLUMN n numeric GENERATED ALWAYS AS (sum * 2) STORED",
        f"{NEW} ALTER TABLE t ADD COLUMN n int GENERATED ALWAYS AS (a * 2) STORED",
    ),
    (
        "postgresql",
        None,
        "pg.add-required-column",
        "ALTER TABLE bills ADD COLUMN n int NOT NULL",
        "ALTER TABLE bills ADD COLUMN n int NOT NULL DEFAULT 0",
    ),
    (
        "postgresql",
        "15",
        "pg.set-not-null",
        "ALTER TABLE bills ALTER note SET NOT NULL",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (note IS NOT NULL) NOT VALID; ALTER TABLE bills VALIDATE CONSTRAINT c;"
        " ALTER TABLE bills ALTER note SET NOT NULL",
    ),
    (
        "postgresql",
        None,
        "pg.set-not-null",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (paid IS NOT NULL); ALTER TABLE bills ALTER note SET NOT NULL",
        "ALTER TABLE bills ALTER id SET NOT NULL",
    ),
    (
        "postgresql",
        None,
        "pg.type-change",
        "ALTER TABLE bills ALTER note TYPE varchar(10)",
        "ALTER TABLE bills ALTER note TYPE varchar(99)",
    ),
    ("postgresql", None, "pg.type-change", "ALTER TABLE bills ALTER id TYPE text", "ALTER TABLE bills ALTER note TYPE text"),
    (
        "postgresql",
        None,
        "pg.type-change",
        "ALTER TABLE bills ALTER sum TYPE numeric(9, 3)",
        "ALTER TABLE bills ALTER sum TYPE numeric(12, 2)",
    ),
    ("postgresql", None, "pg.json-column", "ALTER TABLE bills ADD COLUMN j json", "ALTER TABLE bills ADD COLUMN j jsonb"),
    (
        "postgresql",
        None,
        "pg.fk-not-valid",
        "ALTER TABLE bills ADD CONSTRAINT f FOREIGN KEY (buyer) REFERENCES buyers (id)",
        "ALTER TABLE bills ADD CONSTRAINT f FOREIGN KEY (buyer) REFERENCES buyers (id) NOT VALID",
    ),
    (
        "postgresql",
        None,
        "pg.check-not-valid",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (sum > 0)",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (sum > 0) NOT VALID",
    ),
    (
        "postgresql",
        None,
        "pg.validate-in-same-transaction",
        "BEGIN; ALTER TABLE bills ADD CONSTRAINT c CHECK (sum > 0) NOT VALID; ALTER TABLE bills VALIDATE CONSTRAINT c; COMMIT",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (sum > 0) NOT VALID; ALTER TABLE bills VALIDATE CONSTRAINT c",
    ),
    (
        "postgresql",
        None,
        "pg.unique-constraint",
        "ALTER TABLE bills ADD CONSTRAINT u UNIQUE (note)",
        "ALTER TABLE bills ADD CONSTRAINT u UNIQUE USING INDEX i",
    ),
    (
        "postgresql",
        None,
        "pg.primary-key-constraint",
        "ALTER TABLE bills ADD PRIMARY KEY (buyer)",
        "ALTER TABLE bills ADD CONSTRAINT p PRIMARY KEY USING INDEX i",
    ),
    (
        "postgresql",
        None,
        "pg.pk-using-index-nullable",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON bills (buyer); ALTER TABLE bills ADD PRIMARY KEY USING INDEX i",
        "CREATE UNIQUE INDEX CONCURRENTLY i ON bills (id); ALTER TABLE bills ADD PRIMARY KEY USING INDEX i",
    ),
    ("postgresql", None, "pg.exclusion-constraint", "ALTER TABLE bills ADD EXCLUDE USING gist (note WITH =)", "SELECT 1"),
    ("postgresql", None, "pg.domain-with-constraint", "CREATE DOMAIN d AS int CHECK (value > 0)", "CREATE DOMAIN d AS int"),
    (
        "postgresql",
        None,
        "pg.domain-add-constraint",
        "ALTER DOMAIN d ADD CHECK (value > 0)",
        "ALTER DOMAIN d ADD CHECK (value > 0) NOT VALID",
    ),
    (
        "postgresql",
        None,
        "pg.no-lock-timeout",
        "ALTER TABLE bills ADD COLUMN n int",
        "SET lock_timeout = '2s'; ALTER TABLE bills ADD COLUMN n int",
    ),
    (
        "postgresql",
        None,
        "pg.no-lock-timeout",
        "BEGIN; SET LOCAL lock_timeout = '2s'; COMMIT; ALTER TABLE bills ADD COLUMN n int",
        "ALTER TABLE bills VALIDATE CONSTRAINT c",
    ),
    (
        "postgresql",
        None,
        "pg.work-under-exclusive-lock",
        "BEGIN; ALTER TABLE bills ADD COLUMN n int; UPDATE bills SET n = 1 WHERE id < 9; COMMIT",
        "ALTER TABLE bills ADD COLUMN n int; UPDATE bills SET n = 1 WHERE id < 9",
    ),
    (
        "postgresql",
        None,
        "pg.work-under-exclusive-lock",
        "-- 1_bills.sql\nALTER TABLE bills ADD COLUMN n int;\nSELECT count(*) FROM bills;",
        "-- 1_bills.sql\nALTER TABLE bills ADD COLUMN n int;\n-- 2_bills.sql\nSELECT count(*) FROM bills;",
    ),
    (
        "postgresql",
        None,
        "pg.concurrently-in-transaction",
        "BEGIN; CREATE INDEX CONCURRENTLY i ON bills (note); COMMIT",
        "CREATE INDEX CONCURRENTLY i ON bills (note)",
    ),
    ("postgresql", None, "pg.not-in-transaction", "BEGIN; VACUUM bills; COMMIT", "VACUUM bills"),
    ("postgresql", None, "pg.nested-transaction", "BEGIN; BEGIN; SELECT 1; COMMIT", "BEGIN; SELECT 1; COMMIT; BEGIN; COMMIT"),
    ("postgresql", None, "pg.transaction-not-open", "SELECT 1; COMMIT", "BEGIN; SELECT 1; COMMIT"),
    ("postgresql", None, "pg.create-enum", "CREATE TYPE e AS ENUM ('a')", "CREATE TYPE e AS (a int)"),
    ("postgresql", None, "pg.enum-value-order", "ALTER TYPE e ADD VALUE 'b'", "ALTER TYPE e ADD VALUE 'b' AFTER 'a'"),
    ("postgresql", None, "pg.enum-value-in-transaction", "BEGIN; ALTER TYPE e ADD VALUE 'b'; COMMIT", "ALTER TYPE e ADD VALUE 'b'"),
    ("postgresql", None, "pg.identifier-too-long", f"CREATE TABLE {'x' * 64} (id int)", f"CREATE TABLE {'x' * 63} (id int)"),
    (
        "postgresql",
        None,
        "pg.not-rerunnable",
        "CREATE TABLE q (id int); CREATE INDEX CONCURRENTLY i ON bills (note)",
        "BEGIN; CREATE TABLE q (id int); CREATE TABLE r (id int); COMMIT",
    ),
    ("postgresql", None, "migration.drop-table", "DROP TABLE bills", f"{NEW} DROP TABLE t"),
    ("sqlserver", None, "migration.drop-database", "DROP DATABASE shop", "DROP VIEW v"),
    ("mysql", None, "migration.drop-column", "ALTER TABLE bills DROP COLUMN note", "ALTER TABLE bills DROP INDEX k"),
    ("postgresql", None, "migration.drop-cascade", "DROP VIEW v CASCADE", "DROP VIEW v"),
    ("postgresql", None, "migration.truncate-cascade", "TRUNCATE a, b CASCADE", "TRUNCATE a, b"),
    ("sqlserver", None, "migration.rename-table", "EXEC sp_rename 'bills', 'invoices'", "EXEC sp_rename 'bills.ix', 'iy', 'INDEX'"),
    (
        "mysql",
        None,
        "migration.rename-column",
        "ALTER TABLE bills CHANGE note remark varchar(20)",
        "ALTER TABLE bills CHANGE note note text",
    ),
    (
        "postgresql",
        None,
        "migration.drop-primary-key",
        "ALTER TABLE bills DROP CONSTRAINT bills_pkey",
        "ALTER TABLE bills DROP CONSTRAINT c",
    ),
    (
        "postgresql",
        None,
        "migration.drop-not-null",
        "ALTER TABLE bills ALTER id DROP NOT NULL",
        "ALTER TABLE bills ALTER id DROP DEFAULT",
    ),
    (
        "postgresql",
        None,
        "migration.on-delete-cascade",
        "CREATE TABLE l (b bigint REFERENCES bills ON DELETE CASCADE)",
        "CREATE TABLE l (b bigint REFERENCES bills)",
    ),
    (
        "mysql",
        None,
        "migration.several-alters",
        "ALTER TABLE bills ADD a int; ALTER TABLE bills ADD b int",
        "ALTER TABLE bills ADD a int, ADD b int",
    ),
    (
        "oracle",
        None,
        "migration.fk-unindexed",
        "CREATE TABLE l (id NUMBER PRIMARY KEY, b NUMBER REFERENCES bills (id))",
        "CREATE TABLE l (id NUMBER PRIMARY KEY, b NUMBER REFERENCES bills (id)); CREATE INDEX i ON l (b)",
    ),
    (
        "mysql",
        None,
        "txn.ddl-mixed-dml",
        "ALTER TABLE bills ADD a int; UPDATE bills SET a = 1 WHERE id = 1",
        "UPDATE bills SET paid = 1 WHERE id = 1",
    ),
    ("postgresql", None, "txn.begin-no-commit", "BEGIN; CREATE TABLE q (id int)", "BEGIN; CREATE TABLE q (id int); ROLLBACK"),
    ("mysql", "8.0.34", "my.alter-copies-table", "ALTER TABLE bills MODIFY paid bigint", "ALTER TABLE bills ADD n int AFTER id"),
    (
        "mysql",
        "8.0.34",
        "my.alter-copies-table",
        "ALTER TABLE bills MODIFY note varchar(90) NOT NULL",
        "ALTER TABLE bills MODIFY note varchar(60) NOT NULL",
    ),
    (
        "mysql",
        "8.0.34",
        "my.alter-copies-table",
        "ALTER TABLE bills DROP PRIMARY KEY",
        "ALTER TABLE bills DROP PRIMARY KEY, ADD PRIMARY KEY (buyer)",
    ),
    (
        "mysql",
        "8.0.34",
        "my.alter-copies-table",
        "ALTER TABLE bills ADD FOREIGN KEY (buyer) REFERENCES buyers (id)",
        "SET foreign_key_checks = 0; ALTER TABLE bills ADD FOREIGN KEY (buyer) REFERENCES buyers (id)",
    ),
    ("mysql", "5.7.40", "my.alter-rebuilds-table", "ALTER TABLE bills ADD n int", "ALTER TABLE bills ADD KEY n (note)"),
    ("mysql", "8.0.20", "my.alter-rebuilds-table", "ALTER TABLE bills DROP COLUMN note", "ALTER TABLE bills ADD n int"),
    ("mariadb", "10.2", "my.alter-rebuilds-table", "ALTER TABLE bills ADD n int", "ALTER TABLE bills DROP KEY k"),
    ("mariadb", "11.4", "my.alter-rebuilds-table", "ALTER TABLE bills MODIFY paid bigint", "ALTER TABLE bills ADD n int FIRST"),
    ("mysql", None, "my.alter-blocks-writes", "ALTER TABLE bills ADD FULLTEXT KEY f (note)", "ALTER TABLE bills ADD KEY f (note)"),
    ("mysql", None, "my.no-algorithm", "ALTER TABLE bills ADD n int", "ALTER TABLE bills ADD n int, ALGORITHM=INSTANT"),
    (
        "mysql",
        None,
        "my.no-lock-timeout",
        "ALTER TABLE bills ADD n int",
        "SET SESSION lock_wait_timeout = 5; ALTER TABLE bills ADD n int",
    ),
    (
        "mysql",
        None,
        "my.charset-convert",
        "ALTER TABLE bills CONVERT TO CHARACTER SET utf8mb4",
        "ALTER TABLE bills DEFAULT CHARACTER SET utf8mb4",
    ),
    (
        "mysql",
        None,
        "my.modify-loses-attributes",
        "ALTER TABLE bills MODIFY note varchar(30)",
        "ALTER TABLE bills MODIFY note varchar(30) NOT NULL DEFAULT 'x'",
    ),
    ("mysql", None, "my.drop-indexed-column", "ALTER TABLE bills DROP COLUMN paid", "ALTER TABLE bills DROP COLUMN note"),
    ("mysql", None, "my.column-order", "ALTER TABLE bills MODIFY paid int FIRST", "ALTER TABLE bills MODIFY paid int"),
    (
        "sqlserver",
        None,
        "ms.index-not-online",
        "CREATE INDEX i ON bills (note)",
        "CREATE INDEX i ON bills (note) WITH (ONLINE = ON)",
    ),
    ("sqlserver", None, "ms.rebuild-not-online", "ALTER INDEX i ON bills REBUILD", "ALTER INDEX i ON bills REORGANIZE"),
    (
        "sqlserver",
        None,
        "ms.alter-column-rewrites",
        "ALTER TABLE bills ALTER COLUMN paid bigint NULL",
        "ALTER TABLE bills ALTER COLUMN note varchar(50) NOT NULL",
    ),
    (
        "sqlserver",
        None,
        "ms.alter-column-nullability",
        "ALTER TABLE bills ALTER COLUMN note varchar(50)",
        "ALTER TABLE bills ALTER COLUMN note varchar(50) NOT NULL",
    ),
    ("sqlserver", None, "ms.add-required-column", "ALTER TABLE bills ADD n int NOT NULL", "ALTER TABLE bills ADD n int NULL"),
    (
        "sqlserver",
        None,
        "ms.add-not-null-default",
        "ALTER TABLE bills ADD n int NOT NULL DEFAULT 0",
        "ALTER TABLE bills ADD n int NULL DEFAULT 0",
    ),
    ("sqlserver", None, "ms.add-identity", "ALTER TABLE bills ADD n int IDENTITY(1, 1)", "ALTER TABLE bills ADD n int"),
    (
        "sqlserver",
        None,
        "ms.add-persisted",
        "ALTER TABLE bills ADD n AS (paid * 2) PERSISTED",
        "ALTER TABLE bills ADD n AS (paid * 2)",
    ),
    (
        "sqlserver",
        None,
        "ms.constraint-scan",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (paid > 0)",
        "ALTER TABLE bills WITH NOCHECK ADD CONSTRAINT c CHECK (paid > 0)",
    ),
    (
        "sqlserver",
        None,
        "ms.nocheck-untrusted",
        "ALTER TABLE bills WITH NOCHECK ADD CONSTRAINT c CHECK (paid > 0)",
        "ALTER TABLE bills WITH CHECK CHECK CONSTRAINT c",
    ),
    (
        "sqlserver",
        None,
        "ms.key-not-online",
        "ALTER TABLE bills ADD CONSTRAINT u UNIQUE (note)",
        "ALTER TABLE bills ADD CONSTRAINT u UNIQUE (note) WITH (ONLINE = ON)",
    ),
    ("sqlserver", None, "ms.no-lock-timeout", "ALTER TABLE bills ADD n int", "SET LOCK_TIMEOUT 2000\nALTER TABLE bills ADD n int"),
    ("oracle", None, "ora.index-not-online", "CREATE INDEX i ON bills (note)", "CREATE INDEX i ON bills (note) ONLINE"),
    ("oracle", None, "ora.rebuild-not-online", "ALTER INDEX i REBUILD", "ALTER INDEX i REBUILD ONLINE"),
    (
        "oracle",
        None,
        "ora.add-required-column",
        "ALTER TABLE bills ADD (n NUMBER NOT NULL)",
        "ALTER TABLE bills ADD (n NUMBER DEFAULT 0 NOT NULL)",
    ),
    (
        "oracle",
        "11.2",
        "ora.default-updates-rows",
        "ALTER TABLE bills ADD (n NUMBER DEFAULT 0)",
        "ALTER TABLE bills ADD (n NUMBER DEFAULT 0 NOT NULL)",
    ),
    (
        "oracle",
        None,
        "ora.add-identity",
        "ALTER TABLE bills ADD (n NUMBER GENERATED ALWAYS AS IDENTITY)",
        "ALTER TABLE bills ADD (n NUMBER)",
    ),
    (
        "oracle",
        None,
        "ora.modify-not-null",
        "ALTER TABLE bills MODIFY (note NOT NULL)",
        "ALTER TABLE bills MODIFY (note NOT NULL ENABLE NOVALIDATE)",
    ),
    ("oracle", None, "ora.modify-type", "ALTER TABLE bills MODIFY (note NUMBER)", "ALTER TABLE bills MODIFY (note VARCHAR2(30))"),
    (
        "oracle",
        None,
        "ora.constraint-validates",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (paid > 0)",
        "ALTER TABLE bills ADD CONSTRAINT c CHECK (paid > 0) ENABLE NOVALIDATE",
    ),
    (
        "oracle",
        None,
        "ora.key-builds-index",
        "ALTER TABLE bills ADD CONSTRAINT u UNIQUE (note)",
        "ALTER TABLE bills ADD CONSTRAINT u UNIQUE (note) USING INDEX i",
    ),
    ("oracle", None, "ora.drop-column-rewrites", "ALTER TABLE bills DROP COLUMN note", "ALTER TABLE bills SET UNUSED (note)"),
    ("oracle", None, "ora.move-not-online", "ALTER TABLE bills MOVE", "ALTER TABLE bills MOVE ONLINE"),
    ("oracle", None, "ora.shrink-locks", "ALTER TABLE bills SHRINK SPACE", "ALTER TABLE bills SHRINK SPACE COMPACT"),
    (
        "oracle",
        None,
        "ora.partition-global-indexes",
        "ALTER TABLE bills DROP PARTITION p1",
        "ALTER TABLE bills DROP PARTITION p1 UPDATE INDEXES",
    ),
    ("oracle", None, "ora.drop-purge", "DROP TABLE bills PURGE", "DROP TABLE bills"),
    (
        "oracle",
        None,
        "ora.no-ddl-lock-timeout",
        "ALTER TABLE bills ADD (n NUMBER)",
        "ALTER SESSION SET ddl_lock_timeout = 9; ALTER TABLE bills ADD (n NUMBER)",
    ),
]


def _found(sql: str, engine: Engine, version: str | None = None) -> list[Found]:
    schema = build_schema(KNOWN["mysql" if engine == "mariadb" else engine], engine)
    return find(read_script(sql, engine), schema, engine, version)


@pytest.mark.parametrize(("engine", "version", "rule", "bad", "good"), CASES)
def test_rule(engine: Engine, version: str | None, rule: str, bad: str, good: str) -> None:
    found = [entry for entry in _found(bad, engine, version) if entry.rule == rule]
    assert found
    assert all(0 <= entry.start < entry.end <= len(bad) for entry in found)
    assert rule not in {entry.rule for entry in _found(good, engine, version)}


def test_every_rule_has_a_case() -> None:
    own = {rule for path in (DATA / "sql_rules").glob("migrations_*.yaml") for rule in load_yaml(f"sql_rules/{path.name}")}
    assert own == {rule for _, _, rule, _, _ in CASES}


@pytest.mark.parametrize(("engine", "version", "rule", "bad", "good"), CASES)
def test_texts_name_only_what_is_reported(engine: Engine, version: str | None, rule: str, bad: str, good: str) -> None:
    for entry in _found(bad, engine, version):
        text = texts()[entry.rule]
        for sentence in (text.title, text.why, text.fix_for(engine)):
            assert sentence.format_map(entry.values)


def test_the_safe_sequence_has_no_finding_of_its_kind() -> None:
    for engine, version, rule, bad, _ in CASES:
        for entry in _found(bad, engine, version):
            if entry.rule == rule and entry.rewrite and rule not in ("pg.type-change", "my.no-algorithm", "ora.shrink-locks"):
                again = {found.rule for found in _found(entry.rewrite, engine, version)}
                assert rule not in again or "fill the old rows" in entry.rewrite, (rule, entry.rewrite)


def test_not_null_goes_by_a_validated_check() -> None:
    found = next(
        entry for entry in _found("ALTER TABLE bills ALTER note SET NOT NULL", "postgresql") if entry.rule == "pg.set-not-null"
    )
    assert found.rewrite is not None
    assert found.rewrite.splitlines()[1:4] == [
        "ALTER TABLE bills ADD CONSTRAINT bills_note_not_null CHECK (note IS NOT NULL) NOT VALID;",
        "ALTER TABLE bills VALIDATE CONSTRAINT bills_note_not_null;",
        "ALTER TABLE bills ALTER COLUMN note SET NOT NULL;",
    ]


def test_names_keep_their_quotes_in_a_rewrite() -> None:
    found = _found('ALTER TABLE "My Bills" ADD CONSTRAINT "One Note" UNIQUE ("Note")', "postgresql")
    rewrite = next(entry.rewrite for entry in found if entry.rule == "pg.unique-constraint")
    assert rewrite is not None
    assert rewrite.splitlines()[0] == 'CREATE UNIQUE INDEX CONCURRENTLY "One Note_idx" ON "My Bills" ("Note");'


def test_a_query_alone_has_no_migration_findings() -> None:
    for engine in ENGINES:
        assert _found("SELECT * FROM bills WHERE id = 1; UPDATE bills SET paid = 1 WHERE id = 1", engine) == []


_WORDS = "ALTER TABLE;bills;ADD;DROP;COLUMN;n int;NOT NULL;DEFAULT;CREATE INDEX;ON;(note);MODIFY;PRIMARY KEY;BEGIN;COMMIT;CHECK;x;,"


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(st.sampled_from([*_WORDS.split(";"), ";"]), max_size=25), st.sampled_from(ENGINES))
def test_no_order_of_words_makes_it_fail(pieces: list[str], engine: Engine) -> None:
    for entry in _found(" ".join(pieces), engine):
        assert entry.rule in texts()
