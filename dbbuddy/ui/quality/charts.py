"""The charts of the quality page: outcomes, ratings, states of messages, confidence against outcome, tickets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import plotly.graph_objects as go

from dbbuddy.analytics.deflection import TicketWeek
from dbbuddy.analytics.figures import Figure
from dbbuddy.analytics.quality import Answers, CalibrationPoint, Outcomes
from dbbuddy.ui import charts

_OUTCOMES = (
    ("confirmed", "Confirmed solved", charts.TARGET),
    ("assumed", "Assumed solved", "#8fd0bc"),
    ("unresolved", "Unresolved", charts.WARNING),
    ("handed_over", "Handed over", charts.LIMIT),
    ("open", "Open", charts.COMPARISON),
)
_STATES = (
    ("answered", "Answered", charts.FORECAST),
    ("asked_back", "Asked back", charts.LINE),
    ("declined", "Declined", charts.COMPARISON),
)


def outcomes(weeks: Mapping[date, Outcomes]) -> go.Figure:
    """Problems by outcome and the week in which they began."""
    figure = go.Figure()
    days = np.array(list(weeks), dtype="datetime64[D]")
    for name, title, colour in _OUTCOMES:
        counts = np.array([getattr(row, name) for row in weeks.values()])
        figure.add_bar(x=days, y=counts, name=title, marker={"color": colour}, hovertemplate="%{y}")
    return _stacked(figure, "problems a week")


def states(weeks: Sequence[Answers]) -> go.Figure:
    """Messages by what became of them."""
    figure = go.Figure()
    days = _weeks(weeks)
    for name, title, colour in _STATES:
        counts = np.array([getattr(row.counts, name) for row in weeks])
        figure.add_bar(x=days, y=counts, name=title, marker={"color": colour}, hovertemplate="%{y}")
    return _stacked(figure, "messages a week")


def _stacked(figure: go.Figure, y: str) -> go.Figure:
    charts.laid_out(figure, height=320, y=y)
    figure.update_layout(barmode="stack")
    return figure


def _weeks(weeks: Sequence[Answers]) -> np.ndarray:
    return np.array([row.key for row in weeks], dtype="datetime64[D]")


def satisfaction(weeks: Sequence[Answers]) -> go.Figure:
    """Mean rating by week with its interval; grey where there are few ratings."""
    shown = [row for row in weeks if row.satisfaction.value is not None]
    return _with_intervals(_weeks(shown), [row.satisfaction for row in shown], y="stars", span=(1, 5.1), format="%{y:.2f}")


def _with_intervals(x: np.ndarray, figures: Sequence[Figure], *, y: str, span: tuple[float, float], format: str) -> go.Figure:
    values = np.array([figure.value for figure in figures], dtype=float)
    low = np.array([figure.low for figure in figures], dtype=float)
    high = np.array([figure.high for figure in figures], dtype=float)
    drawn = go.Figure(
        go.Scatter(
            x=x,
            y=values,
            mode="lines+markers",
            line={"color": charts.FORECAST, "width": 2},
            marker={"color": [charts.HISTORY if figure.few else charts.FORECAST for figure in figures], "size": 9},
            error_y={"array": high - values, "arrayminus": values - low, "color": charts.MUTED, "thickness": 2, "width": 3},
            customdata=np.array([figure.n for figure in figures]),
            hovertemplate=f"{format}, n = %{{customdata}}<extra></extra>",
        )
    )
    charts.laid_out(drawn, height=320, y=y, legend=False)
    drawn.update_yaxes(range=span)
    return drawn


def stars(counts: Sequence[int]) -> go.Figure:
    """How often each number of stars was given."""
    places = np.arange(1, len(counts) + 1)
    hover = "%{y} stars: %{x} ratings<extra></extra>"
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=np.array(counts),
            y=places,
            text=np.array(counts),
            marker={"color": charts.FORECAST},
            hovertemplate=hover,
        )
    )
    charts.laid_out(figure, height=320, x="ratings", y="stars", legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(dtick=1, showgrid=False)
    return figure


def calibration(points: Sequence[CalibrationPoint]) -> go.Figure:
    """The share confirmed solved at each confidence, beside the line on which a calibrated tool lies."""
    middles = np.array([point.low + 0.05 for point in points])
    figure = _with_intervals(
        middles, [point.confirmed for point in points], y="confirmed solved", span=(0, 1.02), format="sure %{x:.0%}: %{y:.0%}"
    )
    ends = np.array([0.0, 1.0])
    ideal = {"color": charts.TARGET, "width": 2, "dash": "dash"}
    figure.add_scatter(x=ends, y=ends, mode="lines", line=ideal, name="Keeps its word", hoverinfo="skip")
    figure.update_layout(hovermode="closest")
    figure.update_xaxes(title="confidence", range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(tickformat=".0%")
    return figure


def tickets(weeks: Sequence[TicketWeek], launch: date | None) -> go.Figure:
    """Tickets per 100 developers and week, before the launch and since."""
    figure = go.Figure()
    for before, name, colour in ((True, "Before the launch", charts.HISTORY), (False, "In the period", charts.FORECAST)):
        rows = [row for row in weeks if row.before is before]
        days = np.array([row.week for row in rows], dtype="datetime64[D]")
        rates = np.array([row.rate for row in rows], dtype=float)
        figure.add_scatter(
            x=days, y=rates, name=name, mode="lines+markers", line={"color": colour, "width": 2}, hovertemplate="%{y:.1f}"
        )
    if launch:
        line = {"color": charts.HISTORY, "width": 1, "dash": "dot"}
        figure.add_shape(type="line", x0=launch.isoformat(), x1=launch.isoformat(), yref="paper", y0=0, y1=1, line=line)
    charts.laid_out(figure, height=320, y="tickets per 100 developers")
    figure.update_yaxes(rangemode="tozero")
    return figure
