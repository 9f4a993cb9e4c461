"""From points at any times to one value a step: a day, a week, a month, a quarter, a year, or some days."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dbbuddy.capacity.adjustment import Adjustment, adjustment
from dbbuddy.capacity.history.model import Times, Values
from dbbuddy.capacity.metric import Aggregate

LONG_GAP = 7  # steps; shorter ones are bridged without a word
LONGEST = 1_096  # daily values that a forecast learns from; more become weeks
_MONTHS = {1: "month", 3: "quarter", 12: "year"}
_LAST_DAY = dt.date(9999, 12, 31).toordinal()


@dataclass(frozen=True)
class Step:
    """The distance of two values: either whole months or days."""

    days: int = 0
    months: int = 0

    @property
    def name(self) -> str:
        if self.months:
            return _MONTHS.get(self.months, f"{self.months} months")
        return {1: "day", 7: "week"}.get(self.days, f"{self.days} days")

    @property
    def length(self) -> float:
        """In days."""
        return self.months * 365.25 / 12 if self.months else float(self.days)

    @property
    def periods(self) -> tuple[int, ...]:
        """Seasons worth testing, in steps."""
        if self.months:
            return (12 // self.months,) if self.months < 12 else ()
        return {1: (7,), 7: (52,)}.get(self.days, ())


@dataclass(frozen=True)
class Regular:
    """One value a step, the last one at `last`; `filled` marks those without a sample of their own."""

    step: Step
    last: dt.date
    values: Values
    filled: NDArray[np.bool_]

    def date(self, position: float) -> dt.date:
        """The date of a position, from 0 for the first value; later ones lie in the future."""
        return self.ahead(position - (self.values.size - 1))

    def ahead(self, steps: float) -> dt.date:
        """The date so many steps after the last value, fractions rounded up to a day."""
        if not self.step.months:
            return _date(self.last.toordinal() + int(np.ceil(steps * self.step.days - 1e-9)))
        whole = int(np.floor(steps))
        start = _month_later(self.last, whole * self.step.months)
        if steps == whole:
            return start
        end = _month_later(self.last, (whole + 1) * self.step.months)
        return _date(start.toordinal() + int(np.ceil((steps - whole) * (end - start).days - 1e-9)))

    def dates(self, first: int, count: int) -> list[dt.date]:
        """The dates of `count` positions from `first` on."""
        if self.step.months:
            return [self.date(first + i) for i in range(count)]
        start = self.last.toordinal() + (first - self.values.size + 1) * self.step.days
        return [_date(start + i * self.step.days) for i in range(count)]


def step_of(times: Times) -> Step:
    """The step that suits the times: the usual distance of two days that have samples."""
    days = np.unique(times.astype("datetime64[D]").astype(np.int64))
    if days.size < 2:
        return Step(days=1)
    usual = float(np.median(np.diff(days)))
    for months, least, most in ((1, 26, 33), (3, 85, 95), (12, 355, 375)):
        if least <= usual <= most:
            return Step(months=months)
    if usual <= 1.5:
        return Step(days=1) if days.size <= LONGEST else Step(days=7)
    if 6 <= usual <= 8:
        return Step(days=7)
    return Step(days=round(usual))


def regularise(
    times: Times, values: Values, aggregate: Aggregate, undone: frozenset[str] = frozenset()
) -> tuple[Regular, list[Adjustment]]:
    """One value a step, gaps bridged by straight lines.

    Args:
        times: in order.
        values: one for each time.
        aggregate: what of a step's samples counts.
        undone: ids of adjustments that the user does not want.
    """
    step = step_of(times)
    last = dt.date.fromisoformat(str(times[-1])[:10])
    places = _places(times, step, last)
    first_of, counts = _groups(places)
    figures = _aggregated(values, places, first_of, aggregate)
    found = places[first_of]
    notes: list[Adjustment] = []
    if aggregate != "last" and found.size > 3 and counts[-1] < 0.5 * np.median(counts[:-1]):
        note = adjustment(
            "partial", last, f"the last {step.name} has {counts[-1]} samples, others {np.median(counts):.0f}", "left out"
        )
        if note.id not in undone:
            figures, found = figures[:-1], found[:-1]
            last = Regular(step, last, figures, np.zeros(0, bool)).ahead(float(found[-1]))
            found = found - found[-1]
            notes.append(note)
    grid = np.arange(found[0], 1)
    filled = np.ones(grid.size, dtype=bool)
    filled[found - found[0]] = False
    regular = Regular(step, last, np.interp(grid, found, figures), filled)
    notes += _gaps(regular, found)
    return regular, notes


def _places(times: Times, step: Step, last: dt.date) -> NDArray[np.int64]:
    """Each time's step, 0 for the last."""
    if step.months:
        months = times.astype("datetime64[M]").astype(np.int64)
        return np.asarray(-((months[-1] - months) // step.months))
    days = times.astype("datetime64[D]").astype(np.int64)
    return np.asarray(-((days[-1] - days) // step.days))


def _groups(places: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each step's samples begin, and how many there are."""
    first = np.flatnonzero(np.r_[True, places[1:] != places[:-1]])
    return first, np.diff(np.r_[first, places.size])


def _aggregated(values: Values, places: NDArray[np.int64], first: NDArray[np.int64], aggregate: Aggregate) -> Values:
    if first.size == values.size:
        return values
    ends = np.r_[first[1:], values.size]
    if aggregate == "last":
        return np.asarray(values[ends - 1])
    if aggregate == "max":
        return np.asarray(np.maximum.reduceat(values, first))
    if aggregate == "mean":
        return np.asarray(np.add.reduceat(values, first) / (ends - first))
    ordered = values[np.lexsort((values, places))]
    return np.asarray(ordered[first + np.maximum(np.ceil(0.95 * (ends - first)).astype(np.int64) - 1, 0)])


def _gaps(regular: Regular, found: NDArray[np.int64]) -> list[Adjustment]:
    notes = []
    for i in np.flatnonzero(np.diff(found) > LONG_GAP):
        missing = int(found[i + 1] - found[i] - 1)
        date = regular.ahead(float(found[i] + 1))
        notes.append(adjustment("gap", date, f"{missing} {regular.step.name}s without a sample", "bridged by a straight line"))
    return notes


def _month_later(date: dt.date, months: int) -> dt.date:
    """The same day of a later month, its last day where it has fewer; the last day of a month stays the last."""
    total = date.year * 12 + date.month - 1 + months
    if total // 12 > 9999 - 1:
        return dt.date.max
    length = _days_in(total)
    at_end = date.day == _days_in(date.year * 12 + date.month - 1) and date.day >= 28
    return dt.date(total // 12, total % 12 + 1, length if at_end else min(date.day, length))


def _days_in(month: int) -> int:
    following = dt.date((month + 1) // 12, (month + 1) % 12 + 1, 1)
    return (following - dt.timedelta(days=1)).day


def _date(ordinal: int) -> dt.date:
    return dt.date.fromordinal(max(1, min(ordinal, _LAST_DAY)))
