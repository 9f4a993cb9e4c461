"""The shape of a figure: its value, how sure it is, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbbuddy.analytics.definitions import Definition, definitions
from dbbuddy.analytics.statistics import mean_of_ratings, wilson

FEW = 30
"""With fewer observations a figure is shown in grey."""


@dataclass(frozen=True)
class Figure:
    """A value with its 95 % interval. `value` is None where there is nothing to measure or where it is hidden.

    `n` is the number of observations; it is 0 where the figure is hidden because it is about too few people.
    """

    id: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    suppressed: bool = False

    @property
    def definition(self) -> Definition:
        return definitions()[self.id]

    @property
    def few(self) -> bool:
        """Whether there are too few observations to rely on it."""
        return self.n < FEW

    @property
    def met(self) -> bool | None:
        """Whether the target is reached: only if the whole interval clears it. None without a target or a value."""
        target = self.definition.target
        if target is None or self.low is None or self.high is None:
            return None
        if target.at_least is not None:
            return self.low >= target.at_least
        return target.at_most is not None and self.high <= target.at_most


def hidden(id: str) -> Figure:
    """A figure about too few people."""
    return Figure(id, None, 0, suppressed=True)


def share(id: str, part: float, whole: int) -> Figure:
    """A share with its Wilson interval; without a value if the whole is empty."""
    interval = wilson(part, whole)
    if interval is None:
        return Figure(id, None, 0)
    return Figure(id, part / whole, whole, *interval)


def rating(id: str, counts: Sequence[int]) -> Figure:
    """The mean of ratings, of which `counts` gives how many there are of each."""
    found = mean_of_ratings(counts)
    return Figure(id, found[0], sum(counts), found[1], found[2]) if found else Figure(id, None, 0)
