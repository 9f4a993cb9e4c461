"""The fan chart as SVG, for files that must not need a script."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Sequence

import numpy as np

from dbbuddy.capacity.history.model import Values
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.sentence import figure
from dbbuddy.capacity.study import Reached

_WIDTH, _HEIGHT = 900, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 12, 12, 30
_MOST = 400
_HIGHEST = 1.8
_TICKS = 5


def fan_svg(made: Projection, reached: Sequence[Reached]) -> str:
    """History, mean, intervals and limits; colours follow the page's."""
    past, ahead = _days(made.history_dates), _days(made.dates)
    top = max(float(made.hi80.max()), float(made.values.max()), 1e-12)
    walls = [each.wall for each in reached if each.wall.value <= top * _HIGHEST]
    high = max([float(made.hi95.max()), float(made.values.max()), *(wall.value for wall in walls)])
    low = min(float(made.lo95.min()), float(made.values.min()), 0.0 if past.size == 1 else float("inf"))
    scale = _Scale(float(past[0]), float(ahead[-1]), low, high if high > low else low + max(abs(low), 1.0) * 0.1)
    parts = [_axes(scale, made.history.unit)]
    for down, up, alpha in ((made.lo95, made.hi95, 0.16), (made.lo80, made.hi80, 0.22), (made.lo50, made.hi50, 0.3)):
        parts.append(_area(scale, ahead, down, up, alpha))
    for wall in walls:
        if wall.early and not wall.already:
            start = scale.x(float(wall.early.toordinal()))
            end = scale.x(float(wall.late.toordinal())) if wall.late else float(_WIDTH - _RIGHT)
            size = f"width='{max(end - start, 1):.1f}' height='{_HEIGHT - _TOP - _BOTTOM}'"
            parts.append(f"<rect x='{start:.1f}' y='{_TOP}' {size} fill='rgba(217,84,30,.1)'/>")
        y = scale.y(wall.value)
        name = html.escape(f"{wall.limit.name}: {figure(wall.value, wall.limit.unit)}")
        parts.append(
            f"<line x1='{_LEFT}' x2='{_WIDTH - _RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='#d9541e' stroke-dasharray='6 4'/>"
        )
        parts.append(f"<text x='{_LEFT + 4}' y='{y - 4:.1f}'>{name}</text>")
    if made.history.growth_per_day is None:
        parts.append(_line(scale, ahead, made.line, "#c98a12", "2 4"))
    parts.append(_line(scale, past, made.values, "#87959a") if past.size > 1 else _dot(scale, past, made.values))
    parts.append(_line(scale, ahead, made.mean, "#159aa8"))
    return f"<svg viewBox='0 0 {_WIDTH} {_HEIGHT}' role='img' aria-label='Projection with its intervals'>{''.join(parts)}</svg>"


class _Scale:
    """From days and values to places in the drawing."""

    def __init__(self, first: float, last: float, low: float, high: float) -> None:
        self.first, self.last, self.low, self.high = first, max(last, first + 1), low, high

    def x(self, day: float) -> float:
        return _LEFT + (day - self.first) / (self.last - self.first) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (value - self.low) / (self.high - self.low) * (_HEIGHT - _TOP - _BOTTOM)


def _axes(scale: _Scale, unit: str) -> str:
    parts = []
    for value in np.linspace(scale.low, scale.high, _TICKS):
        y = scale.y(float(value))
        parts.append(
            f"<line x1='{_LEFT}' x2='{_WIDTH - _RIGHT}' y1='{y:.1f}' y2='{y:.1f}' stroke='currentColor' stroke-opacity='.12'/>"
        )
        parts.append(f"<text x='{_LEFT - 6}' y='{y + 4:.1f}' text-anchor='end'>{html.escape(figure(float(f'{value:.3g}')))}</text>")
    for day in np.linspace(scale.first, scale.last, _TICKS):
        place = scale.x(float(day))
        anchor = "start" if day == scale.first else "end" if day == scale.last else "middle"
        parts.append(
            f"<text x='{place:.1f}' y='{_HEIGHT - 8}' text-anchor='{anchor}'>{dt.date.fromordinal(int(day)).isoformat()}</text>"
        )
    parts.append(f"<text x='4' y='{_TOP + 4}'>{html.escape(unit)}</text>")
    return "".join(parts)


def _area(scale: _Scale, days: Values, low: Values, high: Values, alpha: float) -> str:
    at = _picked(days.size)
    up = [f"{scale.x(days[i]):.1f},{scale.y(high[i]):.1f}" for i in at]
    down = [f"{scale.x(days[i]):.1f},{scale.y(low[i]):.1f}" for i in at[::-1]]
    return f"<polygon points='{' '.join(up + down)}' fill='rgba(21,154,168,{alpha})'/>"


def _line(scale: _Scale, days: Values, values: Values, colour: str, dashes: str = "") -> str:
    inside = [i for i in _picked(days.size) if scale.low <= values[i] <= scale.high]
    points = " ".join(f"{scale.x(days[i]):.1f},{scale.y(values[i]):.1f}" for i in inside)
    return f"<polyline points='{points}' fill='none' stroke='{colour}' stroke-width='2' stroke-dasharray='{dashes}'/>"


def _dot(scale: _Scale, days: Values, values: Values) -> str:
    return f"<circle cx='{scale.x(days[0]):.1f}' cy='{scale.y(values[0]):.1f}' r='5' fill='#87959a'/>"


def _picked(count: int) -> list[int]:
    return sorted(set(np.linspace(0, count - 1, min(count, _MOST)).round().astype(int).tolist()))


def _days(dates: Sequence[dt.date]) -> Values:
    return np.array([date.toordinal() for date in dates], float)
