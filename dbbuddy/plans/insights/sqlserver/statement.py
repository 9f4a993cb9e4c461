"""What a plan tells of the statement as a whole: compilation, cursors, TOP, waits, notes."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    amount,
    at_most,
    counted,
    found,
    is_batch,
    is_columnstore,
    is_exchange,
    is_set,
    milliseconds,
    node_warnings,
    percent,
    plan_warnings,
    rows_read,
    rows_total,
    shortened,
    statement_code,
    table,
)
from dbbuddy.plans.insights.sqlserver.platform import advice_for
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

_CURSOR = re2.compile(r"(?s)\bDECLARE\s+[\w@#\[\]]+\s+(?:INSENSITIVE\s+|SCROLL\s+)*CURSOR\b(.*?)\bFOR\b")


def compile_cost(view: PlanView, *, long_ms: float = 1000, very_long_ms: float = 5000) -> Iterator[Found]:
    """Compilation took 1 s of processor time (5 s: high), or ran out of memory (PerformanceStudio rules 18 and 19)."""
    processor = amount(view.plan.details, "CompileCPU")
    out_of_memory = view.plan.details.get("StatementOptmEarlyAbortReason") == "MemoryLimitExceeded"
    if processor < long_ms and not out_of_memory:
        return
    share = processor / (processor + view.total_ms) if view.total_ms else None
    yield found(
        view,
        "compile-cost",
        None,
        [
            f"CompileCPU {milliseconds(processor)}, CompileTime {milliseconds(amount(view.plan.details, 'CompileTime'))}, "
            f"CompileMemory {amount(view.plan.details, 'CompileMemory'):,.0f} KB",
            "StatementOptmEarlyAbortReason: MemoryLimitExceeded" if out_of_memory else "",
        ],
        share,
        "high" if out_of_memory or processor >= very_long_ms else "medium",
        compiled=milliseconds(processor),
    )


def gave_up(view: PlanView, *, min_ms: float = 1000, min_cost: float = 50) -> Iterator[Found]:
    """The optimizer ran out of time (sp_BlitzCache, compile timeout) on a statement that takes long or costs much."""
    if view.plan.details.get("StatementOptmEarlyAbortReason") != "TimeOut":
        return
    cost = amount(view.plan.details, "StatementSubTreeCost") or view.plan.root.total_cost or 0.0
    if view.total_ms >= min_ms if view.measured else cost >= min_cost:
        yield found(
            view,
            "optimizer-gave-up",
            None,
            ["StatementOptmEarlyAbortReason: TimeOut", f"{len(view.nodes)} operators"],
            severity="low",
        )


def cursors(view: PlanView) -> Iterator[Found]:
    """Dynamic cursors, and cursors that are not LOCAL (PerformanceStudio rules 36 and 37)."""
    actual = str(view.plan.details.get("CursorActualType", ""))
    name = str(view.plan.details.get("CursorName") or "the cursor")
    if actual.lower() == "dynamic":
        asked = view.plan.details.get("CursorRequestedType", "?")
        yield found(
            view,
            "cursor-overhead",
            None,
            [f"CursorActualType: Dynamic (requested: {asked})"],
            severity="medium",
            cursor=name,
            fault="is dynamic: each FETCH reads the data anew, which rules out many indexes",
        )
        return
    declared = _CURSOR.search(statement_code(view.plan))
    if declared and "LOCAL" not in declared.group(1).split():
        yield found(
            view,
            "cursor-overhead",
            None,
            ["DECLARE CURSOR without LOCAL"],
            severity="low",
            cursor=name,
            fault="is not declared LOCAL, so it is global to the connection and its plans fill the cache",
        )


_WAITS: tuple[tuple[str, tuple[str, ...], float, str], ...] = (
    ("lock-wait", ("LCK_M_",), 0.1, "locks of other sessions"),
    ("cold-cache", ("PAGEIOLATCH_",), 0.2, "pages from disk"),
    ("serialization-time", ("ASYNC_NETWORK_IO",), 0.1, "the client, which takes the rows slowly"),
    ("slow-storage", ("WRITELOG", "LOG_RATE_GOVERNOR", "LOGBUFFER"), 0.2, "the transaction log"),
)


def waits(view: PlanView, *, min_ms: float = 100) -> Iterator[Found]:
    """What the statement waited for, from 100 ms and a tenth (locks, client) or a fifth (disk, log) of its time on.

    The waits of all threads are summed in the plan, so they are compared with the time of all threads.
    """
    told = [wait for wait in view.plan.details.get("WaitStats", ()) if isinstance(wait, dict)]
    if not told or not view.measured:
        return
    available = view.total_ms * max(1.0, amount(view.plan.details, "DegreeOfParallelism"))
    for name, prefixes, min_share, what in _WAITS:
        mine = [wait for wait in told if str(wait.get("WaitType", "")).startswith(prefixes)]
        spent = sum(amount(wait, "WaitTimeMs") for wait in mine)
        share = min(1.0, spent / available)
        if spent >= min_ms and share >= min_share:
            yield found(
                view,
                name,
                None,
                [
                    f"{wait['WaitType']} {milliseconds(amount(wait, 'WaitTimeMs'))}, {amount(wait, 'WaitCount'):,.0f} waits"
                    for wait in mine
                ],
                share,
                at_most("medium", share),
                waited=milliseconds(spent),
                waited_for=what,
                platform=advice_for(view.plan, "storage"),
            )


def writes(view: PlanView, *, many: int = 5) -> Iterator[Found]:
    """One write that maintains five indexes and more (sp_BlitzCache)."""
    for node in view.nodes:
        objects = node.details.get("Objects")
        if not isinstance(objects, list) or not any(word in node.type for word in ("Insert", "Update", "Delete", "Merge")):
            continue
        if len(objects) > many and not (view.measured and view.total_ms < 10):
            yield found(
                view,
                "indexes-to-maintain",
                node,
                [f"{node.type}: {len(objects)} indexes, {shortened(', '.join(objects))}"],
                view.share(node),
                at_most("medium", view.share(node)),
                indexes=str(len(objects)),
            )


def row_mode_columnstores(view: PlanView, *, min_share: float = 0.1) -> Iterator[Found]:
    """A columnstore read row by row loses most of its worth (sp_BlitzCache)."""
    for node in view.nodes:
        if is_columnstore(node) and not is_batch(node) and view.share(node) >= min_share and "Scan" in node.type:
            yield found(
                view,
                "columnstore-in-row-mode",
                node,
                [f"{node.type} on {table(node)}: execution mode Row, {counted(rows_read(node))} rows"],
                view.share(node),
                at_most("medium", view.share(node)),
            )


def unmatched_indexes(view: PlanView) -> Iterator[Found]:
    """`UnmatchedIndexes`: a filtered index could not serve because the value is a parameter."""
    if any(warning["Warning"] == "UnmatchedIndexes" for warning in plan_warnings(view.plan)):
        parameters = next((w for w in plan_warnings(view.plan) if w["Warning"] == "UnmatchedIndexes" and len(w) > 1), {})
        unmatched = view.plan.details.get("UnmatchedIndexes") or parameters.get("Parameterization") or ""
        yield found(
            view,
            "index-not-used",
            None,
            ["Warning: UnmatchedIndexes", shortened(str(unmatched)) if unmatched else ""],
            severity="medium",
        )


def notes(view: PlanView, *, old_estimator: float = 70) -> Iterator[Found]:
    """What binds the optimizer's hands: hints, forced plans, trace flags, the old estimator; told once, together."""
    details = view.plan.details
    lines = [
        f"{node.type} on {table(node)}: {hint}"
        for node in view.nodes
        for hint in ("ForcedIndex", "ForceSeek", "ForceScan")
        if is_set(node, hint) and not _is_lookup_of_hint(node)
    ]
    if is_set(details, "UsePlan"):
        lines.append("UsePlan: a plan guide or the Query Store forces this plan")
    if amount(details, "CardinalityEstimationModelVersion") == old_estimator:
        lines.append("CardinalityEstimationModelVersion 70: the estimator of SQL Server 2012")
    flags = details.get("TraceFlags")
    if flags:
        lines.append(f"TraceFlags: {shortened(str(flags))}")
    options = details.get("StatementSetOptions")
    if isinstance(options, dict):
        off = [
            name for name in ("ANSI_NULLS", "QUOTED_IDENTIFIER", "ANSI_WARNINGS", "ANSI_PADDING") if options.get(name) in (False, 0)
        ]
        if off:
            lines.append(f"SET options off: {', '.join(off)}; indexed views and filtered indexes cannot serve")
    lines += [
        "FullUpdateForOnlineIndexBuild: an online index build makes the write maintain it in full"
        for node in view.nodes
        if any(warning["Warning"] == "FullUpdateForOnlineIndexBuild" for warning in node_warnings(node))
    ][:1]
    if lines:
        yield found(view, "plan-note", None, lines[:6], severity="info")


def _is_lookup_of_hint(node: PlanNode) -> bool:
    return is_set(node, "Lookup")


def dominant(view: PlanView, explained: set[int], *, min_share: float = 0.2, min_ms: float = 100) -> Iterator[Found]:
    """An operator with a fifth of the time that no other rule explains (PerformanceStudio rule 35), from 100 ms on.

    An exchange mostly waits for the operators around it, so it is told with less weight.
    """
    if not view.measured:
        return
    for node in view.nodes:
        share = view.share(node)
        if share < min_share or (node.self_ms or 0.0) < min_ms or id(node) in explained:
            continue
        severity: Severity | None = "medium" if is_exchange(node) else None
        yield found(
            view,
            "dominant-node",
            node,
            [
                f"{node.type}{f' on {table(node)}' if node.relation else ''}: {milliseconds(node.self_ms or 0)} of its own, "
                f"{percent(share)} of the time",
                f"{counted(rows_total(node))} rows in {counted(node.loops or 0)} executions",
            ],
            share,
            severity,
            kind="an exchange: most of its time it waits for the operators that fill or empty it"
            if is_exchange(node)
            else node.type,
        )
