"""The one visual language of the charts: a colour for each meaning, readable on light and on dark.

The hues are those of Okabe and Ito (jfly.uni-koeln.de/color), at a middle brightness. Every trace and shape takes its colour
from here: what is left to the library's default may be black on a dark page.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

HISTORY = "#87959a"
FORECAST = "#159aa8"
COMPARISON = "#b9c2c5"
LINE = "#c98a12"
LIMIT = "#d9541e"
WARNING = "#e0a020"
TARGET = "#12a37b"
MUTED = "rgba(135,149,154,0.55)"
WINDOW = "rgba(217,84,30,0.13)"
MOST_POINTS = 2_000

CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d", "pan2d"],
}
"""The chart's own bar: zoom, reset, and the picture as PNG."""


def band(alpha: float, colour: Literal["forecast", "history"] = "forecast") -> str:
    """The fill of an interval; wider intervals are lighter."""
    red, green, blue = (21, 154, 168) if colour == "forecast" else (135, 149, 154)
    return f"rgba({red},{green},{blue},{alpha:g})"


def thinned(count: int, most: int = MOST_POINTS) -> np.ndarray:
    """Positions of at most `most` of so many points, evenly spread, with the first and the last."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(count, most)).round().astype(int)) if count else np.zeros(0, int)


def laid_out(figure: go.Figure, *, height: int = 360, x: str = "", y: str = "", legend: bool = True) -> go.Figure:
    """The figure with the common margins, axes with their units, and the legend at the foot: the chart's own bar is at the top."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 8, "t": 28, "b": 0},
        hovermode="x unified",
        showlegend=legend,
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0, "title": None},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": HISTORY, "activecolor": FORECAST},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    figure.update_xaxes(title=x or None, automargin=True, gridcolor="rgba(135,149,154,0.18)", zeroline=False)
    figure.update_yaxes(title=y or None, automargin=True, gridcolor="rgba(135,149,154,0.25)", zerolinecolor=MUTED)
    return figure
