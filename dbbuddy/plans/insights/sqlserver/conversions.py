"""Predicates that no index can serve as they are written: conversions, functions, wildcards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    at_least,
    at_most,
    counted,
    did_run,
    found,
    is_columnstore,
    is_scan,
    own_columns,
    plan_warnings,
    predicate,
    predicate_text,
    rows_read,
    rows_total,
    shortened,
    words,
)
from dbbuddy.plans.insights.sqlserver.names import create_index, quoted
from dbbuddy.plans.insights.sqlserver.predicates import Predicate
from dbbuddy.plans.insights.view import PlanView

MOST = 50
"""Conversions of one statement that are looked at."""
_HARMLESS = {"probe", "convert_implicit"}
_REWRITES = {
    "datepart": "compare the bare column with a range, as in {column} >= '20240101' AND {column} < '20250101'",
    "datediff": "compute the boundary on the other side with DATEADD and compare {column} with it",
    "isnull": "write {column} = @value, with OR {column} IS NULL only where NULL is wanted",
    "coalesce": "write the NULL case as a condition of its own instead of COALESCE around {column}",
    "upper": "drop it where the collation ignores case, as most do",
    "lower": "drop it where the collation ignores case, as most do",
    "substring": "if it starts at the first character, write {column} LIKE 'text%'",
    "ltrim": "store {column} trimmed and compare it bare",
    "rtrim": "drop it: comparisons ignore trailing blanks anyway",
    "convert": "convert the value that {column} is compared with instead of the column",
    "arithmetic": "move the calculation to the other side, so that {column} stands alone",
    "case": "write the branches of the CASE as conditions joined with OR, or as queries joined with UNION ALL",
}


@dataclass(frozen=True)
class Unusable:
    """Why no index can serve a predicate: `kind` is the insight's id."""

    kind: str
    function: str
    column: str


def unusable(asked: Predicate) -> Unusable | None:
    """The first reason in the predicate of a scan (PerformanceStudio rule 12); `None` if an index could serve it."""
    implicit = None
    for one in asked.comparisons:
        if one.case and (one.free or one.wrapped):
            return Unusable("not-sargable", "case", (one.free or [column for _, column in one.wrapped])[0])
        for function, column in one.wrapped:
            if function == "convert_implicit":
                implicit = implicit or Unusable("implicit-conversion", function, column)
            elif function not in _HARMLESS:
                return Unusable("not-sargable", function, column)
        if one.leading_wildcard:
            return Unusable("leading-wildcard", "like", one.free[0])
    return implicit


def not_sargable(view: PlanView) -> Iterator[Found]:
    """A scan whose predicate hides the column from every index (PerformanceStudio rules 12 and 29)."""
    told = [warning for warning in plan_warnings(view.plan) if warning["Warning"] == "PlanAffectingConvert"][:MOST]
    for node in view.nodes:
        if not is_scan(node) or is_columnstore(node) or not predicate_text(node) or did_run(node) is False:
            continue
        reason = unusable(asked := predicate(view, node))
        if reason is None:
            continue
        read, kept = rows_read(node), rows_total(node)
        share = view.share(node) * (max(0.0, 1 - kept / read) if read else 1.0)
        matching = [warning for warning in told if f"[{reason.column}]" in str(warning.get("Expression"))]
        rewrite = _REWRITES.get(reason.function, "rewrite the condition so that {column} stands alone on its side")
        yield found(
            view,
            reason.kind,
            node,
            [
                f"{node.type}: {shortened(predicate_text(node))}",
                f"{counted(read)} rows read, {counted(kept)} kept",
                *(f"PlanAffectingConvert ({warning.get('ConvertIssue')}): {warning.get('Expression')}" for warning in matching[:1]),
            ],
            share,
            at_least("medium", share),
            sql=create_index(
                node.schema, node.relation, [reason.column], [*asked.columns(), *own_columns(node, words(node, "OutputList"))]
            )
            if reason.kind != "leading-wildcard"
            else "",
            column=quoted(reason.column),
            function=reason.function.upper() if reason.function != "arithmetic" else "a calculation",
            rewrite=rewrite.format(column=quoted(reason.column)),
        )


def converted_plans(view: PlanView) -> Iterator[Found]:
    """`PlanAffectingConvert`: a conversion that cost the plan its seek, or only made its estimates worse.

    What a scan's own predicate shows is told at that scan (`not_sargable`).
    """
    told = [warning for warning in plan_warnings(view.plan) if warning["Warning"] == "PlanAffectingConvert"][:MOST]
    if not told:
        return
    shown = {
        reason.column
        for node in view.nodes
        if is_scan(node) and predicate_text(node) and did_run(node) is not False
        if (reason := unusable(predicate(view, node))) is not None and reason.kind == "implicit-conversion"
    }
    seeks = [warning for warning in told if "Seek" in str(warning.get("ConvertIssue"))]
    guesses = [warning for warning in told if warning not in seeks]
    for warnings, severity in ((seeks, "medium"), (guesses, "low")):
        left = [warning for warning in warnings if not any(f"[{column}]" in str(warning.get("Expression")) for column in shown)]
        texts = list(dict.fromkeys(str(warning.get("Expression")) for warning in left))
        if texts:
            yield found(
                view,
                "implicit-conversion",
                None,
                [f"PlanAffectingConvert ({left[0].get('ConvertIssue')}): {shortened(text)}" for text in texts[:3]],
                severity="medium" if severity == "medium" else "low",
                sql="",
                column="the column",
                function="CONVERT",
                rewrite="give the parameter the type of the column",
            )


def mismatched_types(view: PlanView) -> Iterator[Found]:
    """A seek range worked out at run time because the types differ (PerformanceStudio rule 13)."""
    for node in view.nodes:
        if node.type not in {"Compute Scalar", "Constant Scan"} or did_run(node) is False:
            continue
        values = words(node, "DefinedValues", "DEFINE")
        helper = next((name for name in ("GetRangeWithMismatchedTypes", "GetRangeThroughConvert") if name in values), None)
        if helper is None:
            continue
        join = next((above for above in view.ancestors(node) if above.type == "Nested Loops"), None)
        seek = join.children[-1] if join is not None else node
        share = view.share_below(seek)
        seek = next((below for below in seek.walk() if below.relation), seek)
        yield found(
            view,
            "implicit-conversion",
            node,
            [shortened(values), f"the range is looked up by {seek.type} on {seek.relation}" if seek.relation else ""],
            share,
            at_most("medium", share),
            sql="",
            column="the column",
            function=helper,
            rewrite="declare the variable or parameter with the column's own type, precision and length",
        )
