"""Small charts as SVG: no script, no font, nothing from elsewhere."""

from __future__ import annotations

from html import escape

from dbbuddy.analytics.report.content import Series

_WIDTH, _HEIGHT, _FOOT = 300, 110, 16
_BAR, _TARGET = "#159aa8", "#12a37b"


def bars(series: Series) -> str:
    """A bar for each week, with the target as a line; a sentence if there is nothing to draw."""
    known = [value for value in series.values if value is not None]
    if not known:
        return "<p class=quiet>Nothing to draw in this period.</p>"
    top = series.top or max(known) or 1.0
    room = _HEIGHT - _FOOT
    step = _WIDTH / len(series.values)
    parts = [
        f'<rect x="{place * step + step * 0.1:.1f}" y="{room - value / top * room:.1f}" width="{step * 0.8:.1f}" '
        f'height="{value / top * room:.1f}" fill="{_BAR}"><title>{escape(label)}: {value:.3g}</title></rect>'
        for place, (label, value) in enumerate(zip(series.labels, series.values, strict=True))
        if value is not None
    ]
    if series.target is not None:
        height = room - series.target / top * room
        place = f'x1="0" x2="{_WIDTH}" y1="{height:.1f}" y2="{height:.1f}"'
        parts.append(f'<line {place} stroke="{_TARGET}" stroke-width="2" stroke-dasharray="5 3"/>')
    ends = f'<text x="0" y="{_HEIGHT - 3}">{escape(series.labels[0])}</text>'
    if len(series.labels) > 1:
        ends += f'<text x="{_WIDTH}" y="{_HEIGHT - 3}" text-anchor="end">{escape(series.labels[-1])}</text>'
    name = escape(f"{series.title}: from {known[0]:.3g} to {known[-1]:.3g}", quote=True)
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{name}">{"".join(parts)}{ends}</svg>'
