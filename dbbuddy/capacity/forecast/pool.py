"""The pool: members on the values and on their logarithms, weighted by how they did on this very series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dbbuddy.capacity.forecast.members import MEMBERS, members
from dbbuddy.capacity.forecast.season import seasonal_figures
from dbbuddy.capacity.forecast.smoothing import Values

ORIGINS = 16
PRIOR_LEVEL = {"theta": 5.0, "damped": 2.0, "holt": 0.5, "simple": 1.0, "drift": 0.7, "theta_full": 0.3, "saturating": 0.2}
PRIOR_CUMULATIVE = {
    "drift": 1.0,
    "drift_half": 1.0,
    "drift_quarter": 1.0,
    "drift_eighth": 0.7,
    "line_half": 0.5,
    "theta_full": 1.0,
    "holt": 1.0,
    "damped": 0.5,
    "saturating": 1.0,
}
POWER = 5.0
SHRINK = 80.0
LOG_SHARE = 0.35
LOG_SHARE_SEASONAL = 0.65
LOG_SAT = 0.1
CLEARLY = 0.02
EARLIEST_SHARE = 0.3
RECENCY = 5.0
SHORT = 60
SHORT_SIGHTED = ("holt", "drift_quarter", "drift_eighth", "saturating", "damped")


@dataclass(frozen=True)
class Pooled:
    """The mean path (H), what each origin's forecast missed (K, H; NaN where the truth is yet to come), the weights."""

    path: Values
    errors: Values
    scale: Values
    weights: dict[str, float]
    origins: NDArray[np.int64]
    paths: Values


def pooled(values: Values, horizon: int, period: int, cumulative: float) -> Pooled:
    """Forecast regular, clean values.

    Args:
        values: (n,), n at least 4.
        horizon: H steps.
        period: length of the season in steps, 1 for none.
        cumulative: 0 for a metric that goes up and down, 1 for one that piles up; between where it is not known.
    """
    n = values.size
    origins = rolling_origins(n, horizon)
    series = [values]
    if values.min() > 1e-6 * values.max():
        series.append(np.log(values))
    figures = [seasonal_figures(s, period) if period > 1 else np.zeros(1) for s in series]
    place = np.arange(n + horizon) % period
    flat = np.stack([s - f[place[:n]] for s, f in zip(series, figures, strict=True)])
    made = members(flat, origins, horizon)
    ahead = place[(origins[:, None] + np.arange(1, horizon + 1))]
    made += np.stack([f[ahead] for f in figures])[:, None]
    if len(series) == 2:
        made[1] = np.exp(np.clip(made[1], None, np.log(values.max()) + 5))
    stacked = made.reshape(-1, origins.size, horizon)
    truth = _truth(values, origins, horizon)
    prior = _prior(cumulative, len(series), n, _log_share(series, period))
    weight = _weights(stacked, truth, prior, n)
    paths = np.tensordot(weight, stacked, axes=1)
    names = [f"{m}{s}" for s in ("", "_log")[: len(series)] for m in MEMBERS]
    return Pooled(
        paths[-1], truth - paths[:-1], np.abs(values[origins[:-1]]), dict(zip(names, weight.tolist(), strict=True)), origins, paths
    )


def rolling_origins(n: int, horizon: int) -> NDArray[np.int64]:
    """Up to sixteen positions in the later part of the history, and the last position for the forecast itself."""
    first = max(min(n - 2, 3), min(n // 2, n - 1 - min(horizon, n // 3)) - (n // 8))
    last = n - 1 - max(1, min(horizon, n // 3) // 4)
    spread = np.unique(np.linspace(first, max(last, first), ORIGINS).astype(np.int64))
    return np.append(spread[spread < n - 1], n - 1)


def _truth(values: Values, origins: NDArray[np.int64], horizon: int) -> Values:
    """(K - 1, H) what came after each origin but the last, NaN beyond the history."""
    at = origins[:-1, None] + np.arange(1, horizon + 1)
    return np.where(at < values.size, values[np.minimum(at, values.size - 1)], np.nan)


def _log_share(series: list[Values], period: int) -> float:
    """The prior share of the members on logarithms; all or nothing where line or exponential curve fits far better."""
    usual = LOG_SHARE_SEASONAL if period > 1 else LOG_SHARE
    if len(series) < 2:
        return 0.0
    line, curve = (_fitted_line(values) for values in series)
    missed_line, missed_curve = (float(((series[0] - fitted) ** 2).sum()) for fitted in (line, np.exp(curve)))
    if missed_line < CLEARLY * missed_curve:
        return 0.05
    return 0.95 if missed_curve < CLEARLY * missed_line else usual


def _fitted_line(values: Values) -> Values:
    x = np.arange(values.size) - (values.size - 1) / 2
    return np.asarray(values.mean() + x * float(x @ values) / float(x @ x))


def _prior(cumulative: float, transforms: int, n: int, log_share: float) -> Values:
    level = np.array([PRIOR_LEVEL.get(m, 0.0) for m in MEMBERS])
    piling = np.array([PRIOR_CUMULATIVE.get(m, 0.0) for m in MEMBERS])
    piling *= np.where(np.isin(MEMBERS, SHORT_SIGHTED), n / (n + SHORT), 1.0)
    prior = (1 - cumulative) * level / level.sum() + cumulative * piling / piling.sum()
    if transforms == 1:
        return np.asarray(prior)
    logs = np.where(np.array(MEMBERS) == "saturating", LOG_SAT, 1.0) * prior
    return np.concatenate([prior * (1 - log_share), logs * log_share])


def _weights(stacked: Values, truth: Values, prior: Values, n: int) -> Values:
    """Prior times inverse error to the fifth power, shrunk to the prior where the history is short.

    At each origin a member's error counts relative to the others', so that no hard stretch of the past outweighs the
    rest, and later origins count far more: what fits the present bend is to lead.
    """
    if not truth.size:
        return prior
    known = np.isfinite(truth)
    missed = np.where(known, np.abs(truth - stacked[:, :-1]), 0.0).sum(axis=2) / np.maximum(known.sum(axis=1), 1)
    usual = missed[prior > 0].mean(axis=0)
    recent = np.linspace(EARLIEST_SHARE, 1, truth.shape[0]) ** RECENCY * known.any(axis=1)
    error = (missed / np.maximum(usual, 1e-9 * usual.max() + 1e-12)) @ recent
    error = np.where(np.isfinite(error), error, np.inf)
    floor = max(float(error[prior > 0].min()), 1e-9)
    earned = prior * (floor / np.maximum(error, floor)) ** POWER
    trust = n**2 / (n**2 + SHRINK**2)
    weight = trust * earned / earned.sum() + (1 - trust) * prior
    return np.asarray(weight / weight.sum())
