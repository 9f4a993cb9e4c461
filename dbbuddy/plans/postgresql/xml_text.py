"""The XML format as dictionaries with the keys of the JSON format."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

from dbbuddy.plans.loose_xml import parse
from dbbuddy.plans.postgresql.properties import scalar

_KEYS: dict[str, str] = {
    "Full-sort-Groups": "Full-sort Groups",
    "Pre-sorted-Groups": "Pre-sorted Groups",
    "One-Time-Filter": "One-Time Filter",
}
_CONTAINERS = {
    "Plans", "Workers", "Triggers", "Output", "Sort-Key", "Presorted-Key", "Group-Key", "Hash-Key", "Target-Tables",
    "Grouping-Sets", "Group-Keys", "Hash-Keys", "Conflict-Arbiter-Indexes", "Params-Evaluated", "Sort-Methods-Used",
}  # fmt: skip
_TEXTS = {"Alias", "Relation-Name", "Index-Name", "Schema", "Node-Type", "CTE-Name", "Function-Name", "Query-Text", "Item"}


def read_xml(text: str) -> tuple[list[dict[str, Any]], int | None]:
    """The plans of an XML text, and the line (from 1) where it broke off, if it did."""
    parsed = parse(text)
    documents = []
    waiting = [parsed.root]
    while waiting:
        element = waiting.pop()
        if element.tag == "Plan":
            documents.append({"Plan": _convert(element)})
        elif element.find("Plan") is not None:
            documents.append(_convert(element))
        else:
            waiting.extend(reversed(element))
    return documents, parsed.stopped_at


def _convert(top: Element) -> dict[str, Any]:
    result: dict[str, Any] = {}
    waiting: list[tuple[Element, Any]] = [(top, result)]
    while waiting:
        element, target = waiting.pop()
        for child in element:
            value: Any
            if child.tag in _CONTAINERS:
                value = []
                waiting.append((child, value))
            elif len(child) or child.tag in ("Plan", "Worker", "Trigger", "Planning", "Settings"):
                value = {}
                waiting.append((child, value))
            else:
                content = child.text or ""
                value = content if child.tag in _TEXTS or element.tag == "Settings" else scalar(content)
            if isinstance(target, list):
                target.append(value)
            else:
                target[_key(child.tag)] = value
    return result


def _key(tag: str) -> str:
    known = _KEYS.get(tag)
    if known is None:
        known = tag.replace("-", " ").replace("I O ", "I/O ")
        if len(_KEYS) < 5000:
            _KEYS[tag] = known
    return known
