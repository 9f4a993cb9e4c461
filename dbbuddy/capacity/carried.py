"""What a study's projections say of the workload, so that nobody types it twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.metric import Metric
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.units import UnitError, factor

_LARGEST_GB = 1e9
_LOAD: tuple[Metric, ...] = ("transactions", "cpu", "connections", "iops")
_LEAST_GROWTH, _MOST_GROWTH = 0.1, 20.0


@dataclass(frozen=True)
class Carried:
    """Figures of today and how they grow; `None` where no series tells. Sizes in GB, rates in MB/s, CPU in percent.

    `growth_per_year` is a factor, of the first series that measures load; `growth_of` names its metric.
    """

    storage_gb: float | None = None
    storage_growth_gb_per_month: Interval | None = None
    cpu_percent: float | None = None
    connections: int | None = None
    iops: float | None = None
    throughput_mb_s: float | None = None
    growth_per_year: Interval | None = None
    growth_of: Metric | None = None


def carried(projections: Sequence[Projection]) -> Carried:
    """What these projections say; several series of storage are added up."""
    storage = [made for made in projections if made.history.metric == "storage" and _in(made, "GB") is not None]
    load = next((made for metric in _LOAD for made in projections if made.history.metric == metric and made.clean[-1] > 0), None)
    connections = _now(projections, "connections", "connections")
    cpu = _now(projections, "cpu", "%")
    return Carried(
        storage_gb=min(sum(_size(made) for made in storage), _LARGEST_GB) if storage else None,
        storage_growth_gb_per_month=_added(storage) if storage else None,
        cpu_percent=min(cpu, 100.0) if cpu is not None else None,
        connections=int(min(max(connections, 1.0), 1e6)) if connections is not None else None,
        iops=_now(projections, "iops", "IOPS"),
        throughput_mb_s=_now(projections, "throughput", "MB/s"),
        growth_per_year=_yearly(load) if load else None,
        growth_of=load.history.metric if load else None,
    )


def _now(projections: Sequence[Projection], metric: Metric, unit: str) -> float | None:
    made = next((each for each in projections if each.history.metric == metric and _in(each, unit) is not None), None)
    return max(float(made.clean[-1]) * (_in(made, unit) or 1.0), 0.0) if made else None


def _size(made: Projection) -> float:
    return max(float(made.clean[-1]) * (_in(made, "GB") or 1.0), 0.0)


def _added(storage: Sequence[Projection]) -> Interval:
    """GB a month of all of them, from the 80 % interval at the end."""
    low, mid, high = (
        sum(
            max((float(getattr(made, part)[-1]) - float(made.clean[-1])) * (_in(made, "GB") or 1.0) / _months(made), 0.0)
            for made in storage
        )
        for part in ("lo80", "mean", "hi80")
    )
    return Interval(min(low, mid, _LARGEST_GB), min(mid, _LARGEST_GB), min(max(mid, high), _LARGEST_GB))


def _yearly(made: Projection) -> Interval:
    now, years = float(made.clean[-1]), _months(made) / 12
    grown = [max(float(getattr(made, part)[-1]), 1e-9) / now for part in ("lo80", "mean", "hi80")]
    low, mid, high = (float(np.clip(each ** (1 / years), _LEAST_GROWTH, _MOST_GROWTH)) for each in sorted(grown))
    return Interval(low, mid, high)


def _months(made: Projection) -> float:
    return max((made.dates[-1] - made.history_dates[-1]).days / 30.4375, 1e-6)


def _in(made: Projection, unit: str) -> float | None:
    try:
        return factor(made.history.unit, unit)
    except UnitError:
        return None
