"""When a metric hits its limits, and how sure that is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from dbbuddy.capacity.forecast.regular import Regular
from dbbuddy.capacity.forecast.simulate import first_reach
from dbbuddy.capacity.history.model import HistoryError, Values
from dbbuddy.capacity.limit import LEVELS, Limit
from dbbuddy.capacity.units import UnitError, convert

NEVER = 0.005  # a smaller share of the paths than this is not worth a date


@dataclass(frozen=True)
class Wall:
    """A limit and when it is reached.

    `value` is the limit in the history's unit. `early`, `likely` and `late` are the dates by which 10, 50 and 90 % of the
    simulated paths have reached it; None lies beyond the horizon. `line` is the straight line's date. `probability` is the
    share of paths that reach it within the horizon, `by_date` (H,) the share by each date of the projection.
    """

    limit: Limit
    value: float
    already: bool
    early: dt.date | None
    likely: dt.date | None
    late: dt.date | None
    line: dt.date | None
    probability: float
    by_date: Values
    horizon: dt.date

    @property
    def never(self) -> bool:
        """Whether it is not to be expected within the horizon."""
        return not self.already and self.probability < NEVER

    def told(self) -> str:
        """The answer in one sentence."""
        name = f"{self.limit.name} ({self.value:,.6g} {self.limit.unit})" if self.limit.name else f"{self.value:,.6g}"
        if self.already:
            return f"{name} is already reached."
        if self.never:
            return f"{name} is not reached by {self.horizon}, the end of the projection."
        if self.likely is None:
            soonest = f", not before {self.early}" if self.early else ""
            return f"{name} is reached by {self.horizon} with a probability of {self.probability:.0%}{soonest}."
        late = str(self.late) if self.late else f"after {self.horizon}"
        return f"{name} is reached around {self.likely}, between {self.early} and {late} with 80 % probability."

    def probability_by(self, date: dt.date, dates: Sequence[dt.date]) -> float:
        """The share of paths that have reached it by that date; `dates` are the projection's."""
        if self.already:
            return 1.0
        before = [i for i, day in enumerate(dates) if day <= date]
        return float(self.by_date[before[-1]]) if before else 0.0


def wall(limit: Limit, unit: str, now: float, paths: Values, line: Values, regular: Regular) -> Wall:
    """Where the paths (N, H) meet the limit; `line` (H,) is the straight line.

    Raises:
        HistoryError: the limit is in a unit that the history cannot be told in, or is no finite number.
    """
    try:
        value = convert(limit.value, limit.unit, unit)
    except UnitError as error:
        raise HistoryError(f"Limit {limit.name or limit.value}: {error}") from None
    if not np.isfinite(value):
        raise HistoryError(f"Limit {limit.name}: give a finite number.")
    shown = Limit(limit.metric, limit.name, value, unit, limit.level, limit.source)
    steps = paths.shape[1]
    end = regular.ahead(float(steps))
    if now >= value:
        return Wall(shown, value, True, regular.last, regular.last, regular.last, regular.last, 1.0, np.ones(steps), end)
    reached = np.sort(first_reach(paths, value, now))
    by_step = np.searchsorted(reached, np.arange(1.0, steps + 1), side="right") / reached.size
    early, likely, late = (_date(float(reached[_rank(share, reached.size)]), regular) for share in (0.1, 0.5, 0.9))
    straight = _date(float(first_reach(line[None], value, now)[0]), regular)
    return Wall(shown, value, False, early, likely, late, straight, float(by_step[-1]), by_step, end)


def first_to_break(walls: Iterable[Wall]) -> Wall | None:
    """The wall that comes first: reached already, else the earliest date by which one path in ten has hit it."""
    coming = [found for found in walls if found.already or found.early is not None]
    return min(coming, key=_order, default=None)


def _order(found: Wall) -> tuple[bool, dt.date, dt.date, int]:
    return (
        not found.already,
        found.early or dt.date.max,
        found.likely or dt.date.max,
        -LEVELS.index(found.limit.level),
    )


def _rank(share: float, count: int) -> int:
    return max(0, int(np.ceil(share * count)) - 1)


def _date(steps: float, regular: Regular) -> dt.date | None:
    return regular.ahead(max(steps, 1e-6)) if np.isfinite(steps) else None
