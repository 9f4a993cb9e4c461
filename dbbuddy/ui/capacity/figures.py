"""The charts of the capacity page."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dbbuddy.capacity.backtest import Backtest
from dbbuddy.capacity.cost import MonthCost
from dbbuddy.capacity.history.model import Values
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.outcome import Outcome
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.sentence import figure, wall_told
from dbbuddy.capacity.study import Reached
from dbbuddy.ui import charts

_COLOURS = {"warning": charts.WARNING, "critical": charts.LIMIT, "full": charts.LIMIT}
_DASHES = {"warning": "dot", "critical": "dash", "full": "solid"}
_BANDS = ((0.95, 0.14), (0.8, 0.2), (0.5, 0.28))
# A limit further above all values than this would press the curve flat; it is named instead of drawn.
_HIGHEST = 1.8
_ROW = 34


def fan(made: Projection, walls: Sequence[Reached], *, before: Projection | None = None) -> go.Figure:
    """History, the projection with its intervals, limits, the window of the first wall, and the straight line."""
    chart, unit = go.Figure(), made.history.unit
    dates, past = _dates(made.dates), _dates(made.history_dates)
    _fill_bands(chart, dates, made)
    if past.size > 1:
        at = charts.thinned(past.size)
        chart.add_scatter(x=past[at], y=made.values[at], name="History", mode="lines", line={"color": charts.HISTORY, "width": 2})
    else:
        chart.add_scatter(x=past, y=made.values, name="Today", mode="markers", marker={"color": charts.HISTORY, "size": 9})
    at = charts.thinned(dates.size)
    if before is not None:
        chart.add_scatter(
            x=dates[at],
            y=before.mean[at],
            name="Without the changes",
            mode="lines",
            line={"color": charts.HISTORY, "dash": "dash", "width": 1.5},
        )
    if made.history.growth_per_day is None:
        chart.add_scatter(
            x=dates[at],
            y=made.line[at],
            name="Straight line",
            mode="lines",
            line={"color": charts.LINE, "dash": "dot", "width": 1.5},
        )
    chart.add_scatter(x=dates[at], y=made.mean[at], name="Projection", mode="lines", line={"color": charts.FORECAST, "width": 2.5})
    top = _top(made)
    for reached in walls:
        if reached.wall.value <= top * _HIGHEST:
            _limit_line(chart, reached.wall.limit, past[0], dates[-1])
    _window(chart, walls, dates[-1])
    charts.laid_out(chart, height=400, y=unit)
    if float(made.values.min()) >= 0:
        chart.update_yaxes(rangemode="tozero" if past.size == 1 else "normal")
    return chart


def too_high(made: Projection, walls: Sequence[Reached]) -> list[Limit]:
    """The limits that are too far above to be drawn."""
    top = _top(made) * _HIGHEST
    return [reached.wall.limit for reached in walls if reached.wall.value > top]


def chance(made: Projection, walls: Sequence[Reached]) -> go.Figure:
    """How likely each limit is met by each date."""
    chart, dates = go.Figure(), _dates(made.dates)
    at = charts.thinned(dates.size)
    for reached in walls:
        wall = reached.wall
        chart.add_scatter(
            x=dates[at],
            y=wall.by_date[at] * 100,
            name=_name(wall.limit),
            mode="lines",
            line={"color": _COLOURS[wall.limit.level], "dash": _DASHES[wall.limit.level], "width": 2.5},
            hovertemplate="%{y:.0f} %",
        )
    for share in (10, 50, 90):
        chart.add_shape(
            type="line", xref="paper", x0=0, x1=1, y0=share, y1=share, line={"color": charts.MUTED, "dash": "dot", "width": 1}
        )
    charts.laid_out(chart, height=300, y="% sure that it is met by then")
    chart.update_yaxes(range=[0, 103], tickvals=[0, 10, 50, 90, 100])
    return chart


def runway(reached: Sequence[Reached], names: Sequence[str], today: dt.date, until: dt.date) -> go.Figure:
    """A bar from the early to the late date of each limit, the first to break on top."""
    chart = go.Figure()
    rows = [f"{index + 1}. {html.escape(_short(name))}" for index, name in enumerate(names)]
    for row, each in zip(rows, reached, strict=True):
        wall, colour = each.wall, _COLOURS[each.wall.limit.level]
        start, end = wall.early or until, wall.late or until
        told = html.escape(wall_told(wall))
        style = {"color": colour if wall.early else charts.MUTED, "width": 14}
        chart.add_scatter(
            x=_dates([today, start]),
            y=[row, row],
            mode="lines",
            line={"color": charts.band(0.25, "history"), "width": 4},
            hoverinfo="skip",
        )
        chart.add_scatter(x=_dates([start, end]), y=[row, row], mode="lines", line=style, hovertemplate=f"{told}<extra></extra>")
        likely = wall.likely
        if likely:
            chart.add_scatter(
                x=_dates([likely]), y=[row], mode="markers", hovertemplate=f"{told}<extra></extra>",
                marker={"color": "#ffffff", "size": 8, "line": {"color": colour, "width": 2}},
            )  # fmt: skip
    charts.laid_out(chart, height=len(rows) * _ROW + 60, legend=False)
    chart.update_layout(hovermode="closest")
    chart.update_yaxes(categoryorder="array", categoryarray=rows[::-1], title=None, showgrid=False)
    chart.update_xaxes(range=[str(today), str(until + dt.timedelta(days=7))])
    return chart


def looked_back(back: Backtest | Outcome, unit: str) -> go.Figure:
    """What was said beside what came true."""
    chart, dates = go.Figure(), _dates(back.dates)
    at = charts.thinned(dates.size)
    for low, high, alpha, name in ((back.lo95, back.hi95, 0.14, "95 %"), (back.lo80, back.hi80, 0.24, "80 %")):
        _band(chart, dates[at], low[at], high[at], alpha, name)
    mode = "lines" if dates.size > 3 else "lines+markers"
    chart.add_scatter(x=dates[at], y=back.mean[at], name="What was said", mode=mode, line={"color": charts.FORECAST, "width": 2.5})
    chart.add_scatter(x=dates[at], y=back.truth[at], name="What came", mode=mode, line={"color": charts.HISTORY, "width": 2.5})
    return charts.laid_out(chart, height=300, y=unit)


def cost(months: Sequence[MonthCost]) -> go.Figure:
    """The band of each month's bill."""
    known = [month for month in months if month.total]
    dates = _dates([month.day for month in known])
    low, mid, high = (np.array([getattr(month.total, part) for month in known], float) for part in ("low", "mid", "high"))
    chart = go.Figure()
    _band(chart, dates, low, high, 0.25, "from the low to the high price")
    chart.add_scatter(x=dates, y=mid, name="middle", mode="lines", line={"color": charts.FORECAST, "width": 2.5, "shape": "hv"})
    charts.laid_out(chart, height=280, y=f"{known[0].currency} a month" if known else "")
    chart.update_yaxes(rangemode="tozero")
    return chart


