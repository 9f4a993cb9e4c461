"""Scripts as mails, dumps, templates and old machines hand them on: every statement is found, or what was not read is named."""

from __future__ import annotations

import pytest

from dbbuddy.sqlreview.review import review


def rules(sql: str) -> set[str]:
    return {finding.rule for finding in review(sql).findings}


@pytest.mark.parametrize(
    "sql",
    [
        "-- a remark\rDELETE FROM orders;\r",
        "\ufeffDELETE FROM orders;",
        "> DELETE FROM orders\n> ;",
        "/*!40101 DELETE FROM orders */;",
        "/*!50003 SELECT 1 */; DELETE FROM orders;",
        "COPY names (name) FROM stdin;\nit's\n\\.\nDELETE FROM orders;",
        "COPY names (name) FROM stdin;\nDROP TABLE names;\n\\.\n\nDELETE FROM orders;\n",
    ],
)
def test_the_statement_is_found(sql: str) -> None:
    found = review(sql)
    assert "dml.no-where" in {finding.rule for finding in found.findings}
    assert found.statements[-1].text.startswith("DELETE FROM orders")
    assert not found.not_read


def test_rows_of_a_dump_are_no_statements() -> None:
    assert "migration.drop-table" not in rules("COPY names (name) FROM stdin;\nDROP TABLE names;\n\\.\nSELECT 1;")


@pytest.mark.parametrize(
    "sql",
    ["SELECT 1; /* DELETE FROM orders;", "SELECT 1;\n/*", "SELECT 1; {# DELETE FROM orders;", "SELECT 1; {% if x %} {% endif"],
)
def test_a_comment_that_never_ends_is_named(sql: str) -> None:
    (told,) = review(sql).not_read
    assert "never ends" in told


@pytest.mark.parametrize("sql", ["SELECT 1; /* end */", "SELECT 1; -- end", "SELECT 1; {# end #}", "SELECT 1;"])
def test_a_comment_that_ends_is_none(sql: str) -> None:
    assert not review(sql).not_read


def test_places_are_those_of_the_pasted_text() -> None:
    sql = "\ufeff/*!40000 SELECT 1 */;\r\n\r\nDELETE FROM orders;"
    finding = next(finding for finding in review(sql).findings if finding.rule == "dml.no-where")
    assert finding.span.line == 3
    assert sql[finding.span.start :] == "orders;"


def test_indexes_with_one_first_key_are_still_compared() -> None:
    sql = """
    CREATE TABLE orders (id int PRIMARY KEY, a int, b int, c int);
    CREATE INDEX other ON orders (c);
    CREATE INDEX short ON orders (a);
    CREATE INDEX long ON orders (a, b);
    """
    found = review(sql, engine="postgresql")
    assert [index.name for index in found.advised.superfluous] == ["short"]
