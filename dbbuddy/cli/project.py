"""`python -m dbbuddy project`: a history in; projection, limit dates and back-test out."""

from __future__ import annotations

import argparse
import math
import sys
from typing import Any

import numpy as np
import pandas as pd

from dbbuddy.capacity.events import parse_event
from dbbuddy.capacity.history.dates import dates
from dbbuddy.capacity.history.model import History, HistoryError, from_numbers, from_points
from dbbuddy.capacity.history.read import Mapping, guess, histories, load_file
from dbbuddy.capacity.limit import LEVELS, Level, Limit
from dbbuddy.capacity.metric import METRICS, Kind, Metric
from dbbuddy.capacity.project import DEFAULT_DAYS, Projection, project
from dbbuddy.capacity.share import as_object, to_markdown
from dbbuddy.capacity.units import quantity
from dbbuddy.capacity.wall import first_to_break
from dbbuddy.cli.inputs import for_each_line
from dbbuddy.intake.text import InputError
from dbbuddy.interchange.rows import json_text

_DAYS = {"": 1.0, "d": 1.0, "day": 1.0, "w": 7.0, "week": 7.0, "mo": 30.4375, "month": 30.4375, "y": 365.25, "year": 365.25}


def run(options: argparse.Namespace) -> int:
    """Project what is given, or one object a line."""
    if options.jsonl:
        return for_each_line(options.file, lambda row: json_text(as_object(_of_row(row, options), row.get("id"))))
    made = [_projected(history, options) for history in _histories(options)]
    if options.json:
        objects = [as_object(projection) for projection in made]
        first = first_to_break(wall for projection in made for wall in projection.walls)
        print(json_text(objects[0] if len(objects) == 1 else {"projections": objects, "first_to_break": first and first.told()}))
    else:
        print("\n".join(to_markdown(projection) for projection in made), end="")
    return 0


def _projected(history: History, options: argparse.Namespace) -> Projection:
    return project(
        history,
        [_limit(text, history) for text in options.limit],
        days_of(options.horizon),
        [parse_event(text, history.unit) for text in options.event],
        options.undo,
        season=options.season,
        seed=options.seed,
    )


def _histories(options: argparse.Namespace) -> tuple[History, ...]:
    """Those of the file or standard input, or that of the two numbers."""
    if options.size is not None:
        size, unit = quantity(options.size, options.unit or "")
        growth, _, period = (options.growth or "0").partition("/")
        amount, told = quantity(growth, unit)
        typed = from_numbers(
            size,
            amount,
            days_of(f"1 {period.strip() or 'month'}"),
            _one_of(options.metric, METRICS, "metric") or "storage",
            unit or told,
        )
        return (typed,)
    table = load_file(options.file.name if options.file else "standard input", _bytes(options))
    guessed = guess(table) if not (options.time and options.value) else None
    mapping = Mapping(
        time=options.time or (guessed.time if guessed else ""),
        values=tuple(options.value) or (guessed.values if guessed else ()),
        key=options.key or (guessed.key if guessed and not options.value else None),
        unit=options.unit,
        metric=_one_of(options.metric, METRICS, "metric"),
        date_order=options.date_order,
        total=options.total,
    )
    reading = histories(table, mapping)
    for question in reading.questions:
        print(f"dbbuddy: {question}", file=sys.stderr)
    return reading.histories


def _bytes(options: argparse.Namespace) -> bytes:
    if options.file is None:
        return sys.stdin.buffer.read()
    try:
        return bytes(options.file.read_bytes())
    except OSError as error:
        raise InputError(f"{options.file}: cannot be read ({error.strerror})") from None


