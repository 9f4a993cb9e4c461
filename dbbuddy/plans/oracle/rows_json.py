"""Rows of PLAN_TABLE or V$SQL_PLAN_STATISTICS_ALL, exported as JSON."""

from __future__ import annotations

import json
from typing import Any

from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.numbers import CAREFUL, has_extremes
from dbbuddy.plans.oracle.times import self_from_cumulative, share_estimates
from dbbuddy.plans.oracle.tree import grow, measure, name_object
from dbbuddy.plans.oracle.values import decimal

_FOR_FIELDS = {"parent_id", "depth", "operation", "options", "object_owner", "object_name", "cost", "cardinality"}
_DETAILS = {
    "id": "Id",
    "access_predicates": "Access Predicates",
    "filter_predicates": "Filter Predicates",
    "storage_predicates": "Storage Predicates",
    "qblock_name": "Query Block",
    "object_alias": "Object Alias",
    "projection": "Column Projection",
    "partition_start": "Pstart",
    "partition_stop": "Pstop",
    "bytes": "Bytes",
    "temp_space": "TempSpc",
    "actual_rows": "A-Rows",
    "last_output_rows": "A-Rows",
    "actual_starts": "Starts",
    "last_starts": "Starts",
    "actual_cr_buffer_gets": "Buffers",
    "last_cr_buffer_gets": "Buffers",
    "actual_disk_reads": "Reads",
    "last_disk_reads": "Reads",
    "actual_disk_writes": "Writes",
    "last_disk_writes": "Writes",
    "actual_memory_used": "Used-Mem",
    "last_memory_used": "Used-Mem",
    "actual_tempseg_size": "Used-Tmp",
    "last_tempseg_size": "Used-Tmp",
}


def looks_like(text: str) -> bool:
    """Whether this is JSON with rows that have an operation and a parent."""
    folded = text[:20_000].lower()
    return text.lstrip()[:1] in ("[", "{") and '"operation"' in folded and '"parent_id"' in folded


def read(text: str) -> ReadPlans:
    """The plan that the rows hold; several statements if several rows have no parent."""
    try:
        data = json.loads(text, **(CAREFUL if has_extremes(text) else {}))
    except (ValueError, RecursionError) as error:
        raise PlanError(f"This looks like plan rows as JSON, but it is damaged: {error}. Paste the whole array.") from error
    rows = _rows(data)
    if not rows:
        raise PlanError("The JSON holds no plan rows: each needs id, parent_id and operation.")
    groups: list[list[dict[str, Any]]] = []
    for row in rows:
        if row.get("parent_id") is None or not groups:
            groups.append([])
        groups[-1].append(row)
    return ReadPlans([_plan(group) for group in groups])


def _rows(data: Any) -> list[dict[str, Any]]:
    if isinstance(data, dict):
        data = next((value for value in data.values() if isinstance(value, list)), [])
    if not isinstance(data, list):
        return []
    folded = [{str(name).lower(): value for name, value in row.items()} for row in data if isinstance(row, dict)]
    return [row for row in folded if row.get("operation")]


def _plan(rows: list[dict[str, Any]]) -> Plan:
    depths: list[int] = []
    depth_of: dict[Any, int] = {}
    nodes: list[PlanNode] = []
    for row in rows:
        depth = depth_of.get(str(row.get("parent_id")), -1) + 1
        depth_of[str(row.get("id"))] = depth
        depths.append(depth)
        nodes.append(_node(row))
    tree = grow(nodes, depths, {})
    share_estimates(tree.nodes)
    self_from_cumulative(tree.nodes)
    totals = {} if tree.root.total_ms is None else {"execution_ms": tree.root.total_ms}
    return Plan("oracle", "plan rows json", tree.root, totals)


def _node(row: dict[str, Any]) -> PlanNode:
    node = PlanNode(" ".join(str(row[name]) for name in ("operation", "options") if row.get(name)))
    node.schema = str(row["object_owner"]) if row.get("object_owner") else None
    name_object(node, str(row.get("object_name") or ""))
    node.rows_estimated = _number(row.get("cardinality"))
    node.total_cost = _number(row.get("cost"))
    for name, value in row.items():
        if value is not None and name not in _FOR_FIELDS:
            node.details[_DETAILS.get(name, name)] = value
    alias = row.get("object_alias")
    if isinstance(alias, str):
        node.alias = alias.rpartition("@")[0].strip('"') or alias
    width = _number(row.get("bytes"))
    if width is not None and node.rows_estimated:
        node.width = round(width / node.rows_estimated)
    starts = _number(row.get("actual_starts", row.get("last_starts")))
    measure(node, starts, _number(row.get("actual_rows", row.get("last_output_rows"))))
    elapsed = _number(row.get("actual_elapsed_time", row.get("last_elapsed_time")))
    node.total_ms = None if elapsed is None else elapsed / 1000
    return node


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    return decimal(value) if isinstance(value, str) else None
