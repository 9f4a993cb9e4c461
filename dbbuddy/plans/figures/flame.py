"""The flame: each step's area is its share with everything below it; a click on one enlarges it."""

from __future__ import annotations

import html

import plotly.graph_objects as go

from dbbuddy.plans.describe import count, operator, percent, shortened, step, subject
from dbbuddy.plans.figures import palette
from dbbuddy.plans.figures.folding import fold
from dbbuddy.plans.figures.measures import Colouring, Measures

MOST = 400
_LEVELS = 24
_LEVEL_HEIGHT = 34


def title(measures: Measures) -> str:
    """The finding in a sentence: which step has most, or that it is spread out."""
    if measures.weight == "steps":
        return "The plan tells no times, costs or rows"
    top = measures.top(1)
    if not top:
        return "No step takes measurable time"
    node, share = measures.nodes[top[0]], measures.share(top[0])
    name = shortened(step(node, measures.plan.engine), 60)
    if share < 0.15 and len(measures.nodes) > 10:
        return f"No single step dominates: the largest, {name}, has {percent(share)} of {measures.noun}"
    return f"{name} alone takes {percent(share)} of {measures.noun}"


def flame(measures: Measures, by: Colouring = "time") -> go.Figure:
    """An icicle of the plan, top down, coloured by `by`; folded steps stand behind one entry under their parent."""
    shown = fold(measures, MOST)
    values = measures.colour_values(by)
    ends = palette.limits(by, values)
    ids, labels, parents, sizes, colours, notes = [], [], [], [], [], []
    for number in shown.shown:
        node = measures.nodes[number]
        fill = palette.colour(values[number], by, ends)
        ids.append(str(number))
        labels.append(html.escape(shortened(f"{operator(node, measures.plan.engine)} {subject(node)}", 60)))
        parents.append("" if number == 0 else str(measures.parents[number]))
        sizes.append(measures.own[number])
        colours.append(fill)
        notes.append(_note(measures, number, by))
        if number in shown.hidden_steps:
            ids.append(f"more-{number}")
            labels.append(f"{shown.hidden_steps[number]:,} more steps")
            parents.append(str(number))
            sizes.append(shown.hidden_weight[number])
            colours.append(palette.FOLDED)
            notes.append(f"{measures.amount(shown.hidden_weight[number])} together")
    levels = min(_LEVELS, max(measures.depths[number] for number in shown.shown) + 1)
    figure = go.Figure(
        go.Icicle(
            ids=ids,
            labels=labels,
            parents=parents,
            values=_drawable(sizes),
            customdata=notes,
            marker={"colors": colours, "line": {"width": 1}},
            textfont={"color": [palette.text_on(fill) for fill in colours], "size": 12},
            texttemplate="%{label}<br>%{customdata}",
            hovertemplate="<b>%{label}</b><br>%{customdata}<extra></extra>",
            tiling={"orientation": "v", "pad": 1},
            pathbar={"visible": True, "thickness": 22, "textfont": {"color": "#ffffff"}},
            maxdepth=levels,
            root={"color": "rgba(0,0,0,0)"},
            sort=False,
        )
    )
    figure.update_layout(margin={"l": 0, "r": 0, "t": 26, "b": 0}, height=max(200, levels * _LEVEL_HEIGHT + 60))
    figure.update_layout(uniformtext={"minsize": 10, "mode": "hide"})
    return figure


def _drawable(sizes: list[float]) -> list[float]:
    """Sizes as they are; where none is above zero every step gets the same, so that the shape is seen."""
    return sizes if any(size > 0 for size in sizes) else [1.0] * len(sizes)


def _note(measures: Measures, number: int, by: Colouring) -> str:
    own = f"{measures.amount(measures.own[number])} itself ({percent(measures.share(number))})"
    with_below = f"{measures.amount(measures.inclusive[number])} with all below"
    rows = measures.rows(number)
    parts = [own, with_below, *([f"{count(rows)} rows"] if rows is not None else [])]
    if by in ("misestimate", "buffers"):
        parts.append(measures.colour_text(number, by))
    return " · ".join(parts)
