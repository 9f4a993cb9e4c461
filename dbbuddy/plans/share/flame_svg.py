"""The flame as SVG: no script, readable in light, dark and print."""

from __future__ import annotations

import html

from dbbuddy.plans.describe import operator, percent, subject
from dbbuddy.plans.figures import palette
from dbbuddy.plans.figures.folding import fold
from dbbuddy.plans.figures.measures import Colouring, Measures

_WIDTH = 1100.0
_LEVEL = 24
_MOST = 300
_LETTER = 6.4
# Narrower than this nothing is drawn: it could not be seen.
_THINNEST = 0.6


def flame_svg(measures: Measures, label: str) -> str:
    """Each step as wide as its share with everything below it; the whole text of a step is its tooltip."""
    shown = fold(measures, _MOST)
    visible = set(shown.shown)
    colour_by: Colouring = "time" if measures.weight == "time" else "cost"
    values = measures.colour_values(colour_by)
    ends = palette.limits(colour_by, values)
    left = {0: 0.0}
    filled: dict[int, float] = {}
    parts = []
    deepest = 0
    for number in shown.shown:
        width = _WIDTH * measures.share_below(number)
        if number:
            parent = measures.parents[number]
            left[number] = filled.get(parent, left.get(parent, 0.0))
            filled[parent] = left[number] + width
        filled.setdefault(number, left[number])
        if width < _THINNEST or number not in visible:
            continue
        deepest = max(deepest, measures.depths[number])
        fill = palette.colour(values[number], colour_by, ends)
        parts.append(_box(measures, number, left[number], width, fill))
    height = (deepest + 1) * _LEVEL
    return (
        f'<svg class="flame" viewBox="0 0 {_WIDTH:.0f} {height}" width="{_WIDTH:.0f}" height="{height}" role="img" '
        f'aria-label="{html.escape(label)}">' + "".join(parts) + "</svg>"
    )


def _box(measures: Measures, number: int, left: float, width: float, fill: str) -> str:
    node = measures.nodes[number]
    name = f"{number + 1}. {operator(node, measures.plan.engine)} {subject(node)}".rstrip()
    top = measures.depths[number] * _LEVEL
    fits = int((width - 8) / _LETTER)
    written = name if len(name) <= fits else name[: fits - 1] + "…" if fits > 3 else ""
    tip = f"{name}: {measures.amount(measures.own[number])} itself ({percent(measures.share(number))}), "
    tip += f"{measures.amount(measures.inclusive[number])} with all below"
    text = (
        f'<text x="{left + 4:.1f}" y="{top + 16}" fill="{palette.text_on(fill)}">{html.escape(written)}</text>' if written else ""
    )
    return (
        f"<g><title>{html.escape(tip)}</title>"
        f'<rect x="{left:.1f}" y="{top}" width="{max(width - 0.5, 0.3):.1f}" height="{_LEVEL - 1}" rx="2" fill="{fill}"/>{text}</g>'
    )
