"""Which index a statement asks for, in each engine's syntax, beside those that are there."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, Engine
from dbbuddy.sqlreview.ddl import build_schema
from dbbuddy.sqlreview.indexes import Advised, advise, apply_stats
from dbbuddy.sqlreview.indexes.prose import index_for
from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.schema import Schema
from tests.effort import examples

SHOP = """
CREATE TABLE parcels (id bigint PRIMARY KEY, sender_id bigint REFERENCES people(id), weight numeric(8,2), stage varchar(20),
                      sent_at timestamp, arrived_at timestamptz, label text, remarks text, facts jsonb, removed_at timestamp);
CREATE TABLE people (id bigint PRIMARY KEY, email varchar(200) NOT NULL, town varchar(80));
CREATE INDEX parcels_sender ON parcels (sender_id);
"""


WORDS = (
    "SELECT", "*", "FROM", "t", "JOIN", "u", "ON", "=", "WHERE", "a", "b", "t.a", "u.b", "(", ")", ",", "AND", "OR", "IN",
    "NOT", "NULL", "IS", "LIKE", "'%x'", "3", "$1", "ORDER", "BY", "GROUP", "DESC", "LIMIT", "UPDATE", "SET", "DELETE",
    "WITH", "c", "AS", "EXISTS", "BETWEEN", "lower(", "->", "UNION", ";", "USING", "DISTINCT", "max(", "CASE", "WHEN",
    "THEN", "END",
)  # fmt: skip


def advice(sql: str, engine: Engine = "postgresql", ddl: str = "", stats: dict[str, object] | None = None) -> Advised:
    schema = build_schema(ddl, engine) if ddl else Schema()
    apply_stats(schema, stats)
    return advise(read_script(sql, engine), schema, engine, definitions=read_script(ddl, engine), foreign_keys=False)


def shapes(advised: Advised) -> list[str]:
    """`table (keys) [covered] where`."""
    return [
        f"{one.table} ({', '.join(one.columns)})"
        + (f" [{', '.join(one.include)}]" if one.include else "")
        + (f" where {one.where}" if one.where else "")
        for one in advised.indexes
    ]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT * FROM p WHERE weight > 3 AND town = 'Ulm' AND shape = 'box'", ["p (town, shape, weight)"]),
        ("SELECT * FROM p WHERE town = $1 ORDER BY sent_at DESC LIMIT 20", ["p (town, sent_at)"]),
        ("SELECT * FROM p WHERE town = $1 ORDER BY weight, sent_at DESC LIMIT 20", ["p (town, weight, sent_at DESC)"]),
        ("SELECT * FROM p WHERE town = $1 AND sent_at > $2 ORDER BY sent_at, weight LIMIT 5", ["p (town, sent_at, weight)"]),
        ("SELECT * FROM p WHERE town = $1 ORDER BY sent_at DESC NULLS LAST LIMIT 5", ["p (town, sent_at DESC NULLS LAST)"]),
        ("SELECT weight FROM p WHERE town = $1", ["p (town) [weight]"]),
        ("SELECT town, sum(weight) FROM p WHERE shape = 'x' GROUP BY town", ["p (shape, town) [weight]"]),
        ("SELECT max(sent_at) FROM p WHERE town = 'Ulm'", ["p (town, sent_at)"]),
        ("SELECT * FROM p WHERE town IN ('Ulm', 'Bonn') ORDER BY weight", ["p (town)"]),
        ("SELECT * FROM p WHERE town = 'Ulm' OR town = 'Bonn'", ["p (town)"]),
        ("SELECT * FROM p WHERE town = 'Ulm' OR weight = 3", ["p (town)", "p (weight)"]),
        ("SELECT * FROM p WHERE (sent_at, nr) > ($1, $2) ORDER BY sent_at, nr LIMIT 10", ["p (sent_at, nr)"]),
        ("UPDATE p SET weight = 1 WHERE town = 'Ulm' AND nr = 3", ["p (town, nr)"]),
        ("DELETE FROM p WHERE sent_at < now() - interval '1 year'", ["p (sent_at)"]),
        ("MERGE INTO p USING s ON p.nr = s.nr WHEN MATCHED THEN UPDATE SET weight = 1", ["p (nr)"]),
        ("INSERT INTO old SELECT * FROM p WHERE town = 'Ulm'", ["p (town)"]),
        ("SELECT * FROM s WHERE EXISTS (SELECT 1 FROM p WHERE p.nr = s.nr AND p.town = 'Ulm')", ["p (nr, town)"]),
        ("SELECT * FROM p JOIN q ON q.nr = p.nr WHERE p.town = 'Ulm'", ["p (town)", "q (nr)"]),
        ("SELECT * FROM p LEFT JOIN q USING (nr) WHERE p.town = 'Ulm'", ["p (town)", "q (nr)"]),
        ("WITH c AS (SELECT * FROM p) SELECT * FROM c WHERE town = 'Ulm'", ["p (town)"]),
        ("SELECT * FROM (SELECT nr AS n FROM p) d WHERE n = 3", ["p (nr)"]),
    ],
)
def test_keys_are_equality_then_order_or_range_then_covering(sql: str, expected: list[str]) -> None:
    assert shapes(advice(sql)) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM p",
        "SELECT * FROM p ORDER BY weight",
        "SELECT * FROM p JOIN q ON p.nr = q.nr",
        "SELECT * FROM p WHERE abs(weight) = 3",
        "SELECT * FROM p WHERE weight + 1 = 3",
        "SELECT * FROM p WHERE a = b",
        "SELECT * FROM p WHERE $1 IS NULL OR town = $1",
        "WITH c AS MATERIALIZED (SELECT * FROM p) SELECT * FROM c WHERE town = 'Ulm'",
        "SELECT * FROM (SELECT * FROM p LIMIT 10) d WHERE town = 'Ulm'",
        "SELECT * FROM p WHERE removed_at IS NULL",
        "SELECT * FROM pg_class WHERE relname = 'x'",
        "SELECT * FROM information_schema.tables WHERE table_name = 'x'",
        "INSERT INTO p VALUES (1)",
        "SELECT FROM WHERE",
        "",
    ],
)
def test_nothing_is_advised_where_no_index_helps(sql: str) -> None:
    assert shapes(advice(sql)) == []


def test_a_small_table_needs_no_index() -> None:
    assert shapes(advice("SELECT * FROM p WHERE nr = 3", stats={"p": 200})) == []
    assert shapes(advice("SELECT * FROM p WHERE nr = 3", stats={"p": 200_000})) == ["p (nr)"]


def test_few_values_alone_are_declined_with_a_reason() -> None:
    advised = advice("SELECT * FROM p WHERE town = $1", stats={"p": {"rows": 1e6, "columns": {"town": {"distinct": 3}}}})
    assert advised.indexes == ()
    assert "so few distinct values" in advised.declined[0]


@pytest.mark.parametrize(
    ("sql", "expected", "whole"),
    [
        (
            "SELECT * FROM parcels WHERE stage = 'waiting' ORDER BY sent_at LIMIT 10",
            "parcels (sent_at) where stage = 'waiting'",
            "(stage, sent_at)",
        ),
        (
            "SELECT * FROM parcels WHERE label = $1 AND removed_at IS NULL",
            "parcels (label) where removed_at IS NULL",
            "(label, removed_at)",
        ),
    ],
)
def test_constant_states_make_a_partial_index_with_the_whole_one_beside_it(sql: str, expected: str, whole: str) -> None:
    advised = advice(sql, ddl=SHOP)
    assert shapes(advised) == [expected]
    assert whole in advised.indexes[0].alternatives[0].sql


def test_a_parameter_or_another_customer_makes_no_partial_index() -> None:
    assert all(one.where is None for one in advice("SELECT * FROM p WHERE stage = $1 AND nr = 2").indexes)
    stats: dict[str, object] = {"p": {"rows": 1e6, "columns": {"shop_id": {"distinct": 9}}}}
    assert all(one.where is None for one in advice("SELECT * FROM p WHERE shop_id = 3 AND nr > 2", stats=stats).indexes)


def test_existing_indexes_and_keys_are_not_proposed_again() -> None:
    for sql in (
        "SELECT * FROM parcels WHERE sender_id = 3",
        "SELECT * FROM parcels WHERE id = 3 AND label = 'x'",
        "SELECT * FROM parcels p JOIN people o ON o.id = p.sender_id WHERE p.sender_id = 3",
    ):
        assert shapes(advice(sql, ddl=SHOP)) == []


def test_a_queue_gets_its_partial_index_beside_one_on_the_same_keys() -> None:
    ddl = "CREATE TABLE jobs (id int PRIMARY KEY, status text, run_at timestamp); CREATE INDEX by_time ON jobs (run_at);"
    assert shapes(advice("SELECT * FROM jobs WHERE status = 'new' ORDER BY run_at LIMIT 1", ddl=ddl)) == [
        "jobs (run_at) where status = 'new'"
    ]
    assert shapes(advice("SELECT count(*) FROM jobs WHERE status = 'new'", ddl=ddl)) == ["jobs (id) where status = 'new'"]


def test_types_that_cannot_be_compared_and_foreign_tables_get_no_index() -> None:
    ddl = "CREATE TABLE t (id int PRIMARY KEY, doc json, spot point); CREATE FOREIGN TABLE far (nr int) SERVER other;"
    assert shapes(advice("SELECT * FROM t WHERE doc = '{}'; SELECT * FROM far WHERE nr = 3", ddl=ddl)) == []
    ddl = "CREATE TABLE t (id int PRIMARY KEY, body nvarchar(max), code nvarchar(20))"
    assert shapes(advice("SELECT * FROM t WHERE body = 'x'; SELECT * FROM t WHERE code = 'x'", "sqlserver", ddl)) == ["t (code)"]


def test_a_partitioned_table_is_not_indexed_concurrently() -> None:
    ddl = "CREATE TABLE visits (nr int, day date) PARTITION BY RANGE (day); CREATE TABLE visits_1 PARTITION OF visits DEFAULT;"
    one = advice("SELECT * FROM visits WHERE nr = 3", ddl=ddl).indexes[0]
    assert one.sql == "CREATE INDEX visits_nr_idx ON ONLY visits (nr);"
    assert "ATTACH PARTITION" in one.notes[0]


def test_an_order_behind_a_grouping_is_not_in_the_index() -> None:
    assert shapes(advice("SELECT a, max(c) FROM p WHERE b = 1 GROUP BY a ORDER BY c LIMIT 3")) == ["p (b, a) [c]"]


def test_a_longer_index_names_the_prefix_that_can_go() -> None:
    advised = advice("SELECT * FROM parcels WHERE sender_id = 3 AND sent_at > $1", ddl=SHOP)
    assert shapes(advised) == ["parcels (sender_id, sent_at)"]
    assert advised.indexes[0].replaces == ("parcels_sender",)


def test_the_order_of_equality_columns_is_free_for_an_existing_index() -> None:
    ddl = "CREATE TABLE t (a int, b int, c int); CREATE INDEX i ON t (b, a, c);"
    assert shapes(advice("SELECT * FROM t WHERE a = 1 AND b = 2 AND c > 3", ddl=ddl)) == []
    assert shapes(advice("SELECT * FROM t WHERE a = 1 AND c > 3", ddl=ddl)) == ["t (a, c)"]


def test_one_index_serves_all_statements_that_it_can() -> None:
    advised = advice(
        "SELECT * FROM p WHERE a = 1; SELECT * FROM p WHERE b = 2 AND a = 1; SELECT * FROM p WHERE b = 3 AND a = 1 ORDER BY c"
        "; SELECT * FROM p WHERE a = 1 AND d > 3"
    )
    assert shapes(advised) == ["p (a, b, c)", "p (a, d)"]
    assert advised.indexes[0].statements == (0, 1, 2)


def test_opposite_orders_are_not_merged() -> None:
    advised = advice("SELECT * FROM p ORDER BY a, b DESC LIMIT 1; SELECT * FROM p ORDER BY a, b LIMIT 1")
    assert len(advised.indexes) == 2


def test_superfluous_indexes_are_named_and_keys_are_kept() -> None:
    ddl = (
        "CREATE TABLE t (id int PRIMARY KEY, a int, b int); CREATE INDEX short ON t (a); CREATE INDEX long ON t (a, b);"
        "CREATE INDEX twin ON t (a, b); CREATE UNIQUE INDEX sole ON t (a); CREATE INDEX part ON t (a) WHERE b > 3;"
    )
    found = {one.name: one.duplicate for one in advice("SELECT 1", ddl=ddl).superfluous}
    assert found == {"short": False, "long": True}


def test_a_foreign_key_without_an_index_is_served_except_where_the_engine_does_it() -> None:
    ddl = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a(id));"
    for engine, count in (("postgresql", 1), ("oracle", 1), ("mysql", 0)):
        assert len(advise(read_script("SELECT 1", engine), build_schema(ddl, engine), engine).indexes) == count


@pytest.mark.parametrize(
    ("engine", "sql", "expected"),
    [
        ("postgresql", "SELECT * FROM t WHERE lower(mail) = 'x'", "CREATE INDEX CONCURRENTLY t_lower_mail_idx ON t (LOWER(mail));"),
        ("postgresql", "SELECT * FROM t WHERE doc->>'k' = 'x'", "ON t ((doc ->> 'k'));"),
        ("postgresql", """SELECT * FROM t WHERE doc @> '{"a": 1}'""", "USING gin (doc jsonb_path_ops);"),
        ("postgresql", "SELECT * FROM t WHERE name ILIKE '%abc%'", "USING gin (name gin_trgm_ops);"),
        ("postgresql", "SELECT * FROM t WHERE name LIKE 'abc%'", "ON t (name text_pattern_ops);"),
        (
            "postgresql",
            "SELECT * FROM t WHERE to_tsvector('english', b) @@ to_tsquery('x')",
            "USING gin (TO_TSVECTOR('english', b));",
        ),
        ("postgresql", 'SELECT * FROM "Boxes" WHERE "Nr" = 3', 'ON "Boxes" ("Nr");'),
        ("postgresql", "SELECT a FROM s.t WHERE nr = 3", "ON s.t (nr) INCLUDE (a);"),
        ("mysql", "SELECT a FROM t WHERE nr = 3", "CREATE INDEX t_nr_idx ON t (nr, a) ALGORITHM=INPLACE LOCK=NONE;"),
        ("mysql", "SELECT * FROM t WHERE lower(mail) = 'x'", "ON t ((LOWER(mail)))"),
        ("mysql", "SELECT * FROM t WHERE doc->>'$.k' = 'x'", "((CAST(doc ->> '$.k' AS CHAR(64)) COLLATE utf8mb4_bin))"),
        ("mysql", "SELECT * FROM t WHERE MATCH(a, b) AGAINST ('x')", "CREATE FULLTEXT INDEX t_a_b_idx ON t (a, b);"),
        ("mariadb", "SELECT * FROM t WHERE lower(mail) = 'x'", "ADD COLUMN lower_mail VARCHAR(255) AS (LOWER(mail)) VIRTUAL;"),
        (
            "sqlserver",
            "SELECT a FROM dbo.t WHERE nr = @n",
            "CREATE NONCLUSTERED INDEX t_nr_idx ON dbo.t (nr) INCLUDE (a) WITH (ONLINE = ON);",
        ),
        ("sqlserver", "SELECT TOP 5 * FROM t WHERE active = 1 AND nr = @n", "ON t (nr) WHERE active = 1 WITH (ONLINE = ON);"),
        ("sqlserver", "SELECT * FROM [Big Box] WHERE [Order] = 3", "ON [Big Box] ([Order])"),
        ("oracle", "SELECT a FROM t WHERE nr = :n", "CREATE INDEX t_nr_idx ON t (nr, a) ONLINE;"),
        ("oracle", "SELECT * FROM t WHERE upper(mail) = :m", "ON t (UPPER(mail)) ONLINE;"),
        ("oracle", "SELECT * FROM t WHERE trunc(day) = :d AND 1 = 1", "ON t (TRUNC(day)) ONLINE;"),
    ],
)
def test_each_engine_gets_its_own_syntax(engine: Engine, sql: str, expected: str) -> None:
    assert expected in advice(sql, engine).indexes[0].sql


def test_long_texts_get_a_prefix_in_mysql() -> None:
    ddl = "CREATE TABLE t (id int PRIMARY KEY, body text, code varchar(40))"
    assert "(body(100))" in advice("SELECT * FROM t WHERE body = 'x'", "mysql", ddl).indexes[0].sql
    assert "(code)" in advice("SELECT * FROM t WHERE code = 'x'", "mysql", ddl).indexes[0].sql


def test_a_part_of_a_moment_with_time_zone_needs_the_range_written_out() -> None:
    zoned = advice("SELECT * FROM parcels WHERE arrived_at::date = '2024-05-01'", ddl=SHOP).indexes[0]
    assert zoned.columns == ("arrived_at",)
    assert "half-open range" in zoned.rewrites[0]
    local = advice("SELECT * FROM parcels WHERE sent_at::date = '2024-05-01'", ddl=SHOP).indexes[0]
    assert local.columns == ("CAST(sent_at AS DATE)",)


def test_a_view_is_looked_through() -> None:
    ddl = SHOP + "CREATE VIEW light AS SELECT label AS l FROM parcels WHERE weight < 1;"
    assert shapes(advice("SELECT * FROM light WHERE l = 'x'", ddl=ddl)) == ["parcels (label, weight)"]


def test_the_driving_table_is_the_one_with_the_fewest_rows_left() -> None:
    stats: dict[str, object] = {"p": 1e6, "q": {"rows": 1e6, "columns": {"code": {"distinct": 1e6}}}}
    advised = advice("SELECT * FROM p JOIN q ON q.nr = p.nr WHERE p.town_code = 3 AND q.code = 'x'", stats=stats)
    assert sorted(shapes(advised)) == ["p (nr, town_code)", "q (code)"]


def test_size_and_write_cost_are_estimated() -> None:
    advised = advice(
        "SELECT * FROM parcels WHERE label = 'x' AND weight > 3; UPDATE parcels SET weight = 2 WHERE id = 1",
        ddl=SHOP,
        stats={"parcels": 2e6},
    )
    one = advised.indexes[0]
    assert 2e6 * 20 < one.size_bytes < 2e6 * 80
    assert one.size.startswith("about ")
    assert one.size.endswith(" MB")
    assert one.write_cost.entries_before == 2
    assert one.write_cost.updated_by == (1,)
    assert one.rollback == f"DROP INDEX CONCURRENTLY {one.index.name};"


def test_statistics_that_are_no_numbers_are_told() -> None:
    _, problems = apply_stats(Schema(), {"p": "many", "q": {"rows": True, "columns": {"a": 3}}})
    assert len(problems) == 3


def test_prose_around_a_query_is_passed_over() -> None:
    found = index_for("Our page is slow: SELECT a FROM t WHERE nr = 3 AND day > '2024-01-01' ORDER BY day. Why is that?", "mysql")
    assert found is not None
    assert found.columns == ("nr", "day")
    assert index_for("Our page is slow: SELECT * FROM a JOIN b ON a.x = b.x WHERE a.y = 1", "mysql") is None


@settings(max_examples=examples(200), deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), max_size=25),
    st.sampled_from(ENGINES),
)
def test_no_text_makes_it_fail(words: list[str], engine: Engine) -> None:
    advise(read_script("SELECT * FROM t WHERE " + " ".join(words), engine), Schema(), engine)
