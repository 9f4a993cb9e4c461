"""All figures of a dashboard at once: what its page and the report show, computed once and cached together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from dbbuddy.analytics import adoption, quality, speed
from dbbuddy.analytics.deflection import Deflection, deflection
from dbbuddy.analytics.figures import Figure, hidden, share
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.view import View


@dataclass(frozen=True)
class Basis:
    """What a set of figures rests on. `suppressed`: it is about too few people, so everything in it is hidden."""

    filter: Filter
    as_of: datetime
    empty: bool
    suppressed: bool
    hidden_teams: frozenset[str]


@dataclass(frozen=True)
class AdoptionFigures:
    """The figures of the adoption page. `month` and `week` are the people of the last 28 days and of the last whole week."""

    basis: Basis
    eligible_share: Figure
    month: Figure
    week: Figure
    stickiness: Figure
    days: tuple[adoption.Day, ...]
    weeks: tuple[adoption.Week, ...]
    months: tuple[adoption.Month, ...]
    cohorts: tuple[adoption.Cohort, ...]
    active_days: tuple[int, ...]
    funnel: tuple[adoption.Step, ...]
    teams: tuple[adoption.TeamAdoption, ...]


@dataclass(frozen=True)
class QualityFigures:
    """The figures of the quality page. `assumed_right` is the share of graded answers that graders found right."""

    basis: Basis
    answers: quality.Answers
    weeks: tuple[quality.Answers, ...]
    teams: tuple[quality.Answers, ...]
    outcomes: quality.OutcomeTable
    solved: Figure
    assumed_right: float
    graded: int
    calibration: tuple[quality.CalibrationPoint, ...]
    times: tuple[speed.ResponseTime, ...]
    time_weeks: tuple[speed.WeekTime, ...]
    fast: Mapping[speed.Part, Figure]
    models: speed.Models
    deflection: Deflection


def basis(view: View) -> Basis:
    """What the figures of a view rest on."""
    return Basis(view.filter, view.as_of, view.empty, view.suppressed, view.hidden_teams)


def adoption_figures(view: View) -> AdoptionFigures:
    """Read and compute the figures of the adoption page.

    Raises:
        StoreError: the store cannot be read.
    """
    days = adoption.days(view)
    weekly = adoption.weekly(view)
    whole = [week.people for week in weekly.weeks if week.whole]
    return AdoptionFigures(
        basis(view),
        adoption.adoption_share(view),
        _people(view, view.people.recent),
        _people(view, whole[-1] if whole else None),
        adoption.stickiness(view, days),
        days,
        weekly.weeks,
        adoption.months(view),
        weekly.cohorts,
        adoption.active_days(view),
        adoption.funnel(view),
        adoption.by_team(view),
    )


def _people(view: View, count: int | None) -> Figure:
    if view.suppressed:
        return hidden("active_people")
    return Figure("active_people", count, count or 0)


def quality_figures(view: View) -> QualityFigures:
    """Read and compute the figures of the quality page.

    Raises:
        StoreError: the store cannot be read.
    """
    answers, weeks = quality.answers(view)
    outcomes = quality.outcomes(view)
    grades = quality.grades(view)
    graded = sum(grades.values())
    right = grades.get("right", 0) / graded if graded else 1.0
    times = speed.response_times(view)
    return QualityFigures(
        basis(view),
        answers,
        weeks,
        quality.answers_by_team(view),
        outcomes,
        outcomes.total.solved_rate(right),
        right,
        graded,
        quality.calibration(view),
        times,
        speed.response_time_weeks(view),
        {part: _fast(view, times, part) for part in ("answer", "first", "whole")},
        speed.models(view),
        deflection(view),
    )


def solved_before(now: QualityFigures, before: QualityFigures) -> Figure:
    """The solved rate of the period before; if nothing was graded then, with what graders found since."""
    return before.solved if before.graded else before.outcomes.total.solved_rate(now.assumed_right)


def _fast(view: View, times: tuple[speed.ResponseTime, ...], part: speed.Part) -> Figure:
    """The share under the limit over all providers."""
    if view.suppressed:
        return hidden("fast_share")
    each = [row.fast for row in times if row.part == part]
    return share("fast_share", sum(round((row.value or 0.0) * row.n) for row in each), sum(row.n for row in each))
