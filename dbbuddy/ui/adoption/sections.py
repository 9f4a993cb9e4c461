"""The adoption page from top to bottom: tiles, use over time, coming and going, retention, how far people get, teams."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import streamlit as st

from dbbuddy.analytics import adoption_tables, wording
from dbbuddy.analytics.definitions import definitions
from dbbuddy.analytics.overview import AdoptionFigures
from dbbuddy.analytics.tables import Origin
from dbbuddy.store.annotations import Annotation
from dbbuddy.ui.adoption import charts, findings
from dbbuddy.ui.analytics import drawing, table, tiles
from dbbuddy.ui.analytics.tiles import Tile

_GRAINS = ("Day", "Week", "Month")


def draw_tiles(now: AdoptionFigures, before: AdoptionFigures | None) -> None:
    """The four figures to read first."""
    course = [week.people for week in now.weeks if week.whole]
    day = [row.people for row in now.days if row.day.weekday() < 5]
    tiles.row(
        [
            Tile(now.eligible_share, before.eligible_share if before else None, note=findings.without_heads(now)),
            Tile(now.month, before.month if before else None, title="Active in the last 28 days", course=day),
            Tile(now.week, before.week if before else None, title="Active in the last whole week", course=course),
            Tile(now.stickiness, before.stickiness if before else None),
        ]
    )


def draw_trend(
    now: AdoptionFigures, before: AdoptionFigures | None, marks: Sequence[Annotation], origin: Origin, today: date
) -> None:
    """People by day, week or month."""
    grain = st.segmented_control("Active developers by", _GRAINS, default="Day", required=True, key="adoption-grain")
    period = origin.filter.period
    if grain == "Month":
        drawing.show(charts.by_month(now.months), "adoption-months", findings.months(now))
        table.draw(adoption_tables.months(now), origin)
    elif grain == "Week":
        figure = charts.by_week(now.weeks)
        drawing.add_marks(figure, marks, period.first, period.last)
        drawing.show(figure, "adoption-weeks", findings.weeks(now), definitions()["lifecycle"].text + " Paler weeks are not whole.")
        table.draw(adoption_tables.weeks(now), origin)
    else:
        figure = charts.by_day(now.days, before.days if before else (), period, today)
        drawing.add_marks(figure, marks, period.first, period.last)
        drawing.show(figure, "adoption-days", findings.days(now, before))
        table.draw(adoption_tables.days(now), origin)


def draw_retention(now: AdoptionFigures, origin: Origin) -> None:
    """Whether people who came once come again."""
    if any(not cohort.suppressed for cohort in now.cohorts):
        note = "Rows: the week of the first question and how many people it was. " + definitions()["retention"].text
        drawing.show(charts.retention(now.cohorts), "adoption-retention", findings.retention(now), note)
    else:
        drawing.nothing("Retention", findings.no_cohorts(now))
    table.draw(adoption_tables.cohorts(now), origin)


def draw_depth(now: AdoptionFigures, origin: Origin) -> None:
    """How far people get, and how often they come."""
    far, often = st.columns(2, gap="large")
    with far:
        drawing.show(charts.funnel(now.funnel), "adoption-funnel", findings.funnel(now), definitions()["funnel"].text)
        table.draw(adoption_tables.funnel(now), origin)
    with often:
        if any(now.active_days):
            text = definitions()["active_days"].text
            drawing.show(charts.active_days(now.active_days), "adoption-active-days", findings.active_days(now), text)
            table.draw(adoption_tables.active_days(now), origin)
        else:
            drawing.nothing("Days of use", "Nobody asked in the last 28 days of the period.")


def draw_teams(now: AdoptionFigures, origin: Origin) -> None:
    """The teams against the target."""
    if any(row.share.value is not None for row in now.teams):
        figure = charts.teams(now.teams)
        wanted = definitions()["adoption_share"].target
        if wanted and wanted.at_least is not None:
            drawing.add_target_across(figure, wanted.at_least, f"target {wording.value(wanted.at_least, 'share')}")
        note = "Lines: 95 % intervals. Grey: fewer than 30 eligible developers. Hidden teams are in the table without figures."
        drawing.show(figure, "adoption-teams", findings.teams(now), note)
    else:
        drawing.nothing("By team", findings.no_teams(now))
    table.draw(adoption_tables.teams(now), origin)
