"""Rules about LIMIT, OFFSET and the sorts below them."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.conditions import columns_of, comparison, keys_of, without_qualifiers
from dbbuddy.plans.insights.postgresql.facts import (
    basis,
    can_be_indexed,
    count,
    expected,
    given,
    loops,
    portion,
    severity,
    text,
    title,
)
from dbbuddy.plans.insights.postgresql.indexes import create_index, needs
from dbbuddy.plans.insights.postgresql.scans import is_read_for_order
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

_ORDER = re2.compile(r"(?i)((?: COLLATE (?:\"[^\"]*\"|\w+))?(?: USING \S+)?(?: ASC| DESC)?(?: NULLS (?:FIRST|LAST))?)$")
_SCANS = ("Seq Scan", "Index Scan", "Bitmap Heap Scan")


def _input(node: PlanNode) -> PlanNode | None:
    return next((child for child in node.children if child.role in ("Outer", "")), None)


def deep_offset(view: PlanView, *, times: float = 10, rows: float = 1000, share: float = 0.1) -> Iterator[Found]:
    """A LIMIT that read ten times the rows it gave: the rest was OFFSET."""
    for node in view.of_type("Limit"):
        below = _input(node)
        if below is None:
            continue
        if view.ran:
            kept, read = given(node), given(below)
        else:
            kept, read = node.rows_estimated or 0.0, _skipped(node, below) + (node.rows_estimated or 0.0)
        if read - kept < rows or read < times * max(1.0, kept):
            continue
        saved = view.share_below(below) * (read - kept) / read
        if saved < share:
            continue
        said = (
            f"{title(node)}: {count(kept)} rows given",
            f"{title(below)}: {count(read)} rows read",
            portion(view, view.share_below(below)),
        )
        values = {"skipped": count(read - kept), "kept": count(kept)}
        yield Found("deep-offset", node, said, saved, severity(view, saved), basis(view), values)


def _skipped(node: PlanNode, below: PlanNode) -> float:
    """The OFFSET, from the cost that the LIMIT adds before its first row."""
    if None in (node.startup_cost, below.startup_cost, below.total_cost, below.rows_estimated):
        return 0.0
    whole = (below.total_cost or 0.0) - (below.startup_cost or 0.0)
    before = (node.startup_cost or 0.0) - (below.startup_cost or 0.0)
    return (below.rows_estimated or 0.0) * before / whole if whole > 0 else 0.0


def limit_trap(view: PlanView, *, expected_part: float = 0.1, share: float = 0.5, rows: float = 10_000) -> Iterator[Found]:
    """A plan chosen to end early that went on to the end: the LIMIT expected a tenth of its input and never had enough."""
    for node in view.of_type("Limit"):
        below = _input(node)
        if below is None or not view.ran or not node.total_cost or not below.total_cost:
            continue
        if node.total_cost > expected_part * below.total_cost or (node.rows_actual or 0.0) >= (node.rows_estimated or 0.0):
            continue
        inside = list(below.walk())
        saved = view.share_below(below)
        if (
            saved < share
            or sum(given(scan) + _thrown(scan) for scan in inside) < rows
            or any(is_read_for_order(view, scan) for scan in inside)
        ):
            continue
        said = (
            f"{title(node)}: cost={count(node.total_cost)} of {count(below.total_cost)} for {title(below)}",
            f"rows={count(node.rows_actual or 0.0)} found, {count(node.rows_estimated or 0.0)} expected",
            portion(view, saved),
        )
        values = {"found": count(node.rows_actual or 0.0), "wanted": count(node.rows_estimated or 0.0)}
        yield Found("limit-trap", node, said, saved, severity(view, saved), values=values)


def _thrown(node: PlanNode) -> float:
    removed = node.details.get("Rows Removed by Filter")
    return removed * loops(node) if isinstance(removed, int | float) else 0.0


def avoidable_sort(view: PlanView, *, share: float = 0.2, rows: float = 10_000) -> Iterator[Found]:
    """A sort directly over one table that an index in its order would save; all of the scan too, where a LIMIT follows."""
    for node in view.of_type("Sort"):
        scan = _sorted_table(node)
        if scan is None or expected(scan) < rows:
            continue
        limited = any(above.type == "Limit" for above in _directly_above(view, node))
        if not limited and text(node, "Sort Space Type") == "Disk":
            continue
        saved = view.share_below(node) if limited else view.share(node)
        keys = _index_keys(scan, text(node, "Sort Key"))
        if saved < (share if limited else 2 * share) or not keys or not can_be_indexed(scan):
            continue
        said = (
            f"{title(node)}: Sort Key: {text(node, 'Sort Key')}",
            f"{title(scan)}: {count(expected(scan))} rows sorted",
            portion(view, saved),
        )
        values = {"table": scan.relation or "", "columns": ", ".join(keys), "limited": _LIMITED if limited else ""}
        wanted = needs(scan, text(scan, "Filter"))
        yield Found(
            "avoidable-sort", node, said, saved, severity(view, saved, None if limited else "low"), basis(view), values,
            create_index(scan, [*wanted.equal, *keys], wanted.flags),
        )  # fmt: skip


_LIMITED = " With the LIMIT above it, the index gives the first rows at once and the rest of the table is not read."


def _sorted_table(node: PlanNode) -> PlanNode | None:
    if node.type != "Sort":
        return None
    below = _input(node)
    while below is not None and below.type in ("Gather", "Append", "Result") and len(below.children) == 1:
        below = below.children[0]
    return below if below is not None and below.type in _SCANS else None


def _directly_above(view: PlanView, node: PlanNode) -> Iterator[PlanNode]:
    for above in view.ancestors(node):
        if above.type not in ("Limit", "Gather Merge", "Subquery Scan", "Result", "LockRows"):
            return
        yield above


def _index_keys(scan: PlanNode, sort_key: str) -> list[str]:
    """The sort's keys as keys of an index; none if one is no column of the table."""
    keys = []
    for key in keys_of(sort_key):
        order = _ORDER.search(key).group(1)
        expression = without_qualifiers(key[: len(key) - len(order)])
        columns = columns_of(expression)
        if len(columns) != 1 or "USING" in order:
            return []
        bare = expression.strip("()") if expression.count("(") <= 1 and " " not in expression else expression
        if comparison(f"({expression} = 1)") is None or bare != columns[0].name:
            return []
        keys.append(bare + order)
    return keys
