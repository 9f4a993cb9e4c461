"""One look at the dashboards: who looks, at which part, as of when, and whether it is about enough people to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.queries import Reads, Row, queries
from dbbuddy.analytics.suppression import fewest_for, hidden_groups, reveals, too_few
from dbbuddy.identity import User, require

RECONTACT_DAYS = 7
"""After so many days without a message a problem is settled."""


@dataclass(frozen=True)
class People:
    """How many people there are in the period: seen at all (opened or asked), asked, asked in its last 28 days, got an
    answer, gave stars or an outcome, said solved.
    """

    seen: int = 0
    asked: int = 0
    recent: int = 0
    answered: int = 0
    rated: int = 0
    solved: int = 0


@dataclass(frozen=True)
class View:
    """What the functions of `adoption` and `quality` work on; made by `look`, which checks the viewer's role.

    `suppressed` says that the whole view is about too few people; then every figure in it is hidden. `hidden_teams` are the
    teams that must not be shown apart from one another. `heads` are the eligible developers by team. `as_of` is when the
    roll-ups were refreshed.
    """

    store: Reads = field(repr=False)
    filter: Filter
    heads: Mapping[str, int]
    people: People
    teams: Mapping[str, People]
    hidden_teams: frozenset[str]
    suppressed: bool
    fewest: int
    as_of: datetime

    @property
    def empty(self) -> bool:
        """Whether nobody asked anything in it."""
        return self.people.asked == 0

    @property
    def open_from(self) -> date:
        """Episodes with a message on this day or later are open still."""
        return self.as_of.date() - timedelta(days=RECONTACT_DAYS)

    def read(self, file: str, name: str, more: Mapping[str, Any] | None = None) -> list[Row]:
        """The rows of a query of `sql/<file>.sql` for this view; none if it is suppressed. `more`: its own parameters."""
        if self.suppressed:
            return []
        return queries(file)[name].read(self.store, {**self.filter.parameters(), "open_from": self.open_from, **(more or {})})


def look(store: Reads, user: User, chosen: Filter, heads: Mapping[str, int]) -> View:
    """Begin a look at the dashboards.

    Raises:
        NotAllowedError: the user is no manager.
        StoreError: the store cannot be read.
    """
    require(user, "manager")
    fewest = fewest_for(user)
    as_of = queries("refresh")["state"].read(store, {})[0][0]
    everybody, teams = _people(store, replace(chosen, teams=()))
    hidden = hidden_groups({name: people.asked for name, people in teams.items()}, fewest)
    people = everybody
    if chosen.teams:
        people, teams = _people(store, chosen)
    suppressed = too_few(people.asked, fewest) or reveals(chosen.teams, hidden)
    return View(store, chosen, dict(heads), people, teams, hidden, suppressed, fewest, as_of)


def _people(store: Reads, chosen: Filter) -> tuple[People, dict[str, People]]:
    rows = queries("adoption")["people"].read(store, chosen.parameters())
    by_team: dict[Any, People] = {row[0]: People(*map(int, row[1:])) for row in rows}
    return by_team.pop(None, People()), by_team
