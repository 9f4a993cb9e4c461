"""`python -m dbbuddy ask`: a question or a conversation in, the answer out."""

from __future__ import annotations

import argparse
import gc
import time
from typing import Any

from dbbuddy.advisor import Advisor, default_advisor
from dbbuddy.cli.inputs import context_of, for_each_line, input_text
from dbbuddy.context import SystemContext
from dbbuddy.interchange.asking import answer_object, answers
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
        print(answer_object(None, [advice], started, dialogue=False))
    else:
        print(to_markdown(advice), end="")
    return 0


def _answer(advisor: Advisor, row: dict[str, Any], context: SystemContext) -> str:
    started = time.perf_counter()
    return answer_object(row.get("id"), answers(advisor, row, context), started, dialogue="turns" in row)
