"""Rules about subqueries, CTEs and recursion."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.facts import (
    basis,
    count,
    given,
    loops,
    number,
    portion,
    removed,
    severity,
    text,
    title,
)
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

_CONDITIONS = ("Filter", "Join Filter", "Index Cond", "One-Time Filter")


def _subplans(view: PlanView) -> Iterator[tuple[PlanNode, PlanNode, str]]:
    for node in view.nodes:
        owner = view.parent(node)
        if owner is not None and node.role == "SubPlan":
            yield node, owner, text(node, "Subplan Name").partition(" (")[0] or "SubPlan"


def _is_hashed(owner: PlanNode, name: str) -> bool:
    return any(f"hashed {name}" in value for value in owner.details.values() if isinstance(value, str))


def _runs(view: PlanView, node: PlanNode, owner: PlanNode) -> float:
    return loops(node) if view.ran else max(1.0, owner.rows_estimated or 1.0)


def _share(view: PlanView, node: PlanNode, owner: PlanNode) -> float:
    if view.measured:
        return view.share_below(node)
    whole = view.plan.root.total_cost or 0.0
    return min(1.0, (node.total_cost or 0.0) * _runs(view, node, owner) / whole) if whole else 0.0


def _is_not_in(node: PlanNode, owner: PlanNode, name: str) -> bool:
    """`NOT (SubPlan 1)` over stored rows (to version 16), or `NOT (ANY (x = (SubPlan 1).col1))`, and not hashed."""
    for key in _CONDITIONS:
        condition = text(owner, key)
        if f"(NOT ({name})" in condition and node.type == "Materialize":
            return True
        if "(NOT (ANY (" in condition and f"({name})" in condition.partition("(NOT (ANY (")[2]:
            return True
    return False


def not_in_subquery(view: PlanView, *, runs: float = 100, share: float = 0.1) -> Iterator[Found]:
    """NOT IN over a subquery too large to be hashed: its rows are searched one by one for each outer row."""
    for node, owner, name in _subplans(view):
        if _is_hashed(owner, name) or not _is_not_in(node, owner, name) or _runs(view, node, owner) < runs:
            continue
        saved = min(1.0, _share(view, node, owner) + view.share(owner))
        if saved < share:
            continue
        condition = next(text(owner, key) for key in _CONDITIONS if name in text(owner, key))
        said = (
            f"{title(owner)}: {condition}",
            f"{name}: {title(node)}, loops={count(_runs(view, node, owner))}",
            portion(view, saved),
        )
        yield Found("not-in-subquery", owner, said, saved, severity(view, saved), basis(view), {"subplan": name})


def correlated_subquery(view: PlanView, *, runs: float = 1000, share: float = 0.1) -> Iterator[Found]:
    """A subquery that ran over 1000 times, once for each row."""
    for node, owner, name in _subplans(view):
        if _is_hashed(owner, name) or _is_not_in(node, owner, name) or _runs(view, node, owner) < runs:
            continue
        saved = _share(view, node, owner)
        if saved < (share if view.measured else 0.25):
            continue
        said = (
            f"{name}: {title(node)}, loops={count(_runs(view, node, owner))}",
            f"asked for by {title(owner)}",
            portion(view, saved),
        )
        values = {"subplan": name, "loops": count(_runs(view, node, owner)), "owner": title(owner)}
        yield Found("correlated-subquery", node, said, saved, severity(view, saved), basis(view), values)


def materialized_cte(view: PlanView, *, share: float = 0.1, rows: float = 10_000, kept: float = 0.1) -> Iterator[Found]:
    """A CTE computed in full whose only scan throws nine of ten rows away."""
    scans: dict[str, list[PlanNode]] = {}
    for node in view.of_type("CTE Scan"):
        scans.setdefault(text(node, "CTE Name"), []).append(node)
    made = {node.role[4:]: node for node in view.nodes if scans and node.role.startswith("CTE ")}
    for name, users in scans.items():
        source, scan = made.get(name), users[0]
        if source is None or source.type in ("Recursive Union", "ModifyTable") or len(users) > 1 or not text(scan, "Filter"):
            continue
        gone, left = removed(scan), given(scan)
        saved = min(1.0, view.share_below(source) + view.share(scan))
        if gone < rows or left > kept * (gone + left) or saved < share:
            continue
        said = (
            f"{title(scan)}: Filter: {text(scan, 'Filter')}",
            f"Rows Removed by Filter: {count(number(scan, 'Rows Removed by Filter'))}, rows={count(scan.rows_actual or 0.0)}",
            portion(view, saved),
        )
        yield Found(
            "materialized-cte", scan, said, saved, severity(view, saved), values={"cte": name, "filter": text(scan, "Filter")}
        )


def recursion_runaway(view: PlanView, *, rows: float = 100_000, levels: float = 1000, share: float = 0.25) -> Iterator[Found]:
    """A recursive query of over 100,000 rows or 1000 levels; the outermost where one holds another."""
    until = 0
    for node in view.of_type("Recursive Union"):
        if not view.ran or view.share_below(node) < share or view.number(node) < until:
            continue
        until = view.end(node)
        deep = max((loops(below) for below in node.walk() if below.type == "WorkTable Scan"), default=0.0)
        if given(node) < rows and deep < levels:
            continue
        saved = view.share_below(node)
        said = (
            f"{title(node)}: rows={count(given(node))}, estimated {count(node.rows_estimated or 0.0)}",
            f"WorkTable Scan: loops={count(deep)}",
            portion(view, saved),
        )
        values = {"rows": count(given(node)), "levels": count(deep)}
        yield Found("recursion-runaway", node, said, saved, severity(view, saved, "high"), values=values)
