"""What became of a node that both plans have, and of those that only one has, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dbbuddy.plans.compare.facts import Family, Item, NodeFacts, folded
from dbbuddy.plans.compare.verdict import Measure, kilobytes
from dbbuddy.plans.describe import duration

Kind = Literal[
    "access", "join method", "join order", "operator", "added", "removed", "estimate", "rows", "loops", "time", "reads", "spill"
]

_STRUCTURE: tuple[Kind, ...] = ("access", "join method", "join order", "operator", "added", "removed")
# A node's figure counts as changed from this factor on; small figures are never worth a line.
FACTOR = 2.0
ESTIMATE_FACTOR = 10.0
LEAST_ROWS = 100.0
LEAST_BLOCKS = 100.0
LEAST_MS = 1.0
_ORDER_SHOWN = 6
_NAMES: dict[Family, str] = {"sort": "sort", "aggregate": "aggregate", "store": "intermediate result", "exchange": "parallel step"}


@dataclass(frozen=True)
class Change:
    """One difference. Node numbers are `None` on the side that has no such node; `effect` is what it did to the measure."""

    kind: Kind
    text: str
    number_before: int | None
    number_after: int | None
    effect: float | None = None

    @property
    def structural(self) -> bool:
        """Whether the plan itself differs, not only its figures."""
        return self.kind in _STRUCTURE


@dataclass(frozen=True)
class NodePair:
    """A node in both plans, and what changed of it."""

    before: NodeFacts
    after: NodeFacts
    changes: tuple[Change, ...]


def changes_of(old: Item, new: Item, measure: Measure | None) -> tuple[Change, ...]:
    """The differences between two matched nodes, those of the plan's structure first."""
    before, after = old.facts, new.facts
    effect = _effect(old, new, measure)
    found: list[tuple[Kind, str, float | None]] = []
    if not old.absorbed and not new.absorbed:
        structure = _structure(old, new)
        if structure is not None:
            found.append((*structure, effect))
    found.extend((kind, f"{_subject(old, new)} {text}", None) for kind, text in _figures(before, after))
    if before.self_ms is not None and after.self_ms is not None:
        low, high = sorted((before.self_ms, after.self_ms))
        if high - low >= LEAST_MS and high >= FACTOR * low:
            text = f"{_subject(old, new)} takes {duration(after.self_ms)} itself instead of {duration(before.self_ms)}"
            found.append(("time", text, after.self_ms - before.self_ms if measure == "time" else None))
    return tuple(Change(kind, text, before.number, after.number, value) for kind, text, value in found)


def _structure(old: Item, new: Item) -> tuple[Kind, str] | None:
    before, after = old.facts, new.facts
    indexes_differ = [folded(name) for name in before.indexes] != [folded(name) for name in after.indexes]
    if before.type.lower() == after.type.lower() and not indexes_differ:
        return None
    if old.family == "scan":
        return "access", f"{_subject(old, new)} is now read by {_way(after)} instead of {_way(before)}"
    if old.family == "join":
        return "join method", f"{_joined(new)} joined by {after.type} instead of {before.type}"
    return "operator", f"{after.type} is used instead of {before.type}{_over(new)}"


def _way(facts: NodeFacts) -> str:
    return facts.type + (f" on {', '.join(facts.indexes)}" if facts.indexes else "")


def _subject(old: Item, new: Item) -> str:
    """What a reader calls the node: its relation, with the alias if that says more, else its operator."""
    for item in (new, old):
        relation, alias = item.node.relation, item.node.alias
        if relation:
            return f"{relation} {alias}" if alias and folded(alias) != folded(relation) else relation
    return new.node.index or f"{new.node.type}{_over(new)}"


def sources(item: Item, most: int = 2) -> list[str]:
    """The first relations that are read at or below a node; looks at few nodes."""
    names: list[str] = []
    waiting, looked_at = [item], 0
    while waiting and len(names) <= most and looked_at < 50:
        current = waiting.pop()
        looked_at += 1
        name = current.node.relation or (None if current.absorbed else current.node.index)
        if name and name not in names:
            names.append(name)
        waiting.extend(reversed(current.children))
    return names


def _over(item: Item) -> str:
    names = sources(item)
    return f" over {', '.join(names[:2])}{' ...' if len(names) > 2 else ''}" if names else ""


def _joined(item: Item) -> str:
    inner = sources(item.children[-1], 1) if item.children else []
    return f"{inner[0]}{' ...' if len(inner) > 1 else ''} is now" if inner else "Rows are now"


