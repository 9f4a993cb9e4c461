"""Thirteen shapes in which databases grow, generated: dated histories and the future that follows.

The shapes are those that operators report: steady and compounding growth, a migration, monthly purges, a launch that
bends the line, a store that fills up and levels off, a weekly rhythm, broken samples, gaps, yearly peaks, and histories
too short to say much.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
SHAPES = (
    "linear",
    "compounding",
    "step",
    "sawtooth purge",
    "growth kink",
    "saturating",
    "weekly rhythm",
    "outliers",
    "missing days",
    "flat",
    "24-36 months",
    "14-30 days",
    "3-6 months",
)
LAST = dt.date(2026, 9, 30)


@dataclass(frozen=True)
class GrowthSeries:
    """A history (gaps left out), and the regular future after it; a step is a day or a month."""

    shape: str
    dates: tuple[dt.date, ...]
    history: Values
    future_dates: tuple[dt.date, ...]
    future: Values
    metric: str

    @property
    def horizon(self) -> int:
        """Ninety days, in steps."""
        return 90 if (self.future_dates[1] - self.future_dates[0]).days == 1 else 3


def generate(shape: str, seed: int) -> GrowthSeries:
    """The series of that shape and seed, with a year of future."""
    random = np.random.default_rng([seed, SHAPES.index(shape)])
    if shape in ("24-36 months", "3-6 months"):
        return _monthly(shape, random)
    days = int(random.integers(14, 31)) if shape == "14-30 days" else int(random.integers(180, 721))
    total = days + 365
    values, metric = _DAILY[shape](random, days, total), "cpu" if shape == "weekly rhythm" else "storage"
    if shape == "flat" and random.random() < 0.5:
        metric = "connections"
    dates = tuple(LAST + dt.timedelta(days=i + 1 - days) for i in range(total))
    kept = np.arange(days)
    history = values[:days].copy()
    if shape == "outliers":
        wrong = random.choice(days - 5, size=max(2, days // 60), replace=False)
        history[wrong] *= random.choice([0.0, 0.3, 1.7, 3.0], size=wrong.size)
    if shape == "missing days":
        keep = random.random(days) > 0.25
        gap = int(random.integers(20, days - 40))
        keep[gap : gap + 14] = False
        keep[[0, -1]] = True
        kept = kept[keep]
    return GrowthSeries(shape, tuple(dates[i] for i in kept), history[kept], dates[days:], values[days:], metric)


def _increments(random: np.random.Generator, total: int, rate: float, roughness: float) -> Values:
    """Daily growth around a rate that itself wanders, smaller at weekends."""
    wander = np.exp(np.cumsum(random.normal(0, random.uniform(0.005, 0.03), total)))
    weekend = np.where(np.arange(total) % 7 >= 5, random.uniform(0.3, 1.0), 1.0)
    return rate * wander * weekend * random.gamma(1 / roughness**2, roughness**2, total)


def _base(random: np.random.Generator) -> float:
    return float(np.exp(random.uniform(np.log(20), np.log(5000))))


def _noise(random: np.random.Generator, values: Values, share: float = 0.001) -> Values:
    return values * (1 + random.normal(0, share, values.size))


def _linear(random: np.random.Generator, days: int, total: int) -> Values:
    base = _base(random)
    rate = base * random.uniform(0.0005, 0.004)
    return _noise(random, base + np.cumsum(_increments(random, total, rate, random.uniform(0.3, 0.9))))


def _compounding(random: np.random.Generator, days: int, total: int) -> Values:
    rate = np.log1p(random.uniform(0.015, 0.10)) / 30
    rates = rate * np.exp(np.cumsum(random.normal(0, random.uniform(0.005, 0.03), total)))
    return _noise(random, _base(random) * np.exp(np.cumsum(np.minimum(rates + random.normal(0, rate * 0.5, total), 0.01))))


def _step(random: np.random.Generator, days: int, total: int) -> Values:
    values = _linear(random, days, total)
    at = int(random.integers(days // 4, days - 20))
    size = values[at] * random.uniform(0.15, 0.6) * random.choice([-1, 1])
    values[at:] += size
    return np.maximum(values, values[0] * 0.05)


def _sawtooth(random: np.random.Generator, days: int, total: int) -> Values:
    base = _base(random)
    rate = base * random.uniform(0.003, 0.01)
    values = base + np.cumsum(_increments(random, total, rate, 0.4))
    every = int(random.choice([7, 14, 30]))
    share = random.uniform(0.5, 0.9)
    purged = np.zeros(total)
    for at in range(every, total, every):
        purged[at:] += share * rate * every * random.uniform(0.85, 1.15)
    return _noise(random, values - purged)


def _kink(random: np.random.Generator, days: int, total: int) -> Values:
    base = _base(random)
    rate = np.full(total, base * random.uniform(0.0005, 0.003))
    rate[int(random.integers(days // 2, int(days * 0.85))) :] *= random.choice([0.3, 2.5, 4.0])
    return _noise(random, base + np.cumsum(rate * _increments(random, total, 1.0, 0.5)))


def _saturating(random: np.random.Generator, days: int, total: int) -> Values:
    ceiling = _base(random) * 2
    middle, width = days * random.uniform(0.3, 0.8), days * random.uniform(0.1, 0.25)
    curve = ceiling * (0.1 + 0.9 / (1 + np.exp(-(np.arange(total) - middle) / width)))
    return _noise(random, curve, 0.002)


def _weekly(random: np.random.Generator, days: int, total: int) -> Values:
    base, rise = random.uniform(15, 40), random.uniform(0.0, 0.05)
    week = random.normal(0, 1, 7)
    week[5:] -= random.uniform(1, 3)
    noise = np.zeros(total)
    for i in range(1, total):
        noise[i] = 0.5 * noise[i - 1] + random.normal(0, 1)
    values = base + rise * np.arange(total) + week[np.arange(total) % 7] * base * random.uniform(0.05, 0.15)
    return np.clip(values + noise * base * random.uniform(0.01, 0.05), 0, 100)


def _flat(random: np.random.Generator, days: int, total: int) -> Values:
    base = _base(random)
    noise = np.zeros(total)
    persistence = random.uniform(0, 0.9)
    for i in range(1, total):
        noise[i] = persistence * noise[i - 1] + random.normal(0, 1)
    return base * (1 + noise * random.uniform(0.002, 0.03))


def _monthly(shape: str, random: np.random.Generator) -> GrowthSeries:
    count = int(random.integers(24, 37)) if shape == "24-36 months" else int(random.integers(3, 7))
    total = count + 12
    rate = random.uniform(0.01, 0.05)
    values = _base(random) * np.exp(np.cumsum(random.normal(rate, rate * 0.3, total)))
    months = [(LAST.year * 12 + LAST.month - 1 + i + 1 - count) for i in range(total)]
    if shape == "24-36 months":
        peak = random.uniform(0.05, 0.25)
        values = values * np.array([1 + peak * (m % 12 >= 9) for m in months])
    dates = tuple(dt.date(m // 12, m % 12 + 1, 1) for m in months)
    values = _noise(random, values, 0.005)
    return GrowthSeries(shape, dates[:count], values[:count], dates[count:], values[count:], "storage")


_DAILY: dict[str, Callable[[np.random.Generator, int, int], Values]] = {
    "linear": _linear,
    "compounding": _compounding,
    "step": _step,
    "sawtooth purge": _sawtooth,
    "growth kink": _kink,
    "saturating": _saturating,
    "weekly rhythm": _weekly,
    "outliers": _linear,
    "missing days": _linear,
    "flat": _flat,
    "14-30 days": _linear,
}
