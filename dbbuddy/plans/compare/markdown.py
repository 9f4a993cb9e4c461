"""A comparison as Markdown, the verdict first."""

from __future__ import annotations

from collections.abc import Callable

from dbbuddy.plans.compare.comparison import Comparison, PlanFigures
from dbbuddy.plans.compare.facts import NodeFacts
from dbbuddy.plans.compare.verdict import cost, kilobytes
from dbbuddy.plans.describe import duration

_CHANGES_SHOWN = 30
_NODES_SHOWN = 30
_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]|<>"} | {"\n": " ", "\r": " "})


def to_markdown(comparison: Comparison) -> str:
    """The verdict, what to keep in mind, the totals, the changes, and the nodes that changed."""
    parts = [f"**{_escaped(comparison.verdict)}**"]
    parts.extend(f"> {_escaped(caveat)}" for caveat in comparison.caveats)
    parts.append(_totals(comparison.before, comparison.after))
    if comparison.changes:
        parts.append("### What changed")
        shown = [f"- {_escaped(change.text[:1].upper() + change.text[1:])}" for change in comparison.changes[:_CHANGES_SHOWN]]
        parts.append("\n".join(shown + _more(len(comparison.changes), _CHANGES_SHOWN)))
    nodes = _nodes(comparison)
    if nodes:
        parts.append("### Steps that changed")
        parts.append(nodes)
    for title, facts in (("first", comparison.only_before), ("second", comparison.only_after)):
        if facts:
            parts.append(f"### Only in the {title} plan")
            parts.append(
                "\n".join([f"- {_escaped(_alone(one))}" for one in facts[:_NODES_SHOWN]] + _more(len(facts), _NODES_SHOWN))
            )
    return "\n\n".join(parts) + "\n"


def _escaped(text: str) -> str:
    return text.translate(_SPECIAL)


def _more(count: int, shown: int) -> list[str]:
    return [f"- ... and {count - shown:,} more"] if count > shown else []


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _totals(before: PlanFigures, after: PlanFigures) -> str:
    figures: tuple[tuple[str, float | None, float | None, Callable[[float], str]], ...] = (
        ("Execution time", before.execution_ms, after.execution_ms, duration),
        ("Planning time", before.planning_ms, after.planning_ms, duration),
        ("Cost", before.total_cost, after.total_cost, cost),
        ("Rows returned", before.rows, after.rows, _count),
        ("Blocks", before.blocks, after.blocks, _count),
        ("Blocks from disk", before.reads, after.reads, _count),
        ("Spilled to disk", before.spilled_kb, after.spilled_kb, kilobytes),
        ("Steps", before.nodes, after.nodes, _count),
    )
    rows = ["| | Before | After |", "| --- | ---: | ---: |"]
    for name, first, second, written in figures:
        if first is not None or second is not None:
            cells = ("–" if value is None else written(value) for value in (first, second))
            rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _nodes(comparison: Comparison) -> str:
    changed = [pair for pair in comparison.pairs if pair.changes]
    if not changed:
        return ""
    rows = ["| Before | After | Rows | Time itself |", "| --- | --- | ---: | ---: |"]
    for pair in changed[:_NODES_SHOWN]:
        rows.append(
            f"| {_escaped(pair.before.label)} | {_escaped(pair.after.label)} "
            f"| {_both(pair.before.rows_total, pair.after.rows_total, _count)} "
            f"| {_both(pair.before.self_ms, pair.after.self_ms, duration)} |"
        )
    return "\n".join([*rows, *([f"| ... {len(changed) - _NODES_SHOWN:,} more | | | |"] if len(changed) > _NODES_SHOWN else [])])


def _both(before: float | None, after: float | None, written: Callable[[float], str]) -> str:
    return " → ".join("–" if value is None else written(value) for value in (before, after))


def _alone(facts: NodeFacts) -> str:
    told = [facts.label]
    if facts.rows_total is not None:
        told.append(f"{facts.rows_total:,.0f} rows")
    if facts.self_ms is not None:
        told.append(duration(facts.self_ms))
    return ", ".join(told)
