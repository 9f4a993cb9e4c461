"""Rules about memory: sorts, hashes and aggregates that went to disk, and rows that are wide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.facts import (
    BLOCK_BYTES,
    MATTERS,
    basis,
    count,
    expected,
    kilobytes,
    loops,
    number,
    own_blocks,
    portion,
    severity,
    text,
    title,
)
from dbbuddy.plans.insights.postgresql.settings import set_memory, settings, work_mem_kb
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

ROW_OVERHEAD = 64
"""Bytes that a sort keeps of each row besides its columns: header, pointers, the first key."""
SPILL_COST = 0.4
"""Which part of a node's own time goes at most when it stays in memory, its waits for the disk apart: external sorts and
aggregates were measured on PostgreSQL 18 to take up to 1.6 times as long."""
SORT_ROOM = 2.0
HASH_ROOM = 1.3
_TEMP_TIMES = ("Temp I/O Read Time", "Temp I/O Write Time")
_SPILLERS = ("Sort", "Incremental Sort", "Hash", "Hash Join", "Aggregate", "Gather", "Gather Merge", "Limit")


def _spilled(
    view: PlanView, name: str, node: PlanNode, share: float, said: tuple[str, ...], needed: float, values: dict[str, str]
) -> Found:
    waited = sum(own_blocks(node, key) for key in _TEMP_TIMES) / view.total_ms if view.measured else 0.0
    taken, share = share, min(share, SPILL_COST * share + waited)
    memory = work_mem_kb(view)
    told = (f"Settings: work_mem = '{settings(view)['work_mem']}'",) if memory is not None else ()
    values = {"node": title(node), "needed": kilobytes(needed)} | values
    return Found(
        name, node, (*said, *told, portion(view, taken)), share, severity(view, share), values=values, sql=set_memory(view, needed)
    )


def sort_spills(view: PlanView) -> Iterator[Found]:
    """A sort that went to disk (`Sort Method: external merge  Disk: ..kB`)."""
    for node in view.of_type("Sort", "Incremental Sort"):
        disk = _sorted_on_disk(node)
        if disk == 0 or view.share(node) < MATTERS:
            continue
        method = text(node, "Sort Method") or "external merge"
        said = (f"{title(node)}: Sort Key: {text(node, 'Sort Key')}", f"Sort Method: {method}, Disk: {count(disk)}kB")
        needed = max(disk, (node.rows_actual or 0.0) * ((node.width or 0) + ROW_OVERHEAD) / 1024)
        yield _spilled(view, "sort-spills", node, view.share(node), said, needed, {"disk": kilobytes(disk)})


def _sorted_on_disk(node: PlanNode) -> float:
    """The largest part, in kB, that one process sorted on disk."""
    sizes = [0.0]
    for one in (node.details, *_workers(node)):
        if one.get("Sort Space Type") == "Disk" or str(one.get("Sort Method", "")).startswith("external"):
            size = one.get("Sort Space Used")
            sizes.append(float(size) if isinstance(size, int | float) else 1.0)
        for group in ("Full-sort Groups", "Pre-sorted Groups"):
            groups = one.get(group)
            space = groups.get("Sort Space Disk") if isinstance(groups, dict) else None
            peak = space.get("Peak Sort Space Used") if isinstance(space, dict) else None
            if isinstance(peak, int | float):
                sizes.append(float(peak))
    return max(sizes)


def _workers(node: PlanNode) -> list[dict[str, Any]]:
    workers = node.details.get("Workers")
    return [worker for worker in workers if isinstance(worker, dict)] if isinstance(workers, list) else []


def hash_spills(view: PlanView) -> Iterator[Found]:
    """A hash that did not fit and was split into batches on disk."""
    for node in view.of_type("Hash"):
        batches = number(node, "Hash Batches")
        join = view.parent(node)
        if batches <= 1 or join is None:
            continue
        share = min(1.0, view.share(node) + view.share(join))
        if share < MATTERS:
            continue
        peak, original = number(node, "Peak Memory Usage"), number(node, "Original Hash Batches")
        grown = f" (originally {count(original)})" if 0 < original < batches else ""
        said = (f"{title(join)}: {text(join, 'Hash Cond')}", f"Batches: {count(batches)}{grown}  Memory Usage: {count(peak)}kB")
        values = {"batches": count(batches), "surprise": _SURPRISE if grown else ""}
        yield _spilled(view, "hash-spills", node, share, said, peak * batches * HASH_ROOM, values)


_SURPRISE = " The planner had expected fewer batches: its estimate of the rows is too low, so look at that first."


def aggregate_spills(view: PlanView) -> Iterator[Found]:
    """A hashed aggregate that put groups on disk."""
    for node in view.of_type("Aggregate"):
        disk = max([number(node, "Disk Usage"), *(float(worker.get("Disk Usage") or 0) for worker in _workers(node))])
        batches = max([number(node, "HashAgg Batches"), *(float(worker.get("HashAgg Batches") or 0) for worker in _workers(node))])
        if (disk == 0 and batches <= 1) or view.share(node) < MATTERS:
            continue
        peak = number(node, "Peak Memory Usage")
        said = (
            f"{title(node)}: Group Key: {text(node, 'Group Key')}",
            f"Batches: {count(batches)}  Memory Usage: {count(peak)}kB  Disk Usage: {count(disk)}kB",
        )
        yield _spilled(view, "aggregate-spills", node, view.share(node), said, (disk + peak) * HASH_ROOM, {"disk": kilobytes(disk)})


def temporary_files(view: PlanView, *, blocks: float = 128) -> Iterator[Found]:
    """Rows that a CTE, a Materialize, a window or a function wrote to disk; 128 blocks are 1 MB."""
    for node in view.nodes:
        stored = "Temp Written Blocks" in node.details or "Storage" in node.details
        if not stored or node.type in _SPILLERS or view.share_below(node) < MATTERS:
            continue
        written = own_blocks(node, "Temp Written Blocks")
        on_disk = text(node, "Storage") == "Disk"
        size = max(written * BLOCK_BYTES / 1024, number(node, "Maximum Storage") if on_disk else 0.0)
        if size < blocks * BLOCK_BYTES / 1024:
            continue
        share = view.share(node)
        storage = f"Storage: Disk  Maximum Storage: {count(number(node, 'Maximum Storage'))}kB" if on_disk else ""
        said = tuple(part for part in (f"{title(node)}: temp written={count(written)}", storage) if part)
        yield _spilled(view, "temporary-files", node, share, said, size * SORT_ROOM, {"disk": kilobytes(size)})


def wide_rows(view: PlanView, *, width: int = 1000, megabytes: float = 10) -> Iterator[Found]:
    """Rows of over 1 kB through a sort or hash (1 to 2 kB is where memory goes to columns that only pass through)."""
    worst: PlanNode | None = None
    for node in view.of_type("Sort", "Incremental Sort", "Hash", "Materialize"):
        if (node.width or 0) < width:
            continue
        if _volume(node) >= megabytes and view.share(node) >= MATTERS and (worst is None or _volume(node) > _volume(worst)):
            worst = node
    if worst is not None:
        share = view.share(worst)
        said = (
            f"{title(worst)}: width={worst.width}, {count(expected(worst) * loops(worst))} rows, {_volume(worst):,.0f} MB",
            portion(view, share),
        )
        values = {"node": title(worst), "width": str(worst.width), "size": f"{_volume(worst):,.0f} MB"}
        yield Found("wide-rows", worst, said, share / 2, severity(view, share / 2, "medium"), basis(view), values)


def _volume(node: PlanNode) -> float:
    return expected(node) * loops(node) * (node.width or 0) / 1024 / 1024
