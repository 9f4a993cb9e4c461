"""Inclusive and self times in wall-clock milliseconds, such that the self times add up to the time of the root.

PostgreSQL prints the time of one loop, the mean over the processes that took part, and puts an InitPlan or CTE under the
node that owns it, while its time passes inside the node that first asks for it. Here a node below a Gather counts its loops
per process, an InitPlan is taken off the node that uses it, and a CTE off its scans in proportion to their times.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import re2

from dbbuddy.plans.model import Plan, PlanNode

_REFERENCE = re2.compile(r"\$\d+|\b(?:InitPlan|SubPlan) [\w]+")
_RETURNS = re2.compile(r"\(returns ([^()]*)\)")
_ROUNDING_MS = 0.0005
_TOLERANCE = 0.98
_LOOKED_AT = 64
_EXPRESSIONS = ("Filter", "Index Cond", "Output", "Recheck Cond", "Hash Cond", "Join Filter", "One-Time Filter", "Merge Cond",
                "Params Evaluated", "Order By", "TID Cond", "Function Call", "Sort Key", "Group Key", "Cache Key", "Run Condition",
                "Table Function Call", "Conflict Filter")  # fmt: skip


def attribute(plan: Plan) -> None:
    """Fill in `total_ms` and `self_ms` of every node, and the totals of the plan.

    `nodes_ms` is the time of the root (with a CTE that only ran after it), `self_ms` the sum of the self times, and
    `outside_ms` what the whole execution took besides its nodes, triggers and serialization.
    """
    nodes = list(plan.root.walk())
    after = 0.0
    if any("Actual Total Time" in node.details for node in nodes):
        scales = _totals(plan.root)
        _count_shutdown(nodes)
        _make_room(nodes, scales)
        payments = _Payments(nodes)
        payments.settle()
        after = payments.after_root
        _selves(nodes, payments.paid, scales)
    _plan_totals(plan, nodes, after)


def _totals(root: PlanNode) -> dict[int, float]:
    """Set `total_ms`; gives by how much each node's time of one loop was multiplied."""
    scales: dict[int, float] = {}
    waiting = [(root, 1.0)]
    while waiting:
        node, processes = waiting.pop()
        time, loops = node.details.get("Actual Total Time"), node.loops
        if loops == 0:
            node.total_ms = 0.0
        elif isinstance(time, int | float) and time >= 0 and loops is not None:
            scales[id(node)] = loops / processes
            node.total_ms = round(time * loops / processes, 6)
        for child in node.children:
            gathered = node.type in ("Gather", "Gather Merge") and not _is_apart(child)
            waiting.append((child, _processes(node, child, processes) if gathered else processes))
    return scales


def _processes(gather: PlanNode, child: PlanNode, around: float) -> float:
    """By what to divide the time below a Gather: its processes, or more if they went on after the Gather had enough."""
    if not gather.loops or not child.loops:
        return around
    processes = around * max(1.0, child.loops / gather.loops)
    time = child.details.get("Actual Total Time")
    if gather.total_ms and isinstance(time, int | float):
        return max(processes, time * child.loops / gather.total_ms)
    return processes


def _count_shutdown(nodes: list[PlanNode]) -> None:
    """A LIMIT that has enough ends the workers below it: that time is told of the LIMIT and of the Gather, not between."""
    raised: set[int] = set()
    for node in reversed(nodes[1:]):
        for child in node.children:
            outlasts = node.total_ms is not None and (child.total_ms or 0.0) > node.total_ms and not _is_apart(child)
            if outlasts and (child.type in ("Gather", "Gather Merge") or id(child) in raised):
                node.total_ms = child.total_ms
                raised.add(id(node))


