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
    count, length = series.shape
    level, trend = (np.repeat(x[:, None], columns.alpha.size, axis=1) for x in _start(series))
    trend = trend * (columns.phi > 0)
    squares = np.zeros_like(level)
    shape = (count, origins.size, columns.alpha.size)
    levels, trends, sums = np.empty(shape), np.empty(shape), np.empty(shape)
    place = {int(t): i for i, t in enumerate(origins)}
    gain = columns.alpha * columns.beta
    values = np.ascontiguousarray(series.T)[:, :, None]
    for t in range(length):
        slope = trend * columns.phi
        level = level + slope
        error = values[t] - level
        level = level + columns.alpha * error
        trend = slope + gain * error
        squares = squares + error * error
        i = place.get(t)
        if i is not None:
            levels[:, i], trends[:, i], sums[:, i] = level, trend, squares
    return States(levels, trends, sums, columns.phi, columns.family)


def _start(series: Values) -> tuple[Values, Values]:
    """Level and trend before the first value: a line through the first ten."""
    size = min(10, series.shape[1])
    x = np.arange(size) - (size - 1) / 2
    head = series[:, :size]
    slope = head @ x / max(float(x @ x), 1.0)
    return head.mean(axis=1) - slope * (size + 1) / 2, slope
