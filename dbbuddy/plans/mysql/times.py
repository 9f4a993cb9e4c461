"""Self times: MySQL's node times hold the children's, MariaDB's do so for some nodes only."""

from __future__ import annotations

from collections.abc import Sequence

from dbbuddy.plans.model import PlanNode

# How far children may exceed their parent by rounding alone: MySQL prints three digits of each loop's average.
ROUNDING = 0.05


def self_from_nested(nodes: Sequence[PlanNode], apart: frozenset[int] = frozenset()) -> None:
    """Self times from times that hold the children's; `nodes` has parents before children.

    A subquery that the server runs outside the operator it hangs under (those of `apart`, by `id`, and others that do not fit
    into its time) is added to that operator's total, and so is the making of a table that an old server does not count as part
    of its scan. Children that exceed their parent by rounding are made smaller, so that the self times add up to the total.
    """
    if all(node.total_ms is None for node in nodes):
        return
    for node in reversed(nodes):
        below = sum(child.total_ms or 0.0 for child in node.children)
        if node.total_ms is None:
            node.total_ms = below
        outside = sum(child.total_ms or 0.0 for child in node.children if node.relation or is_subquery(child))
        certain = sum(child.total_ms or 0.0 for child in node.children if id(child) in apart)
        if certain:
            node.total_ms = round(node.total_ms + certain, 6)
        elif outside and below > node.total_ms * (1 + ROUNDING):
            node.total_ms = round(max(node.total_ms, below - outside) + outside, 6)
        node.self_ms = round(max(0.0, node.total_ms - below), 6)
    shrink(nodes[0])


def is_subquery(node: PlanNode) -> bool:
    """True for a subquery's heading, or its first node where the heading is its role."""
    return node.type.startswith("Select #") or node.role.startswith("Select #")


def shrink(root: PlanNode) -> None:
    """Make the times below each node fit into its total."""
    waiting: list[tuple[PlanNode, float]] = [(root, 1.0)]
    while waiting:
        node, share = waiting.pop()
        total = node.total_ms or 0.0
        below = sum(child.total_ms or 0.0 for child in node.children)
        if share < 1:
            node.self_ms = round((node.self_ms or 0.0) * share, 6)
        for_children = share * min(1.0, total / below) if below else share
        waiting.extend((child, for_children) for child in node.children)
        if share < 1 and node.total_ms is not None:
            node.total_ms = round(total * share, 6)


def totals_from_own(nodes: Sequence[PlanNode], own: dict[int, float], whole: dict[int, float]) -> None:
    """Total and self times of MariaDB's nodes; `nodes` has parents before children.

    `own` has the nodes, by `id`, whose printed time is theirs alone, `whole` those whose time holds all below them.
    A node that is in neither took no time of its own.
    """
    if not own and not whole:
        return
    for node in reversed(nodes):
        below = sum(child.total_ms or 0.0 for child in node.children)
        mine = own.get(id(node), 0.0)
        node.total_ms = round(max(whole.get(id(node), 0.0), below + mine), 6)
        node.self_ms = round(max(0.0, node.total_ms - below), 6)
