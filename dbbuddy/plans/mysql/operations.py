"""What one line of MySQL's tree says: the operation, what it works on, and the numbers in the parentheses at its end."""

from __future__ import annotations

from dataclasses import dataclass, field

import re2

from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.mysql.values import number

_NUMBERS = ("cost=", "rows=", "actual ", "never executed")
_SCAN = re2.compile(
    r"^(.*(?:scan|lookup|search)(?: for (?:grouping|deduplication))?(?: \(Multi-Range Read\))?|Scan new records) on (.+)$|"
    r"^(Constant row) from (.+)$"
)
_AFTER_RELATION = re2.compile(r" using |, | \(| in secondary engine | with ")
_AFTER_INDEX = re2.compile(r" over | \(|, | with ")
_DML = re2.compile(
    r"^(Insert into|Replace into|Delete from|Update|Count rows in|Fill information schema table) ([^\s(]+)(?: \((.*)\))?$"
)
_MATERIALIZED = re2.compile(
    r"^((?:(?:Union|Intersect|Except) (?:all )?)?[Mm]aterialize(?: union| recursive| intersect| except)* CTE) "
    r"(\S+)(.*)$"
)
_SIGNATURE = re2.compile(r"^\[(0x[0-9a-f]+)\] (.+)$")
_KNOWN = re2.compile(
    r"^(?:(?:Covering |Single-row |Multi-range )*(?:[Tt]able|[Ii]ndex|Full-text).*? (?:scan|lookup|search|skip scan)|Constant row|"
    r"Scan new|Count rows|Rows fetched|Zero (?:input )?rows|Filter:|Sort|Limit|Aggregate|Group|Nested loop|Inner hash|Left hash|"
    r"Hash |Hash$|Batch|Materialize|(?:Union|Intersect|Except) |Temporary table|Stream|Window|Remove duplicate|Deduplicate|"
    r"Insert into|"
    r"Replace into|Delete from|Update |Append|Invalidate|Alternative plans|Repeat until|Limit table|Fill information|"
    r"Select #|"
    r"Index distance|Covering index|Disable dedup|Hybrid)"
)
_LEAVES = ("Constant row", "Count rows", "Rows fetched", "Zero rows", "Scan new", "Fill information")
_CHANGES = ("Insert", "Replace", "Delete", "Update", "Count rows", "Fill")
_JOINS = ("Nested loop", "Inner hash", "Left hash", "Hash semijoin", "Hash antijoin", "Batched key", "Alternative plans")


@dataclass
class Operation:
    """A line of the tree without its indentation; `numbers` holds what stood in its last parentheses, as printed."""

    text: str
    numbers: dict[str, str] = field(default_factory=dict)
    never: bool = False
    has_numbers: bool = False


def split_numbers(text: str) -> Operation:
    """Part the words from `(cost=.. rows=..) (actual time=..) (never executed)`."""
    operation = Operation(text.strip())
    while operation.text.endswith(")"):
        start = operation.text.rfind("(")
        inner = operation.text[start + 1 : -1]
        if not inner.startswith(_NUMBERS) or ")" in inner:
            break
        operation.text = operation.text[:start].rstrip()
        operation.has_numbers = True
        if inner == "never executed":
            operation.never = True
            continue
        actual = "actual_" if inner.startswith("actual") else ""
        for part in inner.split():
            name, _, value = part.partition("=")
            if value:
                operation.numbers[actual + name] = value
    return operation


def is_operation(text: str) -> bool:
    """Whether the text begins as an operation of MySQL's tree does."""
    return _KNOWN.match(text) is not None


def node_of(operation: Operation) -> PlanNode:
    """The node that a line tells; the times are those of all its loops, still without thought of its children."""
    node = describe(operation.text)
    told = operation.numbers
    node.startup_cost, node.total_cost = _range(told.get("cost"))
    node.rows_estimated = number(told.get("rows"))
    if operation.never:
        node.loops = 0
        return node
    node.loops = number(told.get("actual_loops"))
    node.rows_actual = number(told.get("actual_rows"))
    node.startup_ms, per_loop = _range(told.get("actual_time"))
    if per_loop is not None:
        node.total_ms = round(per_loop * (1.0 if node.loops is None else node.loops), 6)
    return node


