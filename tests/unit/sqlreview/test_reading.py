"""Reading scripts: statements, offsets, templates, prompts, routines; and any text at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from dbbuddy.context import ENGINES, Engine
from dbbuddy.sqlreview.lexer import tokens_of
from dbbuddy.sqlreview.reading import read_script
from dbbuddy.sqlreview.review import review
from tests.effort import examples

SPLIT: list[tuple[str, Engine | None, list[tuple[str, str]]]] = [
    ("SELECT 1;\nSELECT 'a;b' -- c;\n;", "postgresql", [("select", "SELECT 1"), ("select", "SELECT 'a;b'")]),
    (
        "BEGIN; UPDATE t SET a = 1; COMMIT",
        "postgresql",
        [("transaction", "BEGIN"), ("update", "UPDATE t SET a = 1"), ("transaction", "COMMIT")],
    ),
    ("SELECT $x$ ; $x$; SELECT 2", "postgresql", [("select", "SELECT $x$ ; $x$"), ("select", "SELECT 2")]),
    ("/* a /* b */ ; */ SELECT 1", "postgresql", [("select", "SELECT 1")]),
    (
        "DELIMITER //\nCREATE PROCEDURE p() BEGIN SELECT 1; DELETE FROM t; END//\nDELIMITER ;\nSELECT 2;",
        "mysql",
        [
            ("block", "CREATE PROCEDURE p() BEGIN SELECT 1; DELETE FROM t; END"),
            ("select", "SELECT 1"),
            ("delete", "DELETE FROM t"),
            ("select", "SELECT 2"),
        ],
    ),
    ("# it's\nSELECT 'it\\'s; so'; SELECT 2", "mysql", [("select", "SELECT 'it\\'s; so'"), ("select", "SELECT 2")]),
    (
        "DECLARE @x int\nSELECT 1\nUPDATE t SET a = 1\nWHERE b = 2\nGO\nSELECT [a;b]",
        "sqlserver",
        [
            ("other", "DECLARE @x int"),
            ("select", "SELECT 1"),
            ("update", "UPDATE t SET a = 1\nWHERE b = 2"),
            ("select", "SELECT [a;b]"),
        ],
    ),
    (
        "INSERT INTO t (a)\nSELECT a FROM u\nEXEC p",
        "sqlserver",
        [("insert", "INSERT INTO t (a)\nSELECT a FROM u"), ("call", "EXEC p")],
    ),
    (
        "DECLARE n NUMBER; BEGIN DELETE FROM t WHERE id = 1; END;\n/\nSELECT 1 FROM dual",
        "oracle",
        [
            ("block", "DECLARE n NUMBER; BEGIN DELETE FROM t WHERE id = 1; END;"),
            ("delete", "DELETE FROM t WHERE id = 1"),
            ("select", "SELECT 1 FROM dual"),
        ],
    ),
    ("mysql> SELECT a\n    -> FROM t;\n", None, [("select", "SELECT a\n       FROM t")]),
    ("WITH x AS (SELECT 1) DELETE FROM t", "postgresql", [("delete", "WITH x AS (SELECT 1) DELETE FROM t")]),
    (
        "WITH x AS (\n  SELECT 1 AS a\n)\nSELECT a FROM x\nSELECT 2",
        "sqlserver",
        [("select", "WITH x AS (\n  SELECT 1 AS a\n)\nSELECT a FROM x"), ("select", "SELECT 2")],
    ),
    (
        "WITH x AS (SELECT 1 AS a)\nINSERT INTO t (a)\nSELECT a FROM x\nDELETE FROM u",
        "sqlserver",
        [("insert", "WITH x AS (SELECT 1 AS a)\nINSERT INTO t (a)\nSELECT a FROM x"), ("delete", "DELETE FROM u")],
    ),
    (
        "CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t ADD b int; DROP TABLE t; TRUNCATE t",
        "mysql",
        [
            ("create_index", "CREATE UNIQUE INDEX i ON t (a)"),
            ("alter_table", "ALTER TABLE t ADD b int"),
            ("drop", "DROP TABLE t"),
            ("truncate", "TRUNCATE t"),
        ],
    ),
]


@pytest.mark.parametrize(("text", "engine", "expected"), SPLIT)
def test_statements(text: str, engine: Engine | None, expected: list[tuple[str, str]]) -> None:
    script = read_script(text, engine)
    assert [(statement.kind, statement.text) for statement in script.statements] == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM t WHERE b = %s AND c = %(name)s",
        "SELECT a FROM {{ ref('orders') }} WHERE b = {{ b }} {% if x %} AND c = 1 {% endif %}",
        "SELECT a FROM t WHERE b = :b AND c = ? AND d = #{d} AND e = ${e}",
        "SELECT a FROM t WHERE b = $1 LIMIT $2",
    ],
)
def test_templates_are_parsed_without_moving_offsets(text: str) -> None:
    statement = read_script(f"SELECT 1; {text}", "postgresql").statements[1]
    assert isinstance(statement.tree, exp.Select)
    column = next(column for column in statement.tree.find_all(exp.Column) if column.name == "b")
    start, end = statement.place(column)
    assert f"SELECT 1; {text}"[start:end] == "b"


@pytest.mark.parametrize(
    ("log", "statements"),
    [
        ("Hibernate: select a from t where b=?\nHibernate: select 2", ["select a from t where b=?", "select 2"]),
        ('(0.002) SELECT "a" FROM "t" WHERE "b" = 1; args=(1,)', ['SELECT "a" FROM "t" WHERE "b" = 1']),
        ('  User Load (0.5ms)  SELECT a FROM t WHERE id = $1  [["id", 1]]', ["SELECT a FROM t WHERE id = $1"]),
        (
            "2024-05-01 10:00:00 UTC [12] LOG:  duration: 12.5 ms  statement: SELECT a FROM t\n"
            "2024-05-01 10:00:01 UTC [12] LOG:  statement: SELECT 2",
            ["SELECT a FROM t", "SELECT 2"],
        ),
        ("shop=> SELECT a\nshop-> FROM t;\n(3 rows)\n", ["SELECT a\n       FROM t"]),
        ("```sql\nSELECT a FROM t\n```", ["SELECT a FROM t"]),
    ],
)
def test_logs_and_prompts_are_no_sql(log: str, statements: list[str]) -> None:
    assert [statement.text for statement in read_script(log).statements] == statements


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("SELECT a::int FROM t ILIKE 'x'", "postgresql"),
        ("SELECT `a` FROM t", "mysql"),
        ("SELECT TOP 3 [a] FROM t WITH (NOLOCK)", "sqlserver"),
        ("SELECT NVL(a, 0) FROM dual", "oracle"),
        ("SELECT a FROM t", None),
    ],
)
def test_engine_is_guessed(text: str, engine: Engine | None) -> None:
    assert read_script(text).engine == engine


@pytest.mark.parametrize(
    "text", ["SELECT 'never closed", "SELECT a FROM t WHERE (", "SELEC a FORM t WHERE lower(b) = 1", "CREATE TABLE t (a int"]
)
def test_what_is_not_understood_is_named(text: str) -> None:
    result = review(text, engine="mysql")
    assert result.not_read or result.statements[0].kind in ("other", "create_table")


def test_an_unparsed_statement_still_gets_findings() -> None:
    result = review("SELECT * FROM t WHERE a LIKE '%x' AND lower(b) = 'y' QUALIFY ((", engine="mysql")
    assert {"proj.select-star", "pred.leading-wildcard", "pred.func-on-column"} <= {finding.rule for finding in result.findings}
    assert "read word by word" in result.not_read[0]


def test_spans_give_line_and_column() -> None:
    finding = next(
        f for f in review("SELECT a\nFROM t\nWHERE lower(b) = 'x'", engine="mysql").findings if f.rule == "pred.func-on-column"
    )
    assert (finding.span.line, finding.span.column, finding.evidence) == (3, 7, "lower(b)")


PIECES = st.sampled_from(
    [
        "SELECT",
        "FROM",
        "WHERE",
        "AND",
        "OR",
        "NOT",
        "IN",
        "(",
        ")",
        ",",
        ";",
        "'",
        '"',
        "`",
        "[",
        "]",
        "$$",
        "$a$",
        "/*",
        "*/",
        "--",
        "#",
        "\n",
        "CASE",
        "WHEN",
        "THEN",
        "END",
        "BEGIN",
        "DECLARE",
        "CREATE",
        "PROCEDURE",
        "TABLE",
        "INDEX",
        "ON",
        "JOIN",
        "LEFT",
        "GROUP",
        "BY",
        "ORDER",
        "LIMIT",
        "OFFSET",
        "UNION",
        "ALL",
        "UPDATE",
        "SET",
        "DELETE",
        "INSERT",
        "INTO",
        "VALUES",
        "MERGE",
        "USING",
        "MATCHED",
        "t",
        "a.b",
        "*",
        "=",
        "<",
        ">",
        "+",
        "1",
        "'x'",
        "NULL",
        "IS",
        "LIKE",
        "'%x'",
        "COUNT(*)",
        ":p",
        "?",
        "@x",
        "{{",
        "}}",
        "%s",
        "GO",
        "/",
        "DELIMITER",
        "//",
        "EXISTS",
        "DISTINCT",
        "WITH",
        "AS",
        "OVER",
        "PRIMARY",
        "KEY",
        "int",
        "ALTER",
        "ADD",
        "DROP",
        "FOR",
        "LOCKED",
        "HAVING",
    ]
)


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(PIECES, max_size=40).map(" ".join) | st.text(max_size=80), st.sampled_from([*ENGINES, None]))
def test_any_text_is_reviewed(text: str, engine: Engine | None) -> None:
    result = review(text, engine=engine, schema=text)
    for finding in result.findings:
        assert 0 <= finding.span.start <= finding.span.end <= len(text)
        assert finding.title
        assert "{" not in finding.title or "{" in text


@settings(max_examples=examples(150), deadline=None)
@given(st.text(alphabet="abEqN'\"`[]$#-/*:;?@{}%. \n\\1", max_size=60), st.sampled_from([*ENGINES, None]))
def test_tokens_cover_the_text(text: str, engine: Engine | None) -> None:
    tokens = tokens_of(text, engine)
    last = 0
    for token in tokens:
        assert token.start >= last
        assert text[token.start : token.end] == token.text != ""
        assert not text[last : token.start].strip()
        last = token.end
    assert not text[last:].strip()


def test_a_long_script_is_read_in_time_that_grows_with_it() -> None:
    script = read_script("INSERT INTO t (a, b) VALUES (1, 'x');\n" * 20_000, "mysql")
    assert len(script.statements) == 20_000
