"""How a plan of MySQL or MariaDB reads each table, whatever format told it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any
from weakref import WeakKeyDictionary

from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.mysql.flow import MOST
from dbbuddy.plans.mysql.values import number

FULL = "ALL"
_KINDS = (
    ("Table scan", FULL),
    ("Single-row", "eq_ref"),
    ("Constant row", "const"),
    ("Full-text", "fulltext"),
    ("Index range scan", "range"),
    ("Covering index range scan", "range"),
    ("Multi-range", "range"),
    ("Index lookup", "ref"),
    ("Covering index lookup", "ref"),
    ("Covering index skip scan", "range"),
    ("Index skip scan", "range"),
    ("Index scan", "index"),
    ("Covering index scan", "index"),
)
_PER_ROW = ("expression_cache", "index_subquery", "unique_subquery")
_ACCESS_TYPES = frozenset(
    {"ALL", "index", "range", "ref", "eq_ref", "const", "system", "ref_or_null", "index_merge", "fulltext"}
    | {"unique_subquery", "index_subquery", "hash_ALL", "hash_index", "hash_range", "hash_index_merge"}
)


@dataclass(frozen=True)
class Access:
    """One table as the plan reads it.

    `read` and `kept` are rows over all loops, before and after the table's condition; `loops` how often it is read. They are
    measured if `measured`, else the planner's. `kept` is as `read` where the plan tells of no condition.
    """

    node: PlanNode
    kind: str
    condition: str
    covering: bool
    possible: tuple[str, ...]
    extra: str
    loops: float
    read: float
    kept: float
    measured: bool

    @property
    def table(self) -> str:
        return self.node.relation or ""

    @property
    def name(self) -> str:
        """What the statement calls the table."""
        return self.node.alias or self.table

    @property
    def is_intermediate(self) -> bool:
        """True for a derived table, a union or another table that the server made."""
        return self.table.startswith("<")

    @property
    def wasted(self) -> float:
        """Which share of the rows read is thrown away, 0 to 1."""
        return max(0.0, 1 - self.kept / self.read) if self.read > 0 else 0.0


class Accesses:
    """All tables of a plan, in the order of its nodes."""

    def __init__(self, view: PlanView) -> None:
        self.loops = _loops(view)
        self.all = [self._of(view, node) for node in view.nodes if node.relation is not None and _kind(node)]
        self.by_node = {id(access.node): access for access in self.all}
        self.is_one_table = sum(1 for access in self.all if not access.is_intermediate) == 1
        self.rows_read = sum(access.read for access in self.all)
        mine = (self.by_node[id(node)].read if id(node) in self.by_node else 0.0 for node in view.nodes)
        self._read_before = list(accumulate(mine, initial=0.0))

    def read_between(self, start: int, end: int) -> float:
        """The share of all rows read that the nodes of these numbers read."""
        return (self._read_before[end] - self._read_before[start]) / self.rows_read if self.rows_read else 0.0

    def _of(self, view: PlanView, node: PlanNode) -> Access:
        loops = self.loops[id(node)]
        measured = view.ran and (node.rows_actual is not None or node.loops == 0)
        rows = (node.rows_actual if measured else node.rows_estimated) or 0.0
        condition, kept = _condition(view, node, rows, measured)
        possible = node.details.get("possible_keys") or ()
        keys = possible.split(",") if isinstance(possible, str) else possible
        extra = str(node.details.get("Extra") or "")
        return Access(
            node,
            _kind(node),
            condition,
            "Using index" in extra.replace("Using index condition", "")
            or bool(node.details.get("using_index"))
            or _says_covering(node),
            tuple(str(key).strip() for key in keys),
            extra,
            loops,
            min(MOST, rows * loops),
            min(MOST, kept * loops),
            measured,
        )


_FOUND: WeakKeyDictionary[PlanView, Accesses] = WeakKeyDictionary()


def accesses(view: PlanView) -> Accesses:
    """The tables of the plan, worked out once."""
    if view not in _FOUND:
        _FOUND[view] = Accesses(view)
    return _FOUND[view]


def is_tree(plan: Plan) -> bool:
    """True for FORMAT=TREE, EXPLAIN ANALYZE and JSON of version 2, whose filters are nodes of their own."""
    return plan.format in ("tree", "explain analyze", "json v2", "analyze json v2")


def _kind(node: PlanNode) -> str:
    access = node.type if node.type in _ACCESS_TYPES else str(node.details.get("type") or "")
    if access in _ACCESS_TYPES:
        return access.removeprefix("hash_")
    return next((kind for start, kind in _KINDS if node.type.startswith(start)), "")


def _says_covering(node: PlanNode) -> bool:
    return "overing" in node.type


def _condition(view: PlanView, node: PlanNode, rows: float, measured: bool) -> tuple[str, float]:
    """The condition on the table's rows, and how many of one loop's rows pass it."""
    told: Any = node.details.get("attached_condition")
    parent = view.parent(node)
    if told is None and parent is not None and parent.type == "Filter" and parent.children[0] is node:
        after = parent.rows_actual if measured else parent.rows_estimated
        return str(parent.details.get("Filter") or ""), min(rows, after) if after is not None else rows
    share = number(node.details.get("r_filtered" if measured else "filtered"))
    return str(told or ""), rows if share is None else rows * min(share, 100.0) / 100


def _loops(view: PlanView) -> dict[int, float]:
    """How often each node runs: as measured, else as often as the tables before it in the join, or around it, give rows."""
    loops: dict[int, float] = {id(view.plan.root): 1.0}
    for node in view.nodes:
        mine = loops[id(node)]
        before = 1.0
        around = _kept(node, view.ran)
        for place, child in enumerate(node.children):
            times = around or before if _is_dependent(child) else before if place and _repeats(node, child) else 1.0
            loops[id(child)] = child.loops if child.loops is not None else min(MOST, mine * times)
            if node.type == "nested_loop":
                before = min(MOST, before * (_kept(child, view.ran) or 0.0))
            elif place == 0:
                before = _kept(child, view.ran) or 1.0
    return loops


def _repeats(node: PlanNode, child: PlanNode) -> bool:
    if node.type == "nested_loop":
        return child.type != "block-nl-join" and "join buffer" not in str(child.details.get("Extra") or "")
    return node.type.startswith("Nested loop")


def _is_dependent(child: PlanNode) -> bool:
    """True for a subquery that runs for each row of what it hangs under, or stands beside."""
    if child.role.startswith(("DEPENDENT SUBQUERY", "UNCACHEABLE SUBQUERY")) or child.type in _PER_ROW:
        return True
    words = str(child.details.get("Operation") or "") if child.type.startswith("Select #") else child.role
    return "; dependent" in words or bool(child.details.get("dependent"))


def _kept(node: PlanNode, measured: bool) -> float | None:
    if node.type == "block-nl-join" and node.children:
        return _kept(node.children[0], measured)
    rows = node.rows_actual if measured else node.rows_estimated
    share = number(node.details.get("r_filtered" if measured else "filtered"))
    return None if rows is None else rows if share is None else rows * min(share, 100.0) / 100