def describe(text: str) -> PlanNode:
    """The operation's words as type, relation and index, the rest as details; nothing is lost."""
    node = PlanNode("", details={"Operation": text})
    if text.startswith("[") and (found := _SIGNATURE.match(text)):
        node.details["Signature"], text = found.group(1), found.group(2)
    words = text.partition(": ")[0]
    if (" on " in words or words.startswith("Constant")) and (found := _SCAN.match(text)):
        node.type = found.group(1) or found.group(3)
        _scan_details(node, found.group(2) or found.group(4))
    elif words.startswith(_CHANGES) and (found := _DML.match(text)):
        node.type, node.relation = found.group(1).rsplit(" ", 1)[0] if " " in found.group(1) else found.group(1), found.group(2)
    elif " CTE " in words and (found := _MATERIALIZED.match(text)):
        node.type, node.details["CTE"] = found.group(1), found.group(2)
        if found.group(3).strip():
            node.details["Note"] = found.group(3).strip(" ()")
    else:
        _words(node, text)
    return node


def _words(node: PlanNode, text: str) -> None:
    head, colon, rest = text.partition(": ")
    bare, bracket, inside = head.partition(" (")
    if bracket:
        node.type = bare
        _argument(node, inside + colon + rest)
    else:
        node.type = head
        if colon:
            node.details[_LABELS.get(head.split(" ")[0], "Argument")] = rest
    if head.startswith("Select #"):
        node.type = bare


_LABELS = {
    "Filter": "Filter",
    "Sort": "Sort Key",
    "Limit": "Limit",
    "Limit/Offset": "Limit",
    "Aggregate": "Functions",
    "Group": "Functions",
}


def _argument(node: PlanNode, text: str) -> None:
    node.details["Condition" if "hash" in node.type or "join" in node.type else "Argument"] = text.removesuffix(")")


def _scan_details(node: PlanNode, rest: str) -> None:
    """`t1 using idx over (a < 3), with index condition: (b = 1)`, each part of which may be missing."""
    start = rest.find(">") if rest.startswith("<") else 0
    ends = _AFTER_RELATION.search(rest, max(start, 0))
    node.relation, rest = (rest[: ends.start()], rest[ends.start() :]) if ends else (rest, "")
    if rest.startswith(" using "):
        rest = rest.removeprefix(" using ")
        ends = _AFTER_INDEX.search(rest)
        node.index, rest = (rest[: ends.start()], rest[ends.start() :]) if ends else (rest, "")
    rest, _, pushed = rest.partition(", with index condition: ")
    if pushed:
        node.details["Index Condition"] = pushed
    if "(reverse)" in rest:
        node.details["Order"] = "reverse"
        rest = rest.replace("(reverse)", "")
    rest = rest.strip(" ,")
    if rest.startswith("over "):
        node.details["Ranges"] = rest.removeprefix("over ")
    elif rest.startswith("(") and rest.endswith(")"):
        node.details["Key"] = rest[1:-1]
    elif rest:
        node.details["Note"] = rest


def _range(text: str | None) -> tuple[float | None, float | None]:
    """`0.1..0.5` as two numbers; one number alone is the second."""
    if text is None:
        return None, None
    first, dots, last = text.replace("…", "..").partition("..")
    return (number(first), number(last)) if dots else (None, number(first))


def inputs(text: str) -> int | None:
    """How many operations stand below one, where the tree's indentation is lost; `None` if that can be any number."""
    if text.startswith(_JOINS):
        return 2
    if text.startswith(_LEAVES):
        return 0
    if text.startswith(
        ("Append", "Union ", "Intersect materialize", "Except ", "Intersect all", "Intersect rows", "Sort-deduplicate")
    ):
        return None
    if " on " in text.partition(": ")[0] and _SCAN.match(text):
        return 1 if " on <" in text else 0
    return 1
