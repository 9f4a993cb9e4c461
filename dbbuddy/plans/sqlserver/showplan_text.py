"""SHOWPLAN_TEXT, SHOWPLAN_ALL and STATISTICS PROFILE, copied from a grid (tabs) or printed in columns of fixed width."""

from __future__ import annotations

from dataclasses import dataclass, field

import re2

from dbbuddy.plans.model import Plan, PlanError, PlanNode, ReadPlans
from dbbuddy.plans.numbers import bounded
from dbbuddy.plans.paste_lines import PasteLines
from dbbuddy.plans.sqlserver.operator_text import Signs, fill_from_text, open_parentheses, operator_end, signs

_MARK = "|--"
_SPACES = str.maketrans('|",;', "    ")
_SURE = re2.compile(r"(?m)^[\s\d|]*\|--[A-Z][A-Za-z /]*\(|^\s*(?:Rows\s+Executes\s+)?StmtText(?:\s|$)")
_HEADER = re2.compile(r'^\s*"?(?:Rows"?[\s,;]+"?Executes"?[\s,;]+"?)?StmtText"?(?:\s|,|;|$)')
_RULE = re2.compile(r"^\s*-{2,}[-\s]*$")
_FOOTER = re2.compile(r"(?i)^\s*\(\d+ (?:rows?|row\(s\)|Zeile\S*|lignes?|filas?|строк\S*) ?\S*\)\s*\.?$")
_AFTER_TEXT = [
    "StmtId",
    "NodeId",
    "Parent",
    "PhysicalOp",
    "LogicalOp",
    "Argument",
    "DefinedValues",
    "EstimateRows",
    "EstimateIO",
    "EstimateCPU",
    "AvgRowSize",
    "TotalSubtreeCost",
    "OutputList",
    "Warnings",
    "Type",
    "Parallel",
    "EstimateExecutions",
]
_FOR_FIELDS = {"StmtText", "Rows", "Executes", "PhysicalOp", "EstimateRows", "AvgRowSize", "TotalSubtreeCost"}


def looks_like(text: str) -> bool:
    """Whether the text shows operators behind `|--`, or the header of such a result."""
    return "|--" in text and _SURE.search(text) is not None


@dataclass
class _Columns:
    """The columns that a header announces: by name, and where each stands if the client prints fixed widths."""

    names: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)

    def cells(self, line: str) -> dict[str, str]:
        if "\t" in line:
            names = self.names or ["StmtText", *_AFTER_TEXT]
            return dict(zip(names, (cell.strip().strip('"') for cell in line.split("\t")), strict=False))
        if len(self.spans) > 1:
            return {name: line[start:end].strip() for name, (start, end) in zip(self.names, self.spans, strict=False)}
        return {}


def _counted(before: str) -> tuple[str | None, str | None] | None:
    """The rows and executions before the branches of the tree, if they are there; None if other words are."""
    words = before.translate(_SPACES).split()
    if not words:
        return None, None
    if len(words) == 2 and words[0].isdecimal() and words[1].isdecimal():
        return words[0], words[1]
    return None


@dataclass
class _Row:
    """An operator as far as its lines have been seen."""

    indent: int
    texts: list[str]
    open: int
    numbers: list[int]
    cells: dict[str, str]
    counted: tuple[str | None, str | None]
    signs: Signs | None
    """The parentheses of the text as long as it is one line."""


