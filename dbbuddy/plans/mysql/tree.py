"""MySQL's FORMAT=TREE and EXPLAIN ANALYZE: one line an operation, its depth told by its indentation.

Where a chat or a mail took the indentation away, the depth follows from how many inputs each operation has.
"""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.mysql.operations import Operation, inputs, node_of, split_numbers
from dbbuddy.plans.mysql.times import self_from_nested

LOST_INDENTATION = "The indentation of the tree is lost: which operation stands below which was worked out from their kinds."


@dataclass
class TreeLine:
    """One operation: its column, its text without the arrow, and the numbers (from 1) of the lines it came from."""

    indent: int
    text: str
    lines: tuple[int, ...]


def plan_of(rows: list[TreeLine], notes: list[str]) -> Plan:
    """The plan that the lines tell; the first is its root."""
    parsed = [(row, split_numbers(row.text)) for row in rows]
    nodes = []
    for row, operation in parsed:
        node = node_of(operation)
        node.lines = row.lines
        nodes.append(node)
    indents = {row.indent for row, _ in parsed[1:]}
    all_alike = len(rows) > 2 and indents == {rows[0].indent}
    lost = all_alike or (len(rows) > 3 and len(indents) == 1 and not _flat(parsed))
    if lost:
        _link_by_kind(parsed, nodes)
        notes.append(LOST_INDENTATION)
    else:
        _link_by_indent(rows, nodes)
    for node in nodes:
        if node.details["Operation"].startswith("Select #"):
            _heading(node)
    root = nodes[0]
    ran = any(node.loops is not None for node in nodes)
    self_from_nested(nodes, _apart(root, None if lost else {id(node): row.indent for row, node in zip(rows, nodes, strict=True)}))
    plan = Plan("mysql", "explain analyze" if ran else "tree", root)
    if root.total_ms is not None:
        plan.totals["execution_ms"] = root.total_ms
    return plan


def _apart(root: PlanNode, indents: dict[int, int] | None) -> frozenset[int]:
    """Subqueries of the select list stand beside the first operation: its time does not hold theirs."""
    if indents is None:
        return frozenset(id(node) for node in root.children if node.type.startswith("Select #") and root.type != "Filter")
    return frozenset(id(node) for node in root.children if indents[id(node)] <= indents[id(root)])


def _flat(parsed: list[tuple[TreeLine, Operation]]) -> bool:
    """True if all operations may well be inputs of the first."""
    return inputs(parsed[0][1].text) is None or all(inputs(operation.text) == 0 for _, operation in parsed[1:])


def _heading(node: PlanNode) -> None:
    """`Select #2 (subquery in condition; dependent)` names the role of what stands below it."""
    for child in node.children:
        child.role = node.details["Operation"]
    node.type = node.details["Operation"].partition(" (")[0]


def _link_by_indent(rows: list[TreeLine], nodes: list[PlanNode]) -> None:
    above: list[tuple[int, PlanNode]] = [(rows[0].indent, nodes[0])]
    for row, node in zip(rows[1:], nodes[1:], strict=True):
        while len(above) > 1 and above[-1][0] >= row.indent:
            above.pop()
        above[-1][1].children.append(node)
        above.append((row.indent, node))


def _link_by_kind(parsed: list[tuple[TreeLine, Operation]], nodes: list[PlanNode]) -> None:
    """Each operation takes as many of those after it as it has inputs; a subquery stands below the last that may hold one."""
    waiting: list[tuple[PlanNode, float]] = []
    for (_, operation), node in zip(parsed, nodes, strict=True):
        while len(waiting) > 1 and waiting[-1][1] <= 0:
            waiting.pop()
        if operation.text.startswith("Select #"):
            while len(waiting) > 1 and not waiting[-1][0].type.startswith("Filter"):
                waiting.pop()
        if waiting:
            parent, left = waiting.pop()
            waiting.append((parent, left - 1))
            parent.children.append(node)
        count = inputs(operation.text)
        waiting.append((node, float("inf") if count is None else count))
