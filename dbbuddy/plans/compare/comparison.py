"""What came of comparing two plans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dbbuddy.context import Engine
from dbbuddy.plans.compare.changes import Change, NodePair, changes_of, join_order_change, leftover_changes
from dbbuddy.plans.compare.facts import Item, NodeFacts, folded, items_of
from dbbuddy.plans.compare.matching import match
from dbbuddy.plans.compare.verdict import Measure, Outcome, statements_differ, verdict
from dbbuddy.plans.model import Plan

# Two runs of one plan differ by as much without any reason (the noise of a machine in use).
SLOWER_BY = 0.1
NOISE_MS = 1.0
# Two plans that each read a relation of their own are of one question if they share more of those of the one with fewer.
SHARED_RELATIONS = 0.5


@dataclass(frozen=True)
class PlanFigures:
    """A whole plan: milliseconds, the engine's own cost units, rows that it returned, blocks, kilobytes written by spills."""

    engine: Engine
    format: str
    nodes: int
    execution_ms: float | None
    planning_ms: float | None
    total_cost: float | None
    rows: float | None
    blocks: float | None
    reads: float | None
    spilled_kb: float | None


@dataclass(frozen=True)
class Comparison:
    """Two plans side by side.

    `measure` is what decided: `time`, else `cost`, `None` if nothing can be compared. `change_share` is how much more the
    second took of that measure (0.5: half as much again; -0.5: half). `regressed` is true if it took more by more than
    `slower_by`. `same_plan` is true if no operator, index, or join order changed. `changes` are ranked by their effect;
    `effect` is in the measure's unit, negative where it is less in the second plan.
    """

    verdict: str
    outcome: Outcome
    measure: Measure | None
    slower_by: float
    change_share: float | None
    regressed: bool
    same_plan: bool
    caveats: tuple[str, ...]
    before: PlanFigures
    after: PlanFigures
    changes: tuple[Change, ...]
    pairs: tuple[NodePair, ...]
    only_before: tuple[NodeFacts, ...]
    only_after: tuple[NodeFacts, ...]

    def to_dict(self) -> dict[str, Any]:
        """Plain values only, as JSON takes them."""
        plain = dict(vars(self))
        plain["before"], plain["after"] = vars(self.before), vars(self.after)
        plain["changes"] = [dict(vars(change)) for change in self.changes]
        plain["pairs"] = [
            {"before": _plain(pair.before), "after": _plain(pair.after), "changes": [dict(vars(change)) for change in pair.changes]}
            for pair in self.pairs
        ]
        plain["only_before"] = [_plain(facts) for facts in self.only_before]
        plain["only_after"] = [_plain(facts) for facts in self.only_after]
        plain["caveats"] = list(self.caveats)
        return plain


def _plain(facts: NodeFacts) -> dict[str, Any]:
    return dict(vars(facts)) | {"indexes": list(facts.indexes)}


def compare_plans(before: Plan, after: Plan, *, slower_by: float = SLOWER_BY) -> Comparison:
    """What changed from one plan to the other, and whether it is for the better.

    `slower_by` is the share of time (of cost, where times are unknown) from which on a difference counts; differences
    under a millisecond never do.
    """
    old, new = items_of(before), items_of(after)
    match(old, new)
    figures = _figures(before, old), _figures(after, new)
    refusal = _refusal(before, after, old, new)
    measure = None if refusal else _measure(*figures)
    if measure is None and not refusal:
        refusal = _no_measure(*figures)
    share, outcome = _outcome(measure, *figures, slower_by)
    pairs = tuple(NodePair(item.facts, item.match.facts, changes_of(item, item.match, measure)) for item in old if item.match)
    order = join_order_change(old, new)
    only_before = tuple(item.facts for item in old if item.match is None)
    only_after = tuple(item.facts for item in new if item.match is None)
    changes = [change for pair in pairs for change in pair.changes] + leftover_changes(old, new, measure)
    changes.sort(key=lambda change: -abs(change.effect or 0.0))
    if order is not None:
        changes.insert(0, order)
    same = not only_before and not only_after and not any(change.structural for change in changes)
    caveats = _caveats(before, after, old, new, figures, measure)
    return Comparison(
        verdict=verdict(outcome, measure, figures[0], figures[1], changes, same, refusal),
        outcome=outcome,
        measure=measure,
        slower_by=slower_by,
        change_share=share,
        regressed=outcome == "slower",
        same_plan=same,
        caveats=caveats,
        before=figures[0],
        after=figures[1],
        changes=tuple(changes),
        pairs=pairs,
        only_before=only_before,
        only_after=only_after,
    )


