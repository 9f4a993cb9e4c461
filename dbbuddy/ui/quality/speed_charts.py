"""The charts of response times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from dbbuddy.analytics import wording
from dbbuddy.analytics.speed import ResponseTime, WeekTime
from dbbuddy.ui import charts

_QUANTILES = (("p50", "Median", "circle"), ("p95", "95 of 100 within", "diamond"), ("p99", "99 of 100 within", "square"))
_COLOURS = {"p50": charts.HISTORY, "p95": charts.FORECAST, "p99": charts.LINE}
_PARTS = (("answer", charts.HISTORY), ("first", charts.FORECAST), ("whole", charts.LINE))


def by_provider(rows: Sequence[ResponseTime]) -> go.Figure:
    """Median, 95 and 99 of 100 for each thing that is waited for. What never came has no mark."""
    names = [f"{wording.name(row.provider)}: {wording.name(row.part)}" for row in rows]
    figure = go.Figure()
    for name, title, symbol in _QUANTILES:
        values = np.array([getattr(row, name).value for row in rows], dtype=float) / 1000
        figure.add_scatter(
            x=values,
            y=np.array(names),
            name=title,
            mode="markers",
            marker={"color": _COLOURS[name], "symbol": symbol, "size": 11},
            hovertemplate="%{x:.3g} s",
        )
    charts.laid_out(figure, height=max(220, 30 * len(rows) + 110), x="seconds, in powers of ten")
    figure.update_layout(hovermode="y unified")
    figure.update_xaxes(type="log", tickvals=[0.001, 0.01, 0.1, 1, 10, 100], ticktext=["0.001", "0.01", "0.1", "1", "10", "100"])
    figure.update_yaxes(autorange="reversed")
    return figure


def by_week(rows: Sequence[WeekTime]) -> go.Figure:
    """The time within which 95 of 100 came, by week."""
    figure = go.Figure()
    for part, colour in _PARTS:
        shown = [row for row in rows if row.part == part]
        days = np.array([row.week for row in shown], dtype="datetime64[D]")
        seconds = np.array([row.p95 for row in shown], dtype=float) / 1000
        line = {"color": colour, "width": 2}
        figure.add_scatter(
            x=days, y=seconds, name=wording.name(part).capitalize(), mode="lines+markers", line=line, hovertemplate="%{y:.2f} s"
        )
    charts.laid_out(figure, height=320, y="seconds")
    figure.update_yaxes(rangemode="tozero")
    return figure
