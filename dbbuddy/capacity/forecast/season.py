"""Seasons: whether there is one, and its figures."""

from __future__ import annotations

import numpy as np

from dbbuddy.capacity.forecast.smoothing import Values

_BOUND = 0.5
_BOUND_SHORT = 1.28


def is_seasonal(values: Values, period: int) -> bool:
    """Whether the changes from step to step repeat after a period.

    The autocorrelation test of the M4 competition (Makridakis et al. 2020), on differences, so that a trend alone does not
    pass; it needs three whole periods, two of a long one.
    """
    if period < 2 or values.size < 2 * period + 2:
        return False
    changes = np.diff(values)
    changes = changes - changes.mean()
    power = float(changes @ changes)
    if power <= 0:
        return False
    correlation = np.array([changes[lag:] @ changes[:-lag] / power for lag in range(1, period + 1)])
    bound = (_BOUND if values.size >= 3 * period else _BOUND_SHORT) * np.sqrt(
        (1 + 2 * (correlation[:-1] ** 2).sum()) / changes.size
    )
    return bool(correlation[-1] > bound)


def seasonal_figures(values: Values, period: int) -> Values:
    """What each place in the period adds, with sum zero: the classical decomposition around a moving average.

    Figures are shrunk towards zero by the share of their variance that is noise, which matters for long periods seen twice.
    """
    if values.size >= 4 * period:
        trend = _moving_average(values, period)
        half = period // 2
        rest = values[half : half + trend.size] - trend
    else:
        half = 0
        rest = _off_line(values, period)
    place = (np.arange(rest.size) + half) % period
    count = np.maximum(np.bincount(place, minlength=period), 1)
    figures = np.bincount(place, rest, minlength=period) / count
    figures -= figures.mean()
    noise = float(((rest - figures[place]) ** 2).sum()) / max(rest.size - period, 1)
    signal = float(figures @ figures) / period
    shrink = max(0.0, 1 - noise / count.mean() / signal) if signal > 0 else 0.0
    return np.asarray(figures * shrink)


def _off_line(values: Values, period: int) -> Values:
    """What is left of the values above a straight line whose slope is that from each period to the next."""
    slope = float(np.mean(values[period:] - values[:-period])) / period
    rest = values - slope * np.arange(values.size)
    return np.asarray(rest - rest.mean())


def _moving_average(values: Values, period: int) -> Values:
    """Centred; for an even period both ends count half."""
    kernel = np.full(period, 1 / period) if period % 2 else np.r_[0.5, np.ones(period - 1), 0.5] / period
    return np.convolve(values, kernel, mode="valid")
