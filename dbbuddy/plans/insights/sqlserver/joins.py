"""Joins that run too often, pair too much, or look up too many things."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    amount,
    at_most,
    counted,
    did_run,
    executions,
    found,
    is_set,
    milliseconds,
    node_warnings,
    operation,
    percent,
    predicate_text,
    rows_total,
    shortened,
    statement_code,
    table,
    totals_below,
    words,
)
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode


def nested_loops(view: PlanView, *, min_executions: float = 100_000, many: float = 1_000_000) -> Iterator[Found]:
    """The inner side ran over 100,000 times, critical over 1,000,000 (PerformanceStudio rule 16).

    Only for plans that were executed: the optimizer knew its own estimate when it chose the join.
    """
    joins = [node for node in view.nodes if node.type == "Nested Loops" and len(node.children) > 1]
    reads = totals_below(view, "ActualLogicalReads") if joins else {}
    for node in joins:
        outer, inner = node.children[0], node.children[1]
        if inner.loops is None or inner.loops <= min_executions or "Join" not in operation(node):
            continue
        ratio = misestimate(outer)
        share = view.share_below(inner)
        reached = next((below for below in inner.walk() if below.relation), None)
        name = f"{inner.type} on {reached.relation}" if reached is not None else inner.type
        yield found(
            view,
            "nested-loop-explosion",
            node,
            [
                f"inner side ({name}): {counted(inner.loops)} executions",
                f"{milliseconds(inner.total_ms or 0)} and {counted(reads[id(inner)])} logical reads there, {percent(share)}",
                f"outer side: {counted(outer.rows_estimated or 0)} rows estimated, {counted(ratio)} times as many came"
                if ratio is not None and ratio >= 10
                else "",
            ],
            share,
            None if inner.loops > many else at_most("high", share),
            executions=counted(inner.loops),
            inner=table(reached) if reached is not None else inner.type,
        )


def missing_conditions(view: PlanView, *, few_pairs: float = 10_000) -> Iterator[Found]:
    """`NoJoinPredicate`: every row of one side meets every row of the other; up to 10,000 pairs do no harm."""
    for node in view.nodes:
        if not any(warning["Warning"] == "NoJoinPredicate" for warning in node_warnings(node)):
            continue
        sides = [rows_total(child) for child in node.children[:2]]
        tiny = len(sides) == 2 and (min(sides) <= 1 or sides[0] * sides[1] <= few_pairs)
        share = view.share_below(node)
        yield found(
            view,
            "cartesian-product",
            node,
            [
                "Warning: NoJoinPredicate",
                f"{' × '.join(map(counted, sides))} rows" if sides else "",
                "so few pairs do no harm here" if tiny else "",
            ],
            0.0 if tiny else share,
            None if did_run(node) else "medium" if not tiny else "low",
        )


def merges(view: PlanView, *, min_share: float = 0.05) -> Iterator[Found]:
    """A many-to-many merge join keeps duplicates in a worktable (PerformanceStudio rule 17: only if it was read)."""
    for node in view.nodes:
        if node.type != "Merge Join" or not (is_set(node, "ManyToMany") or "MANY-TO-MANY" in words(node, "Flags")):
            continue
        reads = amount(node, "ActualLogicalReads")
        share = view.share(node)
        if reads or (did_run(node) is None and share >= min_share):
            yield found(
                view,
                "many-to-many-merge",
                node,
                ["Merge Join, ManyToMany", f"{counted(reads)} logical reads of its worktable" if reads else ""],
                share,
                at_most("high", share) if did_run(node) else "low",
            )


def or_in_joins(view: PlanView) -> Iterator[Found]:
    """OR in a join condition became several lookups for each row (PerformanceStudio rule 15).

    The shape is Nested Loops over Merge Interval over Top N Sort over Concatenation of constants; an IN list of parameters
    has it too, but its constants do not come from the other side.
    """
    for node in view.nodes:
        if node.type != "Concatenation":
            continue
        branches = [child for child in node.children if _is_constant(child)]
        chain = [above for above in islice(view.ancestors(node), 8) if above.type != "Compute Scalar"]
        if len(branches) < 2 or [above.type for above in chain[:3]] != ["Sort", "Merge Interval", "Nested Loops"]:
            continue
        outer = view.parent(chain[2])
        if (outer is not None and "Semi" in operation(outer)) or not any(map(_reads_other_side, branches)):
            continue
        share = view.share_below(chain[2])
        yield found(
            view,
            "or-in-join",
            chain[2],
            [
                f"{len(branches)} lookups merged (Merge Interval) for each of {counted(executions(chain[1]))} rows",
                *(shortened(words(branch, "DefinedValues", "DEFINE")) for branch in branches[:2]),
                f"{percent(share)} of the time",
            ],
            share,
            branches=str(len(branches)),
        )


def _is_constant(node: PlanNode) -> bool:
    return node.type == "Constant Scan" or (
        node.type == "Compute Scalar" and any(child.type == "Constant Scan" for child in node.children)
    )


def _reads_other_side(branch: PlanNode) -> bool:
    values = words(branch, "DefinedValues", "Values", "DEFINE")
    sources = [value.partition(" = ")[2] or value for value in values.split(", Expr")]
    return not values or any("].[" in source or "[Expr" in source for source in sources)


def not_in(view: PlanView, *, min_rewinds: float = 10_000) -> Iterator[Found]:
    """NOT IN over a column that may be NULL (PerformanceStudio rule 28: Row Count Spool with over 10,000 rewinds)."""
    if "NOT IN" not in " ".join(statement_code(view.plan).split()):
        return
    for node in view.nodes:
        if node.type != "Row Count Spool":
            continue
        rewinds = amount(node, "ActualRewinds") if did_run(node) is not None else amount(node, "EstimateRewinds")
        anti = [
            near
            for above in islice(view.ancestors(node), 4)
            for near in (above, *above.children)
            if "Anti Semi" in operation(near) and "IS NULL" in predicate_text(near)
        ]
        if rewinds > min_rewinds and anti:
            share = view.share_below(view.parent(node) or node)
            yield found(
                view,
                "not-in-subquery",
                node,
                [f"Row Count Spool: {counted(rewinds)} rewinds", f"{operation(anti[0])}: {shortened(predicate_text(anti[0]))}"],
                share,
                rewinds=counted(rewinds),
            )


def lazy_spools(view: PlanView, *, min_rebinds: float = 100, worth: float = 5) -> Iterator[Found]:
    """A Lazy Spool that is rebuilt more than once for five uses (PerformanceStudio rule 14); index spools cache by value."""
    for node in view.nodes:
        if operation(node) != "Lazy Spool" or "Index" in node.type:
            continue
        kind = "Actual" if did_run(node) is not None else "Estimate"
        rebinds, rewinds = amount(node, f"{kind}Rebinds"), amount(node, f"{kind}Rewinds")
        if rebinds > min_rebinds and rewinds < rebinds * worth:
            share = view.share(node)
            yield found(
                view,
                "memoize-misses",
                node,
                [f"{node.type} (Lazy Spool): {counted(rebinds)} rebinds (filled anew), {counted(rewinds)} rewinds (reused)"],
                share,
                at_most("high", share) if did_run(node) else "low",
                rebinds=counted(rebinds),
                rewinds=counted(rewinds),
            )


def remote_queries(view: PlanView, *, min_share: float = 0.05) -> Iterator[Found]:
    """Rows fetched from a linked server for 5 % of the time and more (sp_BlitzCache)."""
    for node in view.nodes:
        if not node.type.startswith("Remote") or view.share_below(node) < min_share:
            continue
        share = view.share_below(node)
        yield found(
            view,
            "remote-rows",
            node,
            [
                f"{node.type} on {words(node, 'RemoteSource', 'SOURCE') or 'a linked server'}: {counted(rows_total(node))} rows",
                shortened(words(node, "RemoteQuery", "QUERY")),
            ],
            share,
            at_most("high", share),
        )
