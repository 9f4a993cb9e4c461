"""The quality page from top to bottom: tiles, outcomes, ratings, states, confidence, tickets, speed, models, groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dbbuddy.analytics import quality_tables, wording
from dbbuddy.analytics.definitions import definitions
from dbbuddy.analytics.figures import Figure
from dbbuddy.analytics.overview import QualityFigures, solved_before
from dbbuddy.analytics.tables import Origin
from dbbuddy.store.annotations import Annotation
from dbbuddy.ui.analytics import drawing, table, tiles
from dbbuddy.ui.analytics.tiles import Tile
from dbbuddy.ui.quality import charts, findings, speed_charts
from dbbuddy.ui.text import plain

Pick = Callable[[QualityFigures], Figure]


def draw_tiles(now: QualityFigures, before: QualityFigures | None) -> None:
    """The figures to read first, then those of the models."""

    def tile(
        pick: Pick, course: Sequence[float | None] = (), note: str = "", title: str = "", *, low_is_good: bool = False
    ) -> Tile:
        return Tile(pick(now), pick(before) if before else None, course, title, note, low_is_good)

    stars = [row.satisfaction.value for row in now.weeks]
    solved = [row.solved_rate(now.assumed_right).value for row in now.outcomes.weeks.values()]
    answered = [row.counts.answered_share.value for row in now.weeks]
    rated = [row.counts.response_rate.value for row in now.weeks]
    first = [row.fast.value for row in now.time_weeks if row.part == "first"]
    needs = "Needs ticket counts; see below."
    tiles.row(
        [
            tile(lambda found: found.answers.satisfaction, stars),
            Tile(now.solved, solved_before(now, before) if before else None, solved, note=_graded(now)),
            tile(lambda found: found.deflection.total, note="" if now.deflection.total.value is not None else needs),
            tile(lambda found: found.fast["first"], first, title="Models begin in under 5 s"),
            tile(lambda found: found.answers.counts.response_rate, rated),
            tile(lambda found: found.answers.counts.answered_share, answered),
            tile(lambda found: found.models.fallbacks, title="Fallbacks to another model", low_is_good=True),
            tile(lambda found: found.models.failures, title="Failures of models", low_is_good=True),
        ]
    )


def _graded(now: QualityFigures) -> str:
    if not now.graded:
        return "no answer graded yet"
    return f"{wording.value(now.assumed_right, 'share')} of {now.graded} graded right"


def draw_outcomes(now: QualityFigures, marks: Sequence[Annotation], origin: Origin) -> None:
    """What became of the problems."""
    if now.outcomes.weeks:
        figure = charts.outcomes(now.outcomes.weeks)
        drawing.add_marks(figure, marks, origin.filter.period.first, origin.filter.period.last)
        drawing.show(figure, "quality-outcomes", findings.outcomes(now), definitions()["episodes"].text)
    else:
        drawing.nothing("Outcomes", "No problem began in this period.")
    for kind in ("week", "category", "team"):
        table.draw(quality_tables.outcomes(now, kind), origin)


def draw_ratings(now: QualityFigures, origin: Origin) -> None:
    """Ratings by week and by stars."""
    by_week, by_stars = st.columns([3, 2], gap="large")
    if any(row.satisfaction.value is not None for row in now.weeks):
        with by_week:
            figure = charts.satisfaction(now.weeks)
            wanted = definitions()["satisfaction"].target
            if wanted and wanted.at_least is not None:
                drawing.add_target(figure, wanted.at_least, f"target {wanted.at_least:g}")
            note = "Lines: 95 % intervals. Grey: fewer than 30 ratings."
            drawing.show(figure, "quality-satisfaction", findings.satisfaction(now), note)
    else:
        with by_week:
            drawing.nothing("Satisfaction", "No ratings to show. They appear when people rate answers.")
    if now.answers.satisfaction.value is not None:
        with by_stars:
            counts = now.answers.counts.stars
            drawing.show(charts.stars(counts), "quality-stars", f"{sum(counts[3:]):,} of {sum(counts):,} ratings are 4 or 5 stars")
    for rows in (quality_tables.answers_by_week(now), quality_tables.answers_by_team(now)):
        table.draw(rows, origin)


def draw_answers(now: QualityFigures, origin: Origin) -> None:
    """What became of the messages, and whether confidence keeps its word."""
    became, confident = st.columns(2, gap="large")
    with became:
        drawing.show(charts.states(now.weeks), "quality-states", findings.states(now), definitions()["answered_share"].text)
    with confident:
        if now.calibration:
            text = definitions()["calibration"].text
            drawing.show(charts.calibration(now.calibration), "quality-calibration", findings.calibration(now), text)
        else:
            drawing.nothing("Confidence against outcome", "Appears when people say whether answers solved their problem.")
        table.draw(quality_tables.calibration(now), origin)


def draw_tickets(now: QualityFigures, origin: Origin) -> None:
    """Tickets to DBAs against before the launch."""
    if now.deflection.total.value is None:
        drawing.nothing(findings.deflection(now), findings.no_tickets(now))
    else:
        figure = charts.tickets(now.deflection.weeks, now.deflection.launch)
        note = f"{definitions()['deflection'].text} Tickets are not counted by team, engine, environment or provider."
        drawing.show(figure, "quality-tickets", findings.deflection(now), note)
    table.draw(quality_tables.tickets(now), origin)


def draw_speed(now: QualityFigures, origin: Origin) -> None:
    """Response times by provider and by week, and the models."""
    wanted = definitions()["response_time"].target
    limit = (wanted.at_most or 0.0) / 1000 if wanted else 0.0
    if now.times:
        figure = speed_charts.by_provider(now.times)
        drawing.add_target_across(figure, limit, f"{limit:g} s", logarithmic=True)
        drawing.show(figure, "quality-times", findings.times(now), definitions()["response_time"].text)
        table.draw(quality_tables.times(now), origin)
        weekly = speed_charts.by_week(now.time_weeks)
        drawing.add_target(weekly, limit, f"target {limit:g} s")
        drawing.show(weekly, "quality-time-weeks", "Within which time 95 of 100 came, by week")
    else:
        drawing.nothing("Response times", "No answers were timed in this period.")
    if now.models.each:
        cost = wording.figure_value(now.models.cost)
        st.markdown(f"##### The models cost {plain(cost)} for {now.models.cost.n:,} answers")
        st.caption(definitions()["cost"].text)
    table.draw(quality_tables.models(now), origin, opened=bool(now.models.each))
