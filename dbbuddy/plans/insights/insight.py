"""A finding about a plan, in one vocabulary over all engines, and what a rule reports before its text is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dbbuddy.advice import CodeBlock
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

Basis = Literal["measured", "estimated"]


@dataclass(frozen=True)
class Found:
    """What a rule saw: which insight, where, and the values its texts speak of.

    `saving_share` is the share of the plan's time (of its cost, where times are unknown) that the fix could save at most,
    0 to 1; `None` if it cannot be told. `severity` is set where the share does not decide it. `basis` tells whether the
    evidence was measured by running the statement or is the planner's estimate. `sql` replaces the text's own SQL where a
    rule can build a better statement.
    """

    id: str
    node: PlanNode | None
    evidence: tuple[str, ...]
    saving_share: float | None = None
    severity: Severity | None = None
    basis: Basis = "measured"
    values: dict[str, str] = field(default_factory=dict)
    sql: str | None = None


@dataclass(frozen=True)
class Insight:
    """A finding as the user reads it. `number` is the node's place in the plan, counted from 0, parents first."""

    id: str
    title: str
    severity: Severity
    node: PlanNode | None
    number: int | None
    evidence: tuple[str, ...]
    why: str
    advice: str
    blocks: tuple[CodeBlock, ...]
    saving_share: float | None
    confidence: Basis
    source: str
