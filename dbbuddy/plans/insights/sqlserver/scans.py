"""Rows that are read and thrown away: scans, lookups, late filters, and indexes that are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.conversions import unusable
from dbbuddy.plans.insights.sqlserver.facts import (
    amount,
    at_least,
    at_most,
    counted,
    did_run,
    executions,
    found,
    index_for,
    is_lookup,
    is_scan,
    milliseconds,
    operation,
    own_columns,
    percent,
    predicate,
    predicate_text,
    rows_read,
    rows_total,
    shortened,
    table,
    totals_below,
    words,
)
from dbbuddy.plans.insights.sqlserver.names import create_index, quoted
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

_SEEKS = ("SeekPredicateNew", "SeekPredicates", "SeekPredicate", "SEEK")


def late_filter(view: PlanView, *, min_reads: float = 128, min_ms: float = 10, min_cost: float = 1) -> Iterator[Found]:
    """A Filter above work worth the name (PerformanceStudio rule 1: 128 reads or 10 ms below, else cost 1 below)."""
    filters = [node for node in view.nodes if node.type == "Filter" and node.children and predicate_text(node)]
    reads = totals_below(view, "ActualLogicalReads") if filters else {}
    for node in filters:
        below = node.children[0]
        came, went = rows_total(below), rows_total(node)
        if did_run(node) is False:
            continue
        if did_run(node):
            matters = reads[id(below)] >= min_reads or (below.total_ms or 0.0) >= min_ms
        else:
            matters = sum(child.total_cost or 0.0 for child in node.children) >= min_cost
        if not matters or (did_run(node) and went >= came * 0.9):
            continue
        thrown = 1 - went / came if came > went else 0.0
        share = view.share_below(below) * (thrown if did_run(node) else 1.0)
        yield found(
            view,
            "late-filter",
            node,
            [
                f"Predicate: {shortened(predicate_text(node))}",
                f"{counted(came)} rows come in, {counted(went)} go on ({percent(thrown)} thrown away)",
                f"below it: {counted(reads[id(below)])} logical reads, {milliseconds(below.total_ms or 0)}"
                if did_run(node)
                else "",
            ],
            share,
            at_most("medium", share),
            predicate=shortened(predicate_text(node)),
            rows_in=counted(came),
            rows_out=counted(went),
        )


def scans(view: PlanView, *, min_rows: float = 1000, min_share: float = 0.05, keeps: float = 0.5) -> Iterator[Found]:
    """A scan with a residual predicate (PerformanceStudio rule 11; its rule 34 for one without is `bare_scans`).

    A scan that keeps over half of its rows (`keeps`) would not gain from an index on the predicate and is reported as a
    read of the whole index; under `min_rows` rows and `min_share` of the time no scan matters.
    """
    for node in view.nodes:
        if not is_scan(node) or not predicate_text(node) or did_run(node) is False:
            continue
        if _is_small(view, node, min_rows, min_share):
            continue
        asked = predicate(view, node)
        if asked.is_empty or unusable(asked) is not None:
            continue
        read, kept = rows_read(node), rows_total(node)
        thrown = max(0.0, 1 - kept / read) if read else 0.0
        share = view.share(node) * thrown
        yield found(
            view,
            "scan-discards-rows" if thrown >= 1 - keeps else "full-index-scan",
            node,
            [
                f"{node.type} of {table(node)}: {counted(read)} rows read, {counted(kept)} kept",
                f"Predicate: {shortened(predicate_text(node))}",
                _cost_of(view, node),
            ],
            share,
            sql=index_for(view, node) if thrown >= 1 - keeps else "",
            rows_read=counted(read),
            rows_kept=counted(kept),
            columns=", ".join(map(quoted, dict.fromkeys(asked.columns()))) or "the columns of the predicate",
        )


def bare_scans(
    view: PlanView, *, min_rows: float = 1000, min_ms: float = 100, min_share: float = 0.05, min_cost: float = 0.2, narrow: int = 3
) -> Iterator[Found]:
    """A whole table is read without a predicate (PerformanceStudio rule 34: 20 % of the cost where it was not run; up to
    3 columns are narrow enough for an index that covers them). A table variable is told by its own rule.
    """
    for node in view.nodes:
        if node.type not in {"Clustered Index Scan", "Table Scan"} or not is_scan(node) or predicate_text(node):
            continue
        columns = list(dict.fromkeys(own_columns(node, words(node, "OutputList"))))
        if not columns or (node.relation or "").startswith("@") or did_run(node) is False or rows_read(node) < min_rows:
            continue
        share = view.share(node)
        worth = (node.self_ms or 0.0) >= min_ms or share >= min_share if did_run(node) else share >= min_cost
        if not worth or _reads_few(node):
            continue
        covering = create_index(node.schema, node.relation, columns[:1], columns[1:]) if len(columns) <= narrow else ""
        yield found(
            view,
            "large-scan",
            node,
            [
                f"{node.type} of {table(node)} without a predicate: {counted(rows_read(node))} rows for {len(columns)} columns",
                f"columns: {shortened(', '.join(columns))}",
                _cost_of(view, node),
            ],
            share,
            at_most("medium", share),
            sql=covering,
            rows_read=counted(rows_read(node)),
            columns=shortened(", ".join(map(quoted, columns))),
        )


def row_lookups(view: PlanView, *, min_executions: float = 100, min_estimated: float = 1000) -> Iterator[Found]:
    """Rows fetched one by one after a nonclustered index (PerformanceStudio rule 10), from 100 lookups on, or where the
    plan was made for 1,000 and more.
    """
    for node in view.nodes:
        if not is_lookup(node) or node.relation is None:
            continue
        ran, expected = node.loops or 0.0, 1 + amount(node, "EstimateRebinds") + amount(node, "EstimateRewinds")
        if (executions(node) if node.loops is None else ran) < min_executions and expected < min_estimated:
            continue
        above = view.parent(node)
        seek = above.children[0] if above is not None and above.children and above.children[0] is not node else None
        fetched = list(dict.fromkeys([*own_columns(node, words(node, "OutputList")), *predicate(view, node).columns()]))
        share = view.share(node)
        heap = node.type.startswith("RID")
        yield found(
            view,
            "row-lookup",
            node,
            [
                f"{node.type} on {table(node)}: {counted(ran)} executions, {counted(expected)} expected"
                if node.loops is not None
                else f"{node.type} on {table(node)}: {counted(expected)} executions expected",
                f"columns fetched: {shortened(', '.join(fetched))}" if fetched else "",
                f"Predicate: {shortened(predicate_text(node))}" if predicate_text(node) else "",
                "the table is a heap: rows may have moved to other pages" if heap else "",
                _cost_of(view, node),
            ],
            share,
            at_least("medium", share) if executions(node) >= min_executions else "low",
            sql=_wider_index(view, seek, fetched),
            columns=", ".join(map(quoted, fetched[:8])) or "the fetched columns",
            index=quoted(seek.index) if seek is not None and seek.index else "the nonclustered index",
            executions=counted(executions(node)),
        )


def _wider_index(view: PlanView, seek: PlanNode | None, fetched: list[str], longest: int = 12) -> str:
    """An index like the one the seek used that also covers what the lookup fetched; empty if that would be most of the table."""
    if seek is None or seek.relation is None or len(fetched) > longest:
        return ""
    keys = own_columns_of_seek(seek, seek)
    return create_index(
        seek.schema, seek.relation, keys or predicate(view, seek).keys(), [*predicate(view, seek).columns(), *fetched]
    )


def index_spools(view: PlanView) -> Iterator[Found]:
    """An Eager Index Spool builds an index at each run (PerformanceStudio rule 2)."""
    for node in view.nodes:
        if node.type != "Index Spool" or operation(node) != "Eager Spool" or did_run(node) is False:
            continue
        source = next((below for below in node.walk() if below.relation), None)
        keys = own_columns_of_seek(source, node) if source is not None else []
        carried = own_columns(source, words(node, "OutputList")) if source is not None else []
        share = view.share_below(node)
        yield found(
            view,
            "index-spool",
            node,
            [
                f"Index Spool (Eager Spool) over {table(source) if source is not None else 'its input'}",
                f"Seek: {shortened(words(node, *_SEEKS))}",
                f"{counted(rows_total(node.children[0]))} rows indexed at each run" if node.children else "",
                _cost_of(view, node),
            ],
            share,
            at_least("high", share),
            sql=create_index(source.schema, source.relation, keys, carried) if source is not None else "",
            columns=", ".join(map(quoted, keys)) or "the columns of its seek",
            indexed=table(source) if source is not None else "the table below",
        )


def own_columns_of_seek(source: PlanNode, seeker: PlanNode) -> list[str]:
    """The columns of `source` that a seek (`[b].[UserId] = ...`) looks for, those compared for equality first."""
    equal: list[str] = []
    others: list[str] = []
    for part in words(seeker, *_SEEKS).split(" AND "):
        for sign, into in ((" = ", equal), ("=", equal), (" >", others), (" <", others)):
            left, found_sign, _ = part.partition(sign)
            if found_sign:
                into.extend(own_columns(source, left.strip().rstrip("<>")))
                break
    return list(dict.fromkeys(equal + others))


def missing_indexes(view: PlanView, *, low_impact: float = 25, includes: int = 5, keys: int = 4) -> Iterator[Found]:
    """The optimizer's own requests (PerformanceStudio rule 30: under 25 % impact hardly worth it, over 5 included or 4 key
    columns wide, several for one table to be merged).
    """
    wanted = [entry for entry in view.plan.details.get("MissingIndexes", ()) if isinstance(entry, dict)]
    requests = Counter(str(entry.get("Table") or "") for entry in wanted)
    times_for_table: dict[str, float] = {}
    if wanted and view.measured:
        for node in view.nodes:
            if node.relation:
                times_for_table[node.relation] = times_for_table.get(node.relation, 0.0) + view.share(node)
    for entry in wanted:
        impact = amount(entry, "Impact")
        key_columns = [*entry.get("EQUALITY", ()), *entry.get("INEQUALITY", ())]
        included = list(entry.get("INCLUDE", ()))
        relation = str(entry.get("Table") or "")
        for_table = requests[relation]
        share = min(impact / 100, times_for_table.get(relation, 0.0)) if view.measured else impact / 100
        yield found(
            view,
            "missing-index",
            None,
            [
                f"MissingIndexGroup Impact {impact:.0f} % on {relation} ({', '.join(key_columns)})",
                f"it would include {len(included)} columns, which makes it expensive to maintain"
                if len(included) > includes
                else "",
                f"{len(key_columns)} key columns are many for one index" if len(key_columns) > keys else "",
                f"{for_table} such requests for this table: build one index that serves them" if for_table > 1 else "",
            ],
            share,
            "info" if impact < low_impact else at_most("medium", share),
            sql=create_index(entry.get("Schema"), relation, key_columns, included),
            impact=f"{impact:.0f} %",
            columns=", ".join(map(quoted, key_columns)),
        )


def _is_small(view: PlanView, node: PlanNode, min_rows: float, min_share: float) -> bool:
    known = node.rows_actual is not None or node.rows_estimated is not None
    return known and rows_read(node) < min_rows and view.share(node) < min_share


def _reads_few(node: PlanNode) -> bool:
    """Whether a Top above stops the scan early: it read less than the table holds."""
    whole = amount(node, "TableCardinality")
    return did_run(node) is True and 0 < rows_read(node) < whole * 0.1


def _cost_of(view: PlanView, node: PlanNode) -> str:
    share = percent(view.share(node))
    if node.self_ms is not None and view.measured:
        reads = amount(node, "ActualLogicalReads")
        return f"{milliseconds(node.self_ms)} of its own, {share} of the time" + (
            f", {counted(reads)} logical reads" if reads else ""
        )
    return f"{share} of the estimated cost"