@dataclass
class _Reader:
    lines: PasteLines
    columns: _Columns = field(default_factory=_Columns)
    in_statement: bool = False
    statement: list[str] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    plans: list[Plan] = field(default_factory=list)

    def run(self) -> None:
        for index, line in enumerate(self.lines.texts):
            if line.strip():
                self._line(index, line)
        self._finish()

    def _line(self, index: int, line: str) -> None:
        mark = line.find(_MARK)
        counted = _counted(line[:mark]) if mark >= 0 else None
        if counted is not None and line[mark + len(_MARK) :].strip():
            self.lines.take(index)
            self._operator(index, line, mark, counted)
        elif "StmtText" in line and _HEADER.match(line):
            self.lines.take(index)
            self._header(index, line)
        elif self.rows and self.rows[-1].open > 0 and not _FOOTER.match(line):
            row = self.rows[-1]
            row.texts.append(line.strip())
            row.open += open_parentheses(signs(line))
            row.signs = None
            row.numbers.append(self.lines.take(index))
        elif _FOOTER.match(line):
            self.lines.take(index)
            self._finish()
        elif self.in_statement:
            self.lines.take(index)
            if not _RULE.match(line):
                self.statement.append(self._statement_text(line))

    def _statement_text(self, line: str) -> str:
        return (self.columns.cells(line).get("StmtText") or line).strip()

    def _header(self, index: int, line: str) -> None:
        self._finish()
        following = self.lines.texts[index + 1] if index + 1 < len(self.lines) else ""
        spans: list[tuple[int, int]] = []
        if _RULE.match(following) and "\t" not in line:
            position = 0
            for part in following.split(" "):
                if part:
                    spans.append((position, position + len(part)))
                position += len(part) + 1
        names = [name.strip('"') for name in line.split()]
        self.columns = _Columns(names, spans if len(spans) == len(names) else [])
        self.in_statement = True
        self.statement = [] if self.statement and self.plans else self.statement

    def _operator(self, index: int, line: str, indent: int, counted: tuple[str | None, str | None]) -> None:
        self.in_statement = False
        text = line[indent + len(_MARK) :].strip()
        if self.rows and indent <= self.rows[0].indent:
            self._finish()
        cells = self.columns.cells(line)
        found = signs(text)
        if "\t" in text or cells:
            end = operator_end(text, found)
            text = text[:end].rstrip()
            found = [(sign, position) for sign, position in found if position < end]
        self.rows.append(_Row(indent, [text], open_parentheses(found), [index + 1], cells, counted, found))

    def _finish(self) -> None:
        """Turn the operators seen so far into a plan."""
        if not self.rows:
            return
        nodes: list[tuple[int, PlanNode]] = []
        root: PlanNode | None = None
        for row in self.rows:
            node = _node(row)
            while nodes and nodes[-1][0] >= row.indent:
                nodes.pop()
            if nodes:
                nodes[-1][1].children.append(node)
            root = root or node
            nodes.append((row.indent, node))
        assert root is not None
        counted = any(node.loops is not None for node in root.walk())
        many = "EstimateRows" in self.columns.names or root.rows_estimated is not None
        plan_format = "statistics profile" if counted else "showplan all" if many else "showplan text"
        statement = "\n".join(self.statement).strip() or None
        self.plans.append(Plan("sqlserver", plan_format, root, statement=statement))
        self.rows = []
        self.statement = []


def _node(row: _Row) -> PlanNode:
    cells = row.cells
    text = " ".join(row.texts)
    found = signs(text) if row.signs is None else row.signs
    end = operator_end(text, found)
    rest = text[end:].strip()
    node = PlanNode(type="", lines=tuple(row.numbers))
    fill_from_text(node, text[:end], [(sign, position) for sign, position in found if position < end])
    if rest and not cells:
        node.details["Flags"] = f"{node.details['Flags']}, {rest}" if "Flags" in node.details else rest
    if cells.get("PhysicalOp") not in (None, "", "NULL"):
        node.type = cells["PhysicalOp"]
    node.rows_estimated = _decimal(cells.get("EstimateRows"))
    node.total_cost = _decimal(cells.get("TotalSubtreeCost"))
    width = _decimal(cells.get("AvgRowSize"))
    node.width = None if width is None else int(width)
    for name, value in cells.items():
        if name in _FOR_FIELDS or value in ("", "NULL"):
            continue
        decimal = _decimal(value)
        node.details[name] = value if decimal is None else decimal
    rows = _decimal(row.counted[0] or cells.get("Rows"))
    executes = _decimal(row.counted[1] or cells.get("Executes"))
    if rows is not None and executes is not None:
        node.loops = executes
        node.rows_actual = rows / executes if executes else rows
        node.details["ActualRows"] = rows
    return node


def _decimal(text: str | None) -> float | None:
    """A number as showplan prints it, some clients with a decimal comma."""
    if not text or text[-1] not in "0123456789." or "_" in text:
        return None
    try:
        return bounded(float(text.replace(",", ".")))
    except ValueError:
        return None


def read(text: str) -> ReadPlans:
    """Every tree of operators in the text."""
    lines = PasteLines(text)
    reader = _Reader(lines)
    reader.run()
    if not reader.plans:
        raise PlanError("No operators found. Paste the output of SET SHOWPLAN_ALL ON with its lines that start with |--.")
    return ReadPlans(reader.plans, lines.unread())
