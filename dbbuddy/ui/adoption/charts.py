"""The charts of the adoption page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import plotly.graph_objects as go

from dbbuddy.analytics import wording
from dbbuddy.analytics.adoption import Cohort, Day, Month, Step, TeamAdoption, Week
from dbbuddy.analytics.filter import Period
from dbbuddy.ui import charts
from dbbuddy.ui.analytics.drawing import plain_label

_MEAN_DAYS = 7
_COHORTS = 26
_SCALE = [[0.0, "#d8ebee"], [0.5, "#4fb0bb"], [1.0, "#0b5a64"]]
_LOST = charts.LIMIT
_KINDS = (("kept", charts.FORECAST), ("back", "#7cc4cd"), ("new", charts.LINE))


def by_day(now: Sequence[Day], before: Sequence[Day], period: Period, today: date) -> go.Figure:
    """People by day as thin bars, their mean over a week as a line; the period before shifted under it."""
    days, people = _filled(now, period, today)
    figure = go.Figure()
    figure.add_bar(x=days, y=people, name="People on the day", marker={"color": charts.MUTED}, hovertemplate="%{y}")
    if before:
        _, earlier = _filled(before, period.previous(), today)
        figure.add_scatter(
            x=days, y=_mean(earlier[: len(days)]), name="Period before, mean of 7 days", **_line(charts.COMPARISON, 2)
        )
    figure.add_scatter(x=days, y=_mean(people), name="Mean of 7 days", **_line(charts.FORECAST, 3))
    charts.laid_out(figure, y="people a day")
    figure.update_layout(bargap=0.15)
    return figure


def _line(colour: str, width: int) -> dict[str, object]:
    return {"mode": "lines", "line": {"color": colour, "width": width}, "hovertemplate": "%{y:.1f}"}


def _filled(rows: Sequence[Day], period: Period, today: date) -> tuple[np.ndarray, np.ndarray]:
    """Every day of the period up to today, days without a question as 0."""
    known = {row.day: row.people for row in rows}
    count = (min(period.last, today) - period.first).days + 1
    days = [period.first + timedelta(days=place) for place in range(count)]
    return np.array(days, dtype="datetime64[D]"), np.array([known.get(day, 0) for day in days], dtype=float)


def _mean(values: np.ndarray) -> np.ndarray:
    """The mean of each day and the six before it; of fewer days at the beginning."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - _MEAN_DAYS)
    mean: np.ndarray = (sums[ends] - sums[starts]) / (ends - starts)
    return mean


def by_week(weeks: Sequence[Week]) -> go.Figure:
    """People by week: what they are made of above the line, those lost below it. Weeks that are not whole are paler."""
    figure = go.Figure()
    days = np.array([week.week for week in weeks], dtype="datetime64[D]")
    opacity = np.array([1.0 if week.whole else 0.45 for week in weeks])
    for name, colour in _KINDS:
        counts = np.array([getattr(week, name) for week in weeks])
        marker = {"color": colour, "opacity": opacity}
        figure.add_bar(x=days, y=counts, name=name.capitalize(), marker=marker, hovertemplate="%{y}")
    lost = -np.array([week.lost for week in weeks])
    figure.add_bar(
        x=days, y=lost, name="Lost", marker={"color": _LOST, "opacity": opacity}, customdata=-lost, hovertemplate="%{customdata}"
    )
    charts.laid_out(figure, y="people a week")
    figure.update_layout(barmode="relative")
    figure.update_xaxes(ticklabelmode="period")
    return figure


def by_month(months: Sequence[Month]) -> go.Figure:
    """People by calendar month; months that are not over are paler."""
    names = np.array([f"{month.month:%b %Y}" for month in months])
    people = np.array([month.people for month in months])
    marker = {"color": charts.FORECAST, "opacity": np.array([1.0 if month.whole else 0.45 for month in months])}
    figure = go.Figure(go.Bar(x=names, y=people, marker=marker, text=people, hovertemplate="%{x}: %{y} people<extra></extra>"))
    charts.laid_out(figure, y="people a month", legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(type="category")
    return figure


def retention(cohorts: Sequence[Cohort]) -> go.Figure:
    """The share of each cohort that asked again, week by week. Hidden cohorts are left out."""
    shown = [cohort for cohort in cohorts if not cohort.suppressed][-_COHORTS:]
    length = min(max(len(cohort.weeks) for cohort in shown), _COHORTS)
    shares = np.full((len(shown), length), np.nan)
    for place, cohort in enumerate(shown):
        weeks = cohort.weeks[:length]
        shares[place, : len(weeks)] = np.array(weeks) / cohort.size
    names = np.array([f"{cohort.week:%d %b} · {cohort.size}" for cohort in shown])
    hover = "First asked in the week from %{y}<br>%{x} weeks later: %{z:.0%} asked<extra></extra>"
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=np.arange(length),
            y=names,
            colorscale=_SCALE,
            zmin=0,
            zmax=1,
            xgap=1,
            ygap=1,
            texttemplate="%{z:.0%}" if length <= 14 else None,
            hoverongaps=False,
            hovertemplate=hover,
            colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0},
        )
    )
    charts.laid_out(figure, height=max(220, 26 * len(shown) + 90), x="weeks since the first question", y="", legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def funnel(steps: Sequence[Step]) -> go.Figure:
    """How many people get how far."""
    names = np.array([step.name.capitalize() for step in steps])
    people = np.array([step.people for step in steps])
    texts = [
        f"{step.people:,}" if step.of_previous is None else f"{step.people:,} · {wording.value(step.of_previous, 'share')}"
        for step in steps
    ]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=people,
            y=names,
            text=np.array(texts),
            textposition="auto",
            marker={"color": charts.FORECAST},
            hovertemplate="%{y}: %{x} people<extra></extra>",
        )
    )
    charts.laid_out(figure, height=280, x="people", legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def active_days(counts: Sequence[int]) -> go.Figure:
    """On how many days people asked."""
    days = np.arange(1, len(counts) + 1)
    hover = "%{y} people asked on %{x} days<extra></extra>"
    figure = go.Figure(go.Bar(x=days, y=np.array(counts), marker={"color": charts.FORECAST}, hovertemplate=hover))
    charts.laid_out(figure, height=280, x="days of the last 28", y="people", legend=False)
    figure.update_layout(hovermode="closest")
    return figure


def teams(rows: Sequence[TeamAdoption]) -> go.Figure:
    """The share of each team with its interval; teams without a figure are left out."""
    shown = [row for row in rows if row.share.value is not None]
    shown.sort(key=lambda row: row.share.value or 0.0)
    values = np.array([row.share.value for row in shown], dtype=float)
    low = np.array([row.share.low for row in shown], dtype=float)
    high = np.array([row.share.high for row in shown], dtype=float)
    figure = go.Figure(
        go.Scatter(
            x=values,
            y=np.array([plain_label(row.team) for row in shown]),
            mode="markers",
            marker={"color": [charts.HISTORY if row.share.few else charts.FORECAST for row in shown], "size": 11},
            error_x={"array": high - values, "arrayminus": values - low, "color": charts.MUTED, "thickness": 2, "width": 4},
            customdata=np.array(
                [f"{low:.0%} to {high:.0%}, {row.eligible} eligible" for row, low, high in zip(shown, low, high, strict=True)]
            ),
            hovertemplate="%{y}: %{x:.0%} (%{customdata})<extra></extra>",
        )
    )
    charts.laid_out(figure, height=max(180, 44 * len(shown) + 80), x="share of the eligible developers", legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    return figure
