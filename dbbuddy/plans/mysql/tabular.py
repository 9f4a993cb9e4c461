"""Rows of EXPLAIN and ANALYZE as a tree: the tables of one SELECT under a nested loop in join order, each other SELECT under
the place that uses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import re2

from dbbuddy.context import Engine
from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.mysql.flow import join_rows
from dbbuddy.plans.mysql.grids import Row
from dbbuddy.plans.mysql.values import number

_REFERENCE = re2.compile(r"^<(derived|subquery|union|intersect|except|unit|unary)([\d,.]*)>")
_MARIADB_TYPES = ("hash_", "|filter")
_MARIADB_WORDS = ("flat, BNL", "flat, BNLH", "incremental, BNL", "BKA", "rowid filter", "Rowid-ordered", "Key-ordered", "LATERAL")
_MYSQL_WORDS = (
    "Block Nested Loop",
    "(hash join)",
    "Batched Key Access",
    "unique row not found",
    "Backward index scan",
    "hypergraph",
)
_MAIN = ("SIMPLE", "PRIMARY", "UNION", "INSERT", "UPDATE", "DELETE", "REPLACE")


class _Select:
    """The rows of one SELECT, by its id; `block` is what hangs in the tree."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        self.nodes: list[PlanNode] = []
        self.block: PlanNode | None = None

    @property
    def kind(self) -> str:
        return str(self.nodes[-1].details.get("select_type") or "")


def plan_of(rows: Sequence[Row], names: frozenset[str] = frozenset()) -> Plan:
    """The plan that the rows of one statement tell."""
    columns = names or frozenset(name for row in rows for name in row.cells)
    selects = _selects([(row, _node(row)) for row in rows])
    for select in selects:
        select.block = _block(select)
    root = _hang(selects)
    ran = "r_rows" in columns
    return Plan(_engine(columns, rows), "analyze tabular" if ran else "tabular", root)


