"""How far the truth strays from the forecast, calibrated on what the forecast missed at earlier origins of the same series.

sigma_h = a·h^b is fitted to the rolling-origin errors. Where origins are few the fit is drawn towards a random walk with
uncertain drift, and quantiles come from Student's t.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from dbbuddy.capacity.forecast.smoothing import Values

PRIOR_ORIGINS = 1.5
RECENT = 0.3
MIX = 0.5
INFLATE_LEVEL = 0.95
INFLATE_CUMULATIVE = 1.25
USUAL_VARIATION = 0.5  # of the growth from step to step, as a share of it
PRIOR_CHANGES = 3.0
_ROUGHEST, _SMOOTHEST = 0.05, 1.0


@dataclass(frozen=True)
class Spread:
    """sigma_h = scale·h^exponent, with t quantiles of `freedom` degrees; relative: of the logarithm."""

    scale: float
    exponent: float
    freedom: float
    relative: bool

    def sigma(self, steps: Values) -> Values:
        return np.asarray(self.scale * steps**self.exponent)

    def quantile(self, probability: float) -> float:
        return t_quantile(probability, self.freedom)


def t_quantile(probability: float, freedom: float) -> float:
    """Student's t quantile by the Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5), for 3 degrees and more."""
    z, v = NormalDist().inv_cdf(probability), max(freedom, 3.0)
    g1, g2 = (z**3 + z) / 4, (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + g1 / v + g2 / v**2 + g3 / v**3


def spread_of(values: Values, errors: Values, horizon: int, cumulative: float, relative: bool) -> Spread:
    """Fit the spread.

    Args:
        values: (n,) the clean history, logarithms where `relative`.
        errors: (K, H) by origin and horizon, NaN where the truth is yet to come; of logarithms where `relative`.
        horizon: steps ahead that are asked for.
        cumulative: 0 to 1, as for the pool.
        relative: whether values and errors are logarithms.
    """
    n = values.size
    prior_scale, prior_exponent = _prior(values, horizon)
    known = np.isfinite(errors)
    count = known.sum(axis=0)
    steps = np.arange(1, errors.shape[1] + 1)
    use = count > 0
    inflate = INFLATE_LEVEL + (INFLATE_CUMULATIVE - INFLATE_LEVEL) * cumulative
    if not use.any():
        return Spread(inflate * prior_scale, prior_exponent, max(3.0, n - 2.0), relative)
    recent = known * np.linspace(RECENT, 1, errors.shape[0])[:, None]
    total = recent.sum(axis=0)[use]
    squares = (recent * np.where(known, errors, 0.0) ** 2).sum(axis=0)[use] / total
    absolute = (recent * np.abs(np.where(known, errors, 0.0))).sum(axis=0)[use] / total
    rms = MIX * np.sqrt(squares) + (1 - MIX) * 1.2533 * absolute
    floor = max(1e-9 * prior_scale, 1e-12)
    x, y = np.log(steps[use]), np.log(np.maximum(rms, floor))
    weight = count[use] / steps[use]
    independent = 1 + float(count[use].max() - 1) * min(1.0, n / 3 / max(int(steps[use][-1]), 1) / 8)
    trust = independent / (independent + PRIOR_ORIGINS)
    mean_x, mean_y = np.average(x, weights=weight), np.average(y, weights=weight)
    spread_x = np.average((x - mean_x) ** 2, weights=weight)
    slope = np.average((x - mean_x) * (y - mean_y), weights=weight) / spread_x if spread_x > 0 else prior_exponent
    exponent = float(np.clip(trust * slope + (1 - trust) * prior_exponent, _ROUGHEST, _SMOOTHEST))
    measured = mean_y - exponent * mean_x
    scale = float(np.exp(trust * measured + (1 - trust) * np.log(max(prior_scale, floor))))
    return Spread(inflate * scale, exponent, max(3.0, min(30.0, 3 + independent)), relative)


def _prior(values: Values, horizon: int) -> tuple[float, float]:
    """Scale and exponent before any error is known: how much changes over one step and over many have varied.

    The drift is as uncertain as n changes leave it. Few changes are mixed with what growth usually varies by.
    """
    changes = np.diff(values)
    n = max(changes.size, 1)
    drift = float(changes.mean()) if changes.size else 0.0
    freedom = max(n - 1, 0)
    usual = max(USUAL_VARIATION * abs(drift), 1e-4 * float(np.abs(values).mean()), 1e-12)
    variance = (freedom * float(changes.var(ddof=1)) if freedom else 0.0) + PRIOR_CHANGES * usual**2
    near = np.sqrt(variance / (freedom + PRIOR_CHANGES) * (1 + 1 / n))
    if horizon == 1:
        return float(near), 0.5
    reach = min(horizon, n // 3)
    walked = near * np.sqrt(reach)
    if reach >= 7:
        walked = min(walked * 2, max(float((values[reach:] - values[:-reach]).std()), 1e-3 * float(near)))
    else:
        reach = 1
        walked = near
    rest = horizon / reach
    far = walked * np.sqrt(rest) * np.sqrt(1 + horizon / n)
    if reach > 1:  # a level that only jitters does not walk away either
        exponent_seen = np.log(max(walked / near, 1e-3)) / np.log(reach)
        far = walked * rest ** float(np.clip(exponent_seen, 0.0, 0.5)) * np.sqrt(1 + horizon / n)
    return float(near), float(np.clip(np.log(far / near) / np.log(horizon), _ROUGHEST, _SMOOTHEST))
