"""Tanel Poder's xbi.sql: a table without bars, whose rules tell where the columns stand and whose times are self times."""

from __future__ import annotations

import re2

from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.oracle.grid import is_rule
from dbbuddy.plans.oracle.tree import grow, measure, name_object
from dbbuddy.plans.oracle.values import count
from dbbuddy.plans.paste_lines import PasteLines

_TITLE = "Row Source"
_OBJECT = re2.compile(r"^(.*?)\s*\[([^\[\]]+)\]$")
_PREDICATE = re2.compile(r"^\s*(\d{1,9})\s+(\S+\s+)?- (access|filter|storage)\((.*)\)\s*$")
_MOST_LINES = 1000
_WORD = re2.compile(r"\S+")
_STATEMENT = re2.compile(r"sql_id=(\w+)(?:\s+child=(\d+))?")
_ROWS, _STARTS, _ESTIMATED, _COST = "Real #rows returned", "Rowsource starts", "Est. rows total", "Optimizer Cost"
_MILLISECONDS = "ms spent in this operation"


def looks_like(text: str) -> bool:
    """Whether the heading of xbi.sql is there."""
    return _TITLE in text and "ms spent in" in text


def read(text: str) -> ReadPlans:
    """The plans in the text, each with its predicates."""
    lines = PasteLines(text)
    plans: list[Plan] = []
    by_id: dict[int, PlanNode] = {}
    index = 0
    while index < len(lines):
        line = lines.texts[index]
        found = _PREDICATE.match(line)
        if _TITLE in line and index + 1 < len(lines) and is_rule(lines.texts[index + 1]):
            plan, by_id, index = _table(lines, index + 1)
            if plan is not None:
                plans.append(plan)
            continue
        node = by_id.get(int(found.group(1))) if found else None
        if found and node is not None and len(node.lines) < _MOST_LINES:
            key = f"{found.group(3).capitalize()} Predicates"
            node.details[key] = f"{node.details[key]} AND {found.group(4)}" if key in node.details else found.group(4)
            node.lines += (lines.take(index),)
        elif (
            is_rule(line)
            or "eXplain Better" in line
            or "Predicate Information" in line
            or line.startswith("Cursor:")
            or _is_heading(lines, index)
        ):
            lines.take(index)
        index += 1
    if not plans:
        raise PlanError("This looks like xbi output, but its rows cannot be read. Paste the whole table with its rule line.")
    statement = _STATEMENT.search(text)
    if statement:
        plans[0].details["SQL_ID"] = statement.group(1)
    return ReadPlans(plans, lines.unread())


def _is_heading(lines: PasteLines, index: int) -> bool:
    """Whether one of the next three lines is the rule below a heading."""
    return any(is_rule(text) for text in lines.texts[index + 1 : index + 3]) and (
        "Op" in lines.texts[index] or "CHLD" in lines.texts[index]
    )


def _table(lines: PasteLines, rule: int) -> tuple[Plan | None, dict[int, PlanNode], int]:
    spans: list[tuple[int, int]] = []
    position = 0
    for part in lines.texts[rule].split(" "):
        if part:
            spans.append((position, position + len(part)))
        position += len(part) + 1
    heading = [line for line in range(max(0, rule - 3), rule) if lines.texts[line].strip()]
    columns = [" ".join(filter(None, (lines.texts[line][start:end].strip() for line in heading))) for start, end in spans]
    for line in (*heading, rule):
        lines.take(line)
    nodes: list[PlanNode] = []
    depths: list[int] = []
    by_id: dict[int, PlanNode] = {}
    index = rule + 1
    while index < len(lines) and lines.texts[index].strip():
        cells = _cells(lines.texts[index], columns, spans)
        number = count(cells.get("Op ID", ""))
        operation = next((cell for name, cell in cells.items() if name.endswith(_TITLE)), "")
        if number is not None and operation.strip():
            node = _node(cells, operation)
            node.lines = (lines.take(index),)
            node.details["Id"] = int(number)
            by_id.setdefault(int(number), node)
            nodes.append(node)
            depths.append(len(operation) - len(operation.lstrip()))
        index += 1
    if not nodes:
        return None, by_id, index
    tree = grow(nodes, depths, by_id)
    total = nodes[0].self_ms if nodes[0].details["Id"] == 0 else None
    if total is not None:
        nodes[0].self_ms = 0.0
    for node in reversed(tree.nodes):
        node.total_ms = round((node.self_ms or 0.0) + sum(child.total_ms or 0.0 for child in node.children), 3)
    totals = {} if total is None else {"execution_ms": total}
    return Plan("oracle", "xbi", tree.root, totals), by_id, index


def _cells(line: str, columns: list[str], spans: list[tuple[int, int]]) -> dict[str, str]:
    """Cut at the columns; behind the operation whole words go to the column that they overlap, as rows may be shifted."""
    cells: dict[str, str] = {}
    shifted = 0
    for column, (name, (start, end)) in enumerate(zip(columns, spans, strict=True)):
        cells[name] = line[start:end]
        if name.endswith(_TITLE):
            shifted = column + 1
            break
    for word in _WORD.finditer(line, spans[shifted - 1][1] if shifted else len(line)):
        for name, (start, end) in zip(columns[shifted:], spans[shifted:], strict=True):
            if word.start() <= end and word.end() > start:
                cells[name] = f"{cells[name]} {word.group()}" if name in cells else word.group()
                break
    return cells


def _node(cells: dict[str, str], operation: str) -> PlanNode:
    found = _OBJECT.match(operation.strip())
    node = PlanNode(found.group(1).strip() if found else operation.strip())
    if found:
        name_object(node, found.group(2))
    node.total_cost = count(cells.get(_COST, ""))
    node.self_ms = count(cells.get(_MILLISECONDS, ""))
    starts = count(cells.get(_STARTS, ""))
    measure(node, starts, count(cells.get(_ROWS, "")))
    estimated = count(cells.get(_ESTIMATED, ""))
    if estimated is not None:
        node.rows_estimated = estimated / starts if starts else estimated
    for name, cell in cells.items():
        text = cell.strip()
        if text and name not in (_COST, _MILLISECONDS, "Op ID") and not name.endswith(_TITLE):
            value = count(text)
            node.details[name] = text if value is None else value
    return node
