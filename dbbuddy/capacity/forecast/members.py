"""The candidate forecasts, each made at every rolling origin at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dbbuddy.capacity.forecast.smoothing import States, Values, smooth

MEMBERS = (
    "simple",
    "theta",
    "theta_full",
    "damped",
    "holt",
    "drift",
    "drift_half",
    "drift_quarter",
    "drift_eighth",
    "line_half",
    "saturating",
)
_MIDDLES = (0.0, 0.2, 0.35, 0.5, 0.6, 0.7, 0.8, 0.95, 1.1)  # of a saturating curve, as shares of the history's length
_WIDTHS = (0.06, 0.1, 0.14, 0.2, 0.28, 0.4)


def members(series: Values, origins: NDArray[np.int64], horizon: int) -> Values:
    """Forecasts of each series by each member: (S, M, K, H).

    Args:
        series: (S, n), season taken out.
        origins: (K,) positions of the last value that a forecast may know.
        horizon: H steps.
    """
    states = smooth(series, origins)
    steps = np.arange(1, horizon + 1, dtype=float)
    out = np.empty((series.shape[0], len(MEMBERS), origins.size, horizon))
    level, theta_slope = {}, _slopes(series, origins, 1.0)
    for family, name in ((0, "simple"), (1, "damped"), (2, "holt")):
        level[name], path = _averaged(states, family, origins, steps)
        out[:, MEMBERS.index(name)] = path
    simple = level["simple"][..., None]
    anchor = level["holt"][..., None]
    out[:, 1] = simple + 0.5 * theta_slope[..., None] * steps
    out[:, 2] = simple + theta_slope[..., None] * steps
    for i, share in ((5, 1.0), (6, 0.5), (7, 0.25), (8, 0.125)):
        out[:, i] = anchor + _drifts(series, origins, share)[..., None] * steps
    out[:, 9] = anchor + _slopes(series, origins, 0.5)[..., None] * steps
    out[:, 10] = anchor + _saturation(series, origins, steps)
    return out


def _averaged(states: States, family: int, origins: NDArray[np.int64], steps: Values) -> tuple[Values, Values]:
    """Level (S, K) and path (S, K, H) of a family, its parameters averaged by their likelihood."""
    chosen = states.family == family
    squares = np.maximum(states.squares[..., chosen], 1e-300)
    count = (origins + 1.0)[None, :, None]
    log_odds = -0.5 * count * np.log(squares / squares.min(axis=-1, keepdims=True))
    weight = np.exp(log_odds)
    weight /= weight.sum(axis=-1, keepdims=True)
    level = (weight * states.level[..., chosen]).sum(axis=-1)
    phi = states.phi[chosen]
    path = np.repeat(level[..., None], steps.size, axis=-1)
    for value in np.unique(phi):
        if value > 0:
            same = phi == value
            trend = (weight[..., same] * states.trend[..., chosen][..., same]).sum(axis=-1)
            reach = steps if value == 1 else np.cumsum(value**steps)
            path = path + trend[..., None] * reach
    return level, path


def _drifts(series: Values, origins: NDArray[np.int64], share: float) -> Values:
    """Growth a step over the last share of the history: mean of the end points' and the straight line's, (S, K)."""
    window = np.maximum((origins * share).astype(np.int64), np.minimum(origins, 2))
    ends = (series[:, origins] - series[:, origins - window]) / np.maximum(window, 1)
    return 0.5 * ends + 0.5 * _window_slopes(series, origins, window)


def _slopes(series: Values, origins: NDArray[np.int64], share: float) -> Values:
    window = np.maximum((origins * share).astype(np.int64), np.minimum(origins, 2))
    return _window_slopes(series, origins, window)


def _window_slopes(series: Values, origins: NDArray[np.int64], window: NDArray[np.int64]) -> Values:
    """Least-squares slope over the `window` + 1 values up to each origin."""
    x = np.arange(series.shape[1], dtype=float)
    centre = series.mean(axis=1, keepdims=True)
    zero = np.zeros((series.shape[0], 1))
    total = np.hstack([zero, np.cumsum(series - centre, axis=1)])
    moment = np.hstack([zero, np.cumsum((series - centre) * x, axis=1)])
    first, last = origins - window, origins + 1
    size = (window + 1).astype(float)
    mean_x = (first + origins) / 2
    cross = (moment[:, last] - moment[:, first]) - mean_x * (total[:, last] - total[:, first])
    spread = size * (size**2 - 1) / 12
    return np.where(spread > 0, cross / np.maximum(spread, 1e-12), 0.0)


def _saturation(series: Values, origins: NDArray[np.int64], steps: Values) -> Values:
    """Rise still to come on the best logistic curve c + a / (1 + exp(-(t - m) / w)) up to each origin, (S, K, H).

    Middle m and width w are shares of the history's length on a grid; c and a are least squares, from running sums, so
    that every origin is fitted at once.
    """
    length = series.shape[1]
    centred = series - series[:, :1]
    size = (origins + 1.0)[None]
    y_sum, y_squares = np.cumsum(centred, axis=1)[:, origins], np.cumsum(centred**2, axis=1)[:, origins]
    best = np.full((series.shape[0], origins.size), np.inf)
    slopes, chosen = np.zeros_like(best), np.zeros(best.shape, dtype=np.int64)
    middle, width = (x.ravel()[:, None] * length for x in np.meshgrid(_MIDDLES, _WIDTHS))
    x = _logistic((np.arange(length) - middle) / width)
    x_sum, x_squares = np.cumsum(x, axis=1)[:, origins], np.cumsum(x * x, axis=1)[:, origins]
    spread = np.maximum(x_squares - x_sum**2 / size, 1e-9)
    for i in range(x.shape[0]):
        cross = np.cumsum(centred * x[i], axis=1)[:, origins] - x_sum[i] * y_sum / size
        slope = cross / spread[i]
        residue = y_squares - y_sum**2 / size - slope * cross
        better = residue < best
        best, slopes, chosen = np.where(better, residue, best), np.where(better, slope, slopes), np.where(better, i, chosen)
    at, m, w = origins[None, :, None], middle[chosen], width[chosen]
    return slopes[..., None] * (_logistic((at + steps - m) / w) - _logistic((at - m) / w))


def _logistic(x: Values) -> Values:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -40, 40))))
