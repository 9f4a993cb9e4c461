"""A plan's tree as JSON, of any depth: the standard encoder gives up at about a thousand levels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dbbuddy.plans.model import PlanNode

_END = object()


def tree_json(root: PlanNode) -> str:
    """The node and all below it as one JSON object; `number` counts the nodes from 0, parents first."""
    return "".join(_pieces(root))


def _pieces(root: PlanNode) -> Iterator[str]:
    number = 0
    waiting: list[Any] = [root]
    first = True
    while waiting:
        node = waiting.pop()
        if node is _END:
            yield "]}"
            first = False
            continue
        yield ("" if first else ", ") + json.dumps(_fields(node, number), ensure_ascii=False, default=str)[:-1] + ', "children": ['
        number += 1
        waiting.append(_END)
        waiting.extend(reversed(node.children))
        first = True


def _fields(node: PlanNode, number: int) -> dict[str, Any]:
    return {
        "number": number,
        "type": node.type,
        "role": node.role,
        "relation": node.relation,
        "schema": node.schema,
        "alias": node.alias,
        "index": node.index,
        "rows_estimated": node.rows_estimated,
        "rows_actual": node.rows_actual,
        "loops": node.loops,
        "width": node.width,
        "startup_cost": node.startup_cost,
        "total_cost": node.total_cost,
        "startup_ms": node.startup_ms,
        "self_ms": _rounded(node.self_ms),
        "total_ms": _rounded(node.total_ms),
        "details": node.details,
        "lines": node.lines,
    }


def _rounded(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds, 4)
