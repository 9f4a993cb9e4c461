"""When the evidence is thin: the questions that decide, and the query to run."""

from __future__ import annotations

import pytest
import sqlglot

from dbbuddy.context import ENGINES, SystemContext
from dbbuddy.data_files import load_yaml
from dbbuddy.diagnosis.clarify import MAX_QUESTIONS, engine_question, general_questions
from dbbuddy.intake.read import read

DIALECTS = {"postgresql": "postgres", "mysql": "mysql", "mariadb": "mysql", "sqlserver": "tsql", "oracle": "oracle"}


def asked(text: str, **context: str) -> list[str]:
    return [question.text for question in general_questions(read(text, SystemContext.of(**context)))]


def test_the_engine_is_asked_first_if_it_is_not_known() -> None:
    assert asked("it is slow")[0] == engine_question().text


@pytest.mark.parametrize("engine", ENGINES)
def test_a_known_engine_is_not_asked(engine: str) -> None:
    assert engine_question().text not in asked("it is slow", engine=engine)


@pytest.mark.parametrize(
    "text", ["it is slow", "error", "hilfe", "the app hangs and the cpu is at 100", "we plan for 10 tenants", "down again"]
)
def test_there_is_always_a_question_and_never_a_list(text: str) -> None:
    assert 1 <= len(asked(text)) <= MAX_QUESTIONS
    assert 1 <= len(asked(text, engine="oracle")) <= MAX_QUESTIONS


def test_a_slow_query_is_asked_for_its_plan() -> None:
    assert any("execution plan" in question for question in asked("my query is slow", engine="mysql"))


def test_the_query_to_run_is_the_engines() -> None:
    marks = {
        "postgresql": "pg_stat_activity",
        "mysql": "PROCESSLIST",
        "mariadb": "PROCESSLIST",
        "sqlserver": "sys.dm_exec_requests",
        "oracle": "v$session",
    }
    for engine, mark in marks.items():
        found = [q.block for q in general_questions(read("everything hangs", SystemContext.of(engine=engine))) if q.block]
        assert any(mark in block.code for block in found)
        assert {block.engine for block in found} == {engine}


def test_no_query_before_the_engine_is_known() -> None:
    assert all(q.block is None for q in general_questions(read("everything hangs", SystemContext())))


@pytest.mark.parametrize("row", [row for row in load_yaml("questions.yaml") if row.get("sql")], ids=lambda row: row["id"])
def test_every_query_parses_in_its_engine(row: dict[str, dict[str, str]]) -> None:
    assert set(row["sql"]) <= set(ENGINES)
    for engine, sql in row["sql"].items():
        if sql.startswith("SELECT"):
            assert sqlglot.parse_one(sql, dialect=DIALECTS[engine]).find(sqlglot.exp.From)
