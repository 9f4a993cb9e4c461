"""Paths that the metric may take, for questions that an interval cannot answer: when is a limit first met?

Errors are fractional Brownian motion (Mandelbrot & Van Ness 1968): its standard deviation grows exactly as the calibrated
sigma_h = a·h^b does, and b sets how long a deviation lasts. At b = 1/2 it is a random walk, near 0 it jitters, near 1 the
slope itself is what is uncertain.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dbbuddy.capacity.forecast.fit import Fit
from dbbuddy.capacity.forecast.smoothing import Values

PATHS = 2_000
_KNOTS = 96


def simulate(fit: Fit, paths: int = PATHS, seed: int = 0) -> Values:
    """Paths (N, H) around the mean path, in pairs that stray to either side alike."""
    random = np.random.default_rng(seed)
    root = _root(fit.path.size, round(fit.spread.exponent, 2))
    half = (paths + 1) // 2
    heavy = np.sqrt(fit.spread.freedom / random.chisquare(fit.spread.freedom, (half, 1))).astype(np.float32)
    strayed = (random.standard_normal((half, root.shape[0]), dtype=np.float32) * heavy) @ root
    errors = np.concatenate([strayed, -strayed])[:paths] * fit.spread.scale
    if fit.spread.relative:
        return np.asarray(fit.path * np.exp(np.clip(errors, -20, 20)))
    return np.asarray(fit.path + errors)


@lru_cache(maxsize=64)
def _root(horizon: int, exponent: float) -> NDArray[np.float32]:
    """(knots, H): root of the covariance of fractional Brownian motion at the knots, straight lines between them."""
    knots = np.unique(np.round(np.linspace(1, horizon, min(horizon, _KNOTS))))
    power = 2 * exponent
    covariance = 0.5 * (knots[:, None] ** power + knots[None] ** power - np.abs(knots[:, None] - knots[None]) ** power)
    size, vectors = np.linalg.eigh(covariance)
    root = (vectors * np.sqrt(np.maximum(size, 0))).T
    steps = np.arange(1.0, horizon + 1)
    return np.stack([np.interp(steps, knots, row) for row in root]).astype(np.float32)


def first_reach(paths: Values, limit: float, now: float) -> Values:
    """(N,) when each path first reaches the limit, in steps from now, fractions between two steps; infinity for never."""
    reached = paths >= limit
    at = reached.argmax(axis=1)
    row = np.arange(paths.shape[0])
    after = paths[row, at]
    before = np.where(at > 0, paths[row, np.maximum(at - 1, 0)], now)
    rise = after - before
    share = np.clip(np.where(rise > 0, limit - before, 1.0) / np.where(rise > 0, rise, 1.0), 0.0, 1.0)
    return np.where(reached[row, at], at + share, np.inf)