def _of_row(row: dict[str, Any], options: argparse.Namespace) -> Projection:
    """The projection of one object; its own fields count before the flags."""
    metric: Metric = _one_of(row.get("metric") or options.metric, METRICS, "metric") or "other"
    kind: Kind | None = _one_of(row.get("kind"), ("cumulative", "level"), "kind")
    history = _history(row.get("history"), metric, kind, str(row.get("unit") or options.unit or ""))
    told = row.get("limits", row.get("limit"))
    limits = [_limit(limit, history) for limit in (told if isinstance(told, list) else [] if told is None else [told])]
    limits += [_limit(text, history) for text in options.limit] if told is None else []
    horizon, steps = _horizon(row, options)
    lines = row.get("events") if isinstance(row.get("events"), list) else options.event
    season = row.get("period", options.season)
    return project(
        history,
        limits,
        horizon,
        [parse_event(str(line), history.unit) for line in lines or []],
        options.undo,
        horizon_steps=steps,
        season=season if isinstance(season, int) and not isinstance(season, bool) and 1 <= season <= 1_000 else None,
        seed=options.seed,
    )


def _one_of(told: object, known: tuple[Any, ...], what: str) -> Any:
    """The value, None for none; raises HistoryError where it is not known."""
    if told is None:
        return None
    if told not in known:
        raise HistoryError(f"{what} is none of {', '.join(known)}")
    return told


def _history(rows: object, metric: Metric, kind: Kind | None, unit: str) -> History:
    """Pairs of date and value, or values alone, one a day up to today."""
    if not isinstance(rows, list) or not rows:
        raise HistoryError("history is missing or empty. Give [[date, value], ...].")
    if not any(isinstance(row, list) for row in rows):
        rows = [[i, value] for i, value in enumerate(rows)]
    pairs = [row for row in rows if isinstance(row, list) and len(row) >= 2]
    texts = pd.Series([str(row[0])[:40] if row[0] is not None else "" for row in pairs], dtype=str)
    found = dates(texts)
    times = found.times if found.share > 0 else _numbered([row[0] for row in pairs])
    return from_points(times, [row[1] for row in pairs], metric, unit, kind)


def _numbered(places: list[object]) -> np.ndarray:
    """Days counted from any start, the last one today."""
    numbers = np.array([float(p) if isinstance(p, int | float) and abs(p) < 1e5 else np.nan for p in places])
    if np.isnan(numbers).all():
        raise HistoryError("history holds no dates that can be read. Write them as 2026-11-30.")
    last = np.datetime64("today", "s")
    back = np.nan_to_num(np.nanmax(numbers) - numbers) * 86_400
    return np.where(np.isnan(numbers), np.datetime64("NaT", "s"), last - back.astype("timedelta64[s]"))


def _horizon(row: dict[str, Any], options: argparse.Namespace) -> tuple[float, int | None]:
    """Days, or a plain number of the history's own steps."""
    told = row.get("horizon")
    if told is None:
        return days_of(options.horizon), None
    if isinstance(told, int | float) and not isinstance(told, bool):
        if not math.isfinite(told) or told < 1:
            raise HistoryError("horizon is to be at least 1")
        return DEFAULT_DAYS, int(min(told, 1e6))
    return days_of(str(told)), None


def days_of(text: str) -> float:
    """Days of `90`, `90d`, `26 weeks`, `12mo`, `2 years`.

    Raises:
        HistoryError: it is none of them.
    """
    plain = text.strip().lower()
    number = plain.rstrip("abcdefghijklmnopqrstuvwxyz ")
    unit = plain[len(number) :].strip()
    days = _DAYS.get(unit) or _DAYS.get(unit.removesuffix("s"))
    try:
        value = float(number) * (days or math.nan)
    except ValueError:
        value = math.nan
    if not 0 < value <= 36_525:
        raise HistoryError(f"{text[:40]!r} is no horizon. Write it as 90d, 26w, 12mo or 2y.")
    return value


def _limit(told: object, history: History) -> Limit:
    """`1 TB`, `warning=800 GB`, a number in the history's unit, or an object with name, value, unit, level."""
    if isinstance(told, dict):
        value, unit = quantity(str(told.get("value", "")), str(told.get("unit") or history.unit))
        level: Level = _one_of(told.get("level"), LEVELS, "level") or "full"
        return Limit(history.metric, str(told.get("name", ""))[:80], value, unit, level, "given")
    level_told, parted, rest = str(told).partition("=")
    found: Level = "full"
    if parted:
        found = _one_of(level_told.strip().lower(), LEVELS, "the limit's level")
    value, unit = quantity(rest if parted else str(told), history.unit)
    return Limit(history.metric, found if parted else "limit", value, unit, found, "given")
