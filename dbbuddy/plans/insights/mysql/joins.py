"""Rules about joins: inner tables without an index, inner sides that run too often, products and wasted pairs."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.mysql.access import FULL, Access, accesses
from dbbuddy.plans.insights.mysql.conditions import wants
from dbbuddy.plans.insights.mysql.facts import (
    MANY_ROWS,
    MATTERS,
    base_table,
    basis,
    count,
    create_index,
    portion,
    severity,
    told,
    work,
    work_below,
    work_with_filter,
)
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.mysql.flow import MOST

MANY_LOOPS = 10_000.0
EXPLODES_SHARE = 0.25
PRODUCT = 1e7
"""Pairs of rows from which on a join is a product too large (product of `rows` over the join)."""
PAIRS = 10_000.0
FEW_OUTER = 0.1
"""A hash join without an index is the right way unless the outer side has far fewer rows than the scanned one."""
_SEMIJOINS = ("LooseScan", "FirstMatch", "Start temporary", "End temporary", "Distinct")
_SEMIJOIN_KEYS = ("loosescan", "first_match", "distinct")
_HASHED = re2.compile(r"\b(hash join|hash semijoin|hash antijoin)\b")


def join_of(view: PlanView, access: Access) -> PlanNode | None:
    """The join whose inner or scanned side the table is; filters and hash headings between are passed over."""
    node = access.node
    parent = view.parent(node)
    while parent is not None and parent.type in ("Filter", "Hash", "Batch input rows", "Sort"):
        node, parent = parent, view.parent(parent)
    if parent is None:
        return None
    if parent.type == "block-nl-join":
        return parent
    hashed = _HASHED.search(parent.type.lower()) is not None
    inner = len(parent.children) > 1 and parent.children[0] is not node
    nested = parent.type == "nested_loop" or parent.type.startswith("Nested loop")
    return parent if hashed or (nested and inner) else None


def is_join_scan(view: PlanView, access: Access) -> bool:
    """True if the scan is the inner side of a join, to which the rules of joins apply."""
    join = join_of(view, access)
    if join is None:
        return False
    return _is_buffered(access, join) or access.loops > 1 or "join buffer" in access.extra


def _is_buffered(access: Access, join: PlanNode) -> bool:
    return join.type == "block-nl-join" or "join buffer" in access.extra or bool(access.node.details.get("using_join_buffer"))


def _condition(access: Access, join: PlanNode) -> str:
    """The text that tells on what the tables are joined."""
    parts = [join.details.get("attached_condition"), join.details.get("Condition"), access.condition]
    return " and ".join(str(part) for part in parts if part)


def join_without_index(view: PlanView, *, rows: float = MANY_ROWS) -> Iterator[Found]:
    """The inner table of a join read in full for each row, or each buffer, of the outer side."""
    for access in accesses(view).all:
        join = join_of(view, access)
        checked = "Range checked" in access.extra or "range-checked-for-each-record" in access.node.details
        if join is None or access.is_intermediate or not (access.kind in (FULL, "index") or checked):
            continue
        hashed = _HASHED.search(join.type.lower()) is not None
        if access.read < rows or not (is_join_scan(view, access) or (hashed and _few_outer(view, join, access)) or checked):
            continue
        condition = _condition(access, join)
        if _is_product(join, access, condition, view):
            continue
        share = min(1.0, work_with_filter(view, access.node) + (work(view, join) if join.type != "nested_loop" else 0.0))
        if share < MATTERS:
            continue
        asked = wants(condition, access.name)
        table = base_table(view, access)
        said = [told(access)]
        if condition:
            said.append(f"condition: {condition}")
        elif access.extra:
            said.append(f"Extra: {access.extra}")
        yield Found(
            "join-without-index",
            access.node,
            (*said, portion(view, share)),
            share,
            severity(view, share),
            basis(view),
            {
                "table": access.table,
                "columns": ", ".join(asked.columns) or "the columns it is joined by",
                "read": count(access.read),
            },
            create_index(table, asked.columns) or f"SHOW INDEX FROM {table};",
        )


def _few_outer(view: PlanView, join: PlanNode, access: Access) -> bool:
    """True if the other side of a hash join is so small that looking its rows up would read far less."""
    own = view.number(access.node)
    others = [child for child in join.children if not view.number(child) <= own < view.end(child)]
    if len(others) != 1:
        return False
    node = others[0]
    while node.type in ("Hash", "Batch input rows") and node.children:
        node = node.children[0]
    rows = node.rows_actual if view.ran else node.rows_estimated
    return rows is not None and rows <= FEW_OUTER * access.read


def _is_product(join: PlanNode, access: Access, condition: str, view: PlanView) -> bool:
    """True if the pairs are not compared at all."""
    if "no condition" in str(join.details.get("Condition") or join.details.get("Operation") or ""):
        return True
    if join.type.startswith("Nested loop") or _HASHED.search(join.type.lower()):
        return False
    if join.type == "block-nl-join":
        return not condition
    semijoin = any(word in access.extra for word in _SEMIJOINS) or any(access.node.details.get(word) for word in _SEMIJOIN_KEYS)
    compared = condition or "Using where" in access.extra or "pushed join" in access.extra
    return not compared and not semijoin and access.kind in (FULL, "index")


def cartesian_product(view: PlanView, *, pairs: float = PAIRS) -> Iterator[Found]:
    """A join without any condition of two sides with several rows each."""
    for access in accesses(view).all:
        join = join_of(view, access)
        if join is None or access.kind not in (FULL, "index") or not _is_product(join, access, _condition(access, join), view):
            continue
        if _HASHED.search(join.type.lower()) and view.number(join.children[0]) <= view.number(access.node) < view.end(
            join.children[0]
        ):
            continue
        produced = _pairs(view, join, access)
        share = max(work_below(view, join), work(view, access.node))
        if produced < pairs or access.kept <= 1 or share < MATTERS:
            continue
        yield Found(
            "cartesian-product",
            join if join.type != "nested_loop" else access.node,
            (str(join.details.get("Operation") or told(access)), f"{count(produced)} pairs of rows", portion(view, share)),
            share,
            severity(view, share),
            basis(view),
            {"table": access.table, "pairs": count(produced)},
        )


def _pairs(view: PlanView, join: PlanNode, access: Access) -> float:
    """How many rows the join gives: those of the outer side times those of the table."""
    rows = join.rows_actual if view.ran else join.rows_estimated
    if join.type not in ("nested_loop", "block-nl-join") and rows is not None:
        return rows * (join.loops or 1.0)
    outer = join.loops if join.type == "block-nl-join" else None
    if outer is None:
        product = 1.0
        top = join if join.type == "nested_loop" else view.parent(join)
        for child in top.children if top is not None else ():
            if view.number(child) <= view.number(access.node) < view.end(child):
                break
            inner = accesses(view).by_node.get(id(child))
            product = min(MOST, product * max(1.0, inner.kept / max(inner.loops, 1.0)) if inner is not None else product)
        outer = product
    return min(MOST, outer * access.kept / max(access.loops, 1.0))


def nested_loop_explosion(view: PlanView, *, loops: float = MANY_LOOPS, share: float = EXPLODES_SHARE) -> Iterator[Found]:
    """An inner side that is looked up very often and takes much of the time; the worst one only."""
    worst: tuple[float, Access] | None = None
    for access in accesses(view).all:
        mine = work_with_filter(view, access.node)
        looked_up = access.kind in ("ref", "eq_ref", "range", "ref_or_null", "fulltext", "index_merge")
        if looked_up and access.loops >= loops and mine >= share and join_of(view, access) and (worst is None or mine > worst[0]):
            worst = mine, access
    if worst is None or not (view.measured or accesses(view).rows_read >= PRODUCT or view.ran):
        return
    mine, access = worst
    yield Found(
        "nested-loop-explosion",
        access.node,
        (told(access), f"{count(access.loops)} lookups", portion(view, mine)),
        mine,
        severity(view, mine),
        basis(view),
        {"table": access.table, "loops": count(access.loops), "index": access.node.index or ""},
    )


def join_discards_rows(view: PlanView, *, kept: float = 0.1, rows: float = 100_000.0) -> Iterator[Found]:
    """A filter above a join, or a join buffer's condition, that throws nearly all pairs away."""
    for node in view.nodes:
        below = node.children[0] if node.children else None
        if node.type == "Filter" and below is not None and ("join" in below.type):
            before, after = _rows(view, below), _rows(view, node)
            condition = str(node.details.get("Filter") or "")
        elif (
            node.type == "block-nl-join"
            and view.ran
            and node.details.get("r_filtered") is not None
            and node.rows_actual is not None
        ):
            before = node.rows_actual * (node.loops or 1.0)
            after = before * float(str(node.details["r_filtered"])) / 100 if _number(node.details["r_filtered"]) else before
            condition = str(node.details.get("attached_condition") or "")
        else:
            continue
        share = work_below(view, node)
        if before is None or after is None or before < rows or after > kept * before or share < MATTERS:
            continue
        yield Found(
            "join-discards-rows",
            node,
            (f"{count(before)} pairs, {count(after)} kept", f"condition: {condition}", portion(view, share)),
            share / 2,
            severity(view, share / 2),
            basis(view),
            {"condition": condition, "pairs": count(before), "kept": count(after)},
        )


def _number(value: object) -> bool:
    return isinstance(value, int | float)


def _rows(view: PlanView, node: PlanNode) -> float | None:
    rows = node.rows_actual if view.ran else node.rows_estimated
    return None if rows is None else rows * (node.loops or 1.0)
