"""Rules about work areas: sorts, hash joins and aggregates that did not fit into memory."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.oracle.facts import amount, line, portion, share
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

LARGE_TEMP = 100 * 1024.0**2
"""Bytes of temporary space from which on an estimate alone is worth a word."""
_MEASURED = ("Used-Tmp", "Max-Tmp", "Temp (Max)", "Temp")
_ESTIMATED = ("TempSpc", "E-Temp")
_AGGREGATES = ("HASH GROUP BY", "SORT GROUP BY", "HASH UNIQUE", "SORT UNIQUE", "WINDOW HASH")
_SORTS = ("SORT", "WINDOW", "BUFFER SORT")


def spills(view: PlanView, *, large: float = LARGE_TEMP) -> Iterator[Found]:
    """Work areas that took one pass or several over temporary space, or, in a plan that was not run, are expected to."""
    sql_id = _sql_id(view)
    for node in view.nodes:
        part = share(view, node)
        if facts.inactive(node) or part < facts.MATTERS:
            continue
        told = spilled(node) if view.ran else ""
        if not told and (view.ran or amount(node, *_ESTIMATED) < large):
            continue
        values = {"operation": facts.title(node), "passes": _passes(node), "sql_id": sql_id}
        said = [told or f"{facts.title(node)}: TempSpc {_size(amount(node, *_ESTIMATED))}", line(node), portion(view, part)]
        if amount(node, "1Mem", "OMem"):
            said.insert(1, f"1Mem {_size(amount(node, '1Mem'))}, OMem {_size(amount(node, 'OMem'))}")
        level = facts.severity(view, part, None if view.measured else "medium")
        yield Found(_kind(node), node, tuple(dict.fromkeys(said)), part, level, facts.basis(view), values, None if sql_id else "")


def spilled(node: PlanNode) -> str:
    """How the plan says that the operation wrote to temporary space; empty if it did not."""
    said = []
    passes = amount(node, "Used-Mem Passes")
    if passes:
        said.append(f"Used-Mem {_size(amount(node, 'Used-Mem'))} ({passes:.0f})")
    workarea = str(node.details.get("Workarea Passes", "")).upper()
    if "PASS" in workarea:
        said.append(f"Workarea Passes {workarea}")
    for name in _MEASURED:
        if amount(node, name):
            said.append(f"{name} {_size(amount(node, name))}")
            break
    return f"{facts.title(node)}: {', '.join(said)}" if said else ""


def _passes(node: PlanNode) -> str:
    several = amount(node, "Used-Mem Passes") > 1 or "MULTI" in str(node.details.get("Workarea Passes", "")).upper()
    return "several passes" if several else "one pass"


def _kind(node: PlanNode) -> str:
    if node.type.startswith("HASH JOIN"):
        return "hash-spills"
    if node.type.startswith(_AGGREGATES):
        return "aggregate-spills"
    return "sort-spills" if node.type.startswith(_SORTS) else "temporary-files"


def _size(value: float) -> str:
    """Bytes in the suffixes of DBMS_XPLAN."""
    for unit in ("", "K", "M"):
        if value < 1024 * 10:
            return f"{value:,.0f}{unit}"
        value /= 1024
    return f"{value:,.1f}G"


def _sql_id(view: PlanView) -> str:
    """The statement's SQL_ID, where it is told and is one; else empty."""
    for name in ("SQL_ID", "SQL ID", "sql_id"):
        told = str(view.plan.details.get(name, ""))
        if told.isalnum() and len(told) <= 13:
            return told
    return ""
