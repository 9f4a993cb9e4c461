"""Parallelism: plans that have to run in one thread, and threads that do all the work."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

import re2

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.facts import (
    amount,
    counted,
    found,
    is_batch,
    is_exchange,
    percent,
    statement_code,
    table,
)
from dbbuddy.plans.insights.sqlserver.platform import advice_for
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

_MAXDOP_ONE = re2.compile(r"MAXDOP\s+1\b")
_MAXDOP_TWO = re2.compile(r"MAXDOP\s+2\b")
FARTHEST = 200
"""Operators above one with skew that are asked whether they suffer from it."""
_TEXT_LIMIT = 4000
"""Characters of a statement that showplan keeps."""

# Reasons that the statement itself can remove; the others are of the edition, the kind of table or a cheap plan.
_REMOVABLE = {
    "QueryHintNoParallelSet": "the hint OPTION (MAXDOP 1) forbids it",
    "ParallelismDisabledByTraceFlag": "a trace flag forbids it",
    "CouldNotGenerateValidParallelPlan": "something in the statement allows no parallel plan: a scalar function, a write to a "
    "table variable, or a function of the engine that is not parallel",
    "TSQLUserDefinedFunctionsNotParallelizable": "it calls a scalar T-SQL function",
    "CLRUserDefinedFunctionRequiresDataAccess": "it calls a CLR function that reads data",
    "NonParallelizableIntrinsicFunction": "it calls a function of the engine that is not parallel",
    "TableVariableTransactionsDoNotSupportParallelNestedTransaction": "it writes to a table variable",
    "UpdatingWritebackVariable": "it assigns to a variable for each row",
    "DMLQueryReturnsOutputToClient": "its OUTPUT clause sends rows to the client",
    "NoParallelCursorFetchByBookmark": "the cursor fetches by bookmark",
    "NoParallelDynamicCursor": "the cursor is dynamic",
    "NoParallelFastForwardCursor": "the cursor is FAST_FORWARD",
    "NoParallelWithRemoteQuery": "it reads from a linked server",
    "NoRemoteParallelismForMatrix": "it reads from a linked server",
}


def serial_plans(view: PlanView, *, min_cost: float = 1) -> Iterator[Found]:
    """A plan of cost 1 and more that had to be serial (PerformanceStudio rule 3); `MAXDOP` of the server is no fault."""
    details = view.plan.details
    reason = str(details.get("NonParallelPlanReason") or "")
    cost = amount(details, "StatementSubTreeCost") or view.plan.root.total_cost or 0.0
    if not reason or cost < min_cost or details.get("StatementOptmLevel") == "TRIVIAL" or view.plan.totals.get("execution_ms") == 0:
        return
    severity: Severity = "medium" if reason in _REMOVABLE else "info"
    because = _REMOVABLE.get(reason, reason)
    if reason == "MaxDOPSetToOne":
        code = statement_code(view.plan)
        if _MAXDOP_ONE.search(code):
            severity, because = "medium", "the hint OPTION (MAXDOP 1) forbids it"
        elif len(view.plan.statement or "") < _TEXT_LIMIT:
            return
        else:
            because = "MAXDOP is 1, in a hint or a setting"
    yield found(
        view,
        "serial-plan",
        None,
        [f"NonParallelPlanReason: {reason}", f"estimated cost {cost:,.1f}"],
        severity=severity,
        because=because,
        platform=advice_for(view.plan, "parallelism"),
    )


def thread_skew(view: PlanView, *, share: float = 0.5, share_of_two: float = 0.8, rows_per_thread: float = 1000) -> Iterator[Found]:
    """One thread has half of the rows (of two threads: 80 %), of 1,000 for each thread at least (PerformanceStudio rule 8).

    Thread 0 only coordinates. A sort in batch mode gives all rows to one thread by design. Skew lasts from the operator
    where it starts to the next exchange: there it is told once, with the operators above that suffer from it.
    """
    skewed: dict[int, tuple[Any, float, float, int]] = {}
    for node in reversed(view.nodes):
        told = _skew(node, share, share_of_two, rows_per_thread)
        if told is not None:
            skewed[id(node)] = told
    for node in view.nodes:
        if id(node) not in skewed or _inherits(view, node, skewed):
            continue
        thread, most, total, threads = skewed[id(node)]
        suffering = [node]
        for above in islice(view.ancestors(node), FARTHEST):
            if id(above) not in skewed or (is_exchange(suffering[-1]) and above is not node):
                break
            suffering.append(above)
        lost = sum(view.share(one) for one in suffering if not is_exchange(one)) * (1 - 1 / threads)
        yield found(
            view,
            "worker-skew",
            node,
            [
                f"{node.type}: thread {thread} of {threads} had {counted(most)} of {counted(total)} rows ({percent(most / total)})",
                f"up to {suffering[-1].type} the same thread does the work" if len(suffering) > 1 else "",
            ],
            lost,
            "high" if lost >= 0.25 else None,
            reached=table(node),
            thread_share=percent(most / total),
        )


def _skew(node: PlanNode, share: float, share_of_two: float, rows_per_thread: float) -> tuple[Any, float, float, int] | None:
    threads = [thread for thread in node.details.get("Threads", ()) if isinstance(thread, dict)]
    workers = [thread for thread in threads if amount(thread, "Thread") > 0]
    if len(workers) < 2 or (node.type == "Sort" and is_batch(node)):
        return None
    total = sum(amount(thread, "ActualRows") for thread in workers)
    if total < rows_per_thread * len(workers):
        return None
    busiest = max(workers, key=lambda thread: amount(thread, "ActualRows"))
    most = amount(busiest, "ActualRows")
    if most / total < (share_of_two if len(workers) == 2 else share):
        return None
    return busiest.get("Thread"), most, total, len(workers)


def _inherits(view: PlanView, node: PlanNode, skewed: dict[int, tuple[Any, float, float, int]]) -> bool:
    """Whether an input in the same zone, or the outer side of the join that drives this operator, gives it the skew."""
    if is_exchange(node):
        return False
    givers = list(node.children)
    for above in view.ancestors(node):
        if is_exchange(above):
            break
        if above.type == "Nested Loops" and above.children:
            givers.append(above.children[0])
            break
    thread = skewed[id(node)][0]
    return any(giver is not node and id(giver) in skewed and skewed[id(giver)][0] == thread for giver in givers)


def few_threads(view: PlanView) -> Iterator[Found]:
    """Two threads with operators in batch mode: Standard Edition allows no more (PerformanceStudio rule 38)."""
    if amount(view.plan.details, "DegreeOfParallelism") != 2 or not any(is_batch(node) for node in view.nodes):
        return
    if not _MAXDOP_TWO.search(statement_code(view.plan)):
        yield found(
            view,
            "workers-missing",
            None,
            ["DegreeOfParallelism 2 with operators in batch mode"],
            severity="info",
            platform=advice_for(view.plan, "parallelism"),
        )