def _figures(plan: Plan, items: list[Item]) -> PlanFigures:
    def total(values: list[float | None]) -> float | None:
        told = [value for value in values if value is not None]
        return sum(told) if told else None

    root = plan.root
    time = plan.totals.get("execution_ms", root.total_ms)
    if time is None:
        time = total([item.facts.self_ms for item in items])
    return PlanFigures(
        engine=plan.engine,
        format=plan.format,
        nodes=len(items),
        execution_ms=time,
        planning_ms=plan.totals.get("planning_ms"),
        total_cost=root.total_cost,
        rows=items[0].facts.rows_total,
        blocks=total([item.facts.blocks for item in items]),
        reads=total([item.facts.reads for item in items]),
        spilled_kb=total([item.facts.spilled_kb for item in items]),
    )


def _relations(items: list[Item]) -> set[str]:
    """What the plan reads, without the names that an engine makes up for intermediate results."""
    named = (item.node for item in items if item.node.relation and not item.node.type.startswith("VIEW"))
    return {name for node in named if not (name := folded(node.relation)).startswith("sys_temp_")}


def _refusal(before: Plan, after: Plan, old: list[Item], new: list[Item]) -> str:
    """Why the plans cannot be of one question; empty if they can."""
    first, second = _relations(old), _relations(new)
    if not first or not second or not statements_differ(before, after, unknown=True):
        return ""
    if first <= second or second <= first or len(first & second) > SHARED_RELATIONS * min(len(first), len(second)):
        return ""
    return f"they read different tables ({_listed(first - second)} in the first, {_listed(second - first)} in the second)"


def _listed(names: set[str], most: int = 4) -> str:
    shown = sorted(names)
    return ", ".join(shown[:most]) + (" ..." if len(shown) > most else "") if shown else "no others"


def _measure(before: PlanFigures, after: PlanFigures) -> Measure | None:
    if before.execution_ms is not None and after.execution_ms is not None:
        return "time"
    if before.total_cost is not None and after.total_cost is not None and before.engine == after.engine:
        return "cost"
    return None


def _no_measure(before: PlanFigures, after: PlanFigures) -> str:
    if before.engine != after.engine:
        return "not both have times, and the costs of different engines have different units"
    return "not both have times, and not both have costs"


def _outcome(measure: Measure | None, before: PlanFigures, after: PlanFigures, slower_by: float) -> tuple[float | None, Outcome]:
    if measure is None:
        return None, "not comparable"
    first = (before.execution_ms if measure == "time" else before.total_cost) or 0.0
    second = (after.execution_ms if measure == "time" else after.total_cost) or 0.0
    share = second / first - 1 if first else (0.0 if not second else None)
    if measure == "time" and abs(second - first) < NOISE_MS:
        return share, "same"
    if second > first * (1 + slower_by):
        return share, "slower"
    return share, "faster" if first > second * (1 + slower_by) else "same"


def _caveats(
    before: Plan,
    after: Plan,
    old: list[Item],
    new: list[Item],
    figures: tuple[PlanFigures, PlanFigures],
    measure: Measure | None,
) -> tuple[str, ...]:
    """What the reader must know before believing the verdict."""
    first, second = figures
    caveats: list[str] = []
    if statements_differ(before, after):
        caveats.append("The statements differ in their text.")
    for one, other, name in ((old, new, "first"), (new, old, "second")):
        missing = _relations(one) - _relations(other)
        if missing:
            caveats.append(f"Only the {name} plan reads {_listed(missing)}.")
    if first.rows is not None and second.rows is not None and round(first.rows) != round(second.rows):
        caveats.append(
            f"The first returned {first.rows:,.0f} rows, the second {second.rows:,.0f}: "
            "other values, other data, or another question."
        )
    if measure == "cost":
        without = [name for name, figure in (("first", first), ("second", second)) if figure.execution_ms is None]
        which = "Neither plan has times" if len(without) == 2 else f"The {without[0]} plan has no times"
        caveats.append(f"{which}, so costs are compared: estimates of the planner, which may differ from what a run takes.")
    if first.engine != second.engine:
        caveats.append("The plans are of different engines: only times and row counts can be compared, and only on equal machines.")
    if measure == "time" and first.reads is not None and second.reads is not None:
        low, high = sorted((first.reads, second.reads))
        if high >= 100 and high > 2 * low:
            colder = "first" if first.reads > second.reads else "second"
            caveats.append(
                f"The {colder} run read {high:,.0f} blocks from disk, the other {low:,.0f}: "
                "part of the difference may be a cold cache."
            )
    return tuple(caveats)
