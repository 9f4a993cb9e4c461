"""What a page looks at: a period, and which part of the questions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True, order=True)
class Period:
    """The days from `first` to `last`, both included, in the operator's time zone.

    Raises:
        ValueError: it ends before it begins.
    """

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"the period ends on {self.last}, before it begins on {self.first}")

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def previous(self) -> Period:
        """As many days, directly before."""
        return Period(self.first - timedelta(days=self.days), self.first - timedelta(days=1))


@dataclass(frozen=True)
class Filter:
    """The period and the values that pass; an empty tuple lets all pass. The value `""` is what is not known."""

    period: Period
    teams: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()

    @property
    def narrow(self) -> bool:
        """Whether more than period and teams is chosen."""
        return bool(self.categories or self.engines or self.environments or self.providers)

    @property
    def grain(self) -> int:
        """Which roll-ups answer: 0 those by team, 1 those by everything."""
        return int(self.narrow)

    def before(self) -> Filter:
        """The same for the period before."""
        return replace(self, period=self.period.previous())

    def parameters(self) -> dict[str, Any]:
        """The values of the parameters that the SQL files share."""
        first, last = self.period.first, self.period.last
        whole_from = first + timedelta(days=-first.weekday() % 7)
        return {
            "first": first,
            "last": last,
            "whole_from": whole_from,
            "whole_to": max(whole_from, last + timedelta(days=1) - timedelta(days=(last + timedelta(days=1)).weekday())),
            "week_before": first - timedelta(days=first.weekday() + 7),
            "after_month": (last.replace(day=1) + timedelta(days=32)).replace(day=1),
            "recent": max(first, last - timedelta(days=27)),
            "grain": self.grain,
            "by_all": int(self.narrow or bool(self.teams)),
            "teams": list(self.teams) or None,
            "categories": list(self.categories) or None,
            "engines": list(self.engines) or None,
            "environments": list(self.environments) or None,
            "providers": list(self.providers) or None,
        }
