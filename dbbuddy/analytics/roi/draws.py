"""Random draws of everything the result depends on: one array of the same length for each lever."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from dbbuddy.analytics.roi.assumptions import Assumptions, Lever
from dbbuddy.analytics.roi.ledger import Ledger, Tickets

Array = npt.NDArray[np.float64]
SEED = 20_26
DRAWS = 10_000
DAYS_A_YEAR = 365.0

_DRAWN: tuple[Lever, ...] = (
    "dba_share",
    "recapture",
    "dba_hour",
    "developer_hour",
    "waiting_minutes",
    "checking_minutes",
    "build",
    "running_month",
    "upkeep_hours_month",
)
"""The levers that come from the assumptions as they are, each independent of the others."""


@dataclass(frozen=True)
class Draws:
    """`levers` by name; `problems` scales the number of episodes around the counted one; `minutes` and `fall` (tickets a year that
    no longer come) are by category; a category without comparable tickets has no `fall`.
    """

    levers: Mapping[str, Array]
    problems: Array
    minutes: Mapping[str, Array]
    fall: Mapping[str, Array]

    def scaled(self, name: str, factor: float) -> Draws:
        """With one lever multiplied; `minutes_per_issue` means those of all categories."""
        if name == "problems":
            return replace(self, problems=self.problems * factor)
        if name == "minutes_per_issue":
            return replace(self, minutes={category: values * factor for category, values in self.minutes.items()})
        if name == "fall":
            return replace(self, fall={category: values * factor for category, values in self.fall.items()})
        return replace(self, levers={**self.levers, name: self.levers[name] * factor})

    def with_lever(self, name: str, values: Array) -> Draws:
        return replace(self, levers={**self.levers, name: values})


def _spread(rng: np.random.Generator, count: int) -> Array:
    """Shuffled midpoints of as many equal parts of 0 to 1: a Latin hypercube (McKay, Beckman and Conover 1979), which needs fewer
    draws than independent ones for the same precision.
    """
    return (rng.permutation(count) + 0.5) / count


def triangular(uniform: Array, low: float, likely: float, high: float) -> Array:
    """The quantiles of the triangular distribution; a constant where it has no width."""
    if high <= low:
        return np.full_like(uniform, likely)
    turn = (likely - low) / (high - low)
    left = low + np.sqrt(uniform * (high - low) * (likely - low))
    right = high - np.sqrt((1 - uniform) * (high - low) * (high - likely))
    return np.where(uniform < turn, left, right)


def draw(ledger: Ledger, assumptions: Assumptions, count: int = DRAWS) -> Draws:
    """Draw `count` of everything; the same ledger and assumptions always give the same draws.

    Ranges are triangular. Handling times of all categories move together, which is the cautious choice: errors do not cancel out.
    Counts vary as Poisson counts do (gamma posteriors); the share of assumed problems that were solved is a beta posterior with
    Jeffreys' prior once enough of them are graded.
    """
    rng = np.random.default_rng(SEED)
    levers: dict[str, Array] = {name: triangular(_spread(rng, count), *assumptions.ranges[name].values) for name in _DRAWN}
    levers["assumed_right"] = _assumed_right(rng, ledger, assumptions, count)
    pace = _spread(rng, count)
    claimed = assumptions.ranges["minutes_per_issue"].values
    minutes = {line.category: triangular(pace, *(line.minutes or claimed)) for line in ledger.lines}
    problems = rng.gamma(ledger.settled, 1 / ledger.settled, count) if ledger.settled else np.ones(count)
    fall = {line.category: _fall(rng, line.tickets, ledger, count) for line in ledger.lines if line.tickets}
    return Draws(levers, problems, minutes, fall)


def _assumed_right(rng: np.random.Generator, ledger: Ledger, assumptions: Assumptions, count: int) -> Array:
    uniform = _spread(rng, count)
    grades = ledger.assumed_grades
    if not grades.enough:
        return triangular(uniform, *assumptions.ranges["assumed_right"].values)
    right = grades.solved(assumptions.fixed["partly_counts"].value)
    return rng.beta(right + 0.5, grades.n - right + 0.5, count)


def _fall(rng: np.random.Generator, tickets: Tickets, ledger: Ledger, count: int) -> Array:
    """Tickets a year that no longer come: the rate before minus the rate now, at today's number of developers; never below 0."""
    before = rng.gamma(tickets.before + 0.5, 1 / tickets.exposure_before, count)
    now = rng.gamma(tickets.now + 0.5, 1 / tickets.exposure_now, count)
    weeks = ledger.ticket_share * ledger.days / 7
    developers = tickets.exposure_now / weeks
    return np.maximum(0.0, before - now) * developers * DAYS_A_YEAR / 7


def quantiles(values: Array) -> tuple[float, float, float]:
    """P10, P50 and P90."""
    low, middle, high = np.quantile(values, (0.1, 0.5, 0.9))
    return float(low), float(middle), float(high)


def rank_correlation(values: Array, result: Array) -> float:
    """Spearman's; 0 where one of the two does not vary."""
    if np.ptp(values) == 0 or np.ptp(result) == 0:
        return 0.0
    return float(np.corrcoef(_ranks(values), _ranks(result))[0, 1])


def _ranks(values: Array) -> npt.NDArray[Any]:
    order = np.argsort(values, kind="stable")
    ranks = np.empty(len(values))
    ranks[order] = np.arange(len(values))
    return ranks
