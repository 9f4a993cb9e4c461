"""What reaches the scratch server: known types, harmless index expressions, one statement with numbered parameters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.schema import Index, IndexKey
from dbbuddy.sqlreview.scratch.normal import explainable, index_sql, name, safe_sql
from dbbuddy.sqlreview.scratch.types import scratch_type


@pytest.mark.parametrize(
    ("declared", "made", "known"),
    [
        ("bigserial", "bigint", True),
        ("varchar(20)", "varchar(20)", True),
        ("character varying(20)", "varchar(20)", True),
        ("numeric(10,2)", "numeric(10,2)", True),
        ("timestamp(3) with time zone", "timestamptz", True),
        ("timestamp without time zone", "timestamp", True),
        ("int[]", "integer[]", True),
        ("double precision", "double precision", True),
        ("mood", "text", False),
        ("geometry(Point,4326)", "text", False),
        ("int; DROP TABLE x", "text", False),
        ("", "text", False),
    ],
)
def test_only_known_types_are_made(declared: str, made: str, known: bool) -> None:
    assert scratch_type(declared) == (made, known)


@given(st.text(max_size=40))
def test_a_type_is_never_passed_on_as_text(declared: str) -> None:
    made, _ = scratch_type(declared)
    assert not set(made) & set(";'\"-/\\\n")


@pytest.mark.parametrize(
    "expression",
    ["pg_sleep(60)", "(SELECT 1)", "lo_import('/etc/passwd')", "a + pg_read_file('x')", "a::regclass", "a; DROP TABLE x", "a ->"],
)
def test_an_unknown_part_keeps_an_index_out(expression: str) -> None:
    assert safe_sql(expression) is None
    assert index_sql(Index("i", "t", [IndexKey(None, expression)]), "i", "t") is None
    assert index_sql(Index("i", "t", [IndexKey("a")], where=f"{expression} IS NULL"), "i", "t") is None


def test_known_parts_are_kept() -> None:
    made = index_sql(
        Index("i", "T", [IndexKey("A", descending=True), IndexKey(None, "lower(B)")], where="c = 'x'", include=["d"]), "i", "T"
    )
    assert made == """CREATE INDEX "i" ON "t" USING btree ("a" DESC, (LOWER("b"))) INCLUDE ("d") WHERE "c" = 'x'"""


@given(st.text(max_size=80))
def test_a_name_cannot_leave_its_quotes(text: str) -> None:
    assert '"' not in name(text)[1:-1]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT a FROM s.T WHERE b = ? AND c = ?", 'SELECT "a" FROM "t" WHERE "b" = $1 AND "c" = $2'),
        ("SELECT a FROM t WHERE b = :x OR c = :x", 'SELECT "a" FROM "t" WHERE "b" = $1 OR "c" = $1'),
        ("SELECT a FROM t WHERE b = $2 AND c = $1", 'SELECT "a" FROM "t" WHERE "b" = $1 AND "c" = $2'),
        ("DELETE FROM s.t WHERE b = 1", 'DELETE FROM "t" WHERE "b" = 1'),
        ("INSERT INTO old SELECT * FROM t WHERE b = 1", 'SELECT * FROM "t" WHERE "b" = 1'),
    ],
)
def test_statements_are_written_anew_with_numbered_parameters(sql: str, expected: str) -> None:
    assert explainable(read_script(sql, "postgresql").statements[0], {}) == expected


@pytest.mark.parametrize(
    "sql", ["DROP TABLE t", "CREATE TABLE t (a int)", "SELECT * INTO x FROM t", "INSERT INTO t VALUES (1)", "COMMIT"]
)
def test_what_is_no_query_is_not_planned(sql: str) -> None:
    assert explainable(read_script(sql, "postgresql").statements[0], {}) is None
