"""The first sentence of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import re2

from dbbuddy.plans.describe import duration, percent
from dbbuddy.plans.model import Plan

if TYPE_CHECKING:
    from dbbuddy.plans.compare.changes import Change
    from dbbuddy.plans.compare.comparison import PlanFigures

Measure = Literal["time", "cost"]
Outcome = Literal["faster", "slower", "same", "not comparable"]

_CAUSES_SHOWN = 3
# A change is a cause worth a word in the verdict if it moved this share of the larger plan's time or cost.
_CAUSE_SHARE = 0.05
_BLANKS = re2.compile(r"\s+")
_EXPLAIN = re2.compile(r"(?i)^\s*explain\s*(?:\([^)]*\)|analy[sz]e|verbose|\s)*")


def statements_differ(before: Plan, after: Plan, unknown: bool = False) -> bool:
    """Whether the statements' texts differ beyond blanks and case; `unknown` where one is not told."""
    if before.statement is None or after.statement is None:
        return unknown
    return _text(before.statement) != _text(after.statement)


def _text(statement: str) -> str:
    return str(_BLANKS.sub(" ", _EXPLAIN.sub("", statement))).strip(" ;").lower()


def cost(value: float) -> str:
    """Units of cost: `12,345.67`, and as many digits as it takes below 1."""
    return f"{value:,.2f}" if value >= 1 else f"{value:.3g}"


def kilobytes(value: float) -> str:
    """A size in kB, MB or GB."""
    for unit in ("kB", "MB"):
        if value < 1024:
            return f"{value:,.0f} {unit}"
        value /= 1024
    return f"{value:,.1f} GB"


def verdict(
    outcome: Outcome,
    measure: Measure | None,
    before: PlanFigures,
    after: PlanFigures,
    changes: Sequence[Change],
    same_plan: bool,
    refusal: str,
) -> str:
    """How much faster or slower, and the changes that made most of it."""
    if measure is None:
        return f"Not comparable: {refusal}."
    if measure == "time":
        first, second = before.execution_ms or 0.0, after.execution_ms or 0.0
        told = f"{duration(second)} instead of {duration(first)}"
    else:
        first, second = before.total_cost or 0.0, after.total_cost or 0.0
        told = f"cost {cost(second)} instead of {cost(first)}"
    causes = _causes(changes, max(first, second)) or (_symptoms(changes) if outcome != "same" else [])
    texts = ["the plan is the same", *causes] if same_plan else causes
    return f"{_how_much(outcome, measure, first, second)} ({told})" + (f": {'; '.join(texts)}" if texts else "") + "."


def _causes(changes: Sequence[Change], whole: float) -> list[str]:
    structural = [change for change in changes if change.structural]
    telling = [change for change in structural if change.effect is None or abs(change.effect) >= _CAUSE_SHARE * whole]
    first_kinds = [change for change in telling if change.kind in ("access", "join method")]
    others = [change for change in telling if change not in first_kinds]
    chosen = [*first_kinds, *others] or structural
    return list(dict.fromkeys(change.text for change in chosen))[:_CAUSES_SHOWN]


def _symptoms(changes: Sequence[Change]) -> list[str]:
    """Where one plan took another time: what it had to do more of, else the step that took longer."""
    for kinds in (("spill", "reads", "rows"), ("time",)):
        texts = [change.text for change in changes if change.kind in kinds]
        if texts:
            return texts[:2]
    return []


def _how_much(outcome: Outcome, measure: Measure, first: float, second: float) -> str:
    words = {"faster": "faster", "slower": "slower"} if measure == "time" else {"faster": "cheaper", "slower": "dearer"}
    start = "" if measure == "time" else "By the planner's estimate "
    if outcome not in words:
        return start + ("About as fast" if measure == "time" else "about as cheap")
    low, high = sorted((first, second))
    if not low:
        return start + words[outcome]
    factor = high / low
    if factor >= 1.95:
        return f"{start}{factor:,.1f} times {words[outcome]}" if factor < 10 else f"{start}{factor:,.0f} times {words[outcome]}"
    share = (high - low) / (low if outcome == "slower" else high)
    return f"{start}{percent(share)} {words[outcome]}"
