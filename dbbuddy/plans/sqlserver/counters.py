"""What the threads of an operator counted at run time, and the times of the operators made out of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from dbbuddy.plans.model import PlanNode

_NOT_SUMMED = {"Thread", "BrickId", "NodeId", "ActualElapsedms", "FirstActiveTime", "LastActiveTime", "OpenTime", "CloseTime"}


def read_counters(information: Element, node: PlanNode) -> None:
    """Put `RunTimeInformation` into the node: rows per execution, executions, and the counters of each thread."""
    threads: list[dict[str, Any]] = [
        {name: _SMALL[text] if text in _SMALL else _count(text) for name, text in element.attrib.items()}
        for element in information
        if element.tag == "RunTimeCountersPerThread"
    ]
    sums: dict[str, float] = {}
    for thread in threads:
        told: dict[str, float] = {name: count for name, count in thread.items() if type(count) is int and name not in _NOT_SUMMED}
        if not sums:
            sums = told
            continue
        for name, count in told.items():
            sums[name] = sums.get(name, 0) + count
    if not threads:
        return
    rows = sums.pop("ActualRows", 0)
    executions = sums.get("ActualExecutions", 0)
    if rows and not executions:
        executions = sum(1 for thread in threads if thread.get("ActualRows"))
    node.loops = executions
    node.rows_actual = rows / executions if executions else 0
    node.details["ActualRows"] = rows
    modes = {thread["ActualExecutionMode"] for thread in threads if "ActualExecutionMode" in thread}
    if len(modes) > 1:
        modes = {
            thread["ActualExecutionMode"] for thread in threads if "ActualExecutionMode" in thread and _took_part(thread)
        } or modes
    if modes:
        node.details["ActualExecutionMode"] = "Batch" if "Batch" in modes else min(map(str, modes))
    node.details.update(sums)
    elapsed = [thread["ActualElapsedms"] for thread in threads if type(thread.get("ActualElapsedms")) is int]
    if elapsed:
        node.details["ActualElapsedms"] = max(elapsed)
    node.details["Threads"] = threads


_SMALL = {str(count): count for count in range(1000)}


def _count(text: str) -> int | str:
    return int(text) if text.isdecimal() and len(text) < 20 else text


def _took_part(thread: dict[str, Any]) -> bool:
    return bool(thread.get("ActualExecutions") or thread.get("ActualRows") or thread.get("Batches"))


def share_estimates(nodes: Sequence[PlanNode]) -> None:
    """Say how many executions share one estimate; `nodes` has parents before children.

    The threads of a parallel zone execute an operator once each and divide the estimated rows among them, whereas on the inner
    side of nested loops every execution is estimated by itself.
    """
    if nodes and nodes[0].loops:
        nodes[0].loops_per_estimate = nodes[0].loops
    for node in nodes:
        shares = node.loops_per_estimate
        loops_of_estimate = (node.loops or shares) / shares
        for position, child in enumerate(node.children):
            if position and (node.type == "Nested Loops" or (position == 2 and node.type == "Adaptive Join")):
                child.loops_per_estimate = 1
            elif node.type == "Parallelism" and child.loops:
                child.loops_per_estimate = max(1, child.loops / loops_of_estimate)
            else:
                child.loops_per_estimate = shares if child.loops is None else max(1, min(shares, child.loops))


def time_nodes(nodes: Sequence[PlanNode]) -> None:
    """Give every node its time with and without its children; `nodes` has parents before children.

    SQL Server prints for each thread how long the operator ran: in row mode with its children, in batch mode without them.
    An operator takes as long as its slowest thread. At an exchange the threads above are not the threads below, so there
    the times are compared as a whole; elsewhere thread by thread, as a wait of one thread is no work of another.
    An operator without counters (a Compute Scalar that is worked out later) passes on the time below it.
    """
    inclusive: dict[int, dict[Any, float]] = {}
    for node in reversed(nodes):
        own = dict(_elapsed(node))
        below: dict[Any, float] = {}
        children_total = 0.0
        measured_below = False
        for child in node.children:
            for thread, milliseconds in inclusive.pop(id(child), {}).items():
                below[thread] = below.get(thread, 0) + milliseconds
            if child.total_ms is not None:
                measured_below = True
                children_total += child.total_ms
        if not own:
            inclusive[id(node)] = below
            if measured_below:
                node.total_ms, node.self_ms = children_total, 0.0
            continue
        if node.details.get("ActualExecutionMode") == "Batch":
            both = {thread: milliseconds + below.get(thread, 0) for thread, milliseconds in own.items()}
            node.self_ms = max(own.values())
            node.total_ms = max(max(both.values()), children_total)
        else:
            both = own
            node.total_ms = max(own.values())
            if node.type == "Parallelism" or not own.keys() & below.keys():
                node.self_ms = max(0.0, node.total_ms - children_total)
            else:
                node.self_ms = max(0.0, *(milliseconds - below.get(thread, 0) for thread, milliseconds in own.items()))
        inclusive[id(node)] = both
    _fit_zones(nodes)


_TOLERATED = 1.01


def _fit_zones(nodes: Sequence[PlanNode]) -> None:
    """Make the self times of threads that ran side by side fit into the time that passed.

    A zone reaches from an exchange down to the next ones. Its slowest threads may differ from operator to operator, so their
    times can sum to more than the zone took; then all of them are made smaller by the same share.
    """
    if not nodes:
        return
    waiting: list[tuple[PlanNode, float]] = [(nodes[0], nodes[0].total_ms or 0.0)]
    while waiting:
        top, passed = waiting.pop()
        zone: list[PlanNode] = []
        following: list[PlanNode] = []
        inside = [top]
        while inside:
            node = inside.pop()
            zone.append(node)
            (following if node.type == "Parallelism" else inside).extend(node.children)
        claimed = sum(node.self_ms or 0.0 for node in zone) + sum(node.total_ms or 0.0 for node in following)
        share = passed / claimed if claimed > passed * _TOLERATED and claimed else 1.0
        if share < 1:
            for node in zone:
                if node.self_ms:
                    node.self_ms = round(node.self_ms * share, 3)
        waiting.extend((node, (node.total_ms or 0.0) * share) for node in following)


def _elapsed(node: PlanNode) -> Iterator[tuple[Any, float]]:
    threads = node.details.get("Threads", ())
    parallel = len(threads) > 1
    for thread in threads:
        milliseconds = thread.get("ActualElapsedms")
        if type(milliseconds) is not int:
            continue
        if parallel and thread.get("Thread") == 0 and not _took_part(thread) and not milliseconds:
            continue
        yield thread.get("Thread"), float(milliseconds)
