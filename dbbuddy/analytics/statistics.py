"""How sure a figure is: intervals of 95 % for shares, means, quantiles and ratios of counts.

The intervals treat the observations as independent draws. Ratings of one person resemble each other, so they are rather a
little too narrow than too wide.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache

LEVEL = 0.95
Z = 1.959963984540054
"""The quantile of the normal distribution that leaves 2.5 % on each side."""

Interval = tuple[float, float]


def wilson(successes: float, n: int) -> Interval | None:
    """The interval of a share (Wilson 1927, without continuity correction); `None` for no observations.

    Raises:
        ValueError: there are more successes than observations, or fewer than none.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is no share")
    if n == 0:
        return None
    share = successes / n
    middle = share + Z**2 / (2 * n)
    half = Z * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    scale = 1 + Z**2 / n
    low = 0.0 if successes == 0 else max(0.0, (middle - half) / scale)
    high = 1.0 if successes == n else min(1.0, (middle + half) / scale)
    return low, high


def mean_of_ratings(counts: Sequence[int]) -> tuple[float, float, float] | None:
    """Mean and interval of ratings from 1 to `len(counts)`, of which there are `counts`; `None` without ratings.

    Student's t interval. If all ratings are the same it would have no width; then the rating, scaled to 0 to 1, is
    treated as a share, which is the widest that a bounded mean can be.
    """
    n = sum(counts)
    if n == 0:
        return None
    top = len(counts)
    mean = sum(stars * count for stars, count in enumerate(counts, 1)) / n
    squares = sum(count * (stars - mean) ** 2 for stars, count in enumerate(counts, 1))
    if max(counts) == n:
        low, high = wilson((mean - 1) / (top - 1) * n, n) or (0.0, 1.0)
        return mean, 1 + low * (top - 1), 1 + high * (top - 1)
    half = t_quantile(n - 1) * math.sqrt(squares / (n - 1) / n)
    return mean, max(1.0, mean - half), min(float(top), mean + half)


def quantile_ranks(n: int, share: float) -> tuple[int, int, int]:
    """The rank (from 1) of a quantile among `n` sorted values by the nearest-rank rule, and the ranks of its interval.

    The interval is that of order statistics: how many values lie below the true quantile is binomial.

    Raises:
        ValueError: there are no values, or it is no quantile.
    """
    if n < 1 or not 0 < share < 1:
        raise ValueError(f"no quantile {share} of {n} values")
    half = Z * math.sqrt(n * share * (1 - share))
    rank = max(1, math.ceil(share * n - 1e-9))
    return rank, min(rank, max(1, math.floor(n * share - half))), max(rank, min(n, math.ceil(n * share + half) + 1))


def ratio_of_rates(
    now: Sequence[int], weeks_now: float, before: Sequence[int], weeks_before: float
) -> tuple[float, float, float] | None:
    """The rate of `now` over that of `before`, with its interval; each is a series of counts and its exposure.

    Log-normal interval of a ratio of Poisson rates, with the counts' own overdispersion where they vary more than Poisson
    counts do (quasi-Poisson). Half an event is added to both sums, so that none at all has an interval too.
    `None` if one side has no exposure or nothing happened before.
    """
    if weeks_now <= 0 or weeks_before <= 0 or sum(before) == 0:
        return None
    a, b = sum(now), sum(before)
    ratio = (a / weeks_now) / (b / weeks_before)
    spread = math.sqrt(_dispersion(now) / (a + 0.5) + _dispersion(before) / (b + 0.5))
    middle = ((a + 0.5) / weeks_now) / ((b + 0.5) / weeks_before)
    return ratio, min(ratio, middle * math.exp(-Z * spread)), max(ratio, middle * math.exp(Z * spread))


def _dispersion(counts: Sequence[int]) -> float:
    """Variance over mean, at least 1."""
    if len(counts) < 2 or sum(counts) == 0:
        return 1.0
    mean = sum(counts) / len(counts)
    return max(1.0, sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / mean)


@cache
def t_quantile(freedom: int) -> float:
    """The quantile of Student's t distribution that leaves 2.5 % above it.

    Raises:
        ValueError: there is no degree of freedom.
    """
    if freedom < 1:
        raise ValueError("a t distribution needs a degree of freedom")
    if freedom > 5000:
        return Z
    low, high = 1.9, 13.0
    for _ in range(60):
        middle = (low + high) / 2
        if _t_below(middle, freedom) < 1 - (1 - LEVEL) / 2:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _t_below(t: float, freedom: int) -> float:
    """The distribution function of Student's t for t > 0: the finite series of Abramowitz & Stegun 26.7.3 and 26.7.4."""
    angle = math.atan(t / math.sqrt(freedom))
    cosine, sine = math.cos(angle), math.sin(angle)
    odd = freedom % 2
    term = total = cosine if odd else 1.0
    for k in range(3 if odd else 2, freedom - 1, 2):
        term *= cosine**2 * (k - 1) / k
        total += term
    area = 2 / math.pi * (angle + (sine * total if freedom > 1 else 0.0)) if odd else sine * total
    return 0.5 + area / 2
