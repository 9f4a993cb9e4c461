"""Rules about subqueries and intermediate results that are computed again and again, and about recursion."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.mysql.access import accesses
from dbbuddy.plans.insights.mysql.facts import MATTERS, basis, count, portion, severity, told, work_below
from dbbuddy.plans.insights.mysql.memory import NEAR
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.mysql.values import number

MANY_RUNS = 1_000.0
CORRELATED_SHARE = 0.2
REBUILDS = 100.0
CACHE_LOOKUPS = 200.0
CACHE_HITS = 0.2
"""MariaDB itself gives a subquery cache up below this hit ratio (`r_hit_ratio` under 20 %) after 200 misses."""
RECURSIVE_ROWS = 100_000.0


def correlated_subquery(view: PlanView, *, runs: float = MANY_RUNS, share: float = CORRELATED_SHARE) -> Iterator[Found]:
    """A subquery that runs for each row of the outer query."""
    for node in view.nodes:
        if not _is_dependent(node):
            continue
        mine = work_below(view, node)
        ran = _runs(view, node) if mine >= share else 0.0
        if ran < runs:
            continue
        said = [node.details.get("Operation") or node.role or node.type, f"it runs {count(ran)} times"]
        inner = next(
            (accesses(view).by_node[id(below)] for below in _subtree(view, node) if id(below) in accesses(view).by_node), None
        )
        if inner is not None:
            said.append(told(inner))
        yield Found(
            "correlated-subquery",
            node,
            (*(str(part) for part in said), portion(view, mine)),
            mine,
            severity(view, mine),
            basis(view),
            {"runs": count(ran), "table": inner.table if inner is not None else "the inner table"},
        )


def _is_dependent(node: PlanNode) -> bool:
    if node.type.startswith("Select #"):
        return "dependent" in str(node.details.get("Operation")) or "uncacheable" in str(node.details.get("Operation"))
    if node.role.startswith("Select #"):
        return bool(node.details.get("dependent"))
    if node.role.startswith(("DEPENDENT SUBQUERY", "UNCACHEABLE SUBQUERY")):
        return True
    subquery = node.type in ("query_block", "expression_cache") and (node.role == "subqueries" or node.role.endswith("_subqueries"))
    dependent = bool(node.details.get("dependent")) or node.details.get("cacheable") is False
    return subquery and (dependent or node.type == "expression_cache" or (node.loops or 0.0) > 1)


def _subtree(view: PlanView, node: PlanNode) -> tuple[PlanNode, ...]:
    start = view.number(node)
    return view.nodes[start : min(view.end(node), start + NEAR)]


def _runs(view: PlanView, node: PlanNode) -> float:
    """How often the subquery runs; as often as the outer query gives rows, where that is not told."""
    first = node.children[0] if node.type == "expression_cache" and node.children else node
    ran = next((below.loops for below in _subtree(view, first) if below.loops is not None), None)
    if ran is not None:
        return ran
    above = view.parent(node)
    if above is None:
        return 1.0
    rows = above.rows_estimated
    if rows is None or node is above.children[0]:
        siblings = [child.rows_estimated for child in above.children if child is not node and child.rows_estimated is not None]
        rows = max(siblings, default=rows or 1.0)
    return rows or 1.0


def cache_misses(view: PlanView, *, lookups: float = CACHE_LOOKUPS, hits: float = CACHE_HITS) -> Iterator[Found]:
    """MariaDB's subquery cache that hardly ever hits."""
    for node in view.of_type("expression_cache"):
        ratio = number(node.details.get("r_hit_ratio"))
        if ratio is None or (node.loops or 0.0) < lookups or ratio / 100 >= hits or work_below(view, node) < MATTERS:
            continue
        state = node.details.get("state")
        yield Found(
            "memoize-misses",
            node,
            (f"r_loops: {count(node.loops or 0.0)}, r_hit_ratio: {ratio:g}" + (f", state: {state}" if state else ""),),
            None,
            "low",
            "measured",
            {"ratio": f"{ratio:g}", "loops": count(node.loops or 0.0)},
        )


def rebuilt_intermediate(view: PlanView, *, rebuilds: float = REBUILDS) -> Iterator[Found]:
    """A derived table that is made again for each row of another table."""
    for node in view.nodes:
        words = str(node.details.get("Operation") or "")
        invalidated = "aterialize" in node.type and "invalidate on row from" in words
        block = node.type == "query_block" and node.role == "materialized" and (node.loops or 0.0) > 1
        lateral = node.role.startswith("DEPENDENT DERIVED")
        if not (invalidated or block or lateral):
            continue
        built = node.loops or (accesses(view).loops.get(id(node), 1.0) if not view.ran else 0.0)
        share = work_below(view, node)
        if built < rebuilds or share < 0.1:
            continue
        yield Found(
            "rebuilt-intermediate",
            node,
            (
                words or f"{node.role} query_block, r_loops: {count(built)}",
                f"it is built {count(built)} times",
                portion(view, share),
            ),
            share / 2,
            severity(view, share / 2),
            basis(view),
            {"builds": count(built)},
        )


def not_in_subquery(view: PlanView) -> Iterator[Found]:
    """NOT IN, or IN whose result may be NULL: the server must look for NULL in the whole subquery."""
    for node in view.nodes:
        extra = str(node.details.get("Extra") or "")
        alternative = node.type.startswith("Alternative plans for IN")
        full = "Full scan on NULL key" in extra or bool(node.details.get("full_scan_on_NULL"))
        if not (alternative or full):
            continue
        share = work_below(view, node)
        if share < MATTERS:
            continue
        yield Found(
            "not-in-subquery",
            node,
            (str(node.details.get("Operation") or (f"Extra: {extra}" if extra else "full_scan_on_NULL")), portion(view, share)),
            share / 2,
            severity(view, share / 2),
            basis(view),
            {"table": node.relation or "the subquery"},
        )
        return


def recursion_runaway(view: PlanView, *, rows: float = RECURSIVE_ROWS) -> Iterator[Found]:
    """A recursive CTE that makes very many rows or goes very deep."""
    for node in view.nodes:
        recursive = node.type == "recursive_union" or node.type.startswith(
            ("Materialize recursive CTE", "Repeat until convergence")
        )
        if not recursive:
            continue
        parent = view.parent(node)
        above = view.parent(parent) if parent is not None and parent.type == "query_block" else parent
        made = max((part.rows_actual or 0.0) for part in (node, above, parent) if part is not None)
        rounds = max((below.loops or 0.0) for below in _subtree(view, node))
        if max(made, rounds) < rows:
            continue
        share = work_below(view, above or node)
        yield Found(
            "recursion-runaway",
            node,
            (str(node.details.get("Operation") or node.type), f"{count(made)} rows, {count(rounds)} rounds", portion(view, share)),
            share / 2,
            severity(view, share / 2),
            "measured",
            {"rows": count(made), "rounds": count(rounds)},
        )
        return
