"""Who uses the app: by day, week and month, of how many, how regularly, and how far they get."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from dbbuddy.analytics.figures import Figure, hidden, share
from dbbuddy.analytics.suppression import too_few
from dbbuddy.analytics.view import View


@dataclass(frozen=True)
class Day:
    """How many people asked how many messages on a day. Days without a message have no row."""

    day: date
    people: int
    messages: int


@dataclass(frozen=True)
class Week:
    """People of a week from Monday on. `whole` says that all its days lie in the period and are over."""

    week: date
    people: int
    new: int
    kept: int
    back: int
    lost: int
    whole: bool


@dataclass(frozen=True)
class Month:
    """People of a calendar month, all of it even if the period has only a part."""

    month: date
    people: int
    whole: bool


@dataclass(frozen=True)
class Cohort:
    """People whose first question fell into a week, and how many of them asked in that and in each later week."""

    week: date
    size: int
    weeks: tuple[int, ...]
    suppressed: bool = False


@dataclass(frozen=True)
class Weekly:
    """The weeks of the period, also those in which nobody asked, and the cohorts that began in it."""

    weeks: tuple[Week, ...]
    cohorts: tuple[Cohort, ...]


@dataclass(frozen=True)
class Step:
    """One step of the funnel and what share of the step before it is."""

    name: str
    people: int
    of_previous: float | None


@dataclass(frozen=True)
class TeamAdoption:
    """A team: its head count (None if not known), who asked in the period, and the share in the last 28 days."""

    team: str
    eligible: int | None
    asked: int
    share: Figure
    suppressed: bool = False


def days(view: View) -> tuple[Day, ...]:
    """Active people by day."""
    return tuple(Day(day, int(people), int(messages)) for day, people, messages in view.read("adoption", "days"))


def weekly(view: View) -> Weekly:
    """Active people by week: new, kept, back and lost; and retention by the week of the first question."""
    people: dict[date, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    kept: dict[date, int] = defaultdict(int)
    for week, cohort, stayed, count in view.read("adoption", "weeks"):
        people[week][cohort] += int(count)
        kept[week] += int(count) * int(stayed)
    if not people:
        return Weekly((), ())
    period = view.filter.period
    first = max(min(people), period.first - timedelta(days=period.first.weekday()))
    last = min(period.last, max(people) + timedelta(days=7))
    weeks = [first + timedelta(days=7 * place) for place in range((last - first).days // 7 + 1)]
    return Weekly(
        tuple(_week(view, week, people, kept[week]) for week in weeks),
        tuple(_cohort(view, week, people) for week in weeks if people[week][week]),
    )


def _week(view: View, week: date, people: dict[date, dict[date, int]], kept: int) -> Week:
    period = view.filter.period
    total, new = sum(people[week].values()), people[week][week]
    before = sum(people[week - timedelta(days=7)].values())
    end = week + timedelta(days=6)
    whole = week >= period.first and end <= period.last and end < view.as_of.date()
    return Week(week, total, new, kept, total - new - kept, before - kept, whole)


def months(view: View) -> tuple[Month, ...]:
    """Active people by calendar month."""
    rows = view.read("adoption", "months")
    return tuple(Month(month, int(people), _next_month(month) <= view.as_of.date()) for month, people in rows)


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _cohort(view: View, week: date, people: dict[date, dict[date, int]]) -> Cohort:
    """The cohort of a week; hidden if it is of too few people."""
    size = people[week][week]
    if size < view.fewest:
        return Cohort(week, 0, (), suppressed=True)
    last = min(view.filter.period.last, view.as_of.date())
    weeks = ((last - week).days // 7) + 1
    return Cohort(week, size, tuple(people[week + timedelta(days=7 * place)][week] for place in range(weeks)))


def active_days(view: View) -> tuple[int, ...]:
    """How many people asked on 1, 2 ... 28 of the last 28 days of the period."""
    rows = {int(days): int(people) for days, people in view.read("adoption", "active_days")}
    return tuple(rows.get(count, 0) for count in range(1, 29))


def adoption_share(view: View) -> Figure:
    """The share of the eligible developers who asked in the last 28 days of the period."""
    if view.suppressed:
        return hidden("adoption_share")
    listed = [team for team in view.heads if not view.filter.teams or team in view.filter.teams]
    eligible = sum(view.heads[team] for team in listed)
    active = sum(view.teams[team].recent for team in listed if team in view.teams)
    return share("adoption_share", min(active, eligible), eligible)


def stickiness(view: View, by_day: tuple[Day, ...]) -> Figure:
    """How often active developers come, over the last 28 days of the period; `by_day` is what `days` gave."""
    if view.suppressed:
        return hidden("stickiness")
    first = max(view.filter.period.first, view.filter.period.last - timedelta(days=27))
    working = sum(1 for place in range((view.filter.period.last - first).days + 1) if (first + timedelta(days=place)).weekday() < 5)
    if not view.people.recent or not working:
        return Figure("stickiness", None, 0)
    mean = sum(row.people for row in by_day if row.day >= first and row.day.weekday() < 5) / working
    return Figure("stickiness", mean / view.people.recent, view.people.recent)


def funnel(view: View) -> tuple[Step, ...]:
    """Opened, asked, answered, rated, solved; none if the view is suppressed."""
    if view.suppressed:
        return ()
    people = view.people
    steps = {
        "opened": people.seen,
        "asked": people.asked,
        "answered": people.answered,
        "rated": people.rated,
        "solved": people.solved,
    }
    before = [0, *steps.values()]
    return tuple(
        Step(name, count, count / last if last else None) for (name, count), last in zip(steps.items(), before, strict=False)
    )


def by_team(view: View) -> tuple[TeamAdoption, ...]:
    """The teams, those with a head count first; teams that must stay hidden have no figures."""
    if view.suppressed:
        return ()
    names = [name for name in view.heads if not view.filter.teams or name in view.filter.teams]
    names += sorted(set(view.teams) - set(names))
    return tuple(_team(view, name) for name in names)


def _team(view: View, name: str) -> TeamAdoption:
    eligible = view.heads.get(name)
    if name in view.hidden_teams or too_few(eligible or 0, view.fewest):
        return TeamAdoption(name, eligible, 0, hidden("adoption_share"), suppressed=True)
    people = view.teams.get(name)
    recent = people.recent if people else 0
    return TeamAdoption(
        name, eligible, people.asked if people else 0, share("adoption_share", min(recent, eligible or 0), eligible or 0)
    )
