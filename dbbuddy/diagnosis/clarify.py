"""The one or two questions that decide, when a text alone does not."""

from __future__ import annotations

from functools import cache
from typing import Any

from dbbuddy.advice import CodeBlock, Question
from dbbuddy.data_files import load_yaml
from dbbuddy.diagnosis.terms import concepts, words
from dbbuddy.intake.patterns import compiled
from dbbuddy.intake.read import Reading

MAX_QUESTIONS = 3


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = load_yaml("questions.yaml")
    return rows


def general_questions(reading: Reading) -> tuple[Question, ...]:
    """Questions that fit what the text speaks of: engine, exact error, plan, sessions, numbers."""
    spoken = {*concepts(reading.text), *words(reading.text)}
    fitting = [row for row in _rows() if _fits(row, spoken, reading)]
    specific = [row for row in fitting if row["when"] != "any"]
    chosen = fitting if len(specific) < 2 else [row for row in fitting if row["id"] != "exact_error_or_query"]
    return tuple(_question(row, reading) for row in chosen[:MAX_QUESTIONS])


def engine_question() -> Question:
    """Which engine it is: asked first when only that is missing."""
    row = next(row for row in _rows() if row["id"] == "engine")
    return Question(text=row["text"], why=row["why"])


def _fits(row: dict[str, Any], spoken: set[str], reading: Reading) -> bool:
    if row.get("only_if_engine_unknown") and reading.context.engine:
        return False
    if row.get("unless") and compiled(row["unless"]).search(reading.text):
        return False
    return row["when"] == "any" or bool(spoken.intersection(row["when"]))


def _question(row: dict[str, Any], reading: Reading) -> Question:
    engine = reading.context.engine
    sql = row.get("sql", {}).get(engine) if engine else None
    block = CodeBlock(language="sql", engine=engine, code=sql) if sql and engine else None
    text = f"{row['text']} {row['with_query']}" if block and "with_query" in row else row["text"]
    return Question(text=text, why=row["why"], block=block)
