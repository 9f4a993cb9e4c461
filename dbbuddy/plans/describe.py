"""Plans in words: an operator as its engine prints it, what it works on, and numbers that people can read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dbbuddy.context import Engine
from dbbuddy.plans.model import Plan, PlanNode

_AGGREGATES = {"Hashed": "HashAggregate", "Sorted": "GroupAggregate", "Mixed": "MixedAggregate", "Plain": "Aggregate"}
_NAMES_OF_WORK = ("Function Name", "CTE Name", "Tuplestore Name", "Name", "Alias")
_CONDITIONS = (
    "Hash Cond",
    "Merge Cond",
    "Join Filter",
    "Sort Key",
    "Group Key",
    "Cache Key",
    "OrderBy",
    "GroupBy",
    "HashKeysProbe",
    "Access Predicates",
    "Index Cond",
    "SeekPredicates",
    "Condition",
    "attached_condition",
    "Filter",
    "Predicate",
)
_SHORT = 70


def operator(node: PlanNode, engine: Engine) -> str:
    """The operator in the engine's own words (`Parallel Hash Left Join`, `Hash Match (Inner Join)`)."""
    if engine == "postgresql":
        return _postgresql(node)
    logical = node.details.get("LogicalOp") if engine == "sqlserver" else None
    return f"{node.type} ({logical})" if logical and logical != node.type else node.type


def _postgresql(node: PlanNode) -> str:
    """As EXPLAIN's text format writes what its other formats spread over several properties."""
    details, name = node.details, node.type
    if name == "Aggregate":
        name = _AGGREGATES.get(str(details.get("Strategy")), name)
        if details.get("Partial Mode") in ("Partial", "Finalize"):
            name = f"{details['Partial Mode']} {name}"
    elif name == "ModifyTable":
        name = str(details.get("Operation") or name)
    elif details.get("Join Type") not in (None, "", "Inner") and str(details["Join Type"]) not in name:
        name = f"{name.removesuffix(' Join')} {details['Join Type']} Join"
    if details.get("Scan Direction") == "Backward" and "Index" in name:
        name += " Backward"
    parallel = details.get("Parallel Aware") is True and not name.startswith("Parallel")
    return f"Parallel {name}" if parallel else name


def subject(node: PlanNode) -> str:
    """What the operator works on: table, alias and index; else a function or CTE; else its condition, shortened."""
    parts = []
    if node.relation:
        parts.append(node.relation if node.alias in (None, node.relation) else f"{node.relation} {node.alias}")
    if node.index and node.index != node.relation:
        parts.append(f"using {node.index}" if parts else node.index)
    if parts:
        return " ".join(parts)
    for name in _NAMES_OF_WORK:
        if isinstance(node.details.get(name), str) and node.details[name]:
            return shortened(node.details[name])
    for name in _CONDITIONS:
        value = node.details.get(name)
        if value:
            return shortened(", ".join(map(str, value)) if isinstance(value, list) else str(value))
    return ""


def step(node: PlanNode, engine: Engine) -> str:
    """`Seq Scan on orders`: the operator with its table or index, for sentences."""
    if node.relation:
        return f"{operator(node, engine)} on {node.relation}"
    return f"{operator(node, engine)} {node.index}" if node.index else operator(node, engine)


def steps(number: int) -> str:
    """`1 step`, `5 steps`."""
    return f"{number:,} step{'s' * (number != 1)}"


def shortened(text: str, length: int = _SHORT) -> str:
    """One line of at most `length` characters."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else line[: length - 1] + "…"


def duration(milliseconds: float) -> str:
    """`0.04 ms`, `420 ms`, `4.2 s`, `3 min 5 s`, `2 h 10 min`."""
    if milliseconds < 1:
        return f"{milliseconds:.2g} ms" if milliseconds >= 0.001 else "0 ms"
    if milliseconds < 999.5:
        return f"{milliseconds:.3g} ms" if milliseconds < 100 else f"{milliseconds:.0f} ms"
    seconds = milliseconds / 1000
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours < 48 else f"{hours / 24:.1f} days"


def count(number: float) -> str:
    """`7`, `0.25`, `9,999`, `12.3 k`, `4.5 M`."""
    size = abs(number)
    if size < 10 and number != int(number):
        return f"{number:.2g}"
    if size < 10_000:
        return f"{number:,.0f}"
    for limit, unit in ((999_500, "k"), (999_500_000, "M"), (999_500_000_000, "G")):
        if size < limit:
            scaled = number / (1000 if unit == "k" else 1e6 if unit == "M" else 1e9)
            return f"{scaled:.3g} {unit}"
    return f"{number:.3g}"


def percent(share: float) -> str:
    """`62 %`, `3.1 %`, `< 0.1 %`."""
    if share <= 0:
        return "0 %"
    if share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %" if share < 0.0995 else f"{100 * share:.0f} %"


def factor(times: float) -> str:
    """How far off an estimate is: `12 x too low`, `3 x too high`, `right`."""
    low = times >= 1
    off = times if low else 1 / times
    if off < 1.95:
        return "about right"
    return f"{f'{off:,.0f}' if off < 9_999.5 else count(off)} x too {'low' if low else 'high'}"


def details_of(node: PlanNode) -> list[tuple[str, str]]:
    """Every property that the plan tells of a node and that says something, in the plan's own order."""
    return [(name, value_text(value)) for name, value in node.details.items() if _tells(value)]


def _tells(value: Any) -> bool:
    return value is not None and value != "" and value != [] and value != {}


def value_text(value: Any, longest: int = 4_000) -> str:
    """A property as text: lists by comma, dictionaries as `name: value`; never longer than `longest`."""
    if isinstance(value, bool):
        text = "yes" if value else "no"
    elif isinstance(value, float) and value == int(value) and abs(value) < 1e15:
        text = f"{int(value):,}"
    elif isinstance(value, int):
        text = f"{value:,}"
    elif isinstance(value, dict):
        text = "; ".join(f"{name}: {value_text(inner, 500)}" for name, inner in list(value.items())[:40])
    elif isinstance(value, (list, tuple)):
        joiner = " | " if any(isinstance(inner, dict) for inner in value) else ", "
        text = joiner.join(value_text(inner, 500) for inner in list(value)[:40])
    else:
        text = str(value)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def named(plan: Plan) -> Callable[[PlanNode], str]:
    """`step` for the nodes of one plan."""
    return lambda node: step(node, plan.engine)
