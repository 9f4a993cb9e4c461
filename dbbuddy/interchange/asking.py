"""Questions and conversations in, answers out."""

from __future__ import annotations

import time
from typing import Any

from dbbuddy.advice import Advice
from dbbuddy.advisor import Advisor
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.dialogue import Turn
from dbbuddy.intake.text import InputError
from dbbuddy.interchange.rows import json_text, text_of
from dbbuddy.rendering import to_markdown


def user_texts(row: dict[str, Any]) -> list[str]:
    """What the user said: the row's `text`, or its `turns` that are the user's, as texts or objects with `text` and `role`.

    Raises:
        InputError: there is none.
    """
    if "turns" not in row:
        return [text_of(row)]
    if not isinstance(row["turns"], list):
        raise InputError("turns is not a list")
    texts = [
        turn if isinstance(turn, str) else text_of(turn if isinstance(turn, dict) else {})
        for turn in row["turns"]
        if not (isinstance(turn, dict) and turn.get("role", "user") != "user")
    ]
    if not texts:
        raise InputError("turns holds no user text")
    return texts


def answers(advisor: Advisor, row: dict[str, Any], context: SystemContext) -> list[Advice]:
    """The answer to each of a row's user texts; its own context counts before the given one.

    Raises:
        InputError: the row holds no text, or one that cannot be read.
    """
    told = row.get("context") or {}
    if not isinstance(told, dict):
        raise InputError("context is not an object")
    given = context.updated(**{k: v for k, v in told.items() if k in SystemContext.model_fields and v})
    turns: list[Turn] = []
    for text in user_texts(row):
        advice = advisor.follow_up(turns, text) if turns else advisor.ask(text, given)
        turns.append(Turn(text, advice))
    return [turn.advice for turn in turns]


def answer_object(row_id: Any, answers: list[Advice], started: float, *, dialogue: bool) -> str:
    """The last answer as a JSON object, with the Markdown of all. `started` is a reading of `time.perf_counter`."""
    last = answers[-1]
    texts = [to_markdown(advice) for advice in answers]
    data = last.model_dump(mode="json")
    answer = {
        "id": row_id,
        "status": last.status,
        "category": last.category,
        "context": data["context"],
        "diagnoses": data["diagnoses"],
        **({"answers": texts} if dialogue else {"markdown": texts[0]}),
        "questions": data["questions"],
        "provider": "rules",
        "elapsed_ms": round((time.perf_counter() - started) * 1000, 1),
    }
    return json_text(answer)
