"""What is known to come, and what if: changes that a history cannot show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import re2

from dbbuddy.capacity.history.model import Values
from dbbuddy.capacity.units import UnitError, convert, quantity


@dataclass(frozen=True)
class Change:
    """So much more (or less, when negative) from that date on: a migration, an import, a dropped partition."""

    date: dt.date
    amount: float


@dataclass(frozen=True)
class Growth:
    """From that date on it grows so many times as fast."""

    date: dt.date
    factor: float


@dataclass(frozen=True)
class Scaled:
    """From that date on everything takes this share of its size: compression, a rewritten table."""

    date: dt.date
    factor: float


@dataclass(frozen=True)
class Purge:
    """So much is removed on that date and then every so many days."""

    date: dt.date
    amount: float
    every_days: int


@dataclass(frozen=True)
class Retention:
    """From that date on what is older than `keep_days` is removed or archived; `share` of the data falls under the rule."""

    date: dt.date
    keep_days: int
    share: float = 1.0


Event = Change | Growth | Scaled | Purge | Retention


@dataclass(frozen=True)
class Timeline:
    """Where steps lie in time, as ordinals of days; `past` are the clean values up to now, the last one at `now`."""

    now: int
    ahead: Values
    past_days: Values
    past: Values


def apply(events: Sequence[Event], paths: Values, time: Timeline) -> Values:
    """The paths (..., H) as the events change them, in order of their dates."""
    for event in sorted(events, key=lambda e: e.date):
        start = event.date.toordinal()
        after = time.ahead >= start
        if isinstance(event, Change):
            paths = paths + event.amount * after
        elif isinstance(event, Scaled):
            paths = np.where(after, paths * event.factor, paths)
        elif isinstance(event, Growth):
            base = _at(paths, time, start)
            paths = np.where(after, base + (paths - base) * event.factor, paths)
        elif isinstance(event, Purge):
            times = np.where(after, np.floor((time.ahead - start) / max(event.every_days, 1)) + 1, 0)
            paths = paths - event.amount * times
        else:
            paths = np.where(after, paths - event.share * _older(paths, time, event.keep_days), paths)
    return np.asarray(paths)


def _at(paths: Values, time: Timeline, day: int) -> Values:
    """(..., 1) each path's value on that day; today's before the first step."""
    before = np.flatnonzero(time.ahead < day)
    if before.size == 0:
        return np.full((*paths.shape[:-1], 1), float(time.past[-1]))
    return paths[..., before[-1] : before[-1] + 1]


def _older(paths: Values, time: Timeline, keep_days: int) -> Values:
    """What was there `keep_days` before each step, and is now too old; before the history, its line drawn back."""
    then = time.ahead - keep_days
    slope = (time.past[-1] - time.past[0]) / max(float(time.past_days[-1] - time.past_days[0]), 1.0)
    drawn_back = np.maximum(time.past[0] - max(slope, 0.0) * np.maximum(time.past_days[0] - then, 0), 0.0)
    seen = np.where(then < time.past_days[0], drawn_back, np.interp(then, time.past_days, time.past))
    place = np.searchsorted(time.ahead, then, side="right") - 1
    return np.where(then > time.now, paths[..., np.maximum(place, 0)], seen)


_DATE = r"(?P<date>\d{4}-\d{2}-\d{2})"
_FORMS = {
    "growth": rf"(?i)^{_DATE}\s+growth\s*[x×*]?\s*(?P<a>[\d.]+)$",
    "scaled": rf"(?i)^{_DATE}\s+(?:compress\w*|scale\w*)\s*[x×*]?\s*(?P<a>[\d.]+)$",
    "retention": rf"(?i)^{_DATE}\s+keep\s+(?P<a>\d+)\s*d(?:ays?)?(?:\s+of\s+(?P<b>[\d.]+)\s*%)?$",
    "purge": rf"(?i)^{_DATE}\s+purge\s+(?P<a>[\d.,]+\s*[a-z%/]*)\s+every\s+(?P<b>\d+)\s*d(?:ays?)?$",
    "change": rf"(?i)^{_DATE}\s+(?P<a>[+-]\s*[\d.,]+\s*[a-z%/]*)$",
}
HOW = (
    "2027-03-01 +300 GB · 2027-03-01 growth x1.5 · 2027-03-01 compress x0.6 · "
    "2027-03-01 keep 90 days · 2027-03-01 purge 50 GB every 30 days"
)


def _made(form: str, date: dt.date, first: str, second: str, unit: str) -> Event:
    """Raises ValueError where a number cannot be read."""
    if form == "growth":
        return Growth(date, float(first))
    if form == "scaled":
        return Scaled(date, float(first))
    if form == "retention":
        return Retention(date, int(first), float(second or 100) / 100)
    if form == "purge":
        return Purge(date, _amount(first, unit), int(second))
    return Change(date, _amount(first, unit))


def parse_event(text: str, unit: str) -> Event:
    """The event that a line tells, amounts in the history's unit.

    Raises:
        UnitError: it is none of the forms, or its numbers cannot be.
    """
    for form, pattern in _FORMS.items():
        match = re2.search(pattern, text.strip()[:200])
        if match:
            told = match.groupdict()
            try:
                event = _made(form, dt.date.fromisoformat(told["date"]), told["a"], told.get("b") or "", unit)
            except UnitError:
                raise
            except ValueError:
                break
            if _possible(event):
                return event
            break
    raise UnitError(f"{text.strip()[:80]!r} is no event. Write one of: {HOW}.")


def _possible(event: Event) -> bool:
    if isinstance(event, Growth | Scaled):
        return 0 <= event.factor <= 1_000
    if isinstance(event, Purge):
        return 0 < event.every_days <= 36_500 and event.amount >= 0
    if isinstance(event, Retention):
        return 0 < event.keep_days <= 36_500 and 0 <= event.share <= 1
    return abs(event.amount) < 1e30


def _amount(text: str, unit: str) -> float:
    sign = -1.0 if text.strip().startswith("-") else 1.0
    value, named = quantity(text.strip().lstrip("+-").strip(), unit)
    return sign * convert(value, named, unit)
