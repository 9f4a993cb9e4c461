"""How good the answers are: ratings, what was answered, outcomes of problems, and whether confidence keeps its word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from dbbuddy.analytics.figures import Figure, hidden, rating, share
from dbbuddy.analytics.queries import Row
from dbbuddy.analytics.suppression import hidden_groups, too_few
from dbbuddy.analytics.view import View
from dbbuddy.context import CATEGORIES

_FEW_WEEKS = timedelta(days=55)


@dataclass(frozen=True)
class Counts:
    """Messages by what became of them, and the ratings from 1 to 5 stars."""

    messages: int = 0
    answered: int = 0
    asked_back: int = 0
    declined: int = 0
    rated: int = 0
    stars: tuple[int, ...] = (0, 0, 0, 0, 0)
    solved: int = 0
    not_solved: int = 0

    @property
    def response_rate(self) -> Figure:
        return share("response_rate", self.rated, self.answered)

    @property
    def answered_share(self) -> Figure:
        return share("answered_share", self.answered, self.messages)


@dataclass(frozen=True)
class Answers:
    """The messages of one group or of the whole view. `key` is a team, a week, or None for all together.

    `suppressed`: it is about too few people, and empty.
    """

    key: str | date | None
    counts: Counts
    satisfaction: Figure
    suppressed: bool = False


@dataclass(frozen=True)
class Outcomes:
    """Episodes by outcome. The open ones are in no share; `sessions` are those that all of them took."""

    confirmed: int = 0
    assumed: int = 0
    unresolved: int = 0
    handed_over: int = 0
    declined: int = 0
    open: int = 0
    sessions: int = 0
    suppressed: bool = field(default=False, kw_only=True)

    @property
    def settled(self) -> int:
        """The episodes that could be solved and whose outcome stands."""
        return self.confirmed + self.assumed + self.unresolved + self.handed_over

    @property
    def episodes(self) -> int:
        return self.settled + self.declined + self.open

    def solved_rate(self, assumed_right: float = 1.0) -> Figure:
        """The share solved without a DBA; `assumed_right` is the share of the assumed ones that graders found right.

        Raises:
            ValueError: it is no share.
        """
        if not 0 <= assumed_right <= 1:
            raise ValueError(f"{assumed_right} is no share")
        if self.suppressed:
            return hidden("solved_rate")
        return share("solved_rate", self.confirmed + self.assumed * assumed_right, self.settled)


@dataclass(frozen=True)
class OutcomeTable:
    """Outcomes of the whole view, by the week in which an episode began, by category and by team."""

    total: Outcomes
    weeks: Mapping[date, Outcomes]
    categories: Mapping[str, Outcomes]
    teams: Mapping[str, Outcomes]


@dataclass(frozen=True)
class CalibrationPoint:
    """Episodes whose last diagnosis had a confidence from `low` to below `low + 0.1`, and the share confirmed solved."""

    low: float
    confirmed: Figure


@dataclass(frozen=True)
class MinutesTold:
    """What users said an answer saved them, in minutes: how many said so, and the quartiles."""

    n: int
    lower: float
    median: float
    upper: float


def answers(view: View) -> tuple[Answers, tuple[Answers, ...]]:
    """The messages of the view, together and by week."""
    rows = view.read("quality", "counts")
    total = _sum(_counts(row[1:]) for row in rows)
    people = view.people.rated
    if view.suppressed or too_few(people, view.fewest):
        whole = Answers(None, Counts() if view.suppressed else total, hidden("satisfaction"), view.suppressed)
    else:
        whole = Answers(None, total, rating("satisfaction", total.stars))
    return whole, tuple(_answers(view, row[0], _counts(row[1:])) for row in rows)


def answers_by_team(view: View) -> tuple[Answers, ...]:
    """The messages of each team; teams that must stay hidden are empty."""
    found = []
    for row in view.read("quality", "counts_by_team"):
        if row[0] in view.hidden_teams:
            found.append(Answers(row[0], Counts(), hidden("satisfaction"), suppressed=True))
        else:
            raters = view.teams[row[0]].rated if row[0] in view.teams else 0
            counts = _counts(row[1:])
            found.append(Answers(row[0], counts, _satisfaction(view, counts, raters)))
    return tuple(found)


def _answers(view: View, week: date, counts: Counts) -> Answers:
    """A week's messages. How many people rated in it is not counted: there are at most as many as ratings."""
    return Answers(week, counts, _satisfaction(view, counts, min(sum(counts.stars), view.people.rated)))


def _satisfaction(view: View, counts: Counts, raters: int) -> Figure:
    return hidden("satisfaction") if too_few(raters, view.fewest) else rating("satisfaction", counts.stars)


def _counts(row: Row) -> Counts:
    messages, answered, asked_back, declined, rated, *stars, solved, not_solved = map(int, row)
    return Counts(messages, answered, asked_back, declined, rated, tuple(stars), solved, not_solved)


def _sum(parts: Iterable[Counts]) -> Counts:
    rows = [(p.messages, p.answered, p.asked_back, p.declined, p.rated, *p.stars, p.solved, p.not_solved) for p in parts]
    return _counts(tuple(map(sum, zip(*rows, strict=True)))) if rows else Counts()


def outcomes(view: View) -> OutcomeTable:
    """What became of the episodes that began in the period."""
    if view.suppressed:
        return OutcomeTable(Outcomes(suppressed=True), {}, {}, {})
    rows = view.read("quality", "outcomes")
    people = _people_by_category(view)
    return OutcomeTable(
        _outcomes(rows),
        _grouped(rows, 0, ()),
        _grouped(rows, 1, hidden_groups(people, view.fewest)),
        _grouped(rows, 2, view.hidden_teams),
    )


def _people_by_category(view: View) -> dict[str, int]:
    """How many people had episodes of each category in the period, or so many at least: if those of its last weeks are enough
    for every category of these weeks to be shown, and no other category exists, nobody has to be counted further back.
    """
    period = view.filter.period
    late = max(period.first, period.last - _FEW_WEEKS)
    counts = {}
    for people_from in dict.fromkeys([late, period.first]):
        rows = view.read("quality", "people_by_category", {"people_from": people_from})
        counts = {category: int(count) for category, count in rows}
        if len(counts) == len({*counts, *CATEGORIES}) and not hidden_groups(counts, view.fewest):
            break
    return counts


def _grouped(rows: Sequence[Row], place: int, hide: Iterable[str]) -> dict[Any, Outcomes]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[place]].append(row)
    return {key: Outcomes(suppressed=True) if key in set(hide) else _outcomes(some) for key, some in sorted(groups.items())}


def _outcomes(rows: Sequence[Row]) -> Outcomes:
    return Outcomes(*(int(sum(counts)) for counts in zip(*(row[3:] for row in rows), strict=True))) if rows else Outcomes()


def calibration(view: View) -> tuple[CalibrationPoint, ...]:
    """Confidence against outcome, in steps of a tenth."""
    rows = view.read("quality", "calibration")
    return tuple(CalibrationPoint(tenth / 10, share("calibration", int(confirmed), int(n))) for tenth, confirmed, n in rows)


def minutes_told(view: View) -> dict[str, MinutesTold]:
    """What users estimated that answers saved, by category; categories with too few estimates are left out."""
    rows = view.read("quality", "minutes_told")
    return {row[0]: MinutesTold(int(row[1]), *map(float, row[2:])) for row in rows if int(row[1]) >= view.fewest}


def grades(view: View) -> dict[str, int]:
    """How many answers of the period graders gave which verdict."""
    return {verdict: int(n) for verdict, n in view.read("quality", "grades")}
