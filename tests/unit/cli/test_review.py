"""`python -m dbbuddy review`: SQL in; findings, rewrites and index advice out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.unit.cli.running import lines, run

QUERY = "SELECT * FROM parcels WHERE sender_id = 7 AND year(sent_at) = 2026\nORDER BY sent_at LIMIT 20 OFFSET 90000;"
MIGRATION = "ALTER TABLE parcels ADD COLUMN note text NOT NULL;\nDELETE FROM parcels;\n"
DDL = "CREATE TABLE parcels (id bigint PRIMARY KEY, sender_id bigint NOT NULL, sent_at datetime NOT NULL);"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "tables.sql").write_text(DDL)
    (tmp_path / "stats.json").write_text('{"parcels": {"rows": 9000000, "columns": {"sender_id": {"distinct": 5000}}}}')
    return tmp_path


def test_the_object_holds_findings_indexes_and_statements(files: Path) -> None:
    flags = ("--engine", "mysql", "--version", "8.0", "--schema", str(files / "tables.sql"), "--stats", str(files / "stats.json"))
    (row,) = run("review", "--json", *flags, stdin=QUERY).rows
    found = {finding["rule"]: finding for finding in row["findings"]}
    paging = found["page.deep-offset"]
    assert paging["span"] == {"start": QUERY.index("90000"), "end": QUERY.index("90000") + 5, "line": 2, "column": 34}
    assert (paging["severity"], paging["evidence"], paging["statement"]) == ("medium", "90000", 0)
    assert set(paging) == {"rule", "severity", "span", "evidence", "fix", "rewrite", "title", "why", "statement", "source"}
    assert "2027-01-01" in found["pred.date-func-range"]["rewrite"]
    assert row["indexes"][0]["columns"][0] == "sender_id"
    assert row["indexes"][0]["sql"].startswith("CREATE INDEX")
    assert row["indexes"][0]["verified"] is None
    assert [statement["kind"] for statement in row["statements"]] == ["select"]
    assert row["not_read"] == []


def test_the_text_is_markdown_with_the_place_and_the_safe_sequence() -> None:
    told = run("review", "--engine", "postgresql", stdin=MIGRATION)
    assert told.status == 0
    assert told.out.startswith("# SQL review (PostgreSQL): ")
    assert "line 2, column 13, `dml.no-where`: `parcels`" in told.out
    assert "The safe sequence:\n\n```sql\nALTER TABLE parcels ADD COLUMN note text;" in told.out


def test_a_rewrite_is_shown_as_a_difference(files: Path) -> None:
    told = run("review", "--engine", "mysql", "--schema", str(files / "tables.sql"), stdin=QUERY).out
    assert "```diff\n" in told
    assert "+  )" in told or "+    sent_at >= '2026-01-01'" in told


def test_other_engines_are_told_why_nothing_is_verified() -> None:
    (row,) = run("review", "--json", "--verify", "--engine", "oracle", stdin="SELECT id FROM t WHERE a = 1 ORDER BY b;").rows
    assert row["verified"] is False
    assert "only PostgreSQL" in row["not_verified"]
    assert all("only PostgreSQL" in index["verified"]["reason"] for index in row["indexes"])


@pytest.mark.parametrize(("level", "status"), [("critical", 0), ("high", 1), ("info", 1)])
def test_fail_on_a_severity(level: str, status: int) -> None:
    told = run("review", "--engine", "postgresql", "--fail-on", level, stdin="CREATE INDEX i ON parcels (a);")
    assert told.status == status


def test_fail_on_holds_for_lines_too() -> None:
    rows = [{"id": 1, "sql": "SELECT 1"}, {"id": 2, "sql": "DELETE FROM parcels", "engine": "mysql"}]
    told = run("review", "--jsonl", "--fail-on", "high", stdin=lines(*rows))
    assert told.status == 1
    assert [row["id"] for row in told.rows] == [1, 2]


def test_a_line_brings_its_own_schema_statistics_and_version() -> None:
    row = {"id": "a", "sql": QUERY, "schema": DDL, "stats": {"parcels": 9_000_000}, "engine": "mysql", "version": 8}
    (made,) = run("review", "--jsonl", stdin=lines(row)).rows
    assert made["id"] == "a"
    assert made["engine"] == "mysql"
    assert made["indexes"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"id": 1}, "sql is missing"),
        ({"id": 1, "sql": 5}, "sql is missing or is not a string"),
        ({"id": 1, "sql": "SELECT 1", "engine": "db2"}, "engine is none of"),
        ({"id": 1, "sql": "SELECT 1", "stats": [1]}, "stats is no JSON object"),
        ({"id": 1, "sql": "-- nothing"}, "There is no SQL"),
        ({"id": 1, "sql": "we are happy people"}, "No SQL statement was recognised"),
    ],
)
def test_a_bad_line_is_answered_with_its_error(row: dict[str, object], said: str) -> None:
    told = run("review", "--jsonl", stdin=lines(row, {"id": 2, "sql": "SELECT 1"}))
    assert told.status == 2
    assert said in told.rows[0]["error"]
    assert told.rows[1]["id"] == 2
    assert told.rows[1]["statements"]


@pytest.mark.parametrize(
    ("stats", "said"),
    [("", "no text"), ("rows: 5", "no JSON object"), ('{"a": ', "no JSON object"), ('{"a": x}', "no valid JSON (line 1")],
)
def test_bad_statistics_are_explained_in_a_line(tmp_path: Path, stats: str, said: str) -> None:
    (tmp_path / "stats.json").write_text(stats)
    told = run("review", "--stats", str(tmp_path / "stats.json"), stdin="SELECT 1")
    assert told.status == 2
    assert said in told.err
    assert told.err.count("\n") == 1
    assert told.out == ""


@pytest.mark.parametrize("text", ["", "   \n", "please help me", "\x00\x01binary"])
def test_what_is_no_sql_is_bad_input(text: str) -> None:
    told = run("review", stdin=text)
    assert (told.status, told.out, told.err.count("\n")) == (2, "", 1)


def test_what_cannot_be_read_is_named() -> None:
    (row,) = run("review", "--json", "--engine", "mysql", stdin="SELECT a FROM t WHERE (b = 1;\nDELETE FROM t;").rows
    assert any("line 1" in text for text in row["not_read"])
    assert "dml.no-where" in {finding["rule"] for finding in row["findings"]}


def test_the_object_survives_what_json_must_escape() -> None:
    text = 'SELECT "\u2028\\" FROM "a""b" WHERE x = \'\U0001f600\' OR 1 = 1;'
    assert json.loads(run("review", "--json", stdin=text).out)["statements"]
