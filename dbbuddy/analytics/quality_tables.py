"""The tables of the quality page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dbbuddy.analytics import wording
from dbbuddy.analytics.overview import QualityFigures
from dbbuddy.analytics.quality import Answers, Outcomes
from dbbuddy.analytics.tables import HIDDEN, Cell, Column, Table

_ANSWER_COLUMNS = (
    Column("Messages", "count"),
    Column("Answered", "count"),
    Column("Asked back", "count"),
    Column("Declined", "count"),
    Column("Response rate", "share"),
    Column("Satisfaction", "stars"),
    Column("from", "stars"),
    Column("to", "stars"),
    Column("Ratings", "count"),
    Column("Note"),
)
_OUTCOME_COLUMNS = (
    Column("Problems", "count"),
    Column("Confirmed solved", "count"),
    Column("Assumed solved", "count"),
    Column("Unresolved", "count"),
    Column("Handed over", "count"),
    Column("Declined", "count"),
    Column("Open", "count"),
    Column("Solved without a DBA", "share"),
    Column("from", "share"),
    Column("to", "share"),
    Column("Note"),
)
_ANSWER_FIGURES = ("answered_share", "response_rate", "satisfaction")
_OUTCOME_FIGURES = ("episodes", "solved_rate")


def quality_tables(found: QualityFigures) -> tuple[Table, ...]:
    """All of them, those without rows too."""
    return (
        answers_by_week(found),
        answers_by_team(found),
        *(outcomes(found, kind) for kind in ("week", "category", "team")),
        calibration(found),
        times(found),
        models(found),
        tickets(found),
    )


def answers_by_week(found: QualityFigures) -> Table:
    """What became of the messages, and the ratings, by week."""
    rows = tuple((row.key if isinstance(row.key, date) else None, *_answers(row)) for row in found.weeks)
    return Table("answers-weeks", "Answers and ratings by week", (Column("Week from"), *_ANSWER_COLUMNS), rows, _ANSWER_FIGURES)


def answers_by_team(found: QualityFigures) -> Table:
    """The same by team."""
    rows = tuple((wording.name(str(row.key or "")), *_answers(row)) for row in found.teams)
    return Table("answers-teams", "Answers and ratings by team", (Column("Team"), *_ANSWER_COLUMNS), rows, _ANSWER_FIGURES)


def _answers(row: Answers) -> tuple[Cell, ...]:
    if row.suppressed:
        return (*[None] * (len(_ANSWER_COLUMNS) - 1), HIDDEN)
    counts, stars = row.counts, row.satisfaction
    rated = None if stars.suppressed else sum(counts.stars)
    states = (counts.messages, counts.answered, counts.asked_back, counts.declined)
    note = "ratings hidden" if stars.suppressed else ""
    return (*states, counts.response_rate.value, stars.value, stars.low, stars.high, rated, note)


def outcomes(found: QualityFigures, kind: str) -> Table:
    """What became of the problems, by `week`, `category` or `team`."""
    table = found.outcomes
    by: dict[str, Mapping[Any, Outcomes]] = {"week": table.weeks, "category": table.categories, "team": table.teams}
    rows = tuple(
        (key if isinstance(key, date) else wording.name(key), *_outcomes(row, found.assumed_right)) for key, row in by[kind].items()
    )
    first = Column("Began in week from" if kind == "week" else kind.capitalize())
    return Table(f"outcomes-{kind}", f"Problems and their outcome by {kind}", (first, *_OUTCOME_COLUMNS), rows, _OUTCOME_FIGURES)


def _outcomes(row: Outcomes, right: float) -> tuple[Cell, ...]:
    if row.suppressed:
        return (*[None] * (len(_OUTCOME_COLUMNS) - 1), HIDDEN)
    rate = row.solved_rate(right)
    counts = (row.episodes, row.confirmed, row.assumed, row.unresolved, row.handed_over, row.declined, row.open)
    return (*counts, rate.value, rate.low, rate.high, "")


def calibration(found: QualityFigures) -> Table:
    """Confidence against outcome."""
    rows = tuple(
        (f"{point.low:.1f} to {point.low + 0.1:.1f}", point.confirmed.n, *_shares(point.confirmed)) for point in found.calibration
    )
    shares = (Column("Confirmed solved", "share"), Column("from", "share"), Column("to", "share"))
    columns = (Column("Confidence"), Column("Problems with a told outcome", "count"), *shares)
    return Table("calibration", "Confidence against outcome", columns, rows, ("calibration",))


def _shares(figure: Any) -> tuple[Cell, ...]:
    return (figure.value, figure.low, figure.high)


def times(found: QualityFigures) -> Table:
    """Response times by what is waited for and by provider."""
    rows = tuple(
        (
            wording.name(row.part),
            wording.name(row.provider),
            row.fast.n,
            row.p50.value,
            row.p95.value,
            row.p99.value,
            row.fast.value,
        )
        for row in found.times
    )
    columns = (
        Column("Time to"),
        Column("Provider"),
        Column("Answers", "count"),
        *(Column(name, "milliseconds") for name in ("Median", "95 of 100 within", "99 of 100 within")),
        Column("Under 5 s", "share"),
    )
    return Table("times", "Response times by provider", columns, rows, ("response_time", "fast_share"))


def models(found: QualityFigures) -> Table:
    """What the models were used for."""
    rows = tuple(
        (
            wording.name(row.provider),
            row.model,
            row.elaborations,
            row.failed,
            row.fallbacks,
            row.prompt_tokens,
            row.completion_tokens,
            row.cost,
        )
        for row in found.models.each
    )
    counts = ("Answers", "Failures", "Fallbacks", "Tokens sent", "Tokens received")
    columns = (Column("Provider"), Column("Model"), *(Column(name, "count") for name in counts), Column("Cost", "dollars"))
    return Table("models", "Models: use, failures, fallbacks, cost", columns, rows, ("error_share", "fallback_share", "cost"))


def tickets(found: QualityFigures) -> Table:
    """Tickets to DBAs per 100 developers and week, before the launch and now."""
    rows = tuple((row.week, round(row.rate, 3), "before the launch" if row.before else "now") for row in found.deflection.weeks)
    columns = (Column("Week from"), Column("Tickets per 100 developers"), Column("When"))
    return Table("tickets", "Tickets to DBAs", columns, rows, ("deflection",))
