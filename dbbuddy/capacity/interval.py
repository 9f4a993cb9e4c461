"""A figure that is not known exactly: P10, P50 and P90."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# The standard normal's P90.
_Z90 = 1.2815515594


@dataclass(frozen=True)
class Interval:
    """Three quantiles, `low <= mid <= high`, none negative and all finite.

    Raises:
        ValueError: they are not in order, negative or not finite.
    """

    low: float
    mid: float
    high: float

    def __post_init__(self) -> None:
        figures = (self.low, self.mid, self.high)
        if not all(math.isfinite(figure) for figure in figures) or self.low < 0 or not self.low <= self.mid <= self.high:
            raise ValueError(
                f"give low, middle and high as numbers from zero up, in that order (not {self.low}, {self.mid}, {self.high})"
            )

    @classmethod
    def of(cls, value: float | Sequence[float] | Interval) -> Interval:
        """One number as a certain figure, or three as they are."""
        if isinstance(value, Interval):
            return value
        if isinstance(value, (int, float)):
            return cls(value, value, value)
        if len(value) != 3:
            raise ValueError("give one number, or low, middle and high")
        return cls(*value)

    @classmethod
    def of_samples(cls, samples: NDArray[np.float64]) -> Interval:
        """P10, P50 and P90 of drawn values."""
        low, mid, high = (float(quantile) for quantile in np.quantile(samples, (0.1, 0.5, 0.9)))
        return cls(low, mid, high)

    @property
    def certain(self) -> bool:
        return self.low == self.high

    def times(self, factor: float) -> Interval:
        """All three multiplied by a factor from zero up."""
        return Interval(self.low * factor, self.mid * factor, self.high * factor)

    def sample(self, draws: NDArray[np.float64]) -> NDArray[np.float64]:
        """Values for standard normal draws: two log-normal halves that meet at P50, with these P10 and P90.

        A low of zero (no logarithm) makes the lower half linear.
        """
        if self.certain:
            return np.full(draws.shape, self.mid)
        if self.mid <= 0:
            return np.asarray(np.clip(draws, 0, None) / _Z90 * self.high)
        above = math.log(self.high / self.mid) / _Z90
        upper = self.mid * np.exp(np.clip(draws, 0, None) * above)
        if self.low > 0:
            below = math.log(self.mid / self.low) / _Z90
            lower = self.mid * np.exp(np.clip(draws, None, 0) * below)
        else:
            lower = self.mid * np.clip(1 + draws / _Z90, 0, 1)
        return np.asarray(np.where(draws >= 0, upper, lower))

    def text(self, unit: str = "", digits: int = 0) -> str:
        """`12 to 18 (middle 15) GB`, or one number if it is certain."""
        unit = f" {unit}" if unit else ""
        if self.certain:
            return f"{self.mid:,.{digits}f}{unit}"
        return f"{self.low:,.{digits}f} to {self.high:,.{digits}f}{unit} (middle {self.mid:,.{digits}f})"
