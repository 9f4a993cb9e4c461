"""The costliest steps as bars, with how few of them make up most of the whole."""

from __future__ import annotations

import html
from itertools import accumulate

import plotly.graph_objects as go

from dbbuddy.plans.describe import percent, shortened, step, steps
from dbbuddy.plans.figures import palette
from dbbuddy.plans.figures.measures import Colouring, Measures

MOST = 12
_ROW_HEIGHT = 30
# The title names the fewest steps that have this share together.
_MOST_OF_IT = 0.75


def title(measures: Measures) -> str:
    """How concentrated the work is: `3 of 24 steps take 91 % of the time`."""
    shares = list(accumulate(measures.share(number) for number in measures.top(MOST)))
    if not shares:
        return "The plan tells no times and no costs"
    number = min(sum(share < _MOST_OF_IT for share in shares) + 1, len(shares))
    verb = "takes" if number == 1 else "take"
    return f"{number} of {steps(len(measures.nodes))} {verb} {percent(shares[number - 1])} of {measures.noun}"


def bars(measures: Measures, by: Colouring = "time") -> go.Figure:
    """Horizontal bars of the own parts, largest on top; each bar carries its node's number."""
    top = measures.top(MOST)
    values = measures.colour_values(by)
    ends = palette.limits(by, values)
    names = [f"{_name(measures, number)} #{number + 1}" for number in top]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=names,
            x=[measures.own[number] for number in top],
            text=[f"{measures.amount(measures.own[number])} · {percent(measures.share(number))}" for number in top],
            textposition="auto",
            cliponaxis=False,
            customdata=[[number, measures.colour_text(number, by)] for number in top],
            marker={"color": [palette.colour(values[number], by, ends) for number in top]},
            hovertemplate="<b>%{y}</b><br>%{text}<br>%{customdata[1]}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True, title=None, fixedrange=True)
    figure.update_xaxes(title=f"{measures.unit}, without the steps below", rangemode="tozero", fixedrange=True)
    figure.update_layout(margin={"l": 0, "r": 8, "t": 8, "b": 0}, height=max(140, len(top) * _ROW_HEIGHT + 70), bargap=0.25)
    return figure


def _name(measures: Measures, number: int) -> str:
    return html.escape(shortened(step(measures.nodes[number], measures.plan.engine), 34))
