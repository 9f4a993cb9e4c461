"""The lines of a text plan put together into items: a heading, a label or a property, each with all its lines."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from dbbuddy.plans.postgresql.headings import could_be_root
from dbbuddy.plans.postgresql.lines import Balance, Line

Kind = Literal["node", "root", "label", "target", "property", "trigger", "other"]

_ARROW = re.compile(r"\s*(?:->|→|–>|—>|-&gt;)\s*")
_LABELS = ("InitPlan", "SubPlan", "CTE ", "AlternativeSubPlan")
_TARGETS = ("Insert on ", "Update on ", "Delete on ", "Merge on ", "Foreign Insert on ", "Foreign Update on ", "Foreign Delete on ")
_KEY = re.compile(r"[A-Z][\w #$&./()-]*\Z")
_HEADING_REST = ("(cost=", "(actual ", "(never executed)")
_SEARCHED_LINES = 400
FOOTERS = frozenset(
    [
        "Planning Time", "Execution Time", "Planning time", "Execution time", "Total runtime", "Planning", "Settings", "JIT",
        "Query Identifier", "Serialization", "Optimizer", "Memory used", "Query Text", "Triggers",
    ]
)  # fmt: skip
_NODE_KEYS = frozenset(
    [
        "Async Capable", "Batches", "Buckets", "Buffers", "Cache Key", "Cache Mode", "Conflict Arbiter Indexes",
        "Conflict Filter", "Conflict Resolution", "Conflicting Tuples", "Disabled", "Disk Usage", "Exact Heap Blocks",
        "Filter", "Full-sort Groups", "Function Call", "Functions", "Generation Time", "Group Key", "Grouping Sets",
        "Hash Cond", "Hash Key", "Heap Blocks", "Heap Fetches", "Hits", "I/O Timings", "Index Cond", "Index Searches",
        "Inner Unique", "Join Filter", "Memory", "Memory Usage", "Merge Cond", "One-Time Filter", "Options", "Order By",
        "Output", "Params Evaluated", "Planned Partitions", "Pre-sorted Groups", "Presorted Key", "Recheck Cond", "Relations",
        "Remote SQL", "Rows Removed by Conflict Filter", "Rows Removed by Filter", "Rows Removed by Index Recheck",
        "Rows Removed by Join Filter", "Run Condition", "Sampling", "Single Copy", "Sort Key", "Sort Method", "Storage",
        "Subplans Removed", "Table Function Call", "TID Cond", "Timing", "Tuples", "Tuples Inserted", "WAL", "Window",
        "Workers Launched", "Workers Planned",
    ]
)  # fmt: skip


class Item(NamedTuple):
    """One thing that the plan says. `indent` is the column of its arrow, or of its first sign."""

    kind: Kind
    indent: int
    text: str
    first: int
    last: int
    key: str = ""
    value: str = ""


def group(lines: list[Line], strict_roots: bool) -> list[Item]:
    """The items of a stretch of lines without boundaries; what fits nowhere is an item of kind `other`."""
    return _Grouping(lines, strict_roots).run()


class _Grouping:
    def __init__(self, lines: list[Line], strict_roots: bool) -> None:
        self._lines = lines
        self._strict_roots = strict_roots
        self._width = max((len(line.text) for line in lines), default=0)
        self._items: list[Item] = []
        self._parts: list[str] = []
        self._balance: Balance | None = None
        self._given_up = False
        self._root_indent = -1
        self._node_indent = 0

    def run(self) -> list[Item]:
        position = 0
        while position < len(self._lines):
            line = self._lines[position]
            stripped = line.text.strip()
            if not stripped:
                position += 1
                continue
            item = self._classify(line, stripped)
            taken = 0 if self._stands_alone(position, item) else self._continuations(position, item, stripped)
            if taken:
                for number in range(position, position + taken):
                    self._join(number)
                position += taken
            else:
                self._close()
                self._append(item)
                position += 1
        self._close()
        return self._items

    @property
    def _open(self) -> Balance:
        """What the last item has left open."""
        if self._balance is None:
            self._balance = Balance(self._items[-1].text)
        return self._balance

    def _append(self, item: Item) -> None:
        self._items.append(item)
        self._parts = []
        self._balance = None
        self._given_up = False
        if item.kind in ("root", "node"):
            self._node_indent = item.indent
            if item.kind == "root" or self._root_indent < 0:
                self._root_indent = item.indent

    def _classify(self, line: Line, stripped: str) -> Item:
        text = line.text
        indent = len(text) - len(text.lstrip())
        first, last = line.first, line.last
        if stripped[0] in "-→–—":
            arrow = _ARROW.match(text)
            if arrow is not None and arrow.end() < len(text) and (text[arrow.end()].isalpha() or "(cost=" in text):
                return Item("node", indent, text[arrow.end() :], first, last)
        inside = self._root_indent >= 0
        if inside:
            key, colon, value = stripped.partition(":")
            if colon and self._is_key(key, value, indent):
                return Item("property", indent, stripped, first, last, key, value.strip())
        if stripped.startswith("Trigger ") and "calls=" in stripped:
            return Item("trigger", indent, stripped, first, last)
        deeper = inside and indent > self._root_indent
        if inside and stripped.startswith(_LABELS) and (deeper or len(stripped) < 60) and not stripped.startswith("CTE Scan on "):
            return Item("label", indent, stripped, first, last)
        if deeper and stripped.startswith(_TARGETS) and "(cost=" not in stripped:
            return Item("target", indent, stripped, first, last)
        if could_be_root(stripped, strict=self._strict_roots or deeper):
            return Item("root", indent, stripped, first, last)
        return Item("other", indent, stripped, first, last)

    def _is_key(self, key: str, value: str, indent: int) -> bool:
        if key in FOOTERS or key in _NODE_KEYS:
            return True
        if key.startswith("Worker ") and key[7:].strip().isdigit():
            return True
        return indent > self._node_indent and value[:1] in (" ", "") and len(key) < 80 and _KEY.match(key) is not None

    def _stands_alone(self, position: int, item: Item) -> bool:
        """True for most lines: a heading or property after a line that is neither full nor leaves a quote open."""
        if item.kind not in ("property", "node") or not self._items or self._parts:
            return False
        before = self._items[-1]
        quoted = before.kind == "property" and "'" in before.text
        return not quoted and len(self._lines[position - 1].text) < self._width - 1

    def _continuations(self, position: int, item: Item, stripped: str) -> int:
        """How many lines from `position` on continue the item before them."""
        if not self._items or self._items[-1].kind == "other":
            return 0
        before = self._items[-1]
        heading = before.kind in ("node", "root")
        if heading and stripped.startswith(_HEADING_REST):
            return 1
        if before.kind == "property" and ("'" in before.text or self._parts) and self._open.in_string:
            return self._closing_line(position)
        line_before = self._lines[position - 1].text
        full = len(line_before) >= self._width - 1
        if item.kind not in ("other", "root"):
            cut = full and not self._open.closed and item.kind != "node" and item.indent <= 1 < self._node_indent
            return 1 if cut else 0
        if item.kind == "root":
            return 1 if full and heading and "(cost=" not in before.text and not self._parts else 0
        if not self._open.closed:
            return 1
        if before.kind == "property" and line_before.endswith(","):
            return 1
        wrapped = full and item.indent <= 1 and len(self._lines) > 3 and self._width > 60
        told = heading and line_before.endswith(")") and any(rest in before.text for rest in _HEADING_REST)
        return 1 if wrapped and not told and (heading or before.kind == "property") else 0

    def _closing_line(self, position: int) -> int:
        """Lines up to the one that closes the string left open, if it is near and completes the item."""
        if self._given_up:
            return 0
        balance = self._open.copy()
        for number, line in enumerate(self._lines[position : position + _SEARCHED_LINES], 1):
            balance.feed(line.text)
            if not balance.in_string:
                if balance.closed:
                    return number
                break
        self._given_up = True
        return 0

    def _join(self, position: int) -> None:
        line, before = self._lines[position], self._lines[position - 1].text
        if len(before) >= self._width:
            glue, part = "", line.text
        elif self._open.in_string:
            glue, part = "\n", line.text
        else:
            glue, part = " ", line.text.strip()
        self._parts.append(glue + part)
        self._open.feed(part)
        self._items[-1] = self._items[-1]._replace(last=line.last)

    def _close(self) -> None:
        if not self._parts:
            return
        item = self._items[-1]
        text = item.text + "".join(self._parts)
        if item.kind == "property":
            key, _, value = text.partition(":")
            item = item._replace(key=key, value=value.strip())
        self._items[-1] = item._replace(text=text)
