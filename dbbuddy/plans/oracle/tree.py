"""The rows of a plan table as a tree of nodes."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.oracle.grid import Grid
from dbbuddy.plans.oracle.values import before_parenthesis, clock, count, decimal, size
from dbbuddy.plans.paste_lines import PasteLines

_MARKS = " *->"
_MOST_LINES = 1000
_ESTIMATED_ROWS = ("E-Rows", "Rows", "Rows (Estim)", "Card")
_ACTUAL_ROWS = ("A-Rows", "Rows (Actual)")
_STARTS = ("Starts", "Execs", "Executions")
_COST = ("Cost (%CPU)", "Cost", "Cost(%CPU)")
_BYTES = ("Bytes", "E-Bytes")
_FOR_FIELDS = {"Id", "Operation", *_ESTIMATED_ROWS, *_COST}
_SIZES = {"Bytes", "E-Bytes", "TempSpc", "E-Temp", "OMem", "1Mem", "Used-Mem", "Used-Tmp", "Max-Tmp", "Mem", "Temp"} | {
    f"{what} {which}" for what in ("Mem", "Temp", "Read", "Write") for which in ("(Max)", "Bytes")
}
_ROLES = {
    "NESTED LOOPS": ("Outer", "Inner"),
    "MERGE JOIN": ("Outer", "Inner"),
    "HASH JOIN": ("Build", "Probe"),
}


@dataclass
class Tree:
    """The nodes of one table: the root, all of them with parents first, and by the number of their operation."""

    root: PlanNode
    nodes: list[PlanNode]
    by_id: dict[int, PlanNode]
    has_own_root: bool
    """False if the top of the table is missing, so that the root had to be made up."""


def read_tree(grid: Grid, lines: PasteLines) -> Tree | None:
    """The tree that the indentation of the operations draws; None if no row is one of a plan. Takes the lines it understands."""
    nodes: list[PlanNode] = []
    depths: list[int] = []
    by_id: dict[int, PlanNode] = {}
    for row in grid.rows:
        marks = row.cells.get("Id", "")
        identity = marks.strip(_MARKS)
        operation = row.cells.get("Operation", "")
        if identity.isdecimal() and operation.strip():
            node = _node(row.cells, operation)
            node.lines = tuple(lines.take(index) for index in row.lines)
            number = int(identity[:9])
            node.details["Id"] = number
            if "->" in marks:
                node.details["Running"] = True
            elif "-" in marks:
                node.details["Inactive"] = True
            by_id.setdefault(number, node)
            nodes.append(node)
            depths.append(len(operation) - len(operation.lstrip()))
        elif nodes and len(nodes[-1].lines) < _MOST_LINES and not marks.strip() and _continue(nodes[-1], row.cells):
            nodes[-1].lines += tuple(lines.take(index) for index in row.lines)
    if not nodes:
        return None
    return grow(nodes, depths, by_id)


def grow(nodes: list[PlanNode], depths: list[int], by_id: dict[int, PlanNode]) -> Tree:
    """Hang each node under the last one before it that is less deep."""
    path: list[tuple[int, PlanNode]] = []
    tops: list[PlanNode] = []
    for node, depth in zip(nodes, depths, strict=True):
        while path and path[-1][0] >= depth:
            path.pop()
        if path:
            path[-1][1].children.append(node)
        elif tops and tops[0].details.get("Id") == 0:
            tops[0].children.append(node)
        else:
            tops.append(node)
        path.append((depth, node))
    for node in nodes:
        _name_roles(node)
    if len(tops) == 1:
        return Tree(tops[0], nodes, by_id, True)
    root = PlanNode("STATEMENT", children=tops)
    return Tree(root, [root, *nodes], by_id, False)


def _name_roles(node: PlanNode) -> None:
    for start, roles in _ROLES.items():
        if node.type.startswith(start) and len(node.children) == 2:
            for child, role in zip(node.children, roles, strict=True):
                child.role = role


def _node(cells: dict[str, str], operation: str) -> PlanNode:
    node = PlanNode(operation.strip(), rows_estimated=_first(cells, _ESTIMATED_ROWS))
    for name in _COST:
        if name in cells:
            cost, processor = before_parenthesis(cells[name])
            node.total_cost = count(cost)
            if processor:
                node.details["%CPU"] = decimal(processor)
    for name, cell in cells.items():
        text = cell.strip()
        if name not in _FOR_FIELDS and name != "Name" and text not in ("", "."):
            _put(node, name, text)
    name_object(node, cells.get("Name", "").strip())
    for name in _BYTES:
        width = node.details.get(name)
        if isinstance(width, int | float) and node.rows_estimated:
            node.width = round(width / node.rows_estimated)
    measure(node, _first(cells, _STARTS), _first(cells, _ACTUAL_ROWS))
    node.total_ms = clock(cells.get("A-Time", ""))
    return node


def measure(node: PlanNode, starts: float | None, rows: float | None) -> None:
    """Put in how often the operation started and the rows of all starts; Oracle leaves both blank where nothing ran."""
    if starts is None:
        if rows is not None:
            node.loops, node.rows_actual = 1, rows
        return
    node.loops = starts
    node.rows_actual = (rows or 0) / starts if starts else 0


def _first(cells: dict[str, str], names: tuple[str, ...]) -> float | None:
    for name in names:
        value = count(cells.get(name, ""))
        if value is not None:
            return value
    return None


def _put(node: PlanNode, name: str, text: str) -> None:
    """A cell under the name of its column, as a number if it is one."""
    if name.startswith("Activity Detail"):
        node.details[name] = [text]
        return
    value = size(text) if name in _SIZES else count(text)
    if value is None and text.endswith(")"):
        head, tail = before_parenthesis(text)
        value = size(head) if name in _SIZES else None
        if value is not None:
            node.details[f"{name} Passes"] = decimal(tail)
    if value is None and text.endswith("%"):
        value = decimal(text[:-1])
    node.details[name] = text if value is None else value


def _continue(node: PlanNode, cells: dict[str, str]) -> bool:
    """A row without a number goes on with the row before it: more activity, or the rest of a long name."""
    filled = {name: cell.strip() for name, cell in cells.items() if cell.strip()}
    if not filled:
        return False
    for name, text in filled.items():
        if name.startswith("Activity Detail"):
            node.details.setdefault(name, []).append(text)
        elif name == "Operation":
            node.type = f"{node.type} {text}"
        elif name == "Name":
            name_object(node, (node.index or node.relation or str(node.details.get("Name", ""))) + text)
        else:
            node.details[name] = f"{node.details[name]} {text}" if name in node.details else text
    return True


_RELATIONS = (
    "TABLE ACCESS",
    "MAT_VIEW",
    "VIEW",
    "FIXED TABLE",
    "EXTERNAL TABLE",
    "REMOTE",
    "SEQUENCE",
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "LOAD",
    "CUBE SCAN",
    "XMLTABLE",
    "MULTI-TABLE",
)


def name_object(node: PlanNode, name: str) -> None:
    """Put the name of an object where it belongs: an index, a relation, or (queues, filters, caches) a detail."""
    if not name:
        return
    if node.type.startswith(("INDEX", "BITMAP INDEX", "DOMAIN INDEX")):
        node.index = name
    elif node.type.startswith(_RELATIONS) and not node.type.startswith("MERGE JOIN"):
        node.relation = name
    else:
        node.details["Name"] = name
