"""Measures of forecasts: those of the M4 competition (Makridakis et al. 2020), and those of exhaustion dates."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]


def smape(truth: Values, forecast: Values) -> float:
    return float(200 * np.mean(np.abs(truth - forecast) / np.maximum(np.abs(truth) + np.abs(forecast), 1e-300)))


def mase(history: Values, truth: Values, forecast: Values, period: int) -> float:
    lag = period if history.size > period else 1
    return float(np.mean(np.abs(truth - forecast)) / np.mean(np.abs(history[lag:] - history[:-lag])))


def covered(truth: Values, low: Values, high: Values) -> float:
    return float(np.mean((truth >= low) & (truth <= high)))


def naive2(history: Values, horizon: int, period: int) -> Values:
    """The last value, season adjusted where the autocorrelation test of the competition says so."""
    n = history.size
    if period < 2 or n < 3 * period:
        return np.full(horizon, history[-1])
    centred = history - history.mean()
    power = centred @ centred
    correlation = np.array([centred[lag:] @ centred[:-lag] / power for lag in range(1, period + 1)])
    if abs(correlation[-1]) <= 1.645 * np.sqrt((1 + 2 * (correlation[:-1] ** 2).sum()) / n):
        return np.full(horizon, history[-1])
    kernel = np.full(period, 1 / period) if period % 2 else np.r_[0.5, np.ones(period - 1), 0.5] / period
    trend = np.convolve(history, kernel, "valid")
    half = period // 2
    ratio, place = history[half : half + trend.size] / trend, (np.arange(trend.size) + half) % period
    figures = np.array([ratio[place == i].mean() for i in range(period)])
    figures /= figures.mean()
    return np.asarray(history[-1] / figures[(n - 1) % period] * figures[(n + np.arange(horizon)) % period])


def owa(rows: Values) -> float:
    """Rows of sMAPE, MASE, and both of Naive2."""
    ours, theirs = rows[:, :2].mean(axis=0), rows[:, 2:4].mean(axis=0)
    return float((ours / theirs).mean())
