"""A projection as plain data and as Markdown."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.wall import Wall

_BANDS = ("mean", "lo80", "hi80", "lo95", "hi95")
_SHOWN_ROWS = 13
_DIGITS = 8


def as_object(projection: Projection, identity: object = None) -> dict[str, Any]:
    """The projection as the command line's JSON object."""
    made = projection
    bands = [getattr(made, name).tolist() for name in _BANDS]
    return {
        "id": identity,
        "name": made.history.name,
        "metric": made.history.metric,
        "unit": made.history.unit,
        "forecast": [
            {"date": date.isoformat(), **{name: _rounded(value) for name, value in zip(_BANDS, row, strict=True)}}
            for date, *row in zip(made.dates, *bands, strict=True)
        ],
        "limit_dates": [_wall(found) for found in made.walls],
        "first_to_break": made.first_to_break.limit.name if made.first_to_break else None,
        "growth_per_month": _rounded(made.growth_per_month),
        "method": {
            "told": made.method.told(),
            "kind": made.method.kind,
            "kind_told": made.method.kind_told,
            "step": made.method.step,
            "season": made.method.season,
            "points": made.method.points,
            "aggregate": made.method.aggregate,
            "weights": {name: round(share, 4) for name, share in made.method.weights},
            "seed": made.method.seed,
            "paths": made.method.paths,
        },
        "backtest": _backtest(made),
        "adjustments": [
            {"id": a.id, "what": a.what, "date": a.date, "why": a.why, "effect": a.effect, "undoable": a.undoable}
            for a in made.adjustments
        ],
        "warnings": list(made.warnings),
    }


def _wall(found: Wall) -> dict[str, Any]:
    """Dates are None beyond the horizon."""
    return {
        "name": found.limit.name,
        "limit": _rounded(found.value),
        "unit": found.limit.unit,
        "level": found.limit.level,
        "p10": found.early,
        "p50": found.likely,
        "p90": found.late,
        "straight_line": found.line,
        "probability": round(found.probability, 4),
        "already": found.already,
        "never": found.never,
        "horizon": found.horizon,
        "told": found.told(),
    }


def _backtest(made: Projection) -> dict[str, Any] | None:
    back = made.backtest
    if back is None:
        return None
    return {
        "asked": back.asked,
        "said": {"date": back.dates[-1], **{name: _rounded(float(getattr(back, name)[-1])) for name in _BANDS}},
        "truth": _rounded(float(back.truth[-1])),
        "mase": None if back.mase is None else _rounded(back.mase),
        "mase_straight_line": None if back.line_mase is None else _rounded(back.line_mase),
        "coverage80": round(back.cover80, 4),
        "coverage95": round(back.cover95, 4),
        "told": back.told(),
    }


def to_markdown(projection: Projection) -> str:
    """The projection to read."""
    return "\n".join(_lines(projection)) + "\n"


def _lines(made: Projection) -> Iterator[str]:
    unit = made.history.unit
    yield f"# {made.history.name or made.history.metric.capitalize()}: projection to {made.dates[-1]}"
    yield ""
    yield (
        f"{_figure(float(made.clean[-1]))} {unit} on {made.history_dates[-1]}, {made.growth_per_month:+,.4g} {unit} a month; "
        f"on {made.dates[-1]} {_figure(float(made.mean[-1]))} {unit}, "
        f"with 80 % probability between {_figure(float(made.lo80[-1]))} and {_figure(float(made.hi80[-1]))}."
    )
    if made.walls:
        yield "\n## Limits\n"
        first = made.first_to_break
        for found in made.walls:
            yield f"- {'**First:** ' if found is first else ''}{found.told()}{_line_told(found)}"
    yield from _table(made)
    if made.backtest:
        yield f"\n## Back-test\n\n{made.backtest.told()} {_score(made)}"
    if made.adjustments:
        yield "\n## What was found in the data\n"
        yield from (f"- {a.date or 'throughout'}: {a.why}; {a.effect} (`{a.id}`)" for a in made.adjustments)
    if made.warnings:
        yield "\n## Mind\n"
        yield from (f"- {text}" for text in made.warnings)
    yield f"\n{made.method.told()}"


def _line_told(found: Wall) -> str:
    if found.already:
        return ""
    return f" A straight line says {found.line}." if found.line else " A straight line never reaches it."


def _table(made: Projection) -> Iterator[str]:
    """About a dozen rows, evenly spread, the last one always."""
    yield f"\n## Figures{f' in {made.history.unit}' if made.history.unit else ''}\n"
    yield "| date | expected | 80 % from | to | 95 % from | to |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    every = max(1, math.ceil(len(made.dates) / _SHOWN_ROWS))
    for i in range((len(made.dates) - 1) % every, len(made.dates), every):
        figures = " | ".join(_figure(float(getattr(made, name)[i])) for name in _BANDS)
        yield f"| {made.dates[i]} | {figures} |"


def _score(made: Projection) -> str:
    back = made.backtest
    if back is None or back.mase is None or back.line_mase is None:
        return ""
    return (
        f"Mean error {back.mase:.2f} times the usual change over a season (straight line {back.line_mase:.2f}); "
        f"{back.cover80:.0%} of the days were inside the 80 % interval, {back.cover95:.0%} inside the 95 % interval."
    )


def _figure(value: float) -> str:
    return f"{value:,.5g}" if abs(value) < 1e5 or abs(value) >= 1e15 else f"{value:,.0f}"


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
