"""The Universal Scalability Law: where more concurrency stops helping.

X(N) = lambda N / (1 + sigma (N - 1) + kappa N (N - 1)), Gunther, "Guerrilla Capacity Planning" (Springer 2007), chapter 4;
peak at N = sqrt((1 - sigma) / kappa).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Gunther asks for at least six load points.
FEWEST_POINTS = 6
_STEPS = 200


@dataclass(frozen=True)
class UslFit:
    """The fitted law. Errors are standard errors; `peak` is the best concurrency, `None` if throughput never falls."""

    rate: float
    contention: float
    coherency: float
    rate_error: float
    contention_error: float
    coherency_error: float
    peak: float | None
    r_squared: float

    def throughput(self, concurrency: float) -> float:
        """What the law gives at this concurrency, in the unit of the measurements."""
        return float(_law(np.array([concurrency]), np.array([self.rate, self.contention, self.coherency]))[0])


def fit_usl(concurrency: Sequence[float], throughput: Sequence[float]) -> UslFit:
    """Least squares over measured (concurrency, throughput) pairs, by Levenberg-Marquardt.

    Raises:
        ValueError: fewer than six different loads, or figures that are not above zero.
    """
    n, x = np.asarray(concurrency, dtype=float), np.asarray(throughput, dtype=float)
    if n.shape != x.shape or len(np.unique(n)) < FEWEST_POINTS:
        raise ValueError(f"give at least {FEWEST_POINTS} different loads with one throughput each")
    if not (np.isfinite(n).all() and np.isfinite(x).all() and (n > 0).all() and (x > 0).all()):
        raise ValueError("loads and throughputs must be numbers above zero")
    scale = float(x.max())
    best = _solve(n, x / scale)
    jacobian = _jacobian(n, best)
    residual = x / scale - _law(n, best)
    freedom = max(len(n) - 3, 1)
    errors = np.sqrt(np.diag(np.linalg.pinv(jacobian.T @ jacobian)) * float(residual @ residual) / freedom)
    spread = x / scale - (x / scale).mean()
    total = float(spread @ spread)
    rate, sigma, kappa = (float(value) for value in best)
    return UslFit(
        rate * scale,
        sigma,
        kappa,
        float(errors[0]) * scale,
        float(errors[1]),
        float(errors[2]),
        math.sqrt((1 - sigma) / kappa) if kappa > 1e-9 and sigma < 1 else None,
        1 - float(residual @ residual) / total if total else 1.0,
    )


def _law(n: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(p[0] * n / (1 + p[1] * (n - 1) + p[2] * n * (n - 1)))


def _jacobian(n: NDArray[np.float64], p: NDArray[np.float64]) -> NDArray[np.float64]:
    bottom = 1 + p[1] * (n - 1) + p[2] * n * (n - 1)
    by_rate = n / bottom
    return np.stack((by_rate, -p[0] * n * (n - 1) / bottom**2, -p[0] * n * n * (n - 1) / bottom**2), axis=1)


def _solve(n: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Contention and coherency never below zero: a negative one has no meaning."""
    p = np.array([float(np.max(x / n)), 0.01, 1e-4])
    damping, error = 1e-3, math.inf
    for _ in range(_STEPS):
        residual, jacobian = x - _law(n, p), _jacobian(n, p)
        square = float(residual @ residual)
        normal = jacobian.T @ jacobian
        step = np.linalg.lstsq(normal + damping * np.diag(np.diag(normal) + 1e-12), jacobian.T @ residual, rcond=None)[0]
        tried = np.maximum(p + step, (1e-12, 0.0, 0.0))
        left = x - _law(n, tried)
        if float(left @ left) < square:
            p, damping = tried, max(damping / 4, 1e-12)
            if error - float(left @ left) < 1e-15:
                break
            error = float(left @ left)
        else:
            damping *= 4
            if damping > 1e12:
                break
    return p
