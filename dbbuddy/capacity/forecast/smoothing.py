"""Exponential smoothing over a grid of parameters, all columns in one pass over time.

The recursion is that of the innovations state space model ETS(A,Ad,N) (Hyndman, Koehler, Ord & Snyder 2008, Forecasting
with Exponential Smoothing, ch. 2): level l, trend b, damping φ; φ = 0 is simple smoothing, φ = 1 is Holt's trend. The state
after step t is what a forecast made at t starts from, so that one pass serves every rolling origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
_SIMPLE = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.97)
_TREND = ((0.1, 0.02), (0.3, 0.02), (0.3, 0.1), (0.5, 0.03), (0.5, 0.1), (0.8, 0.03), (0.8, 0.1), (0.95, 0.03), (0.95, 0.1))
_DAMPING = (0.7, 0.85, 0.95)
_REMEMBERED = 500  # values; what lies further back no longer moves a level
_WARM_UP = 30


@dataclass(frozen=True)
class Grid:
    """Columns of parameters; `family` 0 simple, 1 damped, 2 Holt."""

    alpha: Values
    beta: Values
    phi: Values
    family: NDArray[np.int64]


@dataclass(frozen=True)
class States:
    """At each origin (rows): level and trend of each column, and the sum of squared one-step errors up to there."""

    level: Values
    trend: Values
    squares: Values
    phi: Values
    family: NDArray[np.int64]


@cache
def grid() -> Grid:
    """All parameter columns."""
    rows = [(a, 0.0, 0.0, 0) for a in _SIMPLE]
    rows += [(a, b, p, 1) for a, b in _TREND for p in _DAMPING]
    rows += [(a, b, 1.0, 2) for a, b in _TREND]
    table = np.array(rows)
    return Grid(table[:, 0], table[:, 1], table[:, 2], table[:, 3].astype(np.int64))


def smooth(series: Values, origins: NDArray[np.int64]) -> States:
    """Run the grid over each series.

    Args:
        series: (S, n) values.
        origins: (K,) positions; the state after each is kept.

    Returns:
        States with arrays (S, K, G).
    """
    columns = grid()
    first = int(max(0, min(origins[0] - _WARM_UP, series.shape[1] - _REMEMBERED)))
    series, places = series[:, first:], {int(t) - first: i for i, t in enumerate(origins)}
    count, width = series.shape[0], columns.alpha.size
    level, trend = (np.repeat(x, width) for x in _start(series))
    alpha, phi, gain = (np.tile(x, count) for x in (columns.alpha, columns.phi, columns.alpha * columns.beta))
    trend *= phi > 0
    squares, error, part = np.zeros_like(level), np.empty_like(level), np.empty_like(level)
    kept = np.empty((3, origins.size, count * width))
    for t, values in enumerate(np.repeat(series.T, width, axis=1)):
        np.multiply(trend, phi, out=trend)
        np.add(level, trend, out=level)
        np.subtract(values, level, out=error)
        np.multiply(alpha, error, out=part)
        np.add(level, part, out=level)
        np.multiply(gain, error, out=part)
        np.add(trend, part, out=trend)
        np.multiply(error, error, out=error)
        np.add(squares, error, out=squares)
        i = places.get(t)
        if i is not None:
            kept[0, i], kept[1, i], kept[2, i] = level, trend, squares
    levels, trends, sums = (x.reshape(origins.size, count, width).swapaxes(0, 1) for x in kept)
    return States(levels, trends, sums, columns.phi, columns.family)


def _start(series: Values) -> tuple[Values, Values]:
    """Level and trend before the first value: a line through the first ten."""
    size = min(10, series.shape[1])
    x = np.arange(size) - (size - 1) / 2
    head = series[:, :size]
    slope = head @ x / max(float(x @ x), 1.0)
    return head.mean(axis=1) - slope * (size + 1) / 2, slope
