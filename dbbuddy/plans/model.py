"""The one shape of an execution plan, whatever engine and client printed it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from dbbuddy.context import Engine


@dataclass
class PlanNode:
    """An operator of a plan.

    `type` is the engine's own word (`Hash Join`, `Clustered Index Seek`, `TABLE ACCESS FULL`); `role` is how the node
    hangs under its parent (`Outer`, `Inner`, `InitPlan`, `SubPlan`, `CTE name`; empty if the engine does not say).
    Rows are per loop, as PostgreSQL prints them; `loops` is how often the node ran (0: never executed, `None`: not
    measured). Times are milliseconds over all loops: `total_ms` with the children, `self_ms` without them.
    `startup_ms` is the time to the first row of one loop. Costs are the engine's own units.
    """

    type: str
    role: str = ""
    relation: str | None = None
    schema: str | None = None
    alias: str | None = None
    index: str | None = None
    rows_estimated: float | None = None
    rows_actual: float | None = None
    width: int | None = None
    loops: float | None = None
    startup_cost: float | None = None
    total_cost: float | None = None
    startup_ms: float | None = None
    total_ms: float | None = None
    self_ms: float | None = None
    loops_per_estimate: float = 1
    """How many loops share one estimate (threads of SQL Server, servers and partitions of Oracle): `rows_estimated` is to be
    compared with `rows_actual * loops_per_estimate`."""
    details: dict[str, Any] = field(default_factory=dict)
    """Everything else that the plan says of the node, under the engine's own names (`Filter`, `Sort Method`,
    `Shared Hit Blocks`, `Predicate`); texts as printed, counts as numbers."""
    lines: tuple[int, ...] = ()
    """The lines of the pasted text (from 1) that speak of this node, if it is a text format."""
    children: list[PlanNode] = field(default_factory=list)

    def walk(self) -> Iterator[PlanNode]:
        """The node and all below it, parents first; safe for any depth."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


@dataclass
class Plan:
    """One statement's plan. `totals` holds what is told of the whole (`planning_ms`, `execution_ms`, `jit_ms`, ...)."""

    engine: Engine
    format: str
    root: PlanNode
    totals: dict[str, float] = field(default_factory=dict)
    statement: str | None = None
    details: dict[str, Any] = field(default_factory=dict)
    """What the plan says outside its nodes (`Settings`, `Triggers`, `JIT`, `Notes`, `MissingIndexes`, `Hints`)."""


@dataclass(frozen=True)
class UnreadLine:
    """A line that no reader understood, so that nothing is dropped silently."""

    number: int
    text: str


@dataclass
class ReadPlans:
    """What a pasted text held. `text` is the text whose lines are counted, if that is not the pasted one."""

    plans: list[Plan]
    unread: list[UnreadLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    text: str | None = None


class PlanError(ValueError):
    """The text holds no plan that can be read; the message says what to paste instead."""
