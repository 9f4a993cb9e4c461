"""Rules about joins: inner sides that run too often, pairs thrown away, rows multiplied."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.conditions import columns_of, comparison, conjuncts
from dbbuddy.plans.insights.postgresql.facts import (
    JOINS,
    MATTERS,
    basis,
    can_be_indexed,
    count,
    expected,
    given,
    loops,
    number,
    portion,
    removed,
    severity,
    text,
    title,
    with_workers,
)
from dbbuddy.plans.insights.postgresql.indexes import create_index
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode

INNER_LOOPS = 1000.0
INNER_SHARE = 0.25
MOST_NODES = 5_000
"""So many nodes are looked at for links between the sides of joins."""
_CARRIERS = ("Materialize", "Memoize", "Gather", "Result", "Subquery Scan")
_HIDDEN = (
    "Function Scan",
    "Table Function Scan",
    "Values Scan",
    "Subquery Scan",
    "Result",
    "CTE Scan",
    "WorkTable Scan",
    "Custom Scan",
)


def sides(node: PlanNode) -> tuple[PlanNode, PlanNode] | None:
    """The outer and the inner side of a join."""
    inputs = [child for child in node.children if child.role in ("Outer", "Inner")]
    return (inputs[0], inputs[1]) if node.type in JOINS and len(inputs) == 2 else None


def _scanned(inner: PlanNode) -> PlanNode:
    """The scan below what only keeps or gathers its rows."""
    while inner.type in _CARRIERS and len(inner.children) == 1:
        inner = inner.children[0]
    return inner


def _pairs(view: PlanView, outer: PlanNode, inner: PlanNode) -> float:
    """How many pairs of rows the join looked at, or would by the estimates."""
    if view.ran:
        return given(inner)
    return expected(outer) * expected(inner)


def _is_unindexed(view: PlanView, node: PlanNode, *, pairs: float = 100_000) -> bool:
    """A nested loop that goes through a whole table for each outer row."""
    both = sides(node)
    if both is None or node.type != "Nested Loop":
        return False
    scan = _scanned(both[1])
    often = loops(both[1]) > 1 if view.ran else expected(both[0]) > 1
    looked_at = _pairs(view, *both) + (removed(scan) if view.ran else 0.0)
    return scan.type == "Seq Scan" and often and looked_at >= pairs and bool(text(node, "Join Filter") or text(scan, "Filter"))


def join_without_index(view: PlanView) -> Iterator[Found]:
    """A nested loop over a sequential scan, or over the stored rows of one. The table to index is the one without a filter:
    with the index it becomes the inner side.
    """
    for node in view.of_type("Nested Loop"):
        both = sides(node)
        if both is None or not _is_unindexed(view, node):
            continue
        outer, inner = both
        scan = _scanned(inner)
        share = min(1.0, view.share(node) + view.share_below(inner))
        if share < 2 * MATTERS:
            continue
        condition = text(node, "Join Filter") or text(scan, "Filter")
        other = _scanned(outer)
        if text(scan, "Filter") and text(node, "Join Filter") and other.type == "Seq Scan" and not text(other, "Filter"):
            scan = other
        keys = _inner_keys(scan, condition)
        said = [f"{title(node)}: Join Filter: {condition}", f"{title(inner)}: {_runs(view, outer, inner)}"]
        if number(node, "Rows Removed by Join Filter"):
            said.append(f"Rows Removed by Join Filter: {count(number(node, 'Rows Removed by Join Filter'))}")
        yield Found(
            "join-without-index",
            node,
            (*said, portion(view, share)),
            share,
            severity(view, share),
            basis(view),
            {"table": scan.relation or "", "columns": ", ".join(keys) or "the join's columns", "condition": condition},
            create_index(scan, keys) if can_be_indexed(scan) else "",
        )


def _runs(view: PlanView, outer: PlanNode, inner: PlanNode) -> str:
    if view.ran:
        return f"rows={count(inner.rows_actual or 0.0)} loops={count(loops(inner))}"
    return f"estimated {count(expected(inner))} rows for each of {count(expected(outer))}"


def _inner_keys(scan: PlanNode, condition: str) -> list[str]:
    """The columns of the scan that the condition equates with other tables' columns."""
    keys = []
    for term in conjuncts(condition):
        compared = comparison(term)
        if compared is None or compared.operator != "=" or compared.right is None:
            continue
        for side in (compared.left, compared.right):
            if side.bare and side.column is not None and side.column.qualifier in (scan.alias, scan.relation):
                keys.append(side.column.name)
    return list(dict.fromkeys(keys))


