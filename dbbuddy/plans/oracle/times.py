"""Times and shares of an Oracle plan: A-Time holds the children, activity samples do not."""

from __future__ import annotations

from collections.abc import Sequence

from dbbuddy.plans.model import PlanNode


def self_from_cumulative(nodes: Sequence[PlanNode]) -> None:
    """Take the children's time off each node's; `nodes` has parents before children.

    A-Time is printed in hundredths of a second, so that children can sum to more than their parent took; then all below
    are made smaller by the same share, that the self times add up to the total.
    """
    if all(node.total_ms is None for node in nodes):
        return
    for node in reversed(nodes):
        below = sum(child.total_ms or 0.0 for child in node.children)
        if node.total_ms is None:
            node.total_ms = below
        node.self_ms = round(max(0.0, node.total_ms - below), 3)
    waiting: list[tuple[PlanNode, float]] = [(nodes[0], 1.0)]
    while waiting:
        node, share = waiting.pop()
        total = node.total_ms or 0.0
        below = sum(child.total_ms or 0.0 for child in node.children)
        if share < 1:
            node.self_ms = round((node.self_ms or 0.0) * share, 3)
        for_children = share * min(1.0, total / below) if below else share
        waiting.extend((child, for_children) for child in node.children)


def times_from_activity(nodes: Sequence[PlanNode], activity: Sequence[float], elapsed_ms: float) -> None:
    """Divide the elapsed time among the operations as the samples of SQL Monitor fell; `nodes` has parents before children."""
    sampled = sum(activity)
    if sampled <= 0:
        return
    for node, share in zip(nodes, activity, strict=True):
        node.self_ms = round(elapsed_ms * share / sampled, 3)
    for node in reversed(nodes):
        node.total_ms = round((node.self_ms or 0.0) + sum(child.total_ms or 0.0 for child in node.children), 3)


_JOINS = ("HASH JOIN", "MERGE JOIN", "NESTED LOOPS")


def share_estimates(nodes: Sequence[PlanNode], one_run: bool = False) -> None:
    """Say how many starts share one estimate; `nodes` has parents before children.

    Parallel servers, partitions and block ranges start an operation once each and divide the estimated rows among them,
    whereas each start on the inner side of a join is estimated by itself, and so is a table that every server reads whole.
    `one_run`: the counts are of one run of the statement, as in SQL Monitor, so that the root starts once in each process.
    """
    if one_run and nodes and nodes[0].loops:
        nodes[0].loops_per_estimate = nodes[0].loops
    for node in nodes:
        shares = node.loops_per_estimate
        for position, child in enumerate(node.children):
            if not child.loops:
                child.loops_per_estimate = shares if child.loops is None else 1
            elif (position and node.type.startswith(("NESTED LOOPS", "FILTER"))) or _is_whole_for_each(node, child):
                child.loops_per_estimate = 1
            elif node.type.startswith(("PARTITION", "PX ")) or child.type.startswith("PX COORDINATOR"):
                starts = (node.loops or shares) / shares
                child.loops_per_estimate = max(1, child.loops / starts)
            else:
                child.loops_per_estimate = max(1, min(shares, child.loops))


def _is_whole_for_each(node: PlanNode, child: PlanNode) -> bool:
    if child.type.startswith("PX RECEIVE"):
        return bool(child.children) and child.children[0].type.startswith("PX SEND BROADCAST")
    return not child.children and node.type.startswith(_JOINS)
