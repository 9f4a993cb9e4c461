"""Inclusive and self times in wall-clock milliseconds, such that the self times add up to the time of the root.

PostgreSQL prints the time of one loop, the mean over the processes that took part, and puts an InitPlan or CTE under the
node that owns it, while its time passes inside the node that first asks for it. Here a node below a Gather counts its loops
per process, an InitPlan is taken off the node that uses it, and a CTE off its scans in proportion to their times.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import re2

from dbbuddy.plans.model import Plan, PlanNode

_REFERENCE = re2.compile(r"\$\d+|\b(?:InitPlan|SubPlan) [\w]+")
_RETURNS = re2.compile(r"\(returns ([^()]*)\)")
_ROUNDING_MS = 0.0005
_EXPRESSIONS = ("Filter", "Index Cond", "Output", "Recheck Cond", "Hash Cond", "Join Filter", "One-Time Filter", "Merge Cond",
                "Params Evaluated", "Order By", "TID Cond", "Function Call", "Sort Key", "Group Key", "Cache Key", "Run Condition",
                "Table Function Call", "Conflict Filter")  # fmt: skip


def attribute(plan: Plan) -> None:
    """Fill in `total_ms` and `self_ms` of every node, and the totals of the plan."""
    nodes = list(plan.root.walk())
    if any("Actual Total Time" in node.details for node in nodes):
        _totals(plan.root)
        charges = _charges(nodes)
        _selves(nodes, charges)
    _plan_totals(plan, nodes)


def _totals(root: PlanNode) -> None:
    waiting = [(root, 1.0)]
    while waiting:
        node, processes = waiting.pop()
        time, loops = node.details.get("Actual Total Time"), node.loops
        if loops == 0:
            node.total_ms = 0.0
        elif isinstance(time, int | float) and loops is not None:
            node.total_ms = round(time * loops / processes, 6)
        for child in node.children:
            below = processes
            if node.type in ("Gather", "Gather Merge") and child.role not in ("InitPlan",) and not child.role.startswith("CTE "):
                below = processes * _processes(node, child)
            waiting.append((child, below))


def _processes(gather: PlanNode, child: PlanNode) -> float:
    if not gather.loops or not child.loops:
        return 1.0
    return max(1.0, child.loops / gather.loops)


def _is_apart(node: PlanNode) -> bool:
    return node.role == "InitPlan" or node.role.startswith("CTE ")


def _charges(nodes: list[PlanNode]) -> dict[int, list[tuple[PlanNode, float]]]:
    """What each node paid for besides its ordinary children: the InitPlans and CTEs it waited for."""
    apart = [(owner, child) for owner in nodes for child in owner.children if _is_apart(child)]
    charges: dict[int, list[tuple[PlanNode, float]]] = defaultdict(list)
    if not apart:
        return charges
    order = {id(node): number for number, node in enumerate(nodes)}
    ends = _subtree_ends(nodes, order)
    users = _users(nodes)
    scans: dict[str, list[PlanNode]] = defaultdict(list)
    for node in nodes:
        if node.type == "CTE Scan":
            scans[str(node.details.get("CTE Name", ""))].append(node)
    for owner, child in apart:
        total = child.total_ms or 0.0
        start, end = order[id(owner)], ends[id(owner)]
        own, own_end = order[id(child)], ends[id(child)]

        def inside(node: PlanNode, bounds: tuple[int, int, int, int] = (start, end, own, own_end)) -> bool:
            place = order[id(node)]
            return bounds[0] <= place < bounds[1] and not bounds[2] <= place < bounds[3]

        if child.role.startswith("CTE "):
            readers = [node for node in scans.get(child.role[4:], ()) if inside(node)]
            times = sum(node.total_ms or 0.0 for node in readers)
            if times > 0:
                for node in readers:
                    charges[id(node)].append((child, total * (node.total_ms or 0.0) / times))
                continue
        else:
            user = _payer([node for node in _mentions(users, child) if inside(node)], total)
            if user is not None:
                charges[id(user)].append((child, total))
                continue
        charges[id(owner)].append((child, total))
    return charges


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


def _mentions(users: dict[str, list[PlanNode]], child: PlanNode) -> list[PlanNode]:
    label = str(child.details.get("Subplan Name", ""))
    found = _RETURNS.search(label)
    references = [part.strip() for part in found.group(1).split(",")] if found else [label]
    return [node for reference in references for node in users.get(reference, ())]


def _payer(users: list[PlanNode], total: float) -> PlanNode | None:
    """The node in whose time the InitPlan ran: a Gather that evaluates it, else the innermost that ran long enough."""
    gathers = [node for node in users if node.type in ("Gather", "Gather Merge")]
    if gathers:
        return gathers[0]
    able = [node for node in users if (node.total_ms or 0.0) * 1.02 + 0.01 >= total and node.loops]
    return able[-1] if able else None


def _selves(nodes: list[PlanNode], charges: dict[int, list[tuple[PlanNode, float]]]) -> None:
    for node in nodes:
        if node.total_ms is None:
            continue
        ordinary = [child for child in node.children if not _is_apart(child)]
        paid = sum(amount for _, amount in charges.get(id(node), ()))
        inner = sum(child.total_ms or 0.0 for child in ordinary)
        excess = paid + inner - node.total_ms
        if excess > 0 and ordinary:
            inner -= _give_way(ordinary, excess)
        node.self_ms = round(max(0.0, node.total_ms - paid - inner), 6)


def _give_way(children: list[PlanNode], excess: float) -> float:
    """Shorten children that only rounding made longer than their parent; gives by how much."""
    slacks = [min(child.total_ms or 0.0, _slack(child)) for child in children]
    room = sum(slacks)
    if room <= 0:
        return 0.0
    share = min(1.0, excess / room)
    for child, slack in zip(children, slacks, strict=True):
        if child.total_ms is not None:
            child.total_ms = round(child.total_ms - slack * share, 6)
    return room * share


def _slack(node: PlanNode) -> float:
    time = node.details.get("Actual Total Time")
    if not node.total_ms or not isinstance(time, int | float):
        return 0.0
    return node.total_ms / time * _ROUNDING_MS if time > 0 else 0.0


def _plan_totals(plan: Plan, nodes: list[PlanNode]) -> None:
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
        totals["nodes_ms"] = plan.root.total_ms
        totals["self_ms"] = round(sum(node.self_ms or 0.0 for node in nodes), 3)
        whole = totals.get("execution_ms", totals.get("duration_ms"))
        if whole is not None:
            parts = plan.root.total_ms + totals.get("triggers_ms", 0.0) + totals.get("serialization_ms", 0.0)
            totals["outside_ms"] = round(whole - parts, 3)


def _jit_time(jit: dict[str, Any]) -> float | None:
    timing = jit.get("Timing")
    if isinstance(timing, dict):
        return _number(timing.get("Total"))
    parts = [_number(value) for key, value in jit.items() if key.endswith(" Time")]
    return round(sum(part or 0.0 for part in parts), 6) if parts else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