def nested_loop_explosion(view: PlanView, *, least: float = INNER_LOOPS, share_of_inner: float = INNER_SHARE) -> Iterator[Found]:
    """An inner side that ran over 1000 times and took over a quarter of the time; the innermost such loop."""
    told: list[int] = []
    for node in reversed(view.of_type("Nested Loop")):
        both = sides(node)
        if both is None or not view.ran:
            continue
        outer, inner = both
        share = view.share_below(inner)
        if loops(inner) < least or share < share_of_inner or _is_told_elsewhere(node, inner) or _is_unindexed(view, node):
            continue
        place = bisect_right(told, -view.number(inner))
        if place and -told[place - 1] < view.end(inner):
            continue
        told.append(-view.number(node))
        factor = misestimate(outer) or 1.0
        off = f"; rows={count(outer.rows_estimated or 0.0)} were estimated" if factor >= 10 else ""
        said = (
            f"{title(inner)}: loops={count(loops(inner))}",
            f"{title(outer)}: rows={count(given(outer))} in all{off}",
            portion(view, share),
        )
        known = factor < 10 and _is_cheap(inner)
        values = {"inner": title(inner), "loops": count(loops(inner)), "cause": _UNDERESTIMATED if factor >= 10 else _KNOWN}
        yield Found("nested-loop-explosion", node, said, share, severity(view, share, "medium" if known else None), values=values)


def _is_told_elsewhere(node: PlanNode, inner: PlanNode) -> bool:
    """True if the rule for join filters, or for caches that miss, says it better."""
    misses, hits = with_workers(inner, "Cache Misses"), with_workers(inner, "Cache Hits")
    return removed(node, "Rows Removed by Join Filter") > 10 * given(node) or (misses > 0 and hits < 0.1 * misses)


_UNDERESTIMATED = "The planner expected far fewer outer rows: mend that estimate first, then it will choose a hash join itself."
_KNOWN = (
    "The planner knew about how many rows there are; fewer outer rows (an earlier filter) or a covering index on the inner side "
    "are what can help."
)


def _is_cheap(inner: PlanNode) -> bool:
    """An index scan that throws little away is a nested loop's right inner side."""
    scan = _scanned(inner)
    served = text(scan, "Index Cond") or (scan.type == "Bitmap Heap Scan" and text(scan, "Recheck Cond"))
    return bool(served) and removed(scan) <= given(scan)


def join_discards_rows(view: PlanView, *, times: float = 10, rows: float = 100_000) -> Iterator[Found]:
    """A join filter that throws away ten times what it keeps."""
    for node in view.of_type(*JOINS):
        gone, kept = removed(node, "Rows Removed by Join Filter"), given(node)
        if gone < rows or gone < times * kept or view.share(node) < MATTERS or sides(node) is None or _is_unindexed(view, node):
            continue
        share = view.share(node) * gone / (gone + kept)
        said = (
            f"{title(node)}: Join Filter: {text(node, 'Join Filter')}",
            f"Rows Removed by Join Filter: {count(number(node, 'Rows Removed by Join Filter'))}",
            f"rows={count(node.rows_actual or 0.0)} loops={count(loops(node))}",
            portion(view, view.share(node)),
        )
        yield Found("join-discards-rows", node, said, share, severity(view, share), values={"condition": text(node, "Join Filter")})


def cartesian_product(view: PlanView, *, pairs: float = 10_000) -> Iterator[Found]:
    """A nested loop without any condition between its sides, both of more than one row."""
    looked_at = 0
    for node in view.of_type("Nested Loop"):
        both = sides(node)
        if both is None or text(node, "Join Filter") or looked_at > MOST_NODES:
            continue
        outer, inner = both
        rows = given(outer) if view.ran else expected(outer)
        product = rows * expected(inner)
        share = min(1.0, view.share(node) + view.share_below(inner))
        if rows <= 1 or expected(inner) <= 1 or product < pairs or share < MATTERS:
            continue
        looked_at += view.end(node) - view.number(node)
        if _is_linked(outer, inner):
            continue
        said = (
            f"{title(node)}: no condition joins its sides",
            f"{count(rows)} x {count(expected(inner))} rows = {count(product)}",
            portion(view, share),
        )
        values = {"outer": title(outer), "inner": title(inner), "pairs": count(product)}
        yield Found("cartesian-product", node, said, share, severity(view, share), basis(view), values)


