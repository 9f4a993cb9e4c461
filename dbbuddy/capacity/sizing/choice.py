"""Choosing a shape: least regret over the whole horizon, with a reason for each shape that was not chosen.

Each drawn future has a cheapest shape that holds each month. A shape's regret in a month is what it costs above that one,
and, where it does not hold, `UNDER_WEIGHT` times the bill of the one that would. The idea of least regret over sampled
inputs is Netflix's (service-capacity-modeling); here it runs over time too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dbbuddy.capacity.catalogue import Shape
from dbbuddy.capacity.sizing.demand import RESOURCE_NAMES, Demand, Resource
from dbbuddy.capacity.sizing.queueing import ceiling
from dbbuddy.capacity.sizing.workload import Workload

# A month on a machine that is too small is taken to cost three times the right machine's bill.
UNDER_WEIGHT = 3.0
# A shape holds a month if at least this share of the futures fits.
SURE = 0.9
# One GiB of RAM costs about as much as this share of a vCPU: on-demand list prices of c5, m5 and r5 (prices.csv).
GIB_IN_VCPUS = 0.11

Cost = Callable[[Shape], float]
ConnectionCap = Callable[[Shape], float | None]
Fits = NDArray[np.bool_]


@dataclass(frozen=True)
class Verdict:
    """A shape over the horizon.

    `regret` is in months of the chosen shape's bill; `holds_months` counts the months it is sure to hold, from today;
    `excuse` says why it was not chosen (empty for the chosen one).
    """

    shape: Shape
    relative_cost: float
    regret: float
    holds_months: int
    short_probability: tuple[float, ...]
    excuse: str = ""


@dataclass(frozen=True)
class Stage:
    """From this month on the smallest sufficient shape is this one; `None` where no shape is enough."""

    month: int
    shape: Shape | None


@dataclass(frozen=True)
class Choice:
    """The chosen shape (`None`: nothing holds even today), the others with their excuses, and the staircase of shapes."""

    chosen: Verdict | None
    rejected: tuple[Verdict, ...]
    stages: tuple[Stage, ...]


def relative_cost(shape: Shape) -> float:
    """What a shape costs in vCPUs where no price is known."""
    return (shape.vcpu + GIB_IN_VCPUS * shape.ram_gib) * shape.price_factor


def capacity_of(shape: Shape, workload: Workload, connection_cap: ConnectionCap) -> dict[Resource, float | None]:
    """What a shape can carry of each resource under the workload's ceiling; `None` is no limit of the class."""
    busy = ceiling(
        shape.vcpu,
        workload.nodes,
        factor=workload.response_factor,
        policy=workload.policy_utilisation,
        shared=workload.nodes_share_load,
    )
    shares = workload.nodes if workload.nodes_share_load else 1
    return {
        "busy_cores": shape.vcpu * busy.utilisation * shares,
        "ram_gib": shape.ram_gib,
        "storage_gb": shape.max_storage_gb,
        "connections": connection_cap(shape),
        "iops": shape.max_iops,
        "throughput_mb_s": shape.max_throughput_mb_s,
        "log_rate_mb_s": shape.max_log_rate_mb_s,
    }


def choose(
    shapes: Sequence[Shape], demand: Demand, workload: Workload, *, cost: Cost = relative_cost, connection_cap: ConnectionCap
) -> Choice:
    """The shape with the least mean regret, and why not the others.

    Raises:
        ValueError: there are no shapes to choose from.
    """
    usable = [shape for shape in shapes if workload.allow_burstable or not shape.burstable]
    if not usable:
        raise ValueError("the catalogue has no shape for this service; choose another service or allow burstable classes")
    costs = np.array([cost(shape) for shape in usable])
    carried = [capacity_of(shape, workload, connection_cap) for shape in usable]
    fits = np.stack([_fits(capacity, demand) for capacity in carried])
    regret = _regret(fits, costs)
    ranked = sorted(range(len(usable)), key=lambda i: (round(regret[i] / costs.min(), 6), costs[i], -_generation(usable[i])))
    sure = fits.mean(axis=1)
    best = next((i for i in ranked if sure[i, 0] >= 0.5), None)
    unit = costs[best] if best is not None else costs.min()
    verdicts = [
        Verdict(shape, float(costs[i] / unit), float(regret[i] / unit), _held(sure[i]), tuple(float(1 - p) for p in sure[i]))
        for i, shape in enumerate(usable)
    ]
    chosen = verdicts[best] if best is not None else None
    rejected = [_excused(verdicts[i], carried[i], demand, chosen) for i in ranked if i != best]
    rejected += [
        Verdict(s, cost(s) / unit, 0.0, 0, (), "burstable: its CPU credits end under a steady load")
        for s in shapes
        if s not in usable
    ]
    return Choice(chosen, tuple(rejected), _stages(usable, sure, costs))


