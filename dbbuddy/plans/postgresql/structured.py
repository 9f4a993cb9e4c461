"""The JSON, YAML and XML formats, once they are dictionaries, as plans."""

from __future__ import annotations

from typing import Any

from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.numbers import bounded
from dbbuddy.plans.postgresql.headings import to_float

_LISTS = ("Output", "Sort Key", "Presorted Key", "Group Key", "Hash Key", "Conflict Arbiter Indexes", "Params Evaluated")
_TOTALS = {
    "Planning Time": "planning_ms",
    "Execution Time": "execution_ms",
    "Total Runtime": "execution_ms",
    "Duration": "duration_ms",
}
_FACTS: tuple[tuple[str, str], ...] = (
    ("Relation Name", "relation"),
    ("Schema", "schema"),
    ("Alias", "alias"),
    ("Index Name", "index"),
)
_NUMBERS: tuple[tuple[str, str], ...] = (
    ("Plan Rows", "rows_estimated"),
    ("Actual Rows", "rows_actual"),
    ("Actual Loops", "loops"),
    ("Startup Cost", "startup_cost"),
    ("Total Cost", "total_cost"),
    ("Actual Startup Time", "startup_ms"),
)


def find_documents(value: Any, limit: int = 2_000_000) -> list[dict[str, Any]]:
    """The dictionaries inside `value` that are a plan with its surroundings, or a bare node, in their order."""
    found: list[dict[str, Any]] = []
    waiting = [value]
    while waiting and limit:
        limit -= 1
        current = waiting.pop()
        if isinstance(current, dict):
            if isinstance(current.get("Plan"), dict):
                found.append(current)
            elif isinstance(current.get("Node Type"), str):
                found.append({"Plan": current})
            else:
                waiting.extend(reversed(list(current.values())))
        elif isinstance(current, list):
            waiting.extend(reversed(current))
    return found


def find_texts(value: Any, limit: int = 2_000_000) -> list[str]:
    """Texts inside `value` that hold a plan: rows of a result given as objects, or the message of a log entry."""
    rows: list[str] = []
    others: list[str] = []
    waiting: list[Any] = [value]
    while waiting and limit:
        limit -= 1
        current = waiting.pop()
        if isinstance(current, dict):
            for key, inner in current.items():
                if isinstance(inner, str):
                    if key.upper().replace("_", " ") == "QUERY PLAN":
                        rows.append(inner)
                    elif "plan:\n" in inner or "(cost=" in inner:
                        others.append(inner)
            waiting.extend(reversed([inner for inner in current.values() if isinstance(inner, dict | list)]))
        elif isinstance(current, list):
            if current and all(isinstance(inner, str) for inner in current) and any("(cost=" in inner for inner in current):
                rows.extend(current)
            waiting.extend(reversed([inner for inner in current if isinstance(inner, dict | list)]))
    return (["\n".join(rows)] if rows else []) + others


def build(document: dict[str, Any], format_: str) -> Plan:
    """The plan of a document that has a `Plan`."""
    root = _tree(document["Plan"])
    plan = Plan("postgresql", format_, root)
    for key, value in document.items():
        if key == "Plan":
            continue
        if key in _TOTALS and _number(value) is not None:
            plan.totals[_TOTALS[key]] = _number(value) or 0.0
        elif key == "Query Text" and isinstance(value, str):
            plan.statement = value
        elif key == "Lines":
            plan.details[key] = tuple(value) if isinstance(value, list) else value
        elif value not in ({}, [], "", None):
            plan.details[key] = value
    triggers = plan.details.get("Triggers")
    if isinstance(triggers, dict):
        plan.details["Triggers"] = [triggers]
    return plan


def _tree(top: dict[str, Any]) -> PlanNode:
    root = _node(top)
    waiting = [(root, top)]
    while waiting:
        node, _source = waiting.pop()
        inner = node.details.pop("Plans", None)
        for child_source in inner if isinstance(inner, list) else [inner]:
            if isinstance(child_source, dict):
                child = _node(child_source)
                node.children.append(child)
                waiting.append((child, child_source))
    return root


def _node(source: dict[str, Any]) -> PlanNode:
    details = dict(source)
    node = PlanNode(_text(details.pop("Node Type", None)) or "Unknown", details=details)
    for key, attribute in _FACTS:
        if key in details:
            setattr(node, attribute, _text(details.pop(key)))
    for key, attribute in _NUMBERS:
        if key in details:
            setattr(node, attribute, _number(details.pop(key)))
    width = _number(details.pop("Plan Width", None))
    node.width = None if width is None else int(width)
    lines = details.pop("Lines", None)
    if isinstance(lines, list):
        node.lines = tuple(lines)
    subplan = details.get("Subplan Name")
    relationship = _text(details.pop("Parent Relationship", None)) or ""
    node.role = subplan if isinstance(subplan, str) and subplan.startswith("CTE ") else relationship
    for key in _LISTS:
        value = details.get(key)
        if isinstance(value, list):
            details[key] = ", ".join(map(str, value))
    return node


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None if value is None else str(value)


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return None if bounded(value) is None or value < 0 else float(value)
    return _number(to_float(value)) if isinstance(value, str) else None
