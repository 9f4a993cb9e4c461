"""A plan as the rules look at it: its nodes with their parents, and each node's share of the whole."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from dbbuddy.context import Engine
from dbbuddy.plans.model import Plan, PlanNode


class PlanView:
    """A plan with what follows from it, computed once in linear time.

    `measured` is true if the node times are known; else shares are shares of the estimated cost. `ran` is true if the
    statement was executed, with or without times (actual row counts are known).
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.nodes: tuple[PlanNode, ...] = tuple(plan.root.walk())
        self._number = {id(node): number for number, node in enumerate(self.nodes)}
        self._parent = {id(child): node for node in self.nodes for child in node.children}

    @property
    def engine(self) -> Engine:
        return self.plan.engine

    def number(self, node: PlanNode) -> int:
        """The node's place in the plan, counted from 0, parents first."""
        return self._number[id(node)]

    def parent(self, node: PlanNode) -> PlanNode | None:
        return self._parent.get(id(node))

    def of_type(self, *types: str) -> list[PlanNode]:
        """The nodes of these types, in the order of the plan for one type and type by type for several."""
        return [node for type_ in types for node in self._by_type.get(type_, ())]

    @cached_property
    def _by_type(self) -> dict[str, list[PlanNode]]:
        found: dict[str, list[PlanNode]] = {}
        for node in self.nodes:
            found.setdefault(node.type, []).append(node)
        return found

    def end(self, node: PlanNode) -> int:
        """The number after the last node below this one: `nodes[number(node):end(node)]` is the node and all below it."""
        return self._ends[id(node)]

    @cached_property
    def _ends(self) -> dict[int, int]:
        ends: dict[int, int] = {}
        for node in reversed(self.nodes):
            ends[id(node)] = ends[id(node.children[-1])] if node.children else self.number(node) + 1
        return ends

    def ancestors(self, node: PlanNode) -> Iterator[PlanNode]:
        """The node's parent, its parent's parent and so on."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    @cached_property
    def ran(self) -> bool:
        return any(node.rows_actual is not None for node in self.nodes)

    @cached_property
    def measured(self) -> bool:
        return any(node.self_ms is not None for node in self.nodes) and self.total_ms > 0

    @cached_property
    def total_ms(self) -> float:
        """The statement's execution time; the sum of the nodes' own times where the plan does not tell it."""
        told = self.plan.totals.get("execution_ms") or self.plan.root.total_ms
        return told or sum(node.self_ms or 0.0 for node in self.nodes)

    @cached_property
    def _self_costs(self) -> dict[int, float]:
        """Each node's own cost. An inner side's cost is of one execution: it is multiplied as often as the outer side
        has rows, and what is below a node never exceeds what the node itself tells.
        """
        whole: dict[int, float] = {id(self.plan.root): self.plan.root.total_cost or 0.0}
        own: dict[int, float] = {}
        for node in self.nodes:
            mine = whole[id(node)]
            below = [(child.total_cost or 0.0) * self._executions(node, child) for child in node.children]
            scale = min(1.0, mine / sum(below)) if sum(below) > 0 else 0.0
            for child, cost in zip(node.children, below, strict=True):
                whole[id(child)] = cost * scale
            own[id(node)] = mine - sum(below) * scale
        return own

    @staticmethod
    def _executions(node: PlanNode, child: PlanNode) -> float:
        if len(node.children) < 2 or child is node.children[0] or not node.type.lower().startswith("nested loop"):
            return 1.0
        return max(1.0, node.children[0].rows_estimated or 1.0)

    def share(self, node: PlanNode) -> float:
        """The node's own share of the whole, 0 to 1: of the time, or of the cost where times are unknown."""
        if self.measured:
            return _bounded((node.self_ms or 0.0) / self.total_ms)
        total = self.plan.root.total_cost or 0.0
        return _bounded(self._self_costs[id(node)] / total) if total else 0.0

    def own_cost(self, node: PlanNode) -> float:
        """The node's own part of the estimated cost, over all its executions."""
        return max(0.0, self._self_costs[id(node)])

    @cached_property
    def _inclusive(self) -> dict[int, float]:
        shares: dict[int, float] = {}
        for node in reversed(self.nodes):
            shares[id(node)] = _bounded(self.share(node) + sum(shares[id(child)] for child in node.children))
        return shares

    def share_below(self, node: PlanNode) -> float:
        """The share of the node and all below it."""
        return self._inclusive[id(node)]


def rows_out(node: PlanNode) -> float | None:
    """Rows that the node gave over all its loops; `None` if not measured."""
    if node.rows_actual is None:
        return None
    return node.rows_actual * (1.0 if node.loops is None else node.loops)


def misestimate(node: PlanNode) -> float | None:
    """How many times too low (over 1) or too high (under 1) the estimate of rows is; `None` if it cannot be told."""
    if node.rows_estimated is None or node.rows_actual is None or node.loops == 0:
        return None
    return max(node.rows_actual * node.loops_per_estimate, 1.0) / max(node.rows_estimated, 1.0)


def _bounded(share: float) -> float:
    return min(1.0, max(0.0, share))