def _generation(shape: Shape) -> int:
    """The number in a family's name: r7g before r6g where all else is equal."""
    digits = "".join(sign for sign in shape.family if sign.isdigit())
    return int(digits) if digits else 0


def _fits(capacity: dict[Resource, float | None], demand: Demand) -> Fits:
    """(futures, months): does everything fit?"""
    first = next(iter(demand.samples.values()))
    fits = np.ones(first.shape, dtype=bool)
    for resource, needed in demand.samples.items():
        limit = capacity[resource]
        if limit is not None:
            fits &= needed <= limit
    return fits


def _regret(fits: NDArray[np.bool_], costs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean regret of each shape, summed over the months, in the unit of the costs."""
    fallback = costs.max()
    cheapest = np.full(fits.shape[1:], fallback)
    for i in np.argsort(-costs, kind="stable"):
        cheapest[fits[i]] = costs[i]
    over = np.maximum(costs[:, None, None] - cheapest, 0)
    under = ~fits * UNDER_WEIGHT * cheapest
    return np.asarray((over + under).sum(axis=2).mean(axis=1))


def _held(sure: NDArray[np.float64]) -> int:
    """Months from today that the shape is sure to hold."""
    short = np.flatnonzero(sure < SURE)
    return int(short[0]) if len(short) else len(sure)


def _excused(verdict: Verdict, capacity: dict[Resource, float | None], demand: Demand, chosen: Verdict | None) -> Verdict:
    resource, month = _first_short(capacity, demand)
    shape = verdict.shape
    if chosen and abs(verdict.regret - chosen.regret) < 0.01 and abs(verdict.relative_cost - 1) < 0.01:
        excuse = f"as good by these figures; {chosen.shape.name} was taken as the newer or first of them"
    elif resource is None:
        times = f"costs {verdict.relative_cost:.1f} times the chosen one" if chosen else "fits"
        excuse = f"more than needed: {times}" if verdict.relative_cost > 1 else "holds as well, but leaves more regret"
    else:
        need = demand.at(resource, month)
        limit = capacity[resource] or 0
        when = "today" if month == 0 else f"in month {month}"
        high = f"{need.high:,.1f}" if need and need.high < 100 else f"{need.high if need else 0:,.0f}"
        allowed = f"{limit:,.1f}" if limit < 100 else f"{limit:,.0f}"
        excuse = f"too small {when}: up to {high} {RESOURCE_NAMES[resource]} needed, {allowed} allowed on {shape.name}"
    return Verdict(shape, verdict.relative_cost, verdict.regret, verdict.holds_months, verdict.short_probability, excuse)


def _first_short(capacity: dict[Resource, float | None], demand: Demand) -> tuple[Resource | None, int]:
    """The resource that runs out first, and the month in which fewer than `SURE` of the futures fit.

    Of those that run out in the same month the one that is short by the largest share.
    """
    short: list[tuple[int, float, Resource]] = []
    for resource, needed in demand.samples.items():
        limit = capacity[resource]
        if limit is None:
            continue
        months = np.flatnonzero((needed <= limit).mean(axis=0) < SURE)
        if len(months):
            short.append((int(months[0]), -float(np.quantile(needed[:, months[0]], SURE)) / max(limit, 1e-9), resource))
    month, _, resource_short = min(short, default=(demand.months + 1, 0.0, None))
    return resource_short, month


def _stages(shapes: Sequence[Shape], sure: NDArray[np.float64], costs: NDArray[np.float64]) -> tuple[Stage, ...]:
    """The cheapest shape that is sure to hold, month by month; only the months where it changes."""
    stages: list[Stage] = []
    for month in range(sure.shape[1]):
        holding = [i for i in range(len(shapes)) if sure[i, month] >= SURE]
        shape = shapes[min(holding, key=lambda i: (costs[i], -_generation(shapes[i]), i))] if holding else None
        if not stages or stages[-1].shape != shape:
            stages.append(Stage(month, shape))
    return tuple(stages)
