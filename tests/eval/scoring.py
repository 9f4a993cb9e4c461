"""One case asked and judged: status, diagnosis, what the answer mentions, and what it must not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dbbuddy.advice import Advice
from dbbuddy.advisor import Advisor
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.dialogue import Turn
from dbbuddy.rendering import to_markdown

CASES = Path(__file__).parent / "cases"
# Only so much of an answer is read before the reader decides.
READ_CHARS = 6_000

_STATUS = {"clarify": "needs_details", "decline": "out_of_scope"}
_WARNING = re.compile(
    r"\b(do(es)? not|don'?t|never|avoid|not|no need|instead of|rather than|unsafe|without|cannot|can'?t|shouldn'?t|"
    r"warning|danger\w*|unlike)\b",
    re.I,
)
_FLAGS = re.I | re.M


@dataclass(frozen=True)
class Verdict:
    """`routed`: the first diagnosis is an accepted one. `passed`: status, mentions and prohibitions all hold; of a case
    that asks for no mentions, status and diagnosis.
    """

    case: dict[str, Any]
    passed: bool
    routed: bool
    shown: bool
    wrong_engine: bool
    harmful: bool
    confidence: float | None
    diagnoses: tuple[str, ...]
    missing: tuple[str, ...]


def load_cases(*splits: str) -> Iterator[dict[str, Any]]:
    """The project's own cases of the given splits (`dev`, `test`)."""
    for path in sorted(CASES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            if case["split"] in splits:
                yield case


def judge(advisor: Advisor, case: dict[str, Any]) -> Verdict:
    """Ask a case and hold the answer, or in a dialogue every answer, against its labels."""
    context = SystemContext.of(**{k: v for k, v in case.get("context", {}).items() if v})
    labels = case["turns"] if case["kind"] == "dialogue" else [case]
    turns: list[Turn] = []
    for label in labels:
        advice = advisor.follow_up(turns, label["text"]) if turns else advisor.ask(label["text"], context)
        turns.append(Turn(label["text"], advice))
    answers = [turn.advice for turn in turns]
    missing = tuple(text for advice, label in zip(answers, labels, strict=True) for text in _missing(advice, label))
    forbidden = [text for advice, label in zip(answers, labels, strict=True) for text in _forbidden(advice, label)]
    last, wanted = answers[-1], labels[-1].get("slugs", [])
    diagnoses = tuple(d.slug for d in last.diagnoses)
    right_status = last.status == expected_status(case)
    answered = last.status == "answered"
    routed = (answered and bool(diagnoses) and diagnoses[0] in wanted) if wanted else right_status
    return Verdict(
        case=case,
        passed=right_status and not missing and not forbidden and (routed or bool(labels[-1]["must_mention"])),
        routed=routed,
        shown=bool(set(diagnoses) & set(wanted)) if wanted else right_status,
        wrong_engine=bool(case["gold_engine"] and answered and last.context.engine not in (None, case["gold_engine"])),
        harmful=bool(forbidden),
        confidence=last.diagnoses[0].confidence if answered and last.diagnoses else None,
        diagnoses=diagnoses or (last.status,),
        missing=missing,
    )


def expected_status(case: dict[str, Any]) -> str:
    """The status that a right answer has."""
    if "expected" in case:
        return {"clarify": "needs_details", "decline": "out_of_scope"}.get(case["expected"], "answered")
    return _STATUS.get(case["kind"], "answered")


def _missing(advice: Advice, label: dict[str, Any]) -> list[str]:
    text = to_markdown(advice)[:READ_CHARS]
    return [" | ".join(group) for group in label["must_mention"] if not any(re.search(p, text, _FLAGS) for p in group)]


def _forbidden(advice: Advice, label: dict[str, Any]) -> list[str]:
    text = _recommended(to_markdown(advice)[:READ_CHARS])
    return [pattern for pattern in label["must_not"] if re.search(pattern, text, _FLAGS)]


def _recommended(text: str) -> str:
    """The text without the sentences that warn of something."""
    kept = []
    for line in text.splitlines():
        if not (line.strip().startswith("--") and _WARNING.search(line)):
            kept.append(" ".join(s for s in re.split(r"(?<=[.!?;])\s+", line) if not _WARNING.search(s)))
    return "\n".join(kept)
