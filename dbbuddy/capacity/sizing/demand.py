"""Demand over the horizon: the workload's uncertain figures drawn many times, month by month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.sizing.memory import ram_for
from dbbuddy.capacity.sizing.workload import Workload
from dbbuddy.context import Engine

Resource = Literal["busy_cores", "ram_gib", "storage_gb", "connections", "iops", "throughput_mb_s", "log_rate_mb_s"]
RESOURCE_NAMES: dict[Resource, str] = {
    "busy_cores": "busy cores",
    "ram_gib": "GiB of RAM",
    "storage_gb": "GB of storage",
    "connections": "connections",
    "iops": "IOPS",
    "throughput_mb_s": "MB/s",
    "log_rate_mb_s": "MB/s of log",
}
SAMPLES = 512


@dataclass(frozen=True)
class Demand:
    """What is needed in each month (column 0 is today) of each drawn future (row); a resource nobody gave is missing."""

    months: int
    samples: Mapping[Resource, NDArray[np.float64]]

    def at(self, resource: Resource, month: int) -> Interval | None:
        """P10, P50 and P90 of a resource in a month."""
        drawn = self.samples.get(resource)
        return None if drawn is None else Interval.of_samples(drawn[:, month])


def demand_of(workload: Workload, engine: Engine, *, seed: int = 1, samples: int = SAMPLES) -> Demand:
    """The drawn futures. The same seed gives the same answer."""
    random = np.random.default_rng(seed)
    months = workload.horizon_months
    years = np.arange(months + 1) / 12
    growth = workload.growth_per_year.sample(random.standard_normal(samples))[:, None] ** years

    def grown(figure: Interval) -> NDArray[np.float64]:
        return np.asarray(figure.sample(random.standard_normal(samples))[:, None] * growth)

    drawn: dict[Resource, NDArray[np.float64]] = {}
    working_set = grown(workload.working_set)
    drawn["connections"] = workload.connections * growth
    drawn["storage_gb"] = _storage(workload, growth, random.standard_normal(samples))
    if workload.working_set_gb is None and workload.ram_gib_now is not None:
        drawn["ram_gib"] = workload.ram_gib_now * growth
    else:
        drawn["ram_gib"] = ram_for(np.minimum(working_set, drawn["storage_gb"]), drawn["connections"], engine)
    given: dict[Resource, Interval | None] = {
        "busy_cores": workload.busy_cores,
        "iops": workload.iops,
        "throughput_mb_s": workload.throughput_mb_s,
        "log_rate_mb_s": workload.log_rate_mb_s,
    }
    drawn |= {resource: grown(figure) for resource, figure in given.items() if figure is not None}
    return Demand(months, drawn)


def _storage(workload: Workload, growth: NDArray[np.float64], draws: NDArray[np.float64]) -> NDArray[np.float64]:
    if workload.storage_growth_gb_per_month is None:
        return np.asarray(workload.storage_gb * growth)
    monthly = workload.storage_growth_gb_per_month.sample(draws)[:, None]
    return np.asarray(workload.storage_gb + monthly * np.arange(growth.shape[1]))
