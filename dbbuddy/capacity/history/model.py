"""A metric's history: dated values in one unit, as they came."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dbbuddy.capacity.adjustment import Adjustment, adjustment
from dbbuddy.capacity.metric import FACTS, Kind, Metric
from dbbuddy.capacity.units import UnitError, factor
from dbbuddy.intake.text import InputError

Times = NDArray[np.datetime64]
Values = NDArray[np.float64]
EARLIEST, LATEST = np.datetime64("1900-01-01", "s"), np.datetime64("2200-01-01", "s")
LARGEST = 1e30


class HistoryError(InputError):
    """A history that cannot be read or projected; the message says what to do."""


@dataclass(frozen=True)
class History:
    """Points in time order, UTC without zone, values finite.

    `kind` is None where the values decide. `growth_per_day` is set where only today's value and its growth are known.
    `found` is what reading has already put right.
    """

    metric: Metric
    unit: str
    kind: Kind | None
    times: Times
    values: Values
    name: str = ""
    growth_per_day: float | None = None
    found: tuple[Adjustment, ...] = ()

    @property
    def last_date(self) -> dt.date:
        return dt.date.fromisoformat(str(self.times[-1])[:10])


def from_numbers(
    today: float, growth: float, per_days: float = 30.0, metric: Metric = "storage", unit: str = "", on: dt.date | None = None
) -> History:
    """A history of two numbers: today's value and how much it grows in so many days.

    Raises:
        HistoryError: they are no usable numbers.
    """
    if not all(math.isfinite(x) and abs(x) < LARGEST for x in (today, growth, per_days)) or per_days <= 0:
        raise HistoryError("Give today's size and its growth as finite numbers, and a period of at least a day.")
    if today < 0:
        raise HistoryError("Today's size is negative. Give what is used now, not what is free.")
    at = np.array([np.datetime64(on or _today(), "s")])
    rate = growth / per_days
    return History(metric, unit or FACTS[metric].unit, FACTS[metric].kind, at, np.array([float(today)]), "", rate)


def from_points(
    times: Iterable[object] | Times,
    values: Iterable[object] | Values,
    metric: Metric = "other",
    unit: str = "",
    kind: Kind | None = None,
    name: str = "",
    found: Sequence[Adjustment] = (),
) -> History:
    """A history of dated values in any order; what cannot be used is left out and told.

    Args:
        times: dates, datetimes (UTC where they carry no zone), ISO texts or datetime64.
        values: numbers or what `float` reads.
        metric: what is measured.
        unit: of the values; the metric's own if left out.
        kind: whether it piles up; the metric's own if left out.
        name: of the series.
        found: what reading has put right before.

    Raises:
        HistoryError: no usable point, or not as many times as values.
    """
    stamps, numbers = _stamps(times), pd.to_numeric(pd.Series(_listed(values)), errors="coerce").to_numpy(float)
    if stamps.size != numbers.size:
        raise HistoryError(f"There are {stamps.size} dates and {numbers.size} values. Give one value for each date.")
    if not stamps.size:
        raise HistoryError("There are no points. Give at least one date with a value, or today's size and its growth.")
    dated = ~np.isnat(stamps)
    dated[dated] &= (stamps[dated] >= EARLIEST) & (stamps[dated] < LATEST)
    good = dated & np.isfinite(numbers) & (np.abs(np.nan_to_num(numbers)) < LARGEST)
    notes = list(found)
    if not good.any():
        raise HistoryError("No line holds both a date and a number. Choose the columns for date and value.")
    if not good.all():
        notes.append(adjustment("unreadable", None, f"{(~good).sum():,} points without a date or a finite number", "left out"))
    stamps, numbers = stamps[good], numbers[good]
    order = np.argsort(stamps, kind="stable")
    stamps, numbers = stamps[order], numbers[order]
    stamps, numbers, doubled = _without_twins(stamps, numbers)
    if doubled:
        notes.append(
            adjustment("duplicate", None, f"{doubled:,} points at a time already seen", "the last one of each time counts")
        )
    facts = FACTS[metric]
    return History(metric, unit or facts.unit, kind or facts.kind, stamps, numbers, name, None, tuple(notes))


def in_unit(history: History, unit: str) -> History:
    """The same history in another unit.

    Raises:
        HistoryError: the units do not measure the same.
    """
    try:
        by = factor(history.unit, unit)
    except UnitError as error:
        raise HistoryError(str(error)) from None
    growth = None if history.growth_per_day is None else history.growth_per_day * by
    return History(history.metric, unit, history.kind, history.times, history.values * by, history.name, growth, history.found)


def _listed(values: Iterable[object] | Values) -> Values | list[object]:
    return values if isinstance(values, np.ndarray) else [_number(value) for value in values]


def _number(value: object) -> object:
    """What a huge integer or a boolean is as a number."""
    try:
        return (
            float(value)
            if isinstance(value, int | float) and not isinstance(value, bool)
            else value
            if isinstance(value, str)
            else None
        )
    except OverflowError:
        return None


def _stamps(times: Iterable[object] | Times) -> Times:
    if isinstance(times, np.ndarray) and np.issubdtype(times.dtype, np.datetime64):
        return times.astype("datetime64[s]")
    listed = [str(t)[:40] if t is not None else "" for t in times]
    read = pd.to_datetime(pd.Series(listed, dtype=object), errors="coerce", utc=True, format="ISO8601")
    return np.asarray(read.dt.tz_localize(None).to_numpy("datetime64[s]"))


def _without_twins(times: Times, values: Values) -> tuple[Times, Values, int]:
    last = np.r_[times[1:] != times[:-1], True]
    return times[last], values[last], int((~last).sum())


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()
