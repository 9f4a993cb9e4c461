"""Rules about joins: products, inner sides that run too often, subqueries that run for each row."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.oracle.estimates import BAD_FACTOR, factor_of
from dbbuddy.plans.insights.oracle.facts import below, expected, line, portion, predicates, share
from dbbuddy.plans.insights.oracle.memory import spilled
from dbbuddy.plans.insights.oracle.predicates import create_index, filter_text, key_columns
from dbbuddy.plans.insights.view import PlanView, rows_out
from dbbuddy.plans.model import PlanNode

PROBES = 10_000.0
INNER_ROWS = 100_000.0
"""Where ora-explain-plan-viz begins to warn of nested loops."""
CRITICAL_PRODUCT = 1e7
SIDE_ROWS = 100.0
INNER_SHARE = 0.1
SUBQUERY_STARTS = 1000.0


def cartesian_product(view: PlanView, *, side: float = SIDE_ROWS, critical: float = CRITICAL_PRODUCT) -> Iterator[Found]:
    """A cartesian join with over 100 rows on both sides, or one that gave over 10,000 rows where one side seemed to be one row."""
    for node in view.nodes:
        if "CARTESIAN" not in node.type or len(node.children) < 2 or facts.inactive(node):
            continue
        left, right = (_side(view, child) for child in node.children[:2])
        product = left * right
        if min(left, right) <= 1 or (min(left, right) <= side and product < side * side):
            continue
        part = below(view, node)
        if part < facts.MATTERS:
            continue
        said = (line(node), *(line(child) for child in node.children[:2]), portion(view, part))
        level = "critical" if product > critical and part >= 0.5 and view.measured else facts.severity(view, part)
        values = {"left": f"{left:,.0f}", "right": f"{right:,.0f}", "product": f"{product:,.0f}"}
        yield Found("cartesian-product", node, said, part, level, facts.basis(view), values)


def _side(view: PlanView, node: PlanNode) -> float:
    """Rows of one pass over a side: a BUFFER SORT gives them again for each row of the other."""
    if not view.ran:
        return node.rows_estimated or 0.0
    return (node.rows_actual or 0.0) if node.type.startswith("BUFFER SORT") else (rows_out(node) or 0.0)


def _active(node: PlanNode) -> bool:
    return not facts.inactive(node)


def scanned(inner: PlanNode) -> PlanNode | None:
    """The full scan that an inner side consists of, under what only passes its rows on."""
    while len(inner.children) == 1 and not inner.type.startswith(("TABLE", "VIEW", "BUFFER")):
        inner = inner.children[0]
    return inner if facts.is_full_scan(inner) else None


def _is_unindexed(view: PlanView, node: PlanNode) -> bool:
    if not node.type.startswith("NESTED LOOPS") or len(node.children) < 2:
        return False
    scan = scanned(node.children[1])
    return scan is not None and _runs(view, node) > 1


def _runs(view: PlanView, node: PlanNode) -> float:
    """How often the inner side of a nested loop starts."""
    inner = node.children[1]
    return facts.starts(inner) if view.ran else (node.children[0].rows_estimated or 0.0)


def join_without_index(view: PlanView, *, least_starts: float = 10) -> Iterator[Found]:
    """A nested loop that reads a whole table for each outer row."""
    for node in view.nodes:
        if not _is_unindexed(view, node) or not _active(node) or _runs(view, node) < least_starts:
            continue
        scan = scanned(node.children[1])
        part = below(view, node.children[1])
        if scan is None or part < INNER_SHARE or not _active(scan):
            continue
        columns = key_columns(view, scan, filter_text(scan))
        said = (line(node.children[0]), line(scan), *predicates(scan), portion(view, part))
        values = {
            "table": facts.table_of(view, scan),
            "starts": f"{_runs(view, node):,.0f}",
            "columns": ", ".join(columns) or "the join's columns",
        }
        sql = create_index(view, scan, columns) if facts.can_be_indexed(view, scan) else ""
        yield Found("join-without-index", node, said, part, facts.severity(view, part), facts.basis(view), values, sql)


def nested_loop_explosion(
    view: PlanView, *, probes: float = PROBES, rows: float = INNER_ROWS, least_share: float = INNER_SHARE
) -> Iterator[Found]:
    """An inner side that starts over 10,000 times; over 100,000 rows, or a quarter of the time, come from it."""
    for node in view.nodes:
        if not node.type.startswith("NESTED LOOPS") or len(node.children) < 2 or not _active(node):
            continue
        outer, inner = node.children[:2]
        if _is_second_half(node) or _is_unindexed(view, node):
            continue
        table = _second_half_above(view, node)
        part = min(1.0, below(view, inner) + (below(view, table) if table is not None else 0.0))
        times = _runs(view, node)
        given = expected(view, inner) if view.ran else times * (inner.rows_estimated or 0.0)
        if times < probes or (given < rows and part < 0.25) or part < least_share:
            continue
        factor = factor_of(view, outer) or 1.0
        said = [line(inner), *([line(table)] if table is not None else []), line(outer), portion(view, part)]
        values = {
            "inner": facts.title(inner),
            "starts": f"{times:,.0f}",
            "cause": _UNDERESTIMATED if factor >= BAD_FACTOR else _KNOWN,
        }
        level = facts.severity(view, part, "medium")
        yield Found("nested-loop-explosion", node, tuple(said), part, level, facts.basis(view), values)


_UNDERESTIMATED = "The optimizer expected far fewer outer rows: mend that estimate first, then it will choose a hash join itself."
_KNOWN = (
    "The optimizer knew about how many rows there are; fewer outer rows (an earlier filter), an index that holds all the columns "
    "needed, or a hash join are what can help."
)


def _is_second_half(node: PlanNode) -> bool:
    """Oracle reads a batched inner table as a second nested loop, whose inner side is the table without its index."""
    outer, inner = node.children[:2]
    return facts.is_rowid_access(inner) and not inner.children and outer.type.startswith("NESTED LOOPS")


def _second_half_above(view: PlanView, node: PlanNode) -> PlanNode | None:
    above = view.parent(node)
    if above is None or not above.type.startswith("NESTED LOOPS") or len(above.children) < 2 or above.children[0] is not node:
        return None
    return above.children[1] if _is_second_half(above) else None


def correlated_subquery(view: PlanView, *, least_starts: float = SUBQUERY_STARTS) -> Iterator[Found]:
    """FILTER with several children, or a subquery in the select list, that runs for each of over 1000 rows."""
    for node in view.nodes:
        subqueries = _subqueries(node)
        if not subqueries or not _active(node):
            continue
        main = node.children[0] if node.type == "FILTER" else node.children[-1]
        often = [one for one in subqueries if (facts.starts(one) if view.ran else main.rows_estimated or 0.0) >= least_starts]
        part = min(1.0, sum(below(view, one) for one in often))
        if not often or part < INNER_SHARE:
            continue
        said = [line(main), *(line(one) for one in often[:3]), *predicates(node), portion(view, part)]
        tops = [one for first in often for one in _top(first)]
        is_not_in = node.type == "FILTER" and any("LNNVL" in text for one in tops for text in predicates(one))
        starts = max(facts.starts(one) for one in often) if view.ran else main.rows_estimated or 0.0
        values = {"starts": f"{starts:,.0f}", "place": "WHERE" if node.type == "FILTER" else "the select list"}
        name = "not-in-subquery" if is_not_in else "correlated-subquery"
        yield Found(name, often[0], tuple(said), part, facts.severity(view, part), facts.basis(view), values)


def _subqueries(node: PlanNode) -> list[PlanNode]:
    if node.type == "FILTER" and len(node.children) > 1:
        return node.children[1:]
    if node.type == "SELECT STATEMENT" and len(node.children) > 1:
        return node.children[:-1]
    return []


def _top(node: PlanNode, most: int = 20) -> list[PlanNode]:
    found: list[PlanNode] = []
    for one in node.walk():
        found.append(one)
        if len(found) == most:
            break
    return found


def rebuilt_intermediate(view: PlanView, *, least_starts: float = SUBQUERY_STARTS) -> Iterator[Found]:
    """A view into which a join condition was pushed, so that it is computed anew for each outer row."""
    for node in view.nodes:
        if not node.type.startswith("VIEW PUSHED PREDICATE") or not _active(node):
            continue
        above = view.parent(node)
        outer = above.children[0] if above is not None and above.type.startswith("NESTED LOOPS") else None
        times = facts.starts(node) if view.ran else (outer.rows_estimated or 0.0) if outer is not None else 0.0
        part = below(view, node)
        if times < least_starts or part < INNER_SHARE:
            continue
        values = {"view": node.relation or node.alias or "the view", "starts": f"{times:,.0f}"}
        yield Found(
            "rebuilt-intermediate",
            node,
            (line(node), portion(view, part)),
            part,
            facts.severity(view, part),
            facts.basis(view),
            values,
        )


def buffered_rows(view: PlanView, *, least_share: float = 0.15) -> Iterator[Found]:
    """A BUFFER SORT that takes 15 % of the time by itself, outside of a cartesian join and in memory."""
    for node in view.nodes:
        above = view.parent(node)
        if not node.type.startswith("BUFFER SORT") or not _active(node) or (above is not None and "CARTESIAN" in above.type):
            continue
        part = share(view, node)
        if view.measured and part >= least_share and not spilled(node):
            values = {"operation": facts.title(node)}
            yield Found("buffered-rows", node, (line(node), portion(view, part)), part, facts.severity(view, part), values=values)
