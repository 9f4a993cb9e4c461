"""Asked some time ago, what would have been said, and what came true?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from dbbuddy.capacity.forecast.cleaning import without
from dbbuddy.capacity.forecast.fit import SHORTEST, events_of, fit
from dbbuddy.capacity.forecast.regular import Regular
from dbbuddy.capacity.history.model import Values

BACK_DAYS = 90
LEAST_BEFORE = 2 * SHORTEST


@dataclass(frozen=True)
class Backtest:
    """The forecast of a day in the past (arrays over its dates) beside the truth.

    `mase` is the mean absolute error over that of "as it was one season ago" on the history then (Hyndman & Koehler 2006),
    None where the history then never changed; `line_mase` is the straight line's. `cover80` and `cover95` are the shares
    of the truth inside the intervals.
    """

    asked: dt.date
    dates: tuple[dt.date, ...]
    mean: Values
    lo80: Values
    hi80: Values
    lo95: Values
    hi95: Values
    truth: Values
    mase: float | None
    line_mase: float | None
    cover80: float
    cover95: float

    def told(self) -> str:
        """The answer in one sentence."""
        return (
            f"Asked on {self.asked}, the projection for {self.dates[-1]} would have been {self.mean[-1]:,.6g} "
            f"({self.lo80[-1]:,.6g} to {self.hi80[-1]:,.6g}); it was {self.truth[-1]:,.6g}."
        )


def backtest(
    regular: Regular, truth: Values, cumulative: float | None, floor: float | None, back_days: int = BACK_DAYS
) -> Backtest | None:
    """Forecast the last `back_days`, or the last third of a short history, from what was known before.

    Args:
        regular: the history.
        truth: (n,) the regular values without broken samples.
        cumulative: as for `fit`.
        floor: the lowest value possible, None for any.
        back_days: how long ago it is asked.

    Returns:
        None where too little was known before.
    """
    n = truth.size
    back = min(max(1, round(back_days / regular.step.length)), n // 3)
    if back < 1 or n - back < LEAST_BEFORE:
        return None
    known, came = regular.values[: n - back], truth[n - back :]
    periods = regular.step.periods
    made = fit(without(known, events_of(known, periods)), back, periods, cumulative)
    mean, *bands = (x if floor is None else np.maximum(x, floor) for x in (made.path, *made.band(0.8), *made.band(0.95)))
    low80, high80, low95, high95 = bands
    lag = made.period if known.size > made.period else 1
    usual = float(np.abs(known[lag:] - known[:-lag]).mean())
    error, line_error = (float(np.abs(said - came).mean()) for said in (mean, straight_line(known, back)))
    return Backtest(
        asked=regular.date(n - back - 1),
        dates=tuple(regular.dates(n - back, back)),
        mean=mean,
        lo80=low80,
        hi80=high80,
        lo95=low95,
        hi95=high95,
        truth=came,
        mase=error / usual if usual > 0 else None,
        line_mase=line_error / usual if usual > 0 else None,
        cover80=float(((came >= low80) & (came <= high80)).mean()),
        cover95=float(((came >= low95) & (came <= high95)).mean()),
    )


def straight_line(values: Values, horizon: int) -> Values:
    """Least squares over all values, going on: what monitoring tools' linear prediction says."""
    if values.size < 2:
        return np.full(horizon, float(values[-1]))
    x = np.arange(values.size) - (values.size - 1) / 2
    slope = float(x @ values) / float(x @ x)
    return np.asarray(values.mean() + slope * (np.arange(1, horizon + 1) + (values.size - 1) / 2))
