"""Plans in, their trees and findings out."""

from __future__ import annotations

from typing import Any

from dbbuddy.interchange.rows import json_text
from dbbuddy.plans.compare import Comparison
from dbbuddy.plans.insights import Insight
from dbbuddy.plans.model import Plan, ReadPlans
from dbbuddy.plans.tree_json import tree_json


def plans_object(row_id: Any, read: ReadPlans, findings: list[tuple[Insight, ...]], comparison: Comparison | None) -> str:
    """What was read, as a JSON object: the first plan, all if there are several, findings, lines that were not understood."""
    parts = [f'{{"id": {json_text(row_id)}, ' + _plan_fields(read.plans[0], findings[0])]
    if len(read.plans) > 1:
        every = ", ".join(f"{{{_plan_fields(plan, found)}}}" for plan, found in zip(read.plans, findings, strict=True))
        parts.append(f'"plans": [{every}]')
    unread = [{"line": line.number, "text": line.text} for line in read.unread]
    parts.append(f'"unread_lines": {json_text(unread)}')
    parts.append(f'"notes": {json_text(read.notes)}')
    if comparison:
        parts.append(f'"comparison": {json_text(comparison.to_dict())}')
    return ", ".join(parts) + "}"


def _plan_fields(plan: Plan, findings: tuple[Insight, ...]) -> str:
    """The fields of a plan's object, without its braces: the tree can be too deep for the standard encoder."""
    told = {"engine": plan.engine, "format": plan.format, "statement": plan.statement, "totals": plan.totals}
    rows = json_text([_finding(insight) for insight in findings])
    return f'{json_text(told)[1:-1]}, "plan": {tree_json(plan.root)}, "insights": {rows}'


def _finding(insight: Insight) -> dict[str, Any]:
    return {
        "id": insight.id,
        "title": insight.title,
        "severity": insight.severity,
        "node": insight.number,
        "evidence": list(insight.evidence),
        "why": insight.why,
        "saving_share": None if insight.saving_share is None else round(insight.saving_share, 4),
        "confidence": insight.confidence,
        "advice": insight.advice,
        "sql": "\n".join(block.code for block in insight.blocks),
        "source": insight.source,
    }
