"""EXPLAIN FORMAT=JSON of MySQL (version 1) and of MariaDB, and MariaDB's ANALYZE FORMAT=JSON, as a tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbbuddy.context import Engine
from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.mysql.flow import join_rows
from dbbuddy.plans.mysql.json_values import Members
from dbbuddy.plans.mysql.times import shrink, totals_from_own
from dbbuddy.plans.mysql.values import number

_JOINED = frozenset({"table", "block-nl-join", "read_sorted_file"})
_STEPS = _JOINED | {
    "query_block",
    "nested_loop",
    "filesort",
    "temporary_table",
    "window_functions_computation",
    "sorts",
    "duplicates_removal",
    "ordering_operation",
    "grouping_operation",
    "buffer_result",
    "windowing",
    "union_result",
    "intersect_result",
    "except_result",
    "unary_result",
    "unit_result",
    "recursive_union",
    "recursive",
    "query_specifications",
    "materialized_from_subquery",
    "materialized",
    "subqueries",
    "expression_cache",
    "insert_from",
    "query_specification",
}
_MARIADB_KEYS = frozenset(
    {"r_loops", "r_rows", "query_optimization", "filesort", "temporary_table", "block-nl-join", "read_sorted_file", "subqueries"}
    | {"expression_cache", "rowid_filter", "window_functions_computation", "r_total_time_ms", "rows", "materialized", "unit_result"}
    | {"loops", "operation", "message of a table"}
)
_MYSQL_KEYS = frozenset(
    {"rows_examined_per_scan", "cost_info", "ordering_operation", "grouping_operation", "materialized_from_subquery"}
)
_TAKEN = frozenset({"table_name", "access_type", "key", "rows_examined_per_scan", "rows", "r_rows", "r_loops"})


def is_plan(value: Any) -> bool:
    """Whether the object is such a plan."""
    return isinstance(value, Members) and any(isinstance(value.get(key), Members) for key in ("query_block", "query_optimization"))


class _Builder:
    def __init__(self) -> None:
        self.nodes: list[PlanNode] = []
        self.own: dict[int, float] = {}
        self.whole: dict[int, float] = {}
        self.waiting: list[tuple[PlanNode, Members]] = []
        self.keys: set[str] = set()

    def build(self, block: Members) -> PlanNode:
        root = PlanNode("query_block")
        self.waiting = [(root, block)]
        while self.waiting:
            node, members = self.waiting.pop()
            self.nodes.append(node)
            self.keys.update(members)
            if node.type == "table" and "message" in members and "table_name" not in members:
                self.keys.add("message of a table")
            self._fill(node, members)
        return root

    def _fill(self, node: PlanNode, members: Members) -> None:
        joined: list[tuple[PlanNode, Members]] = []
        for key, value in members.pairs:
            if key == "nested_loop" and isinstance(value, list):
                joined += [entry for item in value if isinstance(item, Members) for entry in self._steps(item, "")]
            elif key in _JOINED and isinstance(value, Members):
                joined.append((_step(key, ""), value))
            elif key == "duplicates_removal" and isinstance(value, list):
                joined.append((_step(key, ""), Members([("nested_loop", value)])))
            elif _is_step(key, value):
                role = "" if key in ("query_block", "nested_loop") else key
                self._take(node, self._wrapped(key, value, role))
            else:
                _detail(node, key, value)
        if len(joined) > 1:
            join = PlanNode("nested_loop", children=[child for child, _ in joined])
            node.children.insert(0, join)
            self.nodes.append(join)
            self.waiting += reversed(joined)
        else:
            node.children[:0] = [child for child, _ in joined]
            self.waiting += joined
        _place(node, members)
        self._times(node, members)

    def _take(self, node: PlanNode, below: list[tuple[PlanNode, Members]]) -> None:
        node.children += [child for child, _ in below]
        self.waiting += reversed(below)

    def _steps(self, item: Members, role: str) -> Iterator[tuple[PlanNode, Members]]:
        for key, value in item.pairs:
            if key == "duplicates_removal" and isinstance(value, list):
                yield _step(key, role), Members([("nested_loop", value)])
            elif isinstance(value, Members) and _is_step(key, value):
                yield _step(key, role), value

    def _wrapped(self, key: str, value: Any, role: str) -> list[tuple[PlanNode, Members]]:
        """What stands in a list of subqueries, or behind a key that only says what the query below is for."""
        below: list[tuple[PlanNode, Members]] = []
        for item in value if isinstance(value, list) else [value]:
            if not isinstance(item, Members):
                continue
            inner = list(self._steps(item, role))
            if (isinstance(value, list) or key in _WRAPPERS) and len(inner) == 1:
                for name, told in item.pairs:
                    if not _is_step(name, told):
                        _detail(inner[0][0], name, told)
                below += inner
            else:
                below.append((_step(key, ""), item))
        return below

    def _times(self, node: PlanNode, members: Members) -> None:
        """`r_total_time_ms` holds the time of all below, but not a table's (old versions), nor a sort's of a temporary table."""
        self._costs(node, members)
        total = number(members.get("r_total_time_ms"))
        parts = [number(members.get(name)) for name in ("r_table_time_ms", "r_unpack_time_ms", "r_other_time_ms")]
        own = sum(part for part in parts if part is not None)
        if any(part is not None for part in parts):
            self.own[id(node)] = own
        elif total is not None:
            sorts_temporary = node.type == "filesort" and "temporary_table" in members
            is_own = sorts_temporary or members.get("table_name") is not None
            (self.own if is_own else self.whole)[id(node)] = total

    @staticmethod
    def _costs(node: PlanNode, members: Members) -> None:
        costs = members.get("cost_info")
        if isinstance(costs, Members):
            for name, value in costs.pairs:
                told = number(value)
                node.details[name] = value if told is None else told
            read, evaluated = number(costs.get("read_cost")), number(costs.get("eval_cost"))
            if read is not None or evaluated is not None:
                node.total_cost = (read or 0.0) + (evaluated or 0.0)
            elif (told := number(costs.get("query_cost", costs.get("sort_cost")))) is not None:
                node.total_cost = told
        elif (told := number(members.get("cost"))) is not None:
            node.total_cost = told


_WRAPPERS = frozenset({"materialized_from_subquery", "materialized", "insert_from", "query_specification"})


def _is_step(key: str, value: Any) -> bool:
    if not isinstance(value, Members | list) or not value:
        return False
    if key in _STEPS or key.endswith("_subqueries"):
        return isinstance(value, Members) or any(isinstance(item, Members) for item in value)
    return isinstance(value, Members) and any(name in _STEPS and isinstance(inner, Members | list) for name, inner in value.items())


def _step(key: str, role: str) -> PlanNode:
    return PlanNode(key, role)


def _detail(node: PlanNode, key: str, value: Any) -> None:
    if key == "cost_info" or (key in _TAKEN and not isinstance(value, Members | list)):
        return
    if isinstance(value, Members):
        node.details[key] = dict(value)
    elif isinstance(value, list):
        node.details[key] = [dict(item) if isinstance(item, Members) else item for item in value]
    else:
        node.details[key] = value


def _place(node: PlanNode, members: Members) -> None:
    """What a node works on, how it reads it, and how many rows that gives."""
    name, access, message = members.get("table_name"), members.get("access_type"), members.get("message")
    if name is not None:
        node.relation = str(name)
    if node.type == "table":
        node.type = str(access or message or "table")
    elif access is not None:
        node.details["access_type"] = access
    if members.get("key") is not None and not isinstance(members["key"], Members | list):
        node.index = str(members["key"])
    node.rows_estimated = _first(members, "rows_examined_per_scan", "rows")
    node.rows_actual = _first(members, "r_rows", "r_output_rows", "r_effective_rows")
    loops = number(members.get("r_loops"))
    node.loops = loops if loops is not None or "r_rows" not in members else (0.0 if members["r_rows"] is None else None)
    if loops == 0:
        node.rows_actual = None


def _first(members: Members, *names: str) -> float | None:
    return next((told for name in names if (told := number(members.get(name))) is not None), None)


def plan_of(document: Members) -> Plan:
    """The plan that one JSON document holds."""
    block = document.get("query_block")
    builder = _Builder()
    root = builder.build(block if isinstance(block, Members) else Members())
    by_depth = list(root.walk())
    for node in reversed(by_depth):
        if node.type == "nested_loop":
            join_rows(node)
        _total_cost(node)
    totals_from_own(by_depth, builder.own, builder.whole)
    if root.total_ms is not None:
        shrink(root)
    ran = any(node.loops is not None for node in by_depth)
    engine: Engine = "mariadb" if _is_mariadb(builder.keys | set(document)) else "mysql"
    plan = Plan(engine, "analyze json" if ran else "json", root)
    if root.total_ms is not None:
        plan.totals["execution_ms"] = root.total_ms
    optimization = document.get("query_optimization")
    if isinstance(optimization, Members) and (told := number(optimization.get("r_total_time_ms"))) is not None:
        plan.totals["planning_ms"] = told
    for key, value in document.pairs:
        if key not in ("query_block", "query_optimization"):
            plan.details[key] = dict(value) if isinstance(value, Members) else value
    return plan


def _total_cost(node: PlanNode) -> None:
    """Costs with those of the nodes below, where a node tells only its own."""
    below = sum(child.total_cost or 0.0 for child in node.children)
    if node.type == "ordering_operation" or node.relation is not None:
        node.total_cost = (node.total_cost or 0.0) + below if node.total_cost is not None or below else None
    elif below and (node.total_cost is None or node.total_cost < below):
        node.total_cost = below


def _is_mariadb(keys: set[str]) -> bool:
    return bool(keys & _MARIADB_KEYS) and not keys & _MYSQL_KEYS