def _make_room(nodes: list[PlanNode], scales: dict[int, float]) -> None:
    """Lengthen nodes that only rounding made shorter than their children."""
    for node in reversed(nodes):
        if node.total_ms is None or not node.children:
            continue
        inner = sum(child.total_ms or 0.0 for child in node.children if not _is_apart(child))
        if inner > node.total_ms:
            node.total_ms = min(inner, round(node.total_ms + _slack(node, scales), 6))


def _is_apart(node: PlanNode) -> bool:
    return node.role == "InitPlan" or node.role.startswith("CTE ")


class _Payments:
    """What each node paid for besides its ordinary children: the InitPlans and CTEs it waited for."""

    def __init__(self, nodes: list[PlanNode]) -> None:
        self.paid: dict[int, float] = defaultdict(float)
        self.after_root = 0.0
        self._nodes = nodes
        self._order = {id(node): number for number, node in enumerate(nodes)}
        self._inner: dict[int, float] = {}

    def settle(self) -> None:
        apart = [(owner, child) for owner in self._nodes for child in owner.children if _is_apart(child) and child.total_ms]
        if not apart:
            return
        ends = _subtree_ends(self._nodes, self._order)
        users = _users(self._nodes)
        scans: dict[str, list[PlanNode]] = defaultdict(list)
        for node in self._nodes:
            if node.type == "CTE Scan":
                scans[str(node.details.get("CTE Name", ""))].append(node)
        for owner, child in apart:
            bounds = (self._order[id(owner)], ends[id(owner)], self._order[id(child)], ends[id(child)])
            if child.role.startswith("CTE "):
                self._charge_scans(owner, child, self._inside(scans.get(child.role[4:], []), bounds))
            else:
                mentioned = [self._inside(users.get(name, []), bounds) for name in _references(child)]
                self._charge_user(owner, child, [node for nodes in mentioned for node in nodes])

    def _inside(self, nodes: list[PlanNode], bounds: tuple[int, int, int, int]) -> list[PlanNode]:
        """Those below the owner but not below the child itself; `nodes` stand in the order of the plan."""
        start, end, own, own_end = bounds

        def place(node: PlanNode) -> int:
            return self._order[id(node)]

        first, last = bisect_left(nodes, start, key=place), bisect_left(nodes, end, key=place)
        cut, cut_end = bisect_left(nodes, own, first, last, key=place), bisect_left(nodes, own_end, first, last, key=place)
        return nodes[first : min(cut, first + _LOOKED_AT)] + nodes[cut_end : min(last, cut_end + _LOOKED_AT)]

    def _charge_scans(self, owner: PlanNode, child: PlanNode, scans: list[PlanNode]) -> None:
        total = child.total_ms or 0.0
        times = sum(scan.total_ms or 0.0 for scan in scans)
        within = min(total, times)
        for scan in scans if times > 0 else ():
            self.paid[id(scan)] += within * (scan.total_ms or 0.0) / times
        rest = total - within
        if self._capacity(owner) >= rest * _TOLERANCE:
            self.paid[id(owner)] += rest
        else:
            self.after_root += rest

    def _charge_user(self, owner: PlanNode, child: PlanNode, users: list[PlanNode]) -> None:
        """An InitPlan runs in a Gather that hands it to workers, else in the first user that had the time for it."""
        total = child.total_ms or 0.0
        payer = next((node for node in users if node.type in ("Gather", "Gather Merge")), None)
        if payer is None:
            payer = next((node for node in users if self._capacity(node) >= total * _TOLERANCE - 0.01), owner)
        self.paid[id(payer)] += total

    def _capacity(self, node: PlanNode) -> float:
        inner = self._inner.get(id(node))
        if inner is None:
            inner = self._inner[id(node)] = sum(child.total_ms or 0.0 for child in node.children if not _is_apart(child))
        return (node.total_ms or 0.0) - inner - self.paid[id(node)]


def _subtree_ends(nodes: list[PlanNode], order: dict[int, int]) -> dict[int, int]:
    ends: dict[int, int] = {}
    for node in reversed(nodes):
        ends[id(node)] = ends[id(node.children[-1])] if node.children else order[id(node)] + 1
    return ends


