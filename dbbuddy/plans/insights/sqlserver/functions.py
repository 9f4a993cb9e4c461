"""Functions and table variables, whose work and rows the optimizer does not see."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    at_most,
    counted,
    did_run,
    found,
    milliseconds,
    operation,
    predicate_text,
    rows_total,
    table,
    words,
)
from dbbuddy.plans.insights.sqlserver.names import quoted
from dbbuddy.plans.insights.sqlserver.predicates import own_functions
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode


def scalar_functions(view: PlanView, *, long_ms: float = 1000) -> Iterator[Found]:
    """Scalar functions run for each row (PerformanceStudio rules 4 and 6: critical from 1 s on)."""
    spent = view.plan.totals.get("udf_ms", 0.0)
    processor = view.plan.totals.get("udf_cpu_ms", 0.0)
    names: dict[str, PlanNode] = {}
    for node in view.nodes:
        text = f"{words(node, 'DefinedValues', 'DEFINE')} {predicate_text(node)}"
        for name in own_functions(text) if "](" in text else ():
            names.setdefault(name, node)
    if not spent and not processor and not names:
        return
    place = next(iter(names.values()), None)
    share = min(1.0, spent / view.total_ms) if spent and view.total_ms else None
    yield found(
        view,
        "function-per-row",
        place,
        [
            f"UdfElapsedTime {milliseconds(spent)}, UdfCpuTime {milliseconds(processor)}" if spent or processor else "",
            *(f"{name} in {where.type}" for name, where in list(names.items())[:3]),
            f"{counted(rows_total(place))} rows pass there" if place is not None else "",
        ],
        share,
        "critical" if spent >= long_ms and (share or 0) >= 0.5 else None if share is not None else "medium",
        function=next(iter(names), "the function"),
    )


def table_functions(view: PlanView) -> Iterator[Found]:
    """A multi-statement table function, estimated with 1 or 100 rows whatever it gives (PerformanceStudio rule 23).

    Functions of the engine itself have no schema; nobody can rewrite those.
    """
    for node in view.nodes:
        if operation(node) != "Table-valued function" or (node.schema is None and "Database" not in node.details):
            continue
        if did_run(node) is False:
            continue
        share = view.share_below(node)
        yield found(
            view,
            "table-function",
            node,
            [f"Table-valued function {table(node)}: {counted(node.rows_estimated or 0)} rows estimated"],
            share,
            "medium" if share < 0.25 else at_most("high", share),
        )


def table_variables(view: PlanView, *, few_rows: float = 100) -> Iterator[Found]:
    """Table variables have no column statistics, and writing to one makes the plan serial (PerformanceStudio rule 22)."""
    first: dict[str, PlanNode] = {}
    most: dict[str, float] = {}
    for node in view.nodes:
        name = node.relation or ""
        if name.startswith("@"):
            known = first.get(name)
            most[name] = max(most.get(name, 0.0), rows_total(node))
            if known is None or (_writes(node) and not _writes(known)):
                first[name] = node
    for name, node in first.items():
        rows = most[name]
        ratio = misestimate(node)
        harmless = rows <= few_rows or (ratio is not None and 0.1 < ratio < 10)
        yield found(
            view,
            "table-variable",
            node,
            [
                f"{node.type} on {name}: {counted(node.rows_estimated or 0)} rows estimated, {counted(rows)} in all",
                "writing to a table variable makes the whole plan serial" if _writes(node) else "",
            ],
            severity="low" if harmless and not _writes(node) else "medium",
            sql=f"CREATE TABLE {quoted('#' + name[1:])} (/* the columns of {name} */ id int NOT NULL PRIMARY KEY);",
            variable=name,
            temporary=quoted("#" + name[1:]),
        )


def _writes(node: PlanNode) -> bool:
    return any(word in node.type for word in ("Insert", "Update", "Delete", "Merge"))
