"""Compare our insights with the warnings that PerformanceStudio raises on the same files."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from dbbuddy.plans import sqlserver
from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.insights.view import PlanView

FOLDER = Path(__file__).parents[3].parent / "shared" / "plans" / "performance-studio"

SAME_AS: dict[str, frozenset[str]] = {
    name: frozenset(ids.split())
    for name, ids in {
        "Bare Scan": "large-scan",
        "Data Type Mismatch": "implicit-conversion",
        "Duplicate Index Suggestions": "missing-index",
        "Dynamic Cursor": "cursor-overhead",
        "Cursor Missing LOCAL": "cursor-overhead",
        "Compile Memory Exceeded": "compile-cost",
        "Eager Index Spool": "index-spool",
        "Estimated Plan CE Guess": "default-estimate",
        "Excessive Memory Grant": "memory-grant",
        "Exchange Spill": "exchange-spills",
        "Expensive Operator": "dominant-node",
        "Filter Operator": "late-filter",
        "Hash Spill": "hash-spills aggregate-spills",
        "High Compile CPU": "compile-cost",
        "Implicit Conversion": "implicit-conversion",
        "Join OR Clause": "or-in-join",
        "Key Lookup": "row-lookup",
        "Large Memory Grant": "memory-grant",
        "Lazy Spool Ineffective": "memoize-misses",
        "Local Variables": "local-variables",
        "Low Impact Index": "missing-index",
        "Many-to-Many Merge Join": "many-to-many-merge",
        "Memory Grant": "memory-grant",
        "Memory Grant Wait": "memory-grant-wait",
        "Missing Statistics": "missing-statistics",
        "NOT IN with Nullable Column": "not-in-subquery",
        "Nested Loops High Executions": "nested-loop-explosion",
        "No Join Predicate": "cartesian-product",
        "Non-SARGable Predicate": "not-sargable implicit-conversion leading-wildcard",
        "Optimize For Unknown": "local-variables",
        "Parallel Skew": "worker-skew",
        "RID Lookup": "row-lookup",
        "Row Estimate Mismatch": "row-misestimate",
        "Row Goal": "limit-trap",
        "Scalar UDF": "function-per-row",
        "Scan Cardinality Misestimate": "row-misestimate",
        "Scan With Predicate": "scan-discards-rows full-index-scan",
        "Serial Plan": "serial-plan",
        "Sort Spill": "sort-spills",
        "Spatial Guess": "default-estimate",
        "Spill to TempDb": "sort-spills hash-spills aggregate-spills exchange-spills temporary-files",
        "Stale Statistics": "stale-statistics",
        "Standard Edition DOP Limitation": "workers-missing",
        "Table Variable": "table-variable",
        "Table-Valued Function": "table-function",
        "Top Above Scan": "limit-trap avoidable-sort",
        "UDF Execution": "function-per-row",
        "Unmatched Indexes": "index-not-used",
        "Wide Index Suggestion": "missing-index",
    }.items()
}
_WAITS = {"LCK": "lock-wait", "PAGEIOLATCH": "cold-cache", "ASYNC_NETWORK_IO": "serialization-time", "LOGBUFFER": "slow-storage"}


@dataclass
class Comparison:
    """`found` of `expected` warnings, counted by file and type; `extra` of `severe` findings that no warning of the file means."""

    expected: int = 0
    found: int = 0
    severe: int = 0
    extra: int = 0
    missed: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)


def _read(path: Path) -> tuple[list[Insight], dict[int, float]]:
    """The findings of all statements of a file, and the share of each operator in its statement."""
    insights: list[Insight] = []
    shares: dict[int, float] = {}
    for plan in sqlserver.read_bytes(path.read_bytes()).plans:
        insights.extend(find_insights(plan))
        view = PlanView(plan)
        shares |= {id(node): view.share(node) for node in view.nodes}
    return insights, shares


def _costly(insights: list[Insight], shares: dict[int, float], min_share: float = 0.2) -> int:
    """How many operators with a fifth of the time have a finding.

    `Expensive Operator` is what PerformanceStudio says of them where no rule of its own applies; where one of ours does, it
    says what the operator costs and why.
    """
    nodes = {id(one.node) for one in insights if one.node is not None}
    return sum(1 for node in nodes if shares[node] >= min_share)


def _means(warning: str) -> frozenset[str]:
    if warning.startswith("Wait: "):
        return frozenset(name for prefix, name in _WAITS.items() if warning[6:].startswith(prefix))
    return SAME_AS.get(warning, frozenset())


def compare() -> Comparison:
    """Every file of the folder with its expected warnings."""
    result = Comparison()
    files = {path.name.split("__")[-1]: path for path in FOLDER.glob("*.sqlplan")}
    for name, warnings in json.loads((FOLDER / "expected_warnings.json").read_text(encoding="utf-8")).items():
        insights, shares = _read(files[name])
        ours = Counter(insight.id for insight in insights)
        for warning, count in Counter(kind for kind, _ in warnings if not kind.startswith("Wait:")).items():
            hits = min(
                count, _costly(insights, shares) if warning == "Expensive Operator" else sum(ours[name] for name in _means(warning))
            )
            result.expected += count
            result.found += hits
            if hits < count:
                result.missed.append(f"{name}: {warning} {hits} of {count}")
        meant = frozenset().union(*(_means(kind) for kind, _ in warnings))
        for insight in insights:
            if insight.severity in ("critical", "high"):
                result.severe += 1
                if insight.id not in meant:
                    result.extra += 1
                    result.surplus.append(f"{name}: {insight.severity} {insight.id}, {insight.evidence[:1]}")
    return result


def main() -> None:
    """Print the two figures and what is missing or too much."""
    result = compare()
    print(f"found {result.found} of {result.expected} ({result.found / result.expected:.1%})")
    print(f"extra {result.extra} of {result.severe} of high or critical severity ({result.extra / max(result.severe, 1):.1%})")
    print("\n".join(["missed:", *result.missed, "extra:", *result.surplus]))


if __name__ == "__main__":
    main()
