"""The reader of DDL: what a script leaves behind, in each engine, and that no text makes it fail."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, Engine
from dbbuddy.sqlreview.ddl import build_schema, read_changes
from dbbuddy.sqlreview.ddl.actions import AddColumn, DropColumn
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateIndex, Ddl, Drop, Maintenance, Rename, SetVariable
from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.schema import Table
from tests.effort import examples


def _table(sql: str, engine: Engine, name: str) -> Table:
    schema = build_schema(sql, engine)
    assert not schema.unread
    table = schema.table(name)
    assert table is not None
    return table


def _changes(sql: str, engine: Engine) -> list[Ddl]:
    return [change for _, change in read_changes(read_script(sql, engine))]


def test_a_postgresql_table_with_its_changes() -> None:
    table = _table(
        """
        CREATE TABLE shop.invoices (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            buyer_id bigint NOT NULL REFERENCES shop.buyers (id) ON DELETE CASCADE,
            "when" timestamp(3) with time zone DEFAULT now() - interval '1 day' NOT NULL,
            amount numeric(12, 2) CHECK (amount > 0),
            doubled numeric GENERATED ALWAYS AS (amount * 2) STORED,
            tags text[] DEFAULT array[]::text[],
            CONSTRAINT one_a_day UNIQUE (buyer_id, "when" DESC)
        );
        CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS ix ON shop.invoices USING btree
            (lower(tags[1]) text_pattern_ops DESC NULLS LAST, amount) INCLUDE (doubled) WHERE amount > 10;
        ALTER TABLE ONLY shop.invoices ADD COLUMN note varchar(20), ALTER COLUMN amount SET NOT NULL, DROP COLUMN IF EXISTS nothing,
            ALTER amount TYPE numeric(14, 2), RENAME COLUMN note TO remark;
        """,
        "postgresql",
        "shop.invoices",
    )
    assert table.schema == "shop"
    assert list(table.columns) == ["id", "buyer_id", "when", "amount", "doubled", "tags", "remark"]
    assert table.columns["when"].type == "timestamp(3) with time zone"
    assert table.columns["when"].default == "now() - interval '1 day'"
    assert not table.columns["when"].nullable
    assert not table.columns["id"].nullable
    assert table.columns["amount"].type == "numeric(14,2)"
    assert not table.columns["amount"].nullable
    assert table.columns["doubled"].generated == "(amount * 2)"
    assert table.columns["tags"].type == "text[]"
    assert table.checks == ["amount > 0"]
    assert table.foreign_keys[0].table == "shop.buyers"
    index = next(index for index in table.indexes if index.name == "ix")
    assert index.keys[0].expression == "lower(tags[1])"
    assert index.keys[0].operator_class == "text_pattern_ops"
    assert index.keys[0].descending
    assert index.keys[0].nulls_first is False
    assert index.include == ["doubled"]
    assert index.where == "amount > 10"
    assert table.primary_key is not None


def test_a_mysql_table_with_its_changes() -> None:
    table = _table(
        """
        CREATE TABLE `invoices` (
          `id` int unsigned NOT NULL AUTO_INCREMENT,
          `title` varchar(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT 'it''s' COMMENT 'a, b',
          `state` enum('new','paid') NOT NULL DEFAULT 'new',
          `seen` timestamp NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
          PRIMARY KEY (`id`), UNIQUE KEY `u` (`state`), KEY `k` (`title`(10), `state` DESC), FULLTEXT KEY `f` (`title`),
          CONSTRAINT `fk` FOREIGN KEY (`state`) REFERENCES `states` (`name`)
        ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
        ALTER TABLE invoices ADD (a int, b int), ADD c int AFTER id, CHANGE title heading text, DROP INDEX u, ALGORITHM=INPLACE;
        """,
        "mysql",
        "invoices",
    )
    assert list(table.columns) == ["id", "c", "heading", "state", "seen", "a", "b"]
    assert table.columns["id"].type == "int unsigned"
    assert table.options["charset"] == "utf8mb4"
    key = next(index for index in table.indexes if index.name == "k")
    assert [(entry.column, entry.prefix_length, entry.descending) for entry in key.keys] == [
        ("heading", 10, False),
        ("state", None, True),
    ]
    assert not any(index.name == "u" for index in table.indexes)
    assert next(index for index in table.indexes if index.name == "f").method == "fulltext"


def test_a_sqlserver_table_with_its_changes() -> None:
    table = _table(
        """
        CREATE TABLE [dbo].[Invoices] ([Id] [int] IDENTITY(1,1) NOT NULL, [Text] [nvarchar](max) NULL CONSTRAINT d DEFAULT (N'x'),
            Twice AS ([Id] * 2) PERSISTED, CONSTRAINT [PK] PRIMARY KEY CLUSTERED ([Id] ASC) WITH (PAD_INDEX = OFF) ON [PRIMARY])
        GO
        ALTER TABLE dbo.Invoices ADD A int NOT NULL DEFAULT 0, B varchar(10), CONSTRAINT c CHECK (A > 0)
        ALTER TABLE dbo.Invoices ALTER COLUMN B varchar(20) NOT NULL
        ALTER TABLE dbo.Invoices DROP CONSTRAINT d, COLUMN Twice
        CREATE UNIQUE NONCLUSTERED INDEX ix ON dbo.Invoices (A DESC, B) INCLUDE ([Text]) WHERE A > 0 WITH (ONLINE = ON)
        EXEC sp_rename 'dbo.Invoices.A', 'Amount', 'COLUMN'
        """,
        "sqlserver",
        "Invoices",
    )
    assert list(table.columns) == ["Id", "Text", "Amount", "B"]
    assert table.columns["B"].type == "varchar(20)"
    assert not table.columns["B"].nullable
    index = next(index for index in table.indexes if index.name == "ix")
    assert index.columns == ["Amount", "B"]
    assert index.where == "A > 0"


def test_an_oracle_table_with_its_changes() -> None:
    table = _table(
        """
        CREATE TABLE app.invoices (id NUMBER(10) GENERATED BY DEFAULT ON NULL AS IDENTITY,
          title VARCHAR2(20 CHAR) DEFAULT 'a' NOT NULL ENABLE, span INTERVAL DAY(2) TO SECOND(6),
          seen TIMESTAMP(6) WITH LOCAL TIME ZONE, CONSTRAINT pk PRIMARY KEY (id) USING INDEX TABLESPACE x);
        ALTER TABLE app.invoices ADD (a NUMBER, b DATE) MODIFY (title VARCHAR2(40 CHAR), a NOT NULL) DROP (span);
        ALTER TABLE app.invoices ADD CONSTRAINT fk FOREIGN KEY (a) REFERENCES app.buyers (id) ENABLE NOVALIDATE;
        """,
        "oracle",
        "invoices",
    )
    assert list(table.columns) == ["id", "title", "seen", "a", "b"]
    assert table.columns["title"].type == "varchar2(40 char)"
    assert table.columns["title"].default == "'a'"
    assert not table.columns["a"].nullable
    assert table.columns["seen"].type == "timestamp(6) with local time zone"
    assert table.foreign_keys[0].name == "fk"


def test_drops_and_renames_of_tables() -> None:
    schema = build_schema("CREATE TABLE a (x int); CREATE TABLE b (x int); DROP TABLE a; RENAME TABLE b TO c;", "mysql")
    assert [table.name for table in schema] == ["c"]


def test_a_table_like_another_takes_its_columns() -> None:
    table = _table("CREATE TABLE a (x int, y text); CREATE TABLE b (LIKE a INCLUDING ALL, z int);", "postgresql", "b")
    assert list(table.columns) == ["x", "y", "z"]


def test_columns_named_like_keywords_stay_columns() -> None:
    table = _table('CREATE TABLE t (key text, "primary" int, check_date date, "unique" int)', "postgresql", "t")
    assert list(table.columns) == ["key", "primary", "check_date", "unique"]


def test_what_cannot_be_read_is_listed() -> None:
    assert build_schema("CREATE TABLE", "postgresql").unread
    assert build_schema("ALTER TABLE t FROBNICATE a", "postgresql").unread


def test_offsets_count_in_the_whole_text() -> None:
    sql = "-- first\nSELECT 1;\nALTER TABLE t ADD COLUMN a int, DROP COLUMN b;"
    change = _changes(sql, "postgresql")[0]
    assert isinstance(change, AlterTable)
    assert [sql[action.start : action.end] for action in change.actions] == ["ADD COLUMN a int", "DROP COLUMN b"]
    assert isinstance(change.actions[0], AddColumn)
    assert isinstance(change.actions[1], DropColumn)


def test_other_statements_are_typed() -> None:
    changes = _changes(
        "SET LOCAL lock_timeout = '2s'; DROP INDEX CONCURRENTLY IF EXISTS a, b; VACUUM (FULL, ANALYZE) t;"
        " REINDEX (CONCURRENTLY) TABLE t; CREATE INDEX ON t (a);",
        "postgresql",
    )
    assert isinstance(changes[0], SetVariable)
    assert (changes[0].name, changes[0].value, changes[0].scope) == ("lock_timeout", "2s", "local")
    assert isinstance(changes[1], Drop)
    assert (changes[1].names, changes[1].concurrently, changes[1].if_exists) == (("a", "b"), True, True)
    assert isinstance(changes[2], Maintenance)
    assert changes[2].verb == "vacuum full"
    assert isinstance(changes[3], Maintenance)
    assert changes[3].online
    assert isinstance(changes[4], CreateIndex)
    assert changes[4].index.name is None
    rename = _changes("EXEC sp_rename @objname = N'dbo.a', @newname = N'b'", "sqlserver")[0]
    assert isinstance(rename, Rename)
    assert rename.pairs == (("dbo.a", "b"),)


_WORDS = (
    "CREATE;ALTER;TABLE;INDEX;t;(;);,;ADD;DROP;COLUMN;MODIFY;a int;NOT NULL;DEFAULT;PRIMARY KEY;CONSTRAINT;REFERENCES;CHECK;ON;"
    "USING;WITH;RENAME;TO;PARTITION;'x';\";[;];`;GENERATED;AS;IDENTITY;FOREIGN KEY;SET;TYPE;.;::;UNIQUE;LIKE;EXEC sp_rename;COLLATE"
)


@settings(max_examples=examples(300), deadline=None)
@given(st.lists(st.sampled_from([*_WORDS.split(";"), ";"]), max_size=30), st.sampled_from([*ENGINES, None]))
def test_no_order_of_words_makes_it_fail(pieces: list[str], engine: Engine | None) -> None:
    build_schema(" ".join(pieces), engine)


@settings(max_examples=examples(100), deadline=None)
@given(st.text(max_size=300), st.sampled_from([*ENGINES, None]))
def test_no_text_makes_it_fail(text: str, engine: Engine | None) -> None:
    build_schema(f"ALTER TABLE t {text}", engine)
    build_schema(f"CREATE TABLE t ({text}", engine)