def stairs(dates: Sequence[dt.date], low: Values, mid: Values, high: Values, steps: Sequence[float | None], y: str) -> go.Figure:
    """Demand as a band, and the capacity that is there, as a stair."""
    chart, days = go.Figure(), _dates(dates)
    _band(chart, days, low, high, 0.25, "demand, 80 %")
    chart.add_scatter(x=days, y=mid, name="demand", mode="lines", line={"color": charts.FORECAST, "width": 2.5})
    chart.add_scatter(
        x=days, y=[step if step is not None else None for step in steps], name="what the class may carry", mode="lines",
        line={"color": charts.TARGET, "width": 2, "shape": "hv"},
    )  # fmt: skip
    charts.laid_out(chart, height=280, y=y)
    chart.update_yaxes(rangemode="tozero")
    return chart


def _fill_bands(chart: go.Figure, dates: np.ndarray, made: Projection) -> None:
    at = charts.thinned(dates.size)
    for (share, alpha), (low, high) in zip(
        _BANDS, ((made.lo95, made.hi95), (made.lo80, made.hi80), (made.lo50, made.hi50)), strict=True
    ):
        _band(chart, dates[at], low[at], high[at], alpha, f"{share:.0%}".replace("%", " %"))


def _band(chart: go.Figure, dates: np.ndarray, low: Values, high: Values, alpha: float, name: str) -> None:
    chart.add_scatter(
        x=np.concatenate([dates, dates[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        name=name,
        fill="toself",
        fillcolor=charts.band(alpha),
        line={"color": "rgba(0,0,0,0)", "width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def _limit_line(chart: go.Figure, limit: Limit, first: np.datetime64, last: np.datetime64) -> None:
    colour = _COLOURS[limit.level]
    chart.add_scatter(
        x=[first, last],
        y=[limit.value, limit.value],
        name=_name(limit),
        mode="lines",
        line={"color": colour, "dash": _DASHES[limit.level], "width": 2},
        showlegend=False,
        hovertemplate=f"{_name(limit)}: %{{y:,.6~g}}<extra></extra>",
    )
    chart.add_annotation(
        x=first, y=limit.value, text=f"{_name(limit)}: {html.escape(figure(limit.value, limit.unit))}",
        showarrow=False, xanchor="left", yanchor="bottom", font={"color": colour, "size": 12},
    )  # fmt: skip


def _window(chart: go.Figure, walls: Sequence[Reached], end: np.datetime64) -> None:
    """The time from the early to the late date of the hardest wall that is met."""
    coming = [each.wall for each in walls if each.wall.early and not each.wall.already]
    order = ("warning", "critical", "full")
    wall = max(coming, key=lambda each: (order.index(each.limit.level), -each.early.toordinal() if each.early else 0), default=None)
    if wall is not None and wall.early:
        chart.add_shape(
            type="rect", yref="paper", y0=0, y1=1, x0=str(wall.early), x1=str(wall.late or end),
            fillcolor=charts.WINDOW, line={"width": 0}, layer="below",
        )  # fmt: skip


def _top(made: Projection) -> float:
    return max(float(made.hi80.max()), float(made.values.max()), 1e-12)


def _dates(days: Sequence[dt.date]) -> np.ndarray:
    return np.array(days, dtype="datetime64[D]").astype("datetime64[ms]")


def _name(limit: Limit) -> str:
    return html.escape(_short(limit.name or limit.level))


def _short(text: str) -> str:
    return text if len(text) <= 44 else text[:43] + "…"
