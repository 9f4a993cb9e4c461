"""The charts of the ROI page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import plotly.graph_objects as go

from dbbuddy.analytics.roi import findings
from dbbuddy.analytics.roi.assess import Result
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.ui import charts

_RUNG_COLOURS = {
    "tickets": charts.TARGET,
    "verified": charts.FORECAST,
    "confirmed": "#7cc4cd",
    "assumed": charts.WARNING,
    "estimated": charts.COMPARISON,
}
_ROW = 34
_MOST_LEVERS = 9
_SMALLEST = 0.5
_DAYS_A_MONTH = 365 / 12
_CAPACITY, _NET = "Capacity value", "Net of the first year"
_FUNNEL_STEPS = 5


def waterfall(result: Result) -> go.Figure:
    """From gross to net in dollars a year; green adds, red takes away, teal is a sum."""
    bars = _bars(result)
    names = np.array([_folded(bar.name) for bar in bars], dtype=object)
    ends = np.array([max(bar.start, bar.end) for bar in bars])
    amounts = np.array([findings.money(bar.amount) for bar in bars], dtype=object)
    figure = go.Figure()
    figure.add_bar(
        orientation="h",
        y=names,
        base=np.array([bar.start for bar in bars]),
        x=np.array([bar.end - bar.start for bar in bars]),
        marker={"color": [bar.colour for bar in bars]},
        customdata=amounts,
        hovertemplate="%{y}: %{customdata}<extra></extra>",
    )
    figure.add_scatter(
        x=np.maximum(ends, 0.0),
        y=names,
        text=np.array([f"\u00a0{amount}" for amount in amounts], dtype=object),
        mode="text",
        textposition="middle right",
        textfont={"color": charts.HISTORY},
        hoverinfo="skip",
        cliponaxis=False,
    )
    charts.laid_out(figure, height=_ROW * len(bars) + 60, x="dollars a year, means", legend=False)
    figure.update_layout(hovermode="closest", margin={"r": 64})
    figure.update_yaxes(autorange="reversed", gridcolor="rgba(0,0,0,0)")
    figure.update_xaxes(nticks=5, zeroline=True, zerolinecolor=charts.MUTED)
    return figure


@dataclass(frozen=True)
class _Bar:
    name: str
    amount: float
    start: float
    end: float
    colour: str


def _bars(result: Result) -> list[_Bar]:
    """The steps hanging from one another, with the sums between them; steps of nothing are left out."""
    bars: list[_Bar] = []
    reached = 0.0
    for place, (name, amount) in enumerate(result.waterfall):
        if place == _FUNNEL_STEPS:
            bars.append(_Bar(_CAPACITY, reached, 0.0, reached, charts.FORECAST))
        if place == 0:
            bars.append(_Bar(name, amount, 0.0, amount, charts.HISTORY))
        elif abs(amount) >= _SMALLEST:
            bars.append(_Bar(name, amount, reached, reached + amount, charts.TARGET if amount > 0 else charts.LIMIT))
        reached += amount
    return [*bars, _Bar(_NET, reached, 0.0, reached, charts.FORECAST)]


def _folded(name: str) -> str:
    """A long name on two lines, so that a phone has room for the bars."""
    if len(name) <= 18:
        return name
    words, middle = name.split(" "), len(name) / 2
    place = min(range(1, len(words)), key=lambda at: abs(len(" ".join(words[:at])) - middle), default=1)
    return f"{' '.join(words[:place])}<br>{' '.join(words[place:])}"


def ladder(result: Result) -> go.Figure:
    """The share of the money on each rung, the strongest evidence on top."""
    total = sum(rung.dollars for rung in result.rungs) or 1.0
    shares = np.array([rung.dollars / total for rung in result.rungs])
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=np.array([_folded(findings.RUNG_NAMES[rung.rung]) for rung in result.rungs], dtype=object),
            x=shares,
            marker={"color": [_RUNG_COLOURS[rung.rung] for rung in result.rungs]},
            text=[
                f"{100 * share:.0f} % · {findings.money(rung.dollars)}" for share, rung in zip(shares, result.rungs, strict=True)
            ],
            textposition=["inside" if share > 0.5 else "outside" for share in shares],
            insidetextanchor="end",
            outsidetextfont={"color": charts.HISTORY},
            insidetextfont={"color": "#ffffff"},
            cliponaxis=False,
            customdata=np.array([[rung.hours, findings.RUNG_MEANINGS[rung.rung]] for rung in result.rungs], dtype=object),
            hovertemplate="%{y}: %{customdata[0]:,.0f} h in the period<br>%{customdata[1]}<extra></extra>",
        )
    )
    charts.laid_out(figure, height=_ROW * len(result.rungs) + 80, x="share of the capacity value", legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(autorange="reversed", gridcolor="rgba(0,0,0,0)")
    figure.update_xaxes(tickformat=".0%", range=[0, 1.02], nticks=5)
    return figure


def tornado(result: Result, assumptions: Assumptions) -> go.Figure:
    """Rank correlations of the levers with the result, the strongest on top."""
    shown = result.sensitivities[:_MOST_LEVERS]
    values = np.array([one.correlation for one in shown])
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=np.array([_folded(findings.lever(one.lever, assumptions)) for one in shown], dtype=object),
            x=values,
            marker={"color": [charts.FORECAST if value > 0 else charts.LIMIT for value in values]},
            text=[f"{value:+.2f}" for value in values],
            textposition="outside",
            textfont={"color": charts.HISTORY},
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    charts.laid_out(figure, height=_ROW * len(shown) + 80, x="rank correlation with the return", legend=False)
    figure.update_layout(hovermode="closest")
    figure.update_yaxes(autorange="reversed", gridcolor="rgba(0,0,0,0)")
    figure.update_xaxes(range=[-1.1, 1.1], zeroline=True, zerolinecolor=charts.MUTED, nticks=5)
    return figure


def break_even(result: Result, launch: date) -> go.Figure:
    """What is left since the launch at the pace of the period, with the band of 8 in 10 cases; above zero it is paid back."""
    days = [launch + timedelta(days=round(month.number * _DAYS_A_MONTH)) for month in result.months]
    x = np.array(days, dtype="datetime64[D]")
    low, middle, high = (np.array([getattr(month, name) for month in result.months]) for name in ("low", "middle", "high"))
    figure = go.Figure()
    edge = {"mode": "lines", "line": {"color": "rgba(0,0,0,0)", "width": 0}, "hovertemplate": "$%{y:,.0f}"}
    figure.add_scatter(x=x, y=high, name="P90", showlegend=False, **edge)
    figure.add_scatter(x=x, y=low, name="8 of 10 cases", fill="tonexty", fillcolor=charts.band(0.22), **edge)
    figure.add_scatter(
        x=x,
        y=middle,
        name="Middle",
        mode="lines",
        line={"color": charts.FORECAST, "width": 3},
        hovertemplate="$%{y:,.0f}",
    )
    charts.laid_out(figure, y="dollars left since the launch")
    figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=0, y1=0, line={"color": charts.TARGET, "width": 2, "dash": "dash"})
    label = {"text": "break-even", "showarrow": False, "font": {"color": charts.TARGET}}
    figure.add_annotation(xref="paper", x=1, y=0, yanchor="bottom", xanchor="right", **label)
    figure.update_yaxes(tickprefix="$", nticks=6)
    return figure
