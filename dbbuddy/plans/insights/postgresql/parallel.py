"""Rules about parallel workers."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.facts import (
    basis,
    count,
    expected,
    given,
    loops,
    milliseconds,
    number,
    portion,
    removed,
    severity,
    text,
    title,
)
from dbbuddy.plans.insights.postgresql.settings import settings
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

_GATHERS = ("Gather", "Gather Merge")


def workers_missing(view: PlanView, *, share: float = 0.1) -> Iterator[Found]:
    """Fewer workers came than the plan was made for."""
    for node in view.of_type(*_GATHERS):
        planned, launched = number(node, "Workers Planned"), number(node, "Workers Launched")
        if (
            node.type not in _GATHERS
            or not view.ran
            or "Workers Launched" not in node.details
            or launched >= planned
            or loops(node) == 0
        ):
            continue
        saved = view.share_below(node) * (1 - (launched + 1) / (planned + 1))
        if saved < share:
            continue
        said = (
            f"{title(node)}: Workers Planned: {count(planned)}, Workers Launched: {count(launched)}",
            portion(view, view.share_below(node)),
        )
        values = {"planned": count(planned), "launched": count(launched)}
        yield Found("workers-missing", node, said, saved, severity(view, saved, "high"), values=values)


def worker_skew(view: PlanView, *, times: float = 2.0, rows: float = 10_000, share: float = 0.1) -> Iterator[Found]:
    """One process gave over twice the mean of all; the lowest node where that is so."""
    skewed: set[int] = set()
    for node in reversed(view.nodes):
        if any(id(child) in skewed for child in node.children):
            skewed.add(id(node))
            continue
        by_worker = _rows_by_worker(node)
        whole = given(node)
        if len(by_worker) < 2 or whole < rows or view.share_below(node) < share:
            continue
        leader = max(0.0, whole - sum(by_worker))
        processes = [*by_worker, leader] if len(by_worker) < loops(node) else by_worker
        mean = whole / len(processes)
        if len(processes) < 3 or max(processes) < times * mean:
            continue
        skewed.add(id(node))
        saved = view.share_below(node) * (1 - mean / max(processes))
        said = (
            f"{title(node)}: {', '.join(count(one) for one in processes)} rows by process",
            portion(view, view.share_below(node)),
        )
        values = {"node": title(node), "most": count(max(processes)), "mean": count(mean)}
        yield Found("worker-skew", node, said, saved, severity(view, saved, "medium"), values=values)


def _rows_by_worker(node: PlanNode) -> list[float]:
    workers = node.details.get("Workers")
    if not isinstance(workers, list) or node.type in ("Sort", "Incremental Sort"):
        return []
    told = [worker for worker in workers if isinstance(worker, dict) and "Actual Rows" in worker]
    return [float(worker["Actual Rows"] or 0) * float(worker.get("Actual Loops") or 1) for worker in told]


def could_be_parallel(
    view: PlanView, *, rows: float = 500_000, share: float = 0.5, milliseconds_least: float = 200
) -> Iterator[Found]:
    """A long sequential scan in a plan without any worker; two workers would leave a third of it."""
    if not view.measured or view.of_type(*_GATHERS, "ModifyTable", "LockRows"):
        return
    for node in view.of_type("Seq Scan"):
        if (node.self_ms or 0.0) < milliseconds_least or loops(node) > 1 or view.share(node) < share:
            continue
        read = given(node) + removed(node)
        if read < rows or removed(node) > 0.9 * read:
            continue
        saved = view.share(node) * 2 / 3
        switched_off = settings(view).get("max_parallel_workers_per_gather") == "0"
        told = ("Settings: max_parallel_workers_per_gather = '0'",) if switched_off else ()
        said = (f"{title(node)}: {count(read)} rows read by one process", *told, portion(view, view.share(node)))
        yield Found(
            "could-be-parallel",
            node,
            said,
            saved,
            severity(view, saved, "medium"),
            values={"table": node.relation or "", "rows": count(read)},
        )


def parallel_overhead(view: PlanView, *, share: float = 0.3, rows: float = 100_000) -> Iterator[Found]:
    """Starting workers and handing over their rows took over a third of the time."""
    if not view.measured:
        return
    for node in view.of_type(*_GATHERS):
        own = view.share(node)
        if node.type not in _GATHERS or own < share or number(node, "Workers Launched") == 0:
            continue
        small, many = view.total_ms < 100, given(node) >= rows
        if not (small or many):
            continue
        cause = _MANY if many else _SMALL
        said = (
            f"{title(node)}: {milliseconds(node.self_ms or 0.0)} itself, {count(given(node))} rows gathered",
            portion(view, own),
        )
        yield Found("parallel-overhead", node, said, own, severity(view, own, "medium"), values={"cause": cause})


_SMALL = "The statement is too short for workers to pay."
_MANY = "Every row is handed from a worker to the leader; aggregate or filter before the Gather, so that fewer rows pass."


def partitions_not_pruned(view: PlanView, *, partitions: int = 10, share: float = 0.1) -> Iterator[Found]:
    """Many partitions of one table are read though most give nothing."""
    for node in view.of_type("Append", "Merge Append"):
        if number(node, "Subplans Removed") or view.share_below(node) < share:
            continue
        members = [child for child in node.children if child.role == "Member" and child.relation and _is_partition(child)]
        if len(members) < partitions or len({child.relation for child in members}) < partitions:
            continue
        idle = [child for child in members if given(child) == 0 and loops(child) > 0] if view.ran else []
        ran = [child for child in members if child.loops != 0]
        if view.ran and (len(ran) < partitions or len(idle) < len(ran) / 2):
            continue
        saved = sum(view.share_below(child) for child in idle) if view.ran else None
        filters = [text(child, "Filter") or text(child, "Index Cond") for child in members]
        said = [f"{title(node)}: {len(ran)} partitions read" + (f", {len(idle)} of them gave no rows" if view.ran else "")]
        said.extend(f"Filter: {condition}" for condition in filters[:1] if condition)
        level = severity(view, saved) if view.ran else "low" if any(filters) else "info"
        yield Found(
            "partitions-not-pruned",
            node,
            (*said, portion(view, view.share_below(node))),
            saved,
            level,
            basis(view),
            {"count": str(len(ran))},
        )


def _is_partition(node: PlanNode) -> bool:
    base, underscore, tail = (node.alias or "").rpartition("_")
    return bool(base) and bool(underscore) and tail.isdigit() and expected(node) >= 0
