"""Memory: what was granted, waited for, and what did not fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    amount,
    counted,
    found,
    is_exchange,
    milliseconds,
    operation,
    percent,
    plan_warnings,
    rows_total,
    spill_warnings,
)
from dbbuddy.plans.insights.sqlserver.platform import advice_for
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

_KB_PER_GB = 1024 * 1024
_PAGE_KB = 8


def memory_grants(view: PlanView, *, large_gb: float = 1, huge_gb: float = 4, waste: float = 10) -> Iterator[Found]:
    """A grant of 1 GB and more, worse from 4 GB on or if a tenth of it was used (PerformanceStudio rule 9)."""
    grant = _grant(view)
    granted, used = amount(grant, "GrantedMemory"), amount(grant, "MaxUsedMemory")
    if granted < large_gb * _KB_PER_GB:
        return
    wasted = "MaxUsedMemory" in grant and used * waste <= granted
    consumers = sorted(
        (node for node in view.nodes if node.type == "Sort" or node.type.startswith("Hash")), key=rows_total, reverse=True
    )
    severity: Severity = "high" if granted >= huge_gb * _KB_PER_GB else "medium"
    yield found(
        view,
        "memory-grant",
        None,
        [
            f"GrantedMemory {_size(granted)}, MaxUsedMemory {_size(used)}"
            if "MaxUsedMemory" in grant
            else f"GrantedMemory {_size(granted)}",
            f"only {percent(used / granted)} of it was used" if wasted else "",
            *(
                f"{node.type} of {counted(rows_total(node))} rows{f', {node.width} bytes each' if node.width else ''}"
                for node in consumers[:3]
            ),
            *(
                f"MemoryGrantWarning: {warning.get('GrantWarningKind')}"
                for warning in plan_warnings(view.plan)
                if warning["Warning"] == "MemoryGrantWarning"
            ),
        ],
        severity=severity,
        granted=_size(granted),
        used=_size(used),
        platform=advice_for(view.plan, "memory"),
    )


def grant_waits(view: PlanView, *, long_ms: float = 5000) -> Iterator[Found]:
    """The statement waited for its memory before it began (PerformanceStudio rule 9: critical from 5 s on)."""
    waited = _grant_wait(view)
    if not waited:
        return
    asked = amount(_grant(view), "RequestedMemory") or amount(_grant(view), "GrantedMemory")
    share = waited / (waited + view.total_ms) if view.total_ms else None
    yield found(
        view,
        "memory-grant-wait",
        None,
        [f"GrantWaitTime {milliseconds(waited)} for {_size(asked)}"],
        share,
        "high" if waited >= long_ms else "medium",
        waited=milliseconds(waited),
        platform=advice_for(view.plan, "memory"),
    )


def _grant(view: PlanView) -> dict[str, Any]:
    grant = view.plan.details.get("MemoryGrantInfo")
    return grant if isinstance(grant, dict) else {}


def _grant_wait(view: PlanView) -> float:
    """Milliseconds; the newest servers count `GrantWaitTime` in them, as PerformanceStudio reads it."""
    return amount(_grant(view), "GrantWaitTime")


def _size(kilobytes: float) -> str:
    if kilobytes >= _KB_PER_GB:
        return f"{kilobytes / _KB_PER_GB:.1f} GB"
    return f"{kilobytes / 1024:.0f} MB" if kilobytes >= 1024 else f"{kilobytes:.0f} KB"


def spills(view: PlanView, *, many_pages: float = 1_000_000, some_pages: float = 10_000) -> Iterator[Found]:
    """What did not fit into memory went to tempdb: one finding for each operator (PerformanceStudio rule 7).

    The share of an exchange's time is unreliable: there the pages written decide (10,000 and 1,000,000).
    """
    for node in view.nodes:
        told = spill_warnings(node)
        if not told:
            continue
        written = max(amount(warning, "WritesToTempDb") for warning in told)
        share = view.share(node)
        severity: Severity | None = None
        if is_exchange(node):
            severity = "high" if written >= many_pages else "medium" if written >= some_pages else "low"
        ratio = misestimate(node)
        yield found(
            view,
            _kind(node),
            node,
            [
                *map(_described, told),
                f"{counted(rows_total(node))} rows, {counted(ratio)} times as many as estimated"
                if ratio is not None and ratio >= 2
                else "",
                f"{milliseconds(node.self_ms)} of its own, {percent(share)} of the time" if node.self_ms is not None else "",
            ],
            share,
            severity,
            written=_size(written * _PAGE_KB) if written else "rows",
            platform=advice_for(view.plan, "tempdb"),
        )


def _kind(node: PlanNode) -> str:
    if is_exchange(node):
        return "exchange-spills"
    if node.type == "Sort":
        return "sort-spills"
    if "Aggregate" in operation(node):
        return "aggregate-spills"
    return "hash-spills" if "Hash" in node.type or "Join" in node.type else "temporary-files"


def _described(warning: dict[str, Any]) -> str:
    """The warning with its own words and numbers."""
    numbers = ", ".join(f"{name} {value}" for name, value in warning.items() if name != "Warning" and not isinstance(value, dict))
    return f"{warning['Warning']}: {numbers}" if numbers else str(warning["Warning"])
