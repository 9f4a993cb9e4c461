"""A forecast of regular values: cleaned, season tested, pooled, with a calibrated spread."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from dbbuddy.capacity.forecast.cleaning import Event, find_events
from dbbuddy.capacity.forecast.intervals import Spread, spread_of
from dbbuddy.capacity.forecast.pool import Pooled, pooled
from dbbuddy.capacity.forecast.season import is_seasonal, seasonal_figures
from dbbuddy.capacity.forecast.smoothing import Values

SHORTEST = 4  # values that the pool needs
UNMEASURED = 0.35  # standard deviation of a growth that somebody stated, as a share of it
UNMEASURED_LEVEL = 0.03  # and of the value at the horizon
UNSEEN = 0.01  # standard deviation after a step of what has never changed, as a share of it
_BLOCKS = 24
_EFFICIENT, _EFFICIENT_WIDTH = 0.8, 0.05


@dataclass(frozen=True)
class Fit:
    """The mean path (H,), its spread and what it was made of. `clean` is the history that it learnt from."""

    path: Values
    spread: Spread
    clean: Values
    period: int
    cumulative: float
    weights: dict[str, float]

    def band(self, probability: float) -> tuple[Values, Values]:
        """Lower and upper bound of the central interval of that probability."""
        reach = self.spread.sigma(np.arange(1.0, self.path.size + 1)) * self.spread.quantile(0.5 + probability / 2)
        if self.spread.relative:
            return self.path * np.exp(-reach), self.path * np.exp(reach)
        return self.path - reach, self.path + reach


def season_of(values: Values, periods: tuple[int, ...]) -> int:
    """The first of the periods that the values repeat in, or 1. Tested on logarithms where there are any."""
    scaled = np.log(values) if values.min() > 0 else values
    return next((period for period in periods if is_seasonal(scaled, period)), 1)


def events_of(values: Values, periods: tuple[int, ...]) -> list[Event]:
    """Outliers, steps and purges; a season's peaks are none."""
    period = season_of(values, periods)
    season = seasonal_figures(values, period)[np.arange(values.size) % period] if period > 1 else None
    return find_events(values, season, period)


def fit(values: Values, horizon: int, periods: tuple[int, ...], cumulative: float | None) -> Fit:
    """Forecast clean values.

    Args:
        values: (n,), n at least 2, finite, outliers and steps already taken out.
        horizon: steps ahead.
        periods: seasons worth testing, the likeliest first.
        cumulative: 1 for what piles up, 0 for what goes up and down, None to judge by the values.
    """
    size = float(np.abs(values).max()) or 1.0
    found = _fit(values / size, horizon, periods, cumulative)
    if float(np.ptp(values)) == 0:
        found = replace(found, spread=Spread(UNSEEN * float(values.any()), 0.5, 30.0, False))
    spread = found.spread if found.spread.relative else replace(found.spread, scale=found.spread.scale * size)
    return replace(found, path=found.path * size, spread=spread, clean=values)


def typed_in(today: float, growth: float, horizon: int) -> Fit:
    """A forecast of two numbers: today's value and its growth a step. How sure the growth is nobody has measured."""
    steps = np.arange(1.0, horizon + 1)
    scale = max(UNMEASURED * abs(growth), UNMEASURED_LEVEL * abs(today) / max(horizon, 1), 1e-12)
    values = np.array([today - growth, today])
    return Fit(today + growth * steps, Spread(scale, 1.0, 30.0, False), values, 1, 1.0, {"drift": 1.0})


def _fit(values: Values, horizon: int, periods: tuple[int, ...], cumulative: float | None) -> Fit:
    period = season_of(values, periods)
    if cumulative is None:
        cumulative = cumulativeness(values, period)
    if values.size < SHORTEST:
        return _short(values, horizon)
    made = pooled(values, horizon, period, cumulative)
    relative = _relative(values, made)
    if relative:
        paths = made.paths[:-1]
        errors = np.log(np.maximum(made.errors + paths, 1e-12) / paths)
        spread = spread_of(np.log(values), errors, horizon, cumulative, True)
    else:
        spread = spread_of(values, made.errors, horizon, cumulative, False)
    if period > 1:
        spread = replace(spread, scale=spread.scale * (1 + 0.25 * max(0.0, 4 - values.size / period)))
    return Fit(made.path, spread, values, period, cumulative, made.weights)


def cumulativeness(values: Values, period: int = 1) -> float:
    """How sure it is, from 0 to 1, that the values pile up.

    Judged by the efficiency ratio (Kaufman 1995): the way from first to last value over the sum of all ways between
    two dozen block means, season taken out. What only grows has 1, a random walk about 0.25.
    """
    if values.size < SHORTEST:
        return 1.0
    if period > 1:
        values = values - seasonal_figures(values, period)[np.arange(values.size) % period]
    block = max(1, values.size // _BLOCKS)
    means = values[values.size % block :].reshape(-1, block).mean(axis=1)
    way = float(np.abs(np.diff(means)).sum())
    ratio = abs(float(means[-1] - means[0])) / way if way > 0 else 0.0
    return float(1 / (1 + np.exp(-(ratio - _EFFICIENT) / _EFFICIENT_WIDTH)))


def _relative(values: Values, made: Pooled) -> bool:
    """Whether errors are better told as shares: the members on logarithms carry the pool."""
    logs = sum(weight for name, weight in made.weights.items() if name.endswith("_log"))
    return bool(logs > 0.5 and values.min() > 0 and made.paths.min() > 0)


def _short(values: Values, horizon: int) -> Fit:
    """Two or three values: the mean growth goes on."""
    steps = np.arange(1.0, horizon + 1)
    drift = float(np.diff(values).mean())
    spread = spread_of(values, np.full((0, horizon), np.nan), horizon, 1.0, False)
    return Fit(values[-1] + drift * steps, spread, values, 1, 1.0, {"drift": 1.0})
