"""What the heading of a node says in the text format: operator, relation, index, estimates and measurements."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.numbers import bounded

_SCANS_OF_RELATIONS = {
    "Seq Scan",
    "Sample Scan",
    "Index Scan",
    "Index Only Scan",
    "Bitmap Heap Scan",
    "Tid Scan",
    "Tid Range Scan",
    "Foreign Scan",
    "Custom Scan",
    "ModifyTable",
}
_NAME_KEYS = {
    "Function Scan": "Function Name",
    "Table Function Scan": "Table Function Name",
    "CTE Scan": "CTE Name",
    "WorkTable Scan": "CTE Name",
    "Named Tuplestore Scan": "Tuplestore Name",
}
_PLAIN_TYPES = {
    "Aggregate", "Append", "Bitmap Heap Scan", "Bitmap Index Scan", "BitmapAnd", "BitmapOr", "CTE Scan", "Custom Scan",
    "Foreign Scan", "Function Scan", "Gather", "Gather Merge", "Group", "Hash", "Hash Join", "Incremental Sort",
    "Index Only Scan", "Index Scan", "Limit", "LockRows", "Materialize", "Memoize", "Merge Append", "Merge Join",
    "Named Tuplestore Scan", "Nested Loop", "ProjectSet", "Recursive Union", "Result", "Sample Scan", "Seq Scan", "SetOp",
    "Sort", "Subquery Scan", "Table Function Scan", "Tid Range Scan", "Tid Scan", "Unique", "Values Scan", "WindowAgg",
    "WorkTable Scan",
}  # fmt: skip
_STRATEGIES = {"HashAggregate": "Hashed", "GroupAggregate": "Sorted", "MixedAggregate": "Mixed", "Aggregate": "Plain"}
_JOIN_TYPES = ("Left", "Right Semi", "Right Anti", "Right", "Full", "Semi", "Anti", "Inner")
_OPERATIONS = ("Insert", "Update", "Delete", "Merge")
_TWO_CHILDREN = {"Hash Join", "Merge Join", "Nested Loop", "Recursive Union"}
_MEMBERS = {"Append", "Merge Append", "BitmapAnd", "BitmapOr"}
_STARTS = tuple(
    sorted(_PLAIN_TYPES | set(_STRATEGIES) | {"HashSetOp", "Parallel ", "Async ", "Partial ", "Finalize ", "Foreign "})
) + tuple(f"{operation} on " for operation in _OPERATIONS)
_COST = re.compile(r"\(\s*cost=\s*([\d.]+?)\s*(?:\.\.|…)\s*([\d.]+)\s+rows=\s*([\d.]+)\s+width=\s*(\d+)\s*\)")
_ACTUAL = re.compile(r"\(?\s*actual\s+(?:time=\s*([\d.]+?)\s*(?:\.\.|…)\s*([\d.]+)\s+)?rows=\s*([\d.]+)\s+loops=\s*([\d.]+)\s*\)?")

_LONGEST_NUMBERS = 300


def could_be_root(text: str, strict: bool) -> bool:
    """True for a line that can open a plan: an operator with its costs or, unless `strict`, an operator alone."""
    stripped = text.strip()
    if not stripped:
        return False
    cut = _first_parenthesis(stripped)
    if cut < len(stripped):
        name = stripped[:cut].rstrip()
        if not name[:1].isupper():
            return False
        if '"' in name:
            name = "".join(name.split('"')[::2])
        whole = name.count("(") == name.count(")") and ": " not in name and not name.endswith(":")
        return whole and _ends_closed(stripped)
    if strict or not stripped.startswith(_STARTS):
        return False
    kind, _, rest = split_type(stripped)
    return kind in _PLAIN_TYPES | {"ModifyTable"} and (not rest or rest.startswith(("on ", "using "))) and _short_target(rest)


def _ends_closed(text: str) -> bool:
    return text.endswith(")") or "(cost=" in text


def _short_target(rest: str) -> bool:
    return '"' in rest or len(rest.split()) <= 6


def _first_parenthesis(text: str) -> int:
    for opening in ("(cost=", "(actual ", "(never executed)"):
        position = text.rfind(opening)
        if position < 0:
            continue
        if opening == "(actual ":
            cost = text.rfind("(cost=", 0, position)
            position = cost if cost >= 0 else position
        if '"' not in text or text.count('"', 0, position) % 2 == 0:
            return position
    return len(text)


def read_heading(text: str) -> PlanNode:
    """The node a heading such as `Seq Scan on t  (cost=..) (actual ..)` speaks of; `text` has no arrow."""
    cut = _first_parenthesis(text)
    kind, details, rest = split_type(text[:cut].strip())
    node = PlanNode(kind, details=dict(details))
    if rest:
        _read_target(node, rest)
    if cut < len(text):
        _read_numbers(node, text[cut:])
    return node


def _read_numbers(node: PlanNode, text: str) -> None:
    cost = _COST.match(text[:_LONGEST_NUMBERS])
    if cost is not None:
        startup, total, rows, width = cost.groups()
        node.startup_cost, node.total_cost = to_float(startup), to_float(total)
        node.rows_estimated, node.width = to_float(rows), to_int(width)
    if "(never executed)" in text:
        node.loops = 0.0
        node.rows_actual = 0.0
        return
    position = text.find("actual")
    if position >= 0:
        measured = read_actual(text[position:])
        if measured is not None:
            first, last, node.rows_actual, node.loops = measured
            node.startup_ms = first
            if last is not None:
                node.details["Actual Total Time"] = last


def read_actual(text: str) -> tuple[float | None, float | None, float, float] | None:
    """Time to the first row, time to the last, rows and loops out of `actual time=.. rows=.. loops=..`."""
    found = _ACTUAL.match(text[:_LONGEST_NUMBERS])
    if found is None:
        return None
    first, last, rows, loops = found.groups()
    return (
        None if first is None else to_float(first),
        None if last is None else to_float(last),
        to_float(rows) or 0.0,
        to_float(loops) or 0.0,
    )


def to_float(text: str) -> float | None:
    """The number, if the digits make one that a plan can hold."""
    try:
        return bounded(float(text))
    except ValueError:
        return None


def to_int(text: str) -> int | None:
    """The whole number, if it is one a plan can hold."""
    return int(text) if len(text) < 20 else None


@lru_cache(maxsize=4096)
def _read_type(name: str) -> tuple[str, tuple[tuple[str, Any], ...]] | None:
    details: dict[str, Any] = {}
    if name.startswith("Parallel "):
        details["Parallel Aware"] = True
        name = name[9:]
    if name.startswith("Async "):
        details["Async Capable"] = True
        name = name[6:]
    for mode in ("Partial", "Finalize"):
        if name.startswith(mode + " "):
            details["Partial Mode"] = mode
            name = name[len(mode) + 1 :]
    if name in _STRATEGIES:
        details = {"Strategy": _STRATEGIES[name], "Partial Mode": "Simple"} | details
        return "Aggregate", tuple(details.items())
    if name in _OPERATIONS:
        details["Operation"] = name
        return "ModifyTable", tuple(details.items())
    if name.startswith("Foreign ") and name[8:] in _OPERATIONS:
        details["Operation"] = name[8:]
        return "Foreign Scan", tuple(details.items())
    for scan in ("Index Scan", "Index Only Scan"):
        if name in (scan, scan + " Backward"):
            details["Scan Direction"] = "Backward" if name.endswith("Backward") else "Forward"
            return scan, tuple(details.items())
    for join in ("Hash", "Merge", "Nested Loop"):
        plain = join if join == "Nested Loop" else join + " Join"
        for kind in _JOIN_TYPES:
            if name == f"{join} {kind} Join":
                details["Join Type"] = kind
                return plain, tuple(details.items())
        if name in (plain, f"{join} Join"):
            details["Join Type"] = "Inner"
            return plain, tuple(details.items())
    for setop, strategy in (("HashSetOp", "Hashed"), ("SetOp", "Sorted")):
        if name == setop or name.startswith((f"{setop} Except", f"{setop} Intersect")):
            details["Strategy"] = strategy
            if name != setop:
                details["Command"] = name[len(setop) + 1 :]
            return "SetOp", tuple(details.items())
    if name.startswith("Custom Scan (") and name.endswith(")"):
        details["Custom Plan Provider"] = name[13:-1]
        return "Custom Scan", tuple(details.items())
    if name in _PLAIN_TYPES:
        return name, tuple(details.items())
    return None


def split_type(name: str) -> tuple[str, tuple[tuple[str, Any], ...], str]:
    """Operator, what its name says besides, and the rest (`using i on t`) of a heading without its numbers."""
    end = len(name)
    for word in (" using ", " on "):
        position = name.find(word)
        if 0 <= position < end and (position < name.find('"') or '"' not in name):
            end = position
    known = _read_type(name[:end]) if end < 100 else None
    if known is not None:
        return known[0], known[1], name[end:].strip()
    if name.startswith("Custom Scan ("):
        close = name.find(")")
        known = _read_type(name[: close + 1])
        if known is not None:
            return known[0], known[1], name[close + 1 :].strip()
    for kind in sorted(_PLAIN_TYPES, key=len, reverse=True):
        if name.startswith(kind + " ") and kind.endswith("Scan"):
            known = _read_type(kind)
            if known is not None:
                rest = name[len(kind) :].strip()
                return known[0], known[1], rest if rest.startswith(("on ", "using ")) else "on " + rest
    return name[:end].strip(), (), name[end:].strip()


def _read_target(node: PlanNode, rest: str) -> None:
    if '"' not in rest and _read_plain_target(node, rest):
        return
    if rest.startswith("using "):
        node.index, rest = _identifier(rest[6:])
    if not rest.startswith("on "):
        if rest:
            node.details["Heading"] = rest
        return
    name, rest = _identifier(rest[3:])
    schema: str | None = None
    if rest.startswith("."):
        schema = name
        name, rest = _identifier(rest[1:])
    alias: str | None = None
    if rest:
        alias, rest = _identifier(rest)
        if rest:
            node.details["Heading"] = rest
    _set_target(node, schema, name, alias)


def _read_plain_target(node: PlanNode, rest: str) -> bool:
    """Read a target without quoted names, such as `using i on s.t a`; false if it has another form."""
    words = rest.split(" ")
    if words[0] == "using" and len(words) > 2:
        node.index = words[1]
        del words[:2]
    if words[0] != "on" or not 2 <= len(words) <= 3 or words[1].count(".") > 1:
        return False
    schema, _, name = words[1].rpartition(".")
    _set_target(node, schema or None, name, words[2] if len(words) == 3 else None)
    return True


def _set_target(node: PlanNode, schema: str | None, name: str, alias: str | None) -> None:
    if node.type == "Bitmap Index Scan":
        node.index = name
        return
    node.schema = schema
    node.alias = alias or name
    if node.type in _NAME_KEYS:
        node.details[_NAME_KEYS[node.type]] = name
    elif node.type in ("Values Scan", "Subquery Scan", "Result"):
        pass
    else:
        node.relation = name


def _identifier(text: str) -> tuple[str, str]:
    if not text.startswith('"'):
        space = text.find(" ")
        word = text if space < 0 else text[:space]
        dot = word.find(".")
        end = dot if dot > 0 else len(word)
        return text[:end], text[end:].lstrip(" ")
    position = 1
    while True:
        close = text.find('"', position)
        if close < 0:
            return text[1:].replace('""', '"'), ""
        if text[close + 1 : close + 2] != '"':
            return text[1:close].replace('""', '"'), text[close + 1 :].lstrip(" ")
        position = close + 2


def label(node: PlanNode) -> str:
    """The operator as the text format names it (`Parallel Hash Left Join`, `Finalize GroupAggregate`)."""
    details = node.details
    name = node.type
    if name == "Aggregate":
        name = {"Hashed": "HashAggregate", "Sorted": "GroupAggregate", "Mixed": "MixedAggregate"}.get(
            details.get("Strategy", ""), name
        )
    elif name in ("Hash Join", "Merge Join", "Nested Loop"):
        kind = details.get("Join Type", "Inner")
        if kind != "Inner":
            name = f"{name.removesuffix(' Join')} {kind} Join"
    elif name == "ModifyTable":
        name = str(details.get("Operation", name))
    elif name == "SetOp":
        name = ("HashSetOp" if details.get("Strategy") == "Hashed" else name) + (
            f" {details['Command']}" if "Command" in details else ""
        )
    elif name in ("Index Scan", "Index Only Scan") and details.get("Scan Direction") == "Backward":
        name += " Backward"
    elif name == "Foreign Scan" and details.get("Operation", "Select") != "Select":
        name = f"Foreign {details['Operation']}"
    elif name == "Custom Scan" and "Custom Plan Provider" in details:
        name = f"Custom Scan ({details['Custom Plan Provider']})"
    if details.get("Partial Mode", "Simple") != "Simple":
        name = f"{details['Partial Mode']} {name}"
    if details.get("Async Capable") and node.type == "Foreign Scan":
        name = "Async " + name
    return "Parallel " + name if details.get("Parallel Aware") else name


def child_role(parent: PlanNode, ordinary_before: int) -> str:
    """How an ordinary child hangs under its parent, which the text format leaves to be known."""
    if parent.type in _MEMBERS:
        return "Member"
    if parent.type == "Subquery Scan":
        return "Subquery"
    return "Inner" if ordinary_before else "Outer"


def most_children(node: PlanNode) -> int:
    """How many ordinary children the operator can have."""
    if node.type in _MEMBERS or node.type == "ModifyTable" or node.type == "Custom Scan":
        return 1_000_000
    if node.type in _TWO_CHILDREN or node.type == "SetOp":
        return 2
    return 0 if node.type.endswith("Scan") and node.type not in ("Bitmap Heap Scan", "Subquery Scan", "Foreign Scan") else 1
