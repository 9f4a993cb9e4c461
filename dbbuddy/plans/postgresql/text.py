"""The text format: items put into a tree of nodes, and what stands outside the nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.postgresql import properties
from dbbuddy.plans.postgresql.headings import child_role, most_children, read_heading, to_float
from dbbuddy.plans.postgresql.items import FOOTERS, Item, group
from dbbuddy.plans.postgresql.lines import Line

_TIMES = {
    "Planning Time": "planning_ms",
    "Planning time": "planning_ms",
    "Execution Time": "execution_ms",
    "Execution time": "execution_ms",
    "Total runtime": "execution_ms",
}
_SECTION_KEYS = {
    "Planning": ("Buffers", "I/O Timings", "Memory", "WAL"),
    "Serialization": ("Buffers", "I/O Timings"),
    "JIT": (),
}
_MILLISECONDS = re.compile(r"(-?[\d.]+) *ms\Z")
_FRAGMENT_NOTE = "The plan has lost its indentation; which node hangs under which is guessed from the operators."


@dataclass
class TextPlans:
    """The plans of a stretch of lines, the index of lines that belong to none, and the notes of the reading."""

    plans: list[Plan] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_text(lines: list[Line], strict_roots: bool = False) -> TextPlans:
    """Read the plans that stand in lines without boundaries; lines not in `taken` were not understood."""
    items = group(lines, strict_roots)
    result = TextPlans()
    start = next((number for number, item in enumerate(items) if item.kind in ("root", "node")), None)
    while start is not None:
        end = next(
            (number for number in range(start + 1, len(items)) if _opens_plan(items[number], items[start])),
            None,
        )
        _Tree(items[start:end], result).build()
        start = end
    return result


def _opens_plan(item: Item, root: Item) -> bool:
    return item.kind == "root" or (item.kind == "node" and root.kind == "node" and item.indent <= root.indent)


@dataclass
class _Open:
    """A node or a label that may still get children."""

    indent: int
    node: PlanNode
    label: str = ""
    label_lines: tuple[int, ...] = ()
    ordinary: int = 0


class _Tree:
    def __init__(self, items: list[Item], result: TextPlans) -> None:
        self._items = items
        self._result = result
        self._root = read_heading(items[0].text)
        self._plan = Plan("postgresql", "text", self._root)
        self._open: list[_Open] = []
        self._labels: list[_Open] = []
        self._lines: dict[int, list[int]] = {}
        self._outside: list[int] = []
        self._section = ""
        self._section_indent = 0
        self._worker: dict[str, Any] | None = None
        self._worker_indent = 0
        arrows = [item.indent for item in items[1:] if item.kind == "node"]
        self._flat = bool(arrows) and items[0].kind == "root" and min(arrows) <= items[0].indent and len(set(arrows)) == 1

    def build(self) -> None:
        first = self._items[0]
        self._start(_Open(first.indent if first.kind == "node" else first.indent - 2, self._root), first)
        for item in self._items[1:]:
            self._read(item)
        if self._flat and len(self._items) > 2:
            self._result.notes.append(_FRAGMENT_NOTE)
        for opened in self._labels:
            self._lines[id(opened.node)].extend(opened.label_lines)
        for node in self._root.walk():
            node.lines = tuple(sorted(self._lines[id(node)]))
        if self._outside:
            self._plan.details["Lines"] = tuple(self._outside)
        self._result.plans.append(self._plan)

    def _start(self, opened: _Open, item: Item) -> None:
        self._open.append(opened)
        self._lines[id(opened.node)] = []
        self._note(opened.node, item)
        self._worker = None
        self._section = ""

    def _note(self, node: PlanNode | None, item: Item) -> None:
        lines = self._outside if node is None else self._lines[id(node)]
        if item.first == item.last:
            lines.append(item.first + 1)
            self._result.taken.append(item.first)
        else:
            lines.extend(range(item.first + 1, item.last + 2))
            self._result.taken.extend(range(item.first, item.last + 1))

    def _read(self, item: Item) -> None:
        if item.kind == "node":
            self._child(item)
        elif item.kind == "property":
            self._property(item)
        elif item.kind == "label":
            self._label(item)
        elif item.kind == "target":
            self._target(item)
        elif item.kind == "trigger":
            trigger = properties.read_trigger(item.text)
            if trigger is not None:
                self._plan.details.setdefault("Triggers", []).append(trigger)
                self._note(None, item)

    def _child(self, item: Item) -> None:
        node = read_heading(item.text)
        parent = self._parent(item)
        if parent.label:
            _name(node, parent.label)
        else:
            node.role = child_role(parent.node, parent.ordinary)
            parent.ordinary += 1
        parent.node.children.append(node)
        self._start(_Open(item.indent, node), item)
        if parent.label:
            self._lines[id(node)].extend(parent.label_lines)
            parent.label_lines = ()

    def _parent(self, item: Item) -> _Open:
        if self._flat:
            while len(self._open) > 1:
                last = self._open[-1]
                if last.label or last.ordinary < most_children(last.node):
                    break
                self._open.pop()
            return self._open[-1]
        while len(self._open) > 1 and self._open[-1].indent >= item.indent:
            self._open.pop()
        return self._open[-1]

    def _label(self, item: Item) -> None:
        while len(self._open) > 1 and self._open[-1].indent >= item.indent and not self._flat:
            self._open.pop()
        owner = self._open[-1].node
        numbers = tuple(range(item.first + 1, item.last + 2))
        self._result.taken.extend(range(item.first, item.last + 1))
        self._open.append(_Open(item.indent, owner, item.text, numbers))
        self._labels.append(self._open[-1])
        self._worker = None

    def _target(self, item: Item) -> None:
        node = self._open[-1].node
        target = read_heading(item.text)
        entry = {"Relation Name": target.relation, "Alias": target.alias}
        if target.schema:
            entry["Schema"] = target.schema
        node.details.setdefault("Target Tables", []).append(entry)
        self._note(node, item)

    def _property(self, item: Item) -> None:
        key, value = item.key, item.value
        if key in FOOTERS:
            self._footer(item)
            return
        if self._section and (item.indent > self._section_indent or key in _SECTION_KEYS[self._section]):
            part = self._plan.details.setdefault(self._section, {})
            if self._section == "JIT":
                properties.read_jit(part, key, value)
            else:
                properties.read_property(part, key, value)
            self._note(None, item)
            return
        self._section = ""
        node = self._owner(item)
        if node is None:
            properties.add(self._plan.details, key, properties.scalar(value))
            self._note(None, item)
            return
        self._note(node, item)
        if key.startswith("Worker ") and key[7:].strip().isdigit():
            self._worker = properties.read_worker(node.details, key, value)
            self._worker_indent = item.indent
            return
        if self._worker is not None and item.indent > self._worker_indent:
            properties.read_property(self._worker, key, value)
            return
        self._worker = None
        properties.read_property(node.details, key, value)

    def _owner(self, item: Item) -> PlanNode | None:
        if self._flat:
            return self._open[-1].node
        root = self._open[0]
        if len(self._open) > 1 and item.indent <= root.indent + 2 and self._items[0].kind == "root":
            return None
        last = self._open[-1]
        if last.indent < item.indent and not last.label:
            return last.node
        for entry in reversed(self._open):
            if entry.indent < item.indent and not entry.label:
                return entry.node
        return root.node

    def _footer(self, item: Item) -> None:
        key, value = item.key, item.value
        if key == "JIT" and self._worker is not None and item.indent > self._worker_indent:
            self._note(self._owner(item), item)
            return
        self._note(None, item)
        self._worker = None
        details = self._plan.details
        found = _MILLISECONDS.match(value)
        if key in _TIMES and found is not None:
            self._plan.totals[_TIMES[key]] = to_float(found.group(1)) or 0.0
        elif key == "Settings":
            details["Settings"] = properties.read_settings(value)
        elif key == "Query Text":
            self._plan.statement = value
        elif key == "Serialization":
            details["Serialization"] = properties.read_serialization(value)
        elif value:
            details[key] = properties.scalar(value)
        if key in _SECTION_KEYS:
            self._section, self._section_indent = key, item.indent
            details.setdefault(key, {})


def _name(node: PlanNode, label: str) -> None:
    if label.startswith("CTE "):
        node.role = label
    else:
        node.role = label.partition(" ")[0]
    node.details["Subplan Name"] = label