def statements(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows of each statement, where several plans stand in one table: ids begin anew at 1."""
    groups: list[list[Row]] = []
    highest = 0
    for row in rows:
        told = number(row.cells.get("id"))
        starts = str(row.cells.get("select_type") or "") in ("SIMPLE", "PRIMARY", "INSERT", "UPDATE", "DELETE", "REPLACE")
        if not groups or (told == 1 and starts and highest > 1):
            groups.append([])
            highest = 0
        groups[-1].append(row)
        highest = max(highest, int(told or 0))
    return groups


def _engine(columns: frozenset[str], rows: Sequence[Row]) -> Engine:
    """MySQL prints `partitions` and `filtered` always since 5.7; MariaDB never both without being asked."""
    if "r_rows" in columns or "r_filtered" in columns:
        return "mariadb"
    words = " ".join(f"{row.cells.get('type')} {row.cells.get('extra')} {row.cells.get('select_type')}" for row in rows)
    if any(word in words for word in (*_MARIADB_WORDS, *_MARIADB_TYPES)):
        return "mariadb"
    if any(word in words for word in _MYSQL_WORDS) or "type" not in columns:
        return "mysql"
    return "mysql" if {"partitions", "filtered"} <= columns or "extra" not in columns else "mariadb"


def _node(row: Row) -> PlanNode:
    cells: dict[str, Any] = dict(row.cells)
    table, access, extra = cells.get("table"), cells.get("type"), cells.get("extra")
    kind = str(cells.get("select_type") or "")
    node = PlanNode(str(access or extra or kind or "SELECT"), lines=row.lines)
    if kind.endswith(" RESULT") or (kind in ("INSERT", "REPLACE") and cells.get("rows") is None):
        node.type = kind
    node.relation = str(table) if table else None
    node.index = str(cells["key"]) if cells.get("key") else None
    node.rows_estimated = number(cells.get("rows"))
    if "r_rows" in cells and access:
        node.rows_actual = number(cells["r_rows"])
        node.loops = 0 if cells["r_rows"] is None else None
    node.details = {_NAMES.get(name, name): _detail(name, value) for name, value in cells.items() if value is not None}
    return node


_NAMES = {"extra": "Extra"}
_NUMBERS = ("filtered", "r_filtered", "rows", "r_rows", "id")


def _detail(name: str, value: Any) -> Any:
    if name not in _NUMBERS:
        return value
    told = number(value)
    return value if told is None else told


def _selects(nodes: Sequence[tuple[Row, PlanNode]]) -> list[_Select]:
    """The SELECTs in the order in which they are printed."""
    found: dict[int, _Select] = {}
    selects: list[_Select] = []
    for row, node in nodes:
        told = number(row.cells.get("id"))
        select = found.get(int(told)) if told is not None else None
        if select is None:
            select = _Select(None if told is None else int(told))
            selects.append(select)
            if told is not None:
                found[int(told)] = select
        select.nodes.append(node)
    return selects


def _block(select: _Select) -> PlanNode:
    """One node for the SELECT: its only table, its tables under a nested loop, or what is written with its rows below."""
    first, *others = select.nodes
    if not others:
        return first
    if first.type in ("INSERT", "REPLACE"):
        first.children = [_joined(others)]
        return first
    return _joined(select.nodes)


def _joined(nodes: list[PlanNode]) -> PlanNode:
    if len(nodes) == 1:
        return nodes[0]
    join = PlanNode("nested_loop", children=nodes)
    join_rows(join)
    return join


def _hang(selects: list[_Select]) -> PlanNode:
    """All SELECTs under the places that use them; what no place names hangs below the SELECT printed before it."""
    by_number = {select.number: select for select in selects if select.number is not None}
    home = {id(node): select for select in selects for node in select.nodes}
    used: set[int] = set()
    unions = {_members(node)[0]: select for select in selects for node in select.nodes if _members(node) and _is_result(node)}
    for select in selects:
        for node in select.nodes:
            for name in _members(node):
                union = None if _is_result(node) else unions.get(name)
                inside = union is not None and home[id(node)].number in _members(union.nodes[0])
                _use(node, None if inside else union or by_number.get(name), home[id(node)], used)
    top = next((select for select in selects if id(select) not in used), selects[0])
    results = [
        select for select in selects if id(select) not in used and _is_result(select.nodes[0]) and _holds(select, selects[0])
    ]
    root = (results[0] if results else top).block
    assert root is not None
    main = top
    by_name = _Names(selects)
    for select in selects:
        if id(select) not in used and select.block is not root and select.block is not None:
            parent = by_name.home_of(select) or main
            target_node = root if parent is select or parent.block is None else parent.block
            target_node.children.append(select.block)
            select.block.role = _role(select)
        if select.kind in _MAIN and (id(select) not in used or (results and select.number in _members(root))):
            main = select
    return _whole(root, [select.block for select in selects if select.block is not None])


def _holds(result: _Select, first: _Select) -> bool:
    return first.number is not None and first.number in _members(result.nodes[0])


def _use(node: PlanNode, target: _Select | None, home: _Select, used: set[int]) -> None:
    if target is None or target is home or id(target) in used or target.block is None:
        return
    used.add(id(target))
    target.block.role = _role(target)
    node.children.append(target.block)


def _role(select: _Select) -> str:
    return f"{select.kind} {select.number}".strip() if select.number is not None else select.kind


def _is_result(node: PlanNode) -> bool:
    return str(node.details.get("select_type") or "").endswith(" RESULT")


def _members(node: PlanNode) -> list[int]:
    """The SELECTs that `<derived2>`, `<subquery3>` or `<union1,2>` names."""
    found = _REFERENCE.match(node.relation or "")
    if found is None:
        return []
    return [int(part[:9]) for part in found.group(2).replace(".", "").split(",") if part]


class _Names:
    """Where a table's name was last seen, so that a dependent subquery finds the SELECT that its `ref` speaks of."""

    def __init__(self, selects: list[_Select]) -> None:
        self.homes: dict[str, _Select] = {}
        for select in selects:
            for node in select.nodes:
                if node.relation:
                    self.homes.setdefault(node.relation, select)

    def home_of(self, select: _Select) -> _Select | None:
        own = {node.relation for node in select.nodes}
        for node in select.nodes:
            for part in str(node.details.get("ref") or "").split(","):
                pieces = part.split(".")
                home = self.homes.get(pieces[-2]) if len(pieces) > 1 and pieces[-2] not in own else None
                if home is not None and home is not select and (home.number or 0) < (select.number or 0):
                    return home
        return None


def _whole(root: PlanNode, blocks: list[PlanNode]) -> PlanNode:
    """The tree with each node once, even if damaged rows name each other in a circle or nothing leads to a SELECT."""
    seen = {id(root)}
    _once(root, seen)
    for block in blocks:
        if id(block) not in seen:
            seen.add(id(block))
            root.children.append(block)
            _once(block, seen)
    return root


def _once(top: PlanNode, seen: set[int]) -> None:
    waiting = [top]
    while waiting:
        node = waiting.pop()
        kept = []
        for child in node.children:
            if id(child) not in seen:
                seen.add(id(child))
                kept.append(child)
        node.children = kept
        waiting.extend(kept)
