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


def weeks(view: View) -> tuple[Week, ...]:
    """Active people by week: new, kept, back and lost."""
    rows = {row[0]: tuple(map(int, row[1:])) for row in view.read("adoption", "weeks")}
    if not rows:
        return ()
    period = view.filter.period
    week = max(min(rows), period.first - timedelta(days=period.first.weekday()))
    found = []
    while week <= min(period.last, max(rows) + timedelta(days=7)):
        people, new, kept = rows.get(week, (0, 0, 0))
        before = rows.get(week - timedelta(days=7), (0, 0, 0))[0]
        end = week + timedelta(days=6)
        whole = week >= period.first and end <= period.last and end < view.as_of.date()
        found.append(Week(week, people, new, kept, people - new - kept, before - kept, whole))
        week += timedelta(days=7)
    return tuple(found)


def months(view: View) -> tuple[Month, ...]:
    """Active people by calendar month."""
    rows = view.read("adoption", "months")
    return tuple(Month(month, int(people), _next_month(month) <= view.as_of.date()) for month, people in rows)


def _next_month(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def cohorts(view: View) -> tuple[Cohort, ...]:
    """Retention by week of the first question; cohorts of too few people are hidden."""
    found: dict[date, dict[int, int]] = defaultdict(dict)
    for cohort, week, people in view.read("adoption", "cohorts"):
        if week >= cohort:
            found[cohort][(week - cohort).days // 7] = int(people)
    last = min(view.filter.period.last, view.as_of.date())
    return tuple(_cohort(view, week, kept, (last - week).days // 7 + 1) for week, kept in sorted(found.items()))


def _cohort(view: View, week: date, kept: dict[int, int], length: int) -> Cohort:
    size = kept.get(0, 0)
    if size < view.fewest:
        return Cohort(week, 0, (), suppressed=True)
    return Cohort(week, size, tuple(kept.get(place, 0) for place in range(length)))


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