def _is_linked(outer: PlanNode, inner: PlanNode) -> bool:
    """True if the inner side asks for the outer's columns, cannot be told, or both are bound to the same constant."""
    names = {node.alias for node in outer.walk() if node.alias}
    for node in inner.walk():
        if node.type in _HIDDEN or node.type in ("Memoize", "Foreign Scan"):
            return True
        if node.type == "Index Scan" and not text(node, "Index Cond"):
            return True  # the inner side of a true product is scanned or materialised: this paste lost its condition
        for key in ("Index Cond", "Filter", "Recheck Cond", "Join Filter", "Hash Cond", "Merge Cond", "TID Cond"):
            condition = text(node, key)
            if "." in condition and any(column.qualifier in names for column in columns_of(condition)):
                return True
    return bool(_constants(outer) & _constants(inner))


def _constants(side: PlanNode) -> set[str]:
    found: set[str] = set()
    for node in side.walk():
        for key in ("Index Cond", "Filter", "Recheck Cond"):
            for term in conjuncts(text(node, key)):
                compared = comparison(term)
                if compared is not None and compared.operator == "=" and compared.right is not None and compared.right.constant:
                    found.add(compared.right.text)
    return found


def join_fan_out(view: PlanView, *, times: float = 10, rows: float = 10_000) -> Iterator[Found]:
    """A join whose many rows DISTINCT takes together again, ten to one."""
    for node in view.of_type("Unique", "Aggregate"):
        distinct = node.type == "Unique" or (node.type == "Aggregate" and _says_distinct(view) and bool(text(node, "Group Key")))
        if not distinct or not node.children or node.details.get("Partial Mode") == "Finalize":
            continue
        below = node.children[0]
        while below.type in ("Sort", "Incremental Sort", "Gather", "Gather Merge", "Subquery Scan") and below.children:
            below = below.children[0]
        read, kept = given(below), given(node)
        if below.type not in JOINS or read < rows or read < times * max(1.0, kept):
            continue
        share = min(1.0, view.share(node) + sum(view.share(child) for child in node.children) + view.share(below))
        if share < MATTERS:
            continue
        said = (f"{title(below)}: {count(read)} rows", f"{title(node)}: {count(kept)} rows left", portion(view, share))
        values = {"join": title(below), "rows": count(read), "kept": count(kept)}
        yield Found("join-fan-out", node, said, share, severity(view, share, "high"), values=values)


def _says_distinct(view: PlanView) -> bool:
    return "DISTINCT" in (view.plan.statement or "").upper()[:20_000]


def memoize_misses(view: PlanView, *, misses: float = 1000, hit_share: float = 0.1) -> Iterator[Found]:
    """A cache of inner rows that is hardly ever hit, or throws out what it will need."""
    for node in view.of_type("Memoize"):
        missed, hits = with_workers(node, "Cache Misses"), with_workers(node, "Cache Hits")
        evicted, overflowed = with_workers(node, "Cache Evictions"), with_workers(node, "Cache Overflows")
        if missed < misses or view.share(node) + _reread(view, node) < MATTERS:
            continue
        useless = hits < hit_share * (hits + missed)
        if not useless and evicted + overflowed < missed / 2:
            continue
        share = min(1.0, view.share(node) + (_reread(view, node) if evicted else 0.0))
        said = (
            f"{title(node)}: Cache Key: {text(node, 'Cache Key')}",
            f"Hits: {count(hits)}  Misses: {count(missed)}  Evictions: {count(evicted)}  Overflows: {count(overflowed)}",
            portion(view, share),
        )
        sql = "SET hash_mem_multiplier = 4;" if evicted else "SET enable_memoize = off;"
        values = {
            "key": text(node, "Cache Key"),
            "hits": count(hits),
            "misses": count(missed),
            "remedy": _ROOM if evicted else _OFF,
        }
        yield Found("memoize-misses", node, said, share, severity(view, share, "medium"), values=values, sql=sql)


def _reread(view: PlanView, node: PlanNode) -> float:
    return sum(view.share_below(child) for child in node.children)


_ROOM = "Give it more room, as below, so that entries stay."
_OFF = "Try the statement without it, as below, and mend the estimate of how many different keys there are (ANALYZE)."
