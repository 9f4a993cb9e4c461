"""A chart with its finding above it, targets and annotations as lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

import plotly.graph_objects as go
import streamlit as st

from dbbuddy.store.annotations import Annotation
from dbbuddy.ui import charts
from dbbuddy.ui.text import plain

_MOST_MARKS = 12
_LABEL = 18
_TARGET_LINE = {"color": charts.TARGET, "width": 2, "dash": "dash"}


def show(figure: go.Figure, key: str, finding: str, note: str = "") -> None:
    """The finding as heading, the chart, and what to know about it. The chart's own bar saves it as PNG under its key."""
    st.markdown(f"##### {plain(finding)}")
    figure.update_layout(dragmode=False)
    picture = {"format": "png", "filename": key, "scale": 2}
    config = {**charts.CONFIG, "modeBarButtons": [["toImage"]], "toImageButtonOptions": picture}
    st.plotly_chart(figure, key=key, config=config, alt=f"{finding}. {note}".strip())
    if note:
        st.caption(note)


def nothing(finding: str, why: str) -> None:
    """In the place of a chart that has nothing to draw."""
    st.markdown(f"##### {finding}")
    st.caption(why)


def add_target(figure: go.Figure, value: float, text: str) -> None:
    """A horizontal line at the value to reach."""
    figure.add_shape(type="line", xref="paper", x0=0, x1=1, y0=value, y1=value, line=_TARGET_LINE)
    font = {"color": charts.TARGET}
    figure.add_annotation(xref="paper", x=1, y=value, text=text, showarrow=False, yanchor="bottom", xanchor="right", font=font)


def add_target_across(figure: go.Figure, value: float, text: str, *, logarithmic: bool = False) -> None:
    """The same as a vertical line, for charts whose values run to the right. Plotly places labels on a log axis by exponent."""
    figure.add_shape(type="line", yref="paper", y0=0, y1=1, x0=value, x1=value, line=_TARGET_LINE)
    place = math.log10(value) if logarithmic else value
    font = {"color": charts.TARGET}
    figure.add_annotation(yref="paper", y=0, x=place, text=text, showarrow=False, yanchor="bottom", xanchor="left", font=font)


def add_marks(figure: go.Figure, marks: Sequence[Annotation], first: date, last: date) -> None:
    """Annotations as vertical lines; of very many the newest."""
    for mark in [mark for mark in marks if first <= mark.day <= last][-_MOST_MARKS:]:
        moment = mark.day.isoformat()
        line = {"color": charts.HISTORY, "width": 1, "dash": "dot"}
        figure.add_shape(type="line", x0=moment, x1=moment, yref="paper", y0=0, y1=1, line=line)
        label = mark.label if len(mark.label) <= _LABEL else f"{mark.label[: _LABEL - 1]}…"
        figure.add_annotation(
            x=moment,
            yref="paper",
            y=1,
            text=plain_label(label),
            hovertext=plain_label(mark.label),
            showarrow=False,
            textangle=-90,
            xanchor="right",
            yanchor="top",
            font={"color": charts.HISTORY, "size": 11},
        )


def plain_label(text: str) -> str:
    """Text for a chart: Plotly reads a little HTML, so its signs are escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
