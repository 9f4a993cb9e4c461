"""What each node of a plan weighs, and the values by which nodes are coloured. All in linear time."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property
from typing import Literal, get_args

from dbbuddy.plans.describe import count, duration, factor, percent
from dbbuddy.plans.insights.view import PlanView, misestimate, rows_out
from dbbuddy.plans.model import Plan, PlanNode

Weight = Literal["time", "cost", "rows", "steps"]
Colouring = Literal["time", "rows", "cost", "buffers", "misestimate"]
COLOURINGS: tuple[Colouring, ...] = get_args(Colouring)

_WHOLE_BUFFERS = ("Shared Hit Blocks", "Shared Read Blocks", "Local Hit Blocks", "Local Read Blocks", "Buffers")
_OWN_BUFFERS = ("ActualLogicalReads", "Consistent gets", "Current gets", "pages_accessed")


class Measures:
    """The numbers that figures, tree and shared files draw of one plan; lists are by node number, parents first.

    `weight` tells what areas stand for: time where it was measured, else estimated cost, else rows, else one a step.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.view = PlanView(plan)
        self.nodes = self.view.nodes
        self.parents = [-1 if (above := self.view.parent(node)) is None else self.view.number(above) for node in self.nodes]

    @cached_property
    def weight(self) -> Weight:
        if self.view.measured:
            return "time"
        if (self.plan.root.total_cost or 0) > 0:
            return "cost"
        return "rows" if any(self._rows(node) for node in self.nodes) else "steps"

    @cached_property
    def own(self) -> list[float]:
        """Each node's own part, in milliseconds, cost units, rows or steps; never negative."""
        of: dict[Weight, Callable[[PlanNode], float]] = {
            "time": lambda node: max(0.0, node.self_ms or 0.0),
            "cost": self.view.own_cost,
            "rows": self._rows,
            "steps": lambda _: 1.0,
        }
        return [of[self.weight](node) for node in self.nodes]

    @cached_property
    def inclusive(self) -> list[float]:
        """Each node's part with all below it: the sum of own parts, so that children always fit into their parent."""
        sums = list(self.own)
        for number in range(len(sums) - 1, 0, -1):
            sums[self.parents[number]] += sums[number]
        return sums

    @cached_property
    def depths(self) -> list[int]:
        depths = [0] * len(self.nodes)
        for number in range(1, len(self.nodes)):
            depths[number] = depths[self.parents[number]] + 1
        return depths

    @property
    def total(self) -> float:
        """All own parts together."""
        return self.inclusive[0]

    def share(self, number: int) -> float:
        """A node's own share of all nodes, 0 to 1."""
        return self.own[number] / self.total if self.total > 0 else 0.0

    def share_below(self, number: int) -> float:
        """The share of a node with all below it, 0 to 1."""
        return self.inclusive[number] / self.total if self.total > 0 else 0.0

    def amount(self, value: float) -> str:
        """A weight as text: `4.2 s`, `cost 1,234`, `12 k rows`."""
        if self.weight == "time":
            return duration(value)
        return f"cost {count(value)}" if self.weight == "cost" else f"{count(value)} {self.weight}"

    @property
    def unit(self) -> str:
        """What areas and bars measure, for axes."""
        return {"time": "Time (ms)", "cost": "Estimated cost (planner's units)", "rows": "Rows", "steps": "Steps"}[self.weight]

    @property
    def noun(self) -> str:
        """What the whole is called in a sentence: `62 % of the time`."""
        return {"time": "the time", "cost": "the estimated cost", "rows": "the rows", "steps": "the steps"}[self.weight]

    def _rows(self, node: PlanNode) -> float:
        return (rows_out(node) if self.view.ran else node.rows_estimated) or 0.0

    def rows(self, number: int) -> float | None:
        """Rows that a node gave over all loops: measured if the statement ran, else estimated."""
        node = self.nodes[number]
        return rows_out(node) if self.view.ran else node.rows_estimated

    @cached_property
    def buffers(self) -> list[float | None]:
        """Blocks or pages that each node itself touched; `None` where the plan does not tell."""
        whole: list[float | None] = []
        own: list[float | None] = []
        for node in self.nodes:
            whole.append(_sum_of(node, _WHOLE_BUFFERS))
            own.append(_sum_of(node, _OWN_BUFFERS))
        below = [0.0] * len(self.nodes)
        for number in range(len(self.nodes) - 1, 0, -1):
            below[self.parents[number]] += whole[number] if whole[number] is not None else below[number]  # type: ignore[operator]
        return [
            mine if mine is not None else None if everything is None else max(0.0, everything - under)
            for mine, everything, under in zip(own, whole, below, strict=True)
        ]

    def colour_values(self, by: Colouring) -> list[float | None]:
        """One value a node, for a colour scale: shares for time and cost, powers of ten for the others."""
        numbers = range(len(self.nodes))
        if by == "time":
            return [self.share(number) for number in numbers] if self.weight == "time" else [None] * len(self.nodes)
        if by == "cost":
            whole = self.plan.root.total_cost or 0.0
            return [self.view.own_cost(node) / whole if whole else None for node in self.nodes]
        if by == "misestimate":
            off = [misestimate(node) for node in self.nodes]
            return [None if times is None else math.log10(times) for times in off]
        values = self.buffers if by == "buffers" else [self.rows(number) for number in numbers]
        return [None if value is None else math.log10(1 + value) for value in values]

    def colourings(self) -> list[Colouring]:
        """By what this plan can be coloured, the most telling first."""
        return [by for by in COLOURINGS if any(value is not None for value in self.colour_values(by))]

    def colour_text(self, number: int, by: Colouring) -> str:
        """The value behind a node's colour, in words."""
        node = self.nodes[number]
        if by == "misestimate":
            off = misestimate(node)
            return "estimate unknown" if off is None else f"estimate {factor(off)}"
        if by == "buffers":
            blocks = self.buffers[number]
            return "blocks unknown" if blocks is None else f"{count(blocks)} blocks"
        if by == "rows":
            rows = self.rows(number)
            return "rows unknown" if rows is None else f"{count(rows)} rows"
        value = self.colour_values(by)[number] if by == "cost" else self.share(number)
        return f"{percent(value or 0.0)} of the {'cost' if by == 'cost' else 'time'}"

    def top(self, most: int) -> list[int]:
        """The numbers of the nodes with the largest own parts, largest first; nodes without any are left out."""
        ranked = sorted(range(len(self.nodes)), key=lambda number: -self.own[number])
        return [number for number in ranked[:most] if self.own[number] > 0]

    @cached_property
    def sum_check(self) -> tuple[float, float] | None:
        """The sum of the nodes' own times and the statement's own total, in ms; `None` where times are unknown."""
        if self.weight != "time":
            return None
        told = self.plan.totals.get("execution_ms") or self.plan.root.total_ms
        summed = sum(node.self_ms or 0.0 for node in self.nodes)
        return (summed, told) if told else None


def _sum_of(node: PlanNode, names: tuple[str, ...]) -> float | None:
    values = [node.details[name] for name in names if isinstance(node.details.get(name), (int, float))]
    return float(sum(values)) if values else None
