"""TOP and row goals: plans that were made to stop early."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    amount,
    at_most,
    counted,
    did_run,
    found,
    is_scan,
    operation,
    own_columns,
    predicate,
    predicate_text,
    rows_read,
    rows_total,
    shortened,
    table,
    words,
)
from dbbuddy.plans.insights.sqlserver.names import create_index, quoted
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode


def tops(view: PlanView, *, min_rows: float = 1000, waste: float = 10, goal: float = 2) -> Iterator[Found]:
    """TOP over a scan that reads far more than it gives (PerformanceStudio rule 24).

    A scan that a Top stops after a few rows is what TOP is for: it is told only from `min_rows` rows and ten times the
    result on, or, in an estimate, if a sort, a predicate or a missed row goal makes it read on.
    """
    for node in view.nodes:
        source = scanned(node)
        if source is None or did_run(source) is False:
            continue
        sorts = operation(node) == "Top N Sort"
        read, given = rows_read(source), rows_total(node)
        reads_on = sorts or bool(predicate_text(source)) or _goal_cut(source) >= goal
        if (read < max(min_rows, given * waste)) if did_run(source) else not reads_on:
            continue
        order = own_columns(source, words(node, "OrderBy", "ORDER BY"))
        asked = predicate(view, source)
        share = view.share_below(node)
        taken = operation(node) or node.type
        yield found(
            view,
            "avoidable-sort" if sorts else "limit-trap",
            node,
            [
                f"{taken} takes {counted(given)} of {counted(read)} rows that {source.type} on {table(source)} reads",
                f"order: {shortened(words(node, 'OrderBy', 'ORDER BY'))}" if sorts else "",
                f"Predicate: {shortened(predicate_text(source))}" if predicate_text(source) else "",
                _goal_text(source),
            ],
            share,
            at_most("medium", share),
            sql=create_index(
                source.schema,
                source.relation,
                [*asked.keys(), *order],
                [*asked.columns(), *own_columns(source, words(source, "OutputList"))],
            ),
            order=", ".join(map(quoted, order)) or "the order",
        )


def scanned(node: PlanNode) -> PlanNode | None:
    """The scan right below a Top or Top N Sort; operators that only pass rows on may stand between."""
    if not node.children or (node.type != "Top" and operation(node) != "Top N Sort"):
        return None
    source = node.children[0]
    while source.type in {"Compute Scalar", "Parallelism"} and source.children:
        source = source.children[0]
    return source if is_scan(source) else None


def missed_row_goals(view: PlanView, *, goal: float = 2, missed: float = 10) -> Iterator[Found]:
    """A scan or seek whose estimate a row goal halved at least, and that gave more rows than that (PerformanceStudio rule 26).

    One right below a Top is told there.
    """
    told = {id(source) for node in view.nodes if (source := scanned(node)) is not None}
    for node in view.nodes:
        if id(node) in told or ("Scan" not in node.type and "Seek" not in node.type) or _goal_cut(node) < goal:
            continue
        ratio = misestimate(node)
        if did_run(node) is False or (did_run(node) and (ratio is None or ratio <= 1)):
            continue
        share = view.share_below(node)
        yield found(
            view,
            "limit-trap",
            node,
            [f"{node.type}: {_goal_text(node)}", f"{counted(rows_read(node))} rows read" if did_run(node) else ""],
            share if did_run(node) else None,
            at_most("medium", share) if did_run(node) and (ratio or 0) >= missed else "info",
            sql="",
            order="the order",
        )


def _goal_cut(node: PlanNode) -> float:
    rows = node.rows_estimated or 0.0
    return amount(node, "EstimateRowsWithoutRowGoal") / rows if rows else 0.0


def _goal_text(node: PlanNode) -> str:
    whole = amount(node, "EstimateRowsWithoutRowGoal")
    return f"row goal: {counted(node.rows_estimated or 0)} rows expected instead of {counted(whole)}" if whole else ""
