"""`python -m dbbuddy ask`: a question or a conversation in, the answer out."""

from __future__ import annotations

import argparse
import gc
import time
from typing import Any

from dbbuddy.advice import Advice
from dbbuddy.advisor import Advisor, default_advisor
from dbbuddy.cli.inputs import context_of, for_each_line, input_text, json_text, text_of
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.dialogue import Turn
from dbbuddy.intake.text import InputError
from dbbuddy.rendering import to_markdown


def run(options: argparse.Namespace) -> int:
    """Answer one text, or one object a line."""
    advisor = default_advisor()
    gc.freeze()
    gc.enable()
    context = context_of(options)
    if options.jsonl:
        return for_each_line(options.file, lambda row: _answer(advisor, row, context))
    started = time.perf_counter()
    advice = advisor.ask(input_text(options.file), context)
    if options.json:
        print(_answer_object(None, [advice], started, dialogue=False))
    else:
        print(to_markdown(advice), end="")
    return 0


def _answer(advisor: Advisor, row: dict[str, Any], context: SystemContext) -> str:
    started = time.perf_counter()
    return _answer_object(row.get("id"), _answers(advisor, row, context), started, dialogue="turns" in row)


def _answers(advisor: Advisor, row: dict[str, Any], context: SystemContext) -> list[Advice]:
    told = row.get("context") or {}
    if not isinstance(told, dict):
        raise InputError("context is not an object")
    given = context.updated(**{k: v for k, v in told.items() if k in SystemContext.model_fields and v})
    if "turns" not in row:
        return [advisor.ask(text_of(row), given)]
    if not isinstance(row["turns"], list):
        raise InputError("turns is not a list")
    turns: list[Turn] = []
    for turn in row["turns"]:
        if isinstance(turn, dict) and turn.get("role", "user") != "user":
            continue
        text = turn if isinstance(turn, str) else text_of(turn if isinstance(turn, dict) else {})
        advice = advisor.follow_up(turns, text) if turns else advisor.ask(text, given)
        turns.append(Turn(text, advice))
    if not turns:
        raise InputError("turns holds no user text")
    return [turn.advice for turn in turns]


def _answer_object(row_id: Any, answers: list[Advice], started: float, *, dialogue: bool) -> str:
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
