"""How many rows flow through a join of tables, from what is told of each table."""

from __future__ import annotations

from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.mysql.values import number

MOST = 1e18


def kept(node: PlanNode, measured: bool) -> float | None:
    """Rows that one read of a table hands on: those read, less those its condition throws away."""
    rows = node.rows_actual if measured else node.rows_estimated
    if rows is None:
        return kept(node.children[0], measured) if node.type == "block-nl-join" and node.children else None
    share = number(node.details.get("r_filtered" if measured else "filtered"))
    return rows if share is None else rows * share / 100


def join_rows(join: PlanNode) -> None:
    """Set the rows that a nested loop gives, and how often it ran, from its tables."""
    for measured in (False, True):
        product = 1.0
        for node in join.children:
            rows = kept(node, measured)
            if rows is None:
                break
            product = min(product * rows, MOST)
        else:
            if measured:
                join.rows_actual = round(product, 6)
            else:
                join.rows_estimated = round(product, 6)
    if join.children and join.rows_actual is not None:
        join.loops = join.children[0].loops