def _users(nodes: Iterable[PlanNode]) -> dict[str, list[PlanNode]]:
    users: dict[str, list[PlanNode]] = defaultdict(list)
    for node in nodes:
        mentioned: set[str] = set()
        for key in _EXPRESSIONS:
            text = node.details.get(key)
            if isinstance(text, str) and ("$" in text or "Plan " in text):
                mentioned.update(_REFERENCE.findall(text))
        for reference in mentioned:
            users[reference].append(node)
    return users


def _references(child: PlanNode) -> list[str]:
    """How expressions refer to the result of an InitPlan: `$0` up to version 16, by its name after that."""
    name = str(child.details.get("Subplan Name", ""))
    found = _RETURNS.search(name)
    return [part.strip() for part in found.group(1).split(",")] if found else [name]


def _selves(nodes: list[PlanNode], payments: dict[int, float], scales: dict[int, float]) -> None:
    for node in nodes:
        if node.total_ms is None:
            continue
        paid = payments.get(id(node), 0.0)
        if not node.children:
            node.self_ms = round(max(0.0, node.total_ms - paid), 6)
            continue
        ordinary = [child for child in node.children if not _is_apart(child)]
        inner = sum(child.total_ms or 0.0 for child in ordinary)
        excess = paid + inner - node.total_ms
        if excess > 0 and ordinary:
            inner -= _give_way(ordinary, excess, scales)
        node.self_ms = round(max(0.0, node.total_ms - paid - inner), 6)


def _give_way(children: list[PlanNode], excess: float, scales: dict[int, float]) -> float:
    """Shorten children that only rounding made longer than their parent; gives by how much."""
    slacks = [min(child.total_ms or 0.0, _slack(child, scales)) for child in children]
    room = sum(slacks)
    if room <= 0:
        return 0.0
    share = min(1.0, excess / room)
    for child, slack in zip(children, slacks, strict=True):
        if child.total_ms is not None:
            child.total_ms = round(child.total_ms - slack * share, 6)
    return room * share


def _slack(node: PlanNode, scales: dict[int, float]) -> float:
    scale = scales.get(id(node), 0.0)
    return scale * _ROUNDING_MS if scale > 1.0 else 0.0


def _plan_totals(plan: Plan, nodes: list[PlanNode], after: float) -> None:
    totals, details = plan.totals, plan.details
    triggers = details.get("Triggers")
    if isinstance(triggers, list):
        times = [_number(trigger.get("Time")) for trigger in triggers if isinstance(trigger, dict)]
        if any(time is not None for time in times):
            totals["triggers_ms"] = round(sum(time or 0.0 for time in times), 6)
    jit = details.get("JIT")
    if isinstance(jit, dict):
        time = _jit_time(jit)
        if time is not None:
            totals["jit_ms"] = time
    serialization = details.get("Serialization")
    if isinstance(serialization, dict) and _number(serialization.get("Time")) is not None:
        totals["serialization_ms"] = _number(serialization["Time"]) or 0.0
    if plan.root.total_ms is not None:
        totals["nodes_ms"] = round(plan.root.total_ms + after, 6)
        totals["self_ms"] = round(sum(node.self_ms or 0.0 for node in nodes), 3)
        whole = totals.get("execution_ms", totals.get("duration_ms"))
        if whole is not None:
            parts = totals["nodes_ms"] + totals.get("triggers_ms", 0.0) + totals.get("serialization_ms", 0.0)
            totals["outside_ms"] = round(whole - parts, 3)


def _jit_time(jit: dict[str, Any]) -> float | None:
    timing = jit.get("Timing")
    if isinstance(timing, dict):
        return _number(timing.get("Total"))
    parts = [_number(value) for key, value in jit.items() if key.endswith(" Time")]
    return round(sum(part or 0.0 for part in parts), 6) if parts else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
