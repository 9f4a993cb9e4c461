"""MySQL's EXPLAIN FORMAT=JSON of version 2: the tree of FORMAT=TREE with its parts named."""

from __future__ import annotations

from typing import Any

from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.mysql.json_values import Members
from dbbuddy.plans.mysql.operations import describe
from dbbuddy.plans.mysql.times import self_from_nested
from dbbuddy.plans.mysql.values import number

_TAKEN = frozenset({"inputs", "operation", "heading", "index_name", "table_name", "schema_name", "alias", "estimated_rows"})
_MEASURES = frozenset(
    {"estimated_total_cost", "estimated_first_row_cost", "actual_rows", "actual_loops", "actual_first_row_ms", "actual_last_row_ms"}
)


def is_plan(value: Any) -> bool:
    """Whether the object is a plan of version 2, or an operation of one."""
    return isinstance(value, Members) and (isinstance(value.get("query_plan"), Members) or "operation" in value)


def plan_of(document: Members) -> Plan:
    """The plan that one JSON document holds."""
    top = document.get("query_plan", document)
    root = _node(top)
    nodes: list[PlanNode] = []
    waiting: list[tuple[PlanNode, Members]] = [(root, top)]
    while waiting:
        node, members = waiting.pop()
        nodes.append(node)
        inputs = members.get("inputs")
        below = [(_node(item), item) for item in inputs if isinstance(item, Members)] if isinstance(inputs, list) else []
        node.children = [child for child, _ in below]
        waiting.extend(reversed(below))
    ran = any(node.loops is not None for node in nodes)
    self_from_nested(nodes)
    plan = Plan("mysql", "analyze json v2" if ran else "json v2", root)
    if root.total_ms is not None:
        plan.totals["execution_ms"] = root.total_ms
    plan.statement = str(document["query"]) if isinstance(document.get("query"), str) else None
    for key, value in document.pairs:
        if key not in ("query_plan", "query") and top is not document:
            plan.details[key] = value
    return plan


def _node(members: Members) -> PlanNode:
    node = describe(str(members.get("operation") or members.get("access_type") or "operation"))
    node.role = str(members.get("heading") or "")
    table, alias = members.get("table_name"), members.get("alias")
    if table is not None:
        node.relation = str(table)
    node.alias = None if alias is None else str(alias)
    node.schema = None if members.get("schema_name") is None else str(members["schema_name"])
    if members.get("index_name") is not None:
        node.index = str(members["index_name"])
    for key, value in members.pairs:
        if key not in _TAKEN and key not in _MEASURES:
            node.details[key] = value
    node.rows_estimated = number(members.get("estimated_rows"))
    node.startup_cost = number(members.get("estimated_first_row_cost"))
    node.total_cost = number(members.get("estimated_total_cost"))
    _measured(node, members)
    return node


def _measured(node: PlanNode, members: Members) -> None:
    if not any(key.startswith("actual_") for key in members):
        return
    node.loops = number(members.get("actual_loops"))
    if members.get("actual_loops") is None:
        node.loops = 0
    if node.loops == 0:
        return
    node.rows_actual = number(members.get("actual_rows"))
    node.startup_ms = number(members.get("actual_first_row_ms"))
    per_loop = number(members.get("actual_last_row_ms"))
    if per_loop is not None:
        node.total_ms = round(per_loop * (1.0 if node.loops is None else node.loops), 6)
