"""What stands below a plan table: predicates, projections, aliases, hints, outline, notes, statistics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import re2

from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.oracle.grid import PageText, is_rule
from dbbuddy.plans.oracle.values import decimal

_BY_OPERATION = re2.compile(r"^\s*([A-Z][\w /,&-]{2,60}?) *\(identified by operation id.*$")
_BY_POSITION = re2.compile(r"^\s*([A-Z][\w /-]{2,40}?) *\(identified by position\).*$")
_PLAIN = {"Outline Data", "Note", "Statistics", "Query Block Registry", "Sql Plan Directive information"}
_NOTE = re2.compile(r"^\s*-\s+(\S.*)$")
_STATISTIC = re2.compile(r"^\s*(\d+)\s{1,3}([a-zA-Z].*)$")
_PREDICATES = ("access(", "filter(", "storage(")
_HINT = re2.compile(r"^\s*(?:([UEN]) -\s+)?(\S.*)$")
_BOUNDARIES = ("SQL_ID ", "SQL_ID:", "SQL>", "Plan hash value", "Elapsed:", "SQL Plan Monitoring", "SQL handle:")


@dataclass
class _Entry:
    """The lines that speak of one operation."""

    number: int
    texts: list[str] = field(default_factory=list)
    positions: list[int] = field(default_factory=list)


def section_at(page: PageText, position: int) -> str | None:
    """The name of the section that starts at a line, if one does."""
    text = page.texts[position]
    if "(identified by " in text:
        found = _BY_OPERATION.match(text) or _BY_POSITION.match(text)
        return str(found.group(1)).strip() if found else None
    name = text.strip().removesuffix(":")
    return name if name in _PLAIN and position + 1 < len(page) and is_rule(page.texts[position + 1]) else None


def read_section(name: str, page: PageText, position: int, plan: Plan, by_id: dict[int, PlanNode]) -> int:
    """Attach the section at `position` to the plan and its nodes; returns where the text goes on."""
    page.take(position)
    by_operation = _BY_OPERATION.match(page.texts[position]) is not None
    position += 1
    if name == "Outline Data":
        return _outline(page, _skip_rule(page, position), plan)
    if name == "Note":
        return _notes(page, _skip_rule(page, position), plan)
    if name == "Statistics":
        return _statistics(page, _skip_rule(page, position), plan)
    if name.startswith("Hint Report") or by_operation:
        entries, end = _entries(page, position, plan, name)
        put = _PUTTERS.get(name.split(" Information")[0].strip())
        lines_of: dict[int, list[int]] = {}
        texts_of: dict[int, list[str]] = {}
        for entry in entries:
            node = by_id.get(entry.number)
            if node is None and not name.startswith("Hint Report"):
                continue
            lines_of.setdefault(entry.number, []).extend(page.take(line) for line in entry.positions)
            texts_of.setdefault(entry.number, []).extend(entry.texts)
            if name.startswith("Hint Report"):
                _put_hints(plan, node, entry)
        for number, numbers in lines_of.items():
            node = by_id.get(number)
            if node is None:
                continue
            node.lines += tuple(numbers)
            if put is not None:
                put(node, texts_of[number])
            elif not name.startswith("Hint Report"):
                node.details[name] = " ".join(texts_of[number])
        return end
    return _plain_lines(name, page, _skip_rule(page, position), plan)


def _skip_rule(page: PageText, position: int) -> int:
    while position < len(page) and (not page.texts[position] or is_rule(page.texts[position])):
        page.take(position)
        position += 1
    return position


def is_boundary(page: PageText, position: int) -> bool:
    """Whether a line starts something else: another section, a table, another plan, the prompt of the client."""
    text = page.texts[position]
    return (
        text.startswith(_BOUNDARIES)
        or text.endswith(("rows selected.", "row selected."))
        or ("| Operation" in text and text.lstrip().startswith("|"))
        or section_at(page, position) is not None
    )


def _entry(text: str) -> tuple[int, str] | None:
    """The number of the operation and what is said of it, if a line starts with one."""
    head, dash, rest = text.partition("-")
    number = head.strip()
    if dash and number.isdecimal() and len(number) < 10 and rest[:1] in ("", " "):
        return int(number), rest.strip()
    return None


def _entries(page: PageText, position: int, plan: Plan, name: str) -> tuple[list[_Entry], int]:
    """`4 - access(...)` and the lines that go on with it, up to a blank line that no further entry follows."""
    entries: list[_Entry] = []
    after_blank = False
    while position < len(page):
        text = page.texts[position]
        if not text:
            after_blank = True
        elif is_rule(text):
            page.take(position)
        elif is_boundary(page, position):
            break
        elif found := _entry(text):
            entries.append(_Entry(found[0], [found[1]], [position]))
            after_blank = False
        elif not entries and text.startswith("Total hints"):
            plan.details["Hint Report Summary"] = text.strip()
            page.take(position)
        elif not entries or (after_blank and not (name.startswith("Hint Report") and text.startswith("      "))):
            break
        else:
            entries[-1].texts.append(text.strip())
            entries[-1].positions.append(position)
            after_blank = False
        position += 1
    return entries, position


def _put_predicates(node: PlanNode, texts: list[str]) -> None:
    predicates: list[tuple[str, list[str]]] = []
    for text in texts:
        if text.startswith(_PREDICATES) or not predicates:
            known = text.startswith(_PREDICATES)
            predicates.append((text.partition("(")[0].capitalize() if known else "Other", [text]))
        else:
            predicates[-1][1].append(text)
    by_label: dict[str, list[str]] = {}
    for label, parts in predicates:
        joined = " ".join(parts)
        inside = joined[len(label) + 1 : -1] if joined.endswith(")") and label != "Other" else joined
        by_label.setdefault(f"{label} Predicates", []).append(inside)
    for key, texts_of_label in by_label.items():
        node.details[key] = " AND ".join(texts_of_label)


def _put_alias(node: PlanNode, texts: list[str]) -> None:
    block, _, alias = " ".join(texts).partition(" / ")
    node.details["Query Block"] = block.strip().strip('"')
    if alias:
        node.details["Object Alias"] = alias.strip()
        node.alias = alias.rpartition("@")[0].strip().strip('"') or alias.strip()


def _put_as(key: str) -> Callable[[PlanNode, list[str]], None]:
    def put(node: PlanNode, texts: list[str]) -> None:
        node.details[key] = " ".join(texts).strip()

    return put


_PUTTERS: dict[str, Callable[[PlanNode, list[str]], None]] = {
    "Predicate": _put_predicates,
    "Query Block Name / Object Alias": _put_alias,
    "Column Projection": _put_as("Column Projection"),
    "Remote SQL": _put_as("Remote SQL"),
    "Result Cache": _put_as("Result Cache"),
}


def _put_hints(plan: Plan, node: PlanNode | None, entry: _Entry) -> None:
    """Hints with what became of them: `U` unused, `E` syntax error, `N` unresolved, blank if used."""
    block, hints = entry.texts[0], entry.texts[1:]
    for text in hints:
        found = _HINT.match(text)
        if not found:
            continue
        hint, _, reason = found.group(2).partition(" / ")
        row: dict[str, Any] = {"Id": entry.number, "Block": block, "State": found.group(1) or "", "Hint": hint.strip()}
        if reason:
            row["Reason"] = reason.strip()
        plan.details.setdefault("Hint Report", []).append(row)
        if node is not None:
            node.details.setdefault("Hint Report", []).append(row)


def _outline(page: PageText, position: int, plan: Plan) -> int:
    hints: list[str] = plan.details.setdefault("Outline", [])
    while position < len(page) and not is_boundary(page, position):
        text = page.texts[position].strip()
        page.take(position)
        position += 1
        if text not in ("", "/*+", "*/", "BEGIN_OUTLINE_DATA", "END_OUTLINE_DATA"):
            hints.append(text)
        if text.endswith("*/"):
            break
    return position


def _notes(page: PageText, position: int, plan: Plan) -> int:
    notes: list[list[str]] = []
    went_on = False
    while position < len(page) and not is_boundary(page, position):
        text = page.texts[position]
        found = _NOTE.match(text)
        if found:
            notes.append([found.group(1).strip()])
        elif text and went_on and notes:
            notes[-1].append(text.strip())
        elif text:
            break
        went_on = bool(text)
        page.take(position)
        position += 1
    plan.details.setdefault("Notes", []).extend(" ".join(parts) for parts in notes)
    return position


def _statistics(page: PageText, position: int, plan: Plan) -> int:
    statistics: dict[str, Any] = plan.details.setdefault("Statistics", {})
    while position < len(page) and (found := _STATISTIC.match(page.texts[position])):
        statistics[found.group(2).strip()] = decimal(found.group(1))
        page.take(position)
        position += 1
    return position


def _plain_lines(name: str, page: PageText, position: int, plan: Plan) -> int:
    """A section that is kept as it stands: binds, registry, directives."""
    kept: list[str] = plan.details.setdefault(name, [])
    while position < len(page) and page.texts[position] and not is_boundary(page, position):
        kept.append(page.texts[position].strip())
        page.take(position)
        position += 1
    return position
