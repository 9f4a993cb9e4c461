"""A plan as indented rows, as tree views and shared files show it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dbbuddy.plans.describe import count, factor, operator, percent, subject
from dbbuddy.plans.figures.folding import fold
from dbbuddy.plans.figures.measures import Measures
from dbbuddy.plans.insights import Insight
from dbbuddy.plans.insights.view import misestimate
from dbbuddy.severity import SEVERITIES, Severity

MOST = 300
# From how many times too low or too high an estimate is marked in the outline.
MARKED_MISESTIMATE = 10.0


@dataclass(frozen=True)
class Row:
    """One line of the outline. `share` and `below` are 0 to 1; texts are plain, never HTML or Markdown.

    `hidden` is the number of steps below it that are folded away, `hidden_share` what they weigh.
    """

    number: int
    depth: int
    role: str
    operator: str
    subject: str
    share: float
    below: float
    own: str
    rows: str
    off: str
    loops: str
    never: bool
    severity: Severity | None
    children: bool
    hidden: int
    hidden_share: float


def outline(measures: Measures, findings: Iterable[Insight] = (), opened: Iterable[int] = (), most: int = MOST) -> list[Row]:
    """The rows of a plan, of a large one the weightiest, those with findings, and what stands below the `opened` ones."""
    worst: dict[int, Severity] = {}
    for finding in findings:
        if finding.number is not None:
            known = worst.get(finding.number)
            if known is None or SEVERITIES.index(finding.severity) < SEVERITIES.index(known):
                worst[finding.number] = finding.severity
    shown = fold(measures, most, always=list(worst)[:most], opened=opened)
    return [
        _row(measures, number, worst.get(number), shown.hidden_steps.get(number, 0), shown.hidden_weight.get(number, 0.0))
        for number in shown.shown
    ]


def _row(measures: Measures, number: int, severity: Severity | None, hidden: int, hidden_weight: float) -> Row:
    node = measures.nodes[number]
    off = misestimate(node)
    marked = off is not None and not 1 / MARKED_MISESTIMATE < off < MARKED_MISESTIMATE
    return Row(
        number=number,
        depth=measures.depths[number],
        role=node.role if node.role not in ("Outer", "Inner", "Member") else "",
        operator=operator(node, measures.plan.engine),
        subject=subject(node),
        share=measures.share(number),
        below=measures.share_below(number),
        own=measures.amount(measures.own[number]) if measures.weight in ("time", "cost") else "",
        rows=rows_text(measures, number),
        off=factor(off) if marked and off is not None else "",
        loops="" if node.loops is None or node.loops <= 1 else f"{count(node.loops)}",
        never=node.loops == 0,
        severity=severity,
        children=bool(node.children),
        hidden=hidden,
        hidden_share=hidden_weight / measures.total if measures.total > 0 else 0.0,
    )


def rows_text(measures: Measures, number: int) -> str:
    """`100 → 12.3 k`: rows expected and rows found, each for one loop; only the estimate if the step did not run."""
    node = measures.nodes[number]
    expected = "?" if node.rows_estimated is None else count(node.rows_estimated)
    if node.loops == 0:
        return f"{expected} → never ran"
    if node.rows_actual is None:
        return expected if node.rows_estimated is not None else ""
    return f"{expected} → {count(node.rows_actual * node.loops_per_estimate)}"


def as_text(rows: Iterable[Row]) -> str:
    """The outline as plain text, for Markdown files and chats."""
    lines = []
    for row in rows:
        numbers = [f"{percent(row.share)}"] + ([row.own] if row.own else []) + ([f"rows {row.rows}"] if row.rows else [])
        if row.loops:
            numbers.append(f"{row.loops} loops")
        if row.off:
            numbers.append(f"estimate {row.off}")
        name = f"{'  ' * min(row.depth, 30)}{row.number + 1}. {row.operator} {row.subject}".rstrip()
        lines.append(f"{name}  [{', '.join(numbers)}]")
        if row.hidden:
            lines.append(f"{'  ' * min(row.depth + 1, 30)}… {row.hidden:,} more steps ({percent(row.hidden_share)})")
    return "\n".join(lines)