def _figures(before: NodeFacts, after: NodeFacts) -> list[tuple[Kind, str]]:
    found: list[tuple[Kind, str]] = []
    if _differs(before.rows_total, after.rows_total, LEAST_ROWS):
        found.append(("rows", f"gives {after.rows_total:,.0f} rows instead of {before.rows_total:,.0f}"))
    if _differs(before.loops, after.loops, LEAST_ROWS):
        found.append(("loops", f"runs {after.loops:,.0f} times instead of {before.loops:,.0f}"))
    if _differs(before.reads, after.reads, LEAST_BLOCKS):
        found.append(("reads", f"reads {after.reads:,.0f} blocks from disk instead of {before.reads:,.0f}"))
    elif _differs(before.blocks, after.blocks, LEAST_BLOCKS):
        found.append(("reads", f"touches {after.blocks:,.0f} blocks instead of {before.blocks:,.0f}"))
    if (before.spilled_kb is None) != (after.spilled_kb is None):
        if after.spilled_kb is None:
            found.append(("spill", f"stays in memory, before it spilled{_kilobytes(before.spilled_kb)} to disk"))
        else:
            found.append(("spill", f"spills{_kilobytes(after.spilled_kb)} to disk, before it stayed in memory"))
    estimate = _estimate(before, after)
    if estimate:
        found.append(("estimate", estimate))
    return found


def _kilobytes(spilled: float | None) -> str:
    return f" {kilobytes(spilled)}" if spilled else ""


def _differs(before: float | None, after: float | None, least: float) -> bool:
    if before is None or after is None:
        return False
    low, high = sorted((before, after))
    return high - low >= least and high >= FACTOR * low


def _estimate(before: NodeFacts, after: NodeFacts) -> str:
    if before.rows_estimated is None or after.rows_estimated is None:
        return ""
    low, high = sorted((max(before.rows_estimated, 1.0), max(after.rows_estimated, 1.0)))
    if high < ESTIMATE_FACTOR * low or high < LEAST_ROWS:
        return ""
    told = f"is expected to give {after.rows_estimated:,.0f} rows instead of {before.rows_estimated:,.0f}"
    return told + (f" ({after.rows_actual:,.0f} came)" if after.rows_actual is not None and after.loops else "")


def _effect(old: Item, new: Item, measure: Measure | None) -> float | None:
    """Of a table access with all below it, of other operators alone."""
    return None if measure is None else _weight(new, measure) - _weight(old, measure)


def _weight(item: Item, measure: Measure) -> float:
    facts = item.facts
    if measure == "time":
        return (facts.total_ms if item.family == "scan" else facts.self_ms) or 0.0
    return (facts.total_cost or 0.0) if item.family == "scan" else item.own_cost


def leftover_changes(before: Sequence[Item], after: Sequence[Item], measure: Measure | None) -> list[Change]:
    """What only one plan does; an index node that serves a table access is told of with that."""
    found: list[Change] = []
    for item in before:
        if item.match is None and not item.absorbed:
            found.append(Change("removed", _gone(item), item.facts.number, None, -_weight(item, measure) if measure else None))
    for item in after:
        if item.match is None and not item.absorbed:
            found.append(Change("added", _new(item), None, item.facts.number, _weight(item, measure) if measure else None))
    return found


def _gone(item: Item) -> str:
    if item.family == "scan":
        return f"{item.facts.relation or item.facts.label} is no longer read ({item.facts.type})"
    return f"the {item.facts.type}{_over(item)} is gone"


def _new(item: Item) -> str:
    if item.family == "scan":
        return f"{item.facts.relation or item.facts.type} is read in addition by {_way(item.facts)}"
    return f"a {item.facts.type}{_over(item)} is new"


def join_order_change(before: Sequence[Item], after: Sequence[Item]) -> Change | None:
    """Whether the relations that both plans read are read in another order."""
    first = [item for item in before if _is_source(item)]
    numbers = {id(item): number for number, item in enumerate(first)}
    second = [item.match for item in after if item.match is not None and _is_source(item.match) and _is_source(item)]
    order = [numbers[id(item)] for item in second if id(item) in numbers]
    if order == sorted(order) or not any(item.family == "join" for item in before):
        return None
    names = [_subject(item, item) for item in second]
    old_names = [_subject(first[number], first[number]) for number in sorted(order)]
    start = next(index for index, (one, other) in enumerate(zip(order, sorted(order), strict=True)) if one != other)
    text = f"the join order is now {_shown(names, start)} instead of {_shown(old_names, start)}"
    return Change("join order", text, 0, 0)


def _is_source(item: Item) -> bool:
    return item.family == "scan" and not item.absorbed


def _shown(names: list[str], start: int) -> str:
    shown = names[start : start + _ORDER_SHOWN]
    return ("... " if start else "") + ", ".join(shown) + (" ..." if len(names) > start + _ORDER_SHOWN else "")
