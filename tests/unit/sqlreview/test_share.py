"""A review as Markdown, as marked lines, as a difference and as a question: complete, and no name in it can act."""

from __future__ import annotations

import re

from dbbuddy.sqlreview.review import Review, review
from dbbuddy.sqlreview.share import change_of, question_about, to_markdown
from dbbuddy.sqlreview.share.annotated import MOST_LINES, annotated
from dbbuddy.sqlreview.share.question import LONGEST

SQL = "SELECT id\nFROM parcels\nWHERE lower(stage) = 'x' AND date(sent_at) = '2026-01-01';\nDELETE FROM parcels;\n"
DDL = "CREATE TABLE parcels (id bigint PRIMARY KEY, stage text, sent_at timestamptz);"


def made(sql: str = SQL) -> Review:
    return review(sql, engine="postgresql", schema=DDL)


def test_a_query_changes_by_lines_and_keeps_the_others() -> None:
    found = made()
    finding = next(finding for finding in found.findings if finding.rule == "pred.date-func-range")
    change = change_of(finding, found)
    assert change is not None
    assert change.diff is not None
    assert not change.sequence
    lines = change.diff.splitlines()
    assert any(line.startswith("-") and "DATE(sent_at)" in line for line in lines)
    assert any(line.startswith("+") and "sent_at >= '2026-01-01'" in line for line in lines)
    assert any(line.startswith(" ") and "LOWER(stage)" in line for line in lines) or "LOWER(stage)" in change.diff


def test_a_migration_has_a_sequence_instead() -> None:
    found = made("CREATE INDEX i ON parcels (stage);")
    change = change_of(next(finding for finding in found.findings if finding.rule == "pg.index-not-concurrent"), found)
    assert change is not None
    assert change.sequence
    assert change.sql == "CREATE INDEX CONCURRENTLY i ON parcels (stage);"


def test_every_finding_stands_in_the_markdown() -> None:
    found = made()
    text = to_markdown(found)
    assert found.findings
    for finding in found.findings:
        assert f"`{finding.rule}`" in text


def test_hostile_names_stay_text_in_the_markdown() -> None:
    name = "![x](http://evil) <img src=x> ```"
    found = review(f'DELETE FROM "{name}"; CREATE INDEX "{name}" ON "{name}" (a);', engine="postgresql")
    outside = re.sub(r"(?s)(`{1,5})(?!`).*?\1(?!`)", "", to_markdown(found).replace(r"\`", ""))
    assert outside.replace(r"\!\[x\]", "").count("![x]") == 0
    assert outside.replace(r"\<img", "").count("<img") == 0


def test_marks_lie_side_by_side_and_notes_under_their_line() -> None:
    found = made()
    lines = annotated(SQL.split("\n"), list(enumerate(found.findings)))
    for line in lines:
        ends = [0, *(mark.end for mark in line.marks)]
        assert all(mark.start >= before for mark, before in zip(line.marks, ends, strict=False))
        assert all(mark.end <= len(line.text) for mark in line.marks)
    assert sorted(number for line in lines for number in line.notes) == list(range(len(found.findings)))
    third = lines[2]
    assert {third.text[mark.start : mark.end] for mark in third.marks} >= {"lower(stage)", "date(sent_at)"}


def test_of_a_long_script_a_window_is_shown() -> None:
    lines = ["SELECT 1;"] * 5000
    shown = annotated(lines, [], around=4000)
    assert len(shown) == MOST_LINES
    assert shown[0].number < 4000 < shown[-1].number


def test_a_short_script_is_asked_about_as_a_whole() -> None:
    text = question_about(made(), SQL, DDL)
    assert text.startswith("Please review this PostgreSQL SQL.")
    assert "DELETE FROM parcels;" in text
    assert DDL in text


def test_a_long_script_is_asked_about_by_its_findings() -> None:
    sql = "SELECT 1;\n" * 3000 + "DELETE FROM parcels;\n"
    text = question_about(made(sql), sql)
    assert len(text) < LONGEST
    assert "DELETE changes every row of parcels" in text
    assert "DELETE FROM parcels" in text
