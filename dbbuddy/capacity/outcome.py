"""A projection that was saved, beside what came true since."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from dbbuddy.capacity.forecast.regular import regularise
from dbbuddy.capacity.history.model import History, HistoryError, Values, in_unit
from dbbuddy.capacity.metric import FACTS
from dbbuddy.capacity.saved import SavedSeries
from dbbuddy.capacity.sentence import day, figure, percent


@dataclass(frozen=True)
class Outcome:
    """Dates of the projection that have come (n,), what was said, and the truth.

    `error` is the mean absolute error as a share of the truth's mean; None where that is zero. `cover80` and `cover95` are
    the shares of the truth inside the intervals.
    """

    name: str
    unit: str
    made_on: dt.date
    dates: tuple[dt.date, ...]
    mean: Values
    lo80: Values
    hi80: Values
    lo95: Values
    hi95: Values
    truth: Values
    error: float | None
    cover80: float
    cover95: float

    def told(self) -> str:
        """The answer in a sentence or two."""
        said, came = float(self.mean[-1]), float(self.truth[-1])
        inside = "inside" if self.lo80[-1] <= came <= self.hi80[-1] else "above" if came > self.hi80[-1] else "below"
        off = f" Mean error {percent(self.error)} of the value." if self.error is not None else ""
        return (
            f"On {day(self.made_on)} the projection for {day(self.dates[-1])} was {figure(said, self.unit)}; it was "
            f"{figure(came, self.unit)}, {inside} the 80 % interval ({figure(float(self.lo80[-1]))} to "
            f"{figure(float(self.hi80[-1]), self.unit)}).{off} {percent(self.cover80)} of {len(self.dates)} values were inside it."
        )


def outcome(saved: SavedSeries, made_on: dt.date, later: History) -> Outcome | None:
    """Compare a saved series with a history that goes on after it.

    Returns:
        None where the history has nothing after the day the projection began.

    Raises:
        HistoryError: the history is of another metric, or its unit does not measure the same.
    """
    if later.metric != saved.metric:
        raise HistoryError(
            f"The saved projection is of {FACTS[saved.metric].title.lower()}, this history of {FACTS[later.metric].title.lower()}."
        )
    told = in_unit(later, saved.unit) if saved.unit and later.unit else later
    regular, _ = regularise(told.times, told.values, FACTS[told.metric].aggregate)
    dates = regular.dates(0, regular.values.size)
    known = np.array([date.toordinal() for date in dates], float)
    asked = np.array([date.toordinal() for date in saved.forecast.dates], float)
    come = (asked <= known[-1]) & (asked >= known[0])
    if not come.any():
        return None
    truth = np.interp(asked[come], known, regular.values)
    forecast = saved.forecast
    mean, low80, high80, low95, high95 = (
        np.array(part)[come] for part in (forecast.mean, forecast.lo80, forecast.hi80, forecast.lo95, forecast.hi95)
    )
    size = float(np.abs(truth).mean())
    return Outcome(
        saved.name,
        saved.unit,
        made_on,
        tuple(date for date, inside in zip(forecast.dates, come, strict=True) if inside),
        mean,
        low80,
        high80,
        low95,
        high95,
        truth,
        float(np.abs(mean - truth).mean()) / size if size > 0 else None,
        float(((truth >= low80) & (truth <= high80)).mean()),
        float(((truth >= low95) & (truth <= high95)).mean()),
    )
