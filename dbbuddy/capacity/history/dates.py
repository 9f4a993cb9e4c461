"""Columns of dates in the forms that people and tools write; day and month told apart by the data, or asked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from dbbuddy.capacity.history.model import EARLIEST, LATEST, Times, Values

DateOrder = Literal["day_first", "month_first"]
_SAMPLE = 400
_ENOUGH = 0.9
_UNEVEN = 0.3  # days of a month differ by less
_EPOCHS = (1.0, 1e3, 1e6, 1e9)  # how many of the unit make a second
_EPOCH_RANGE = (1e8, 5e9)  # 1973 to 2128 in seconds
_EXCEL = (20_000.0, 80_000.0)
_EXCEL_1970 = 25_569  # a spreadsheet's day number of 1970-01-01
_TIMES = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M:%S %p", " %I:%M %p", ", %H:%M", ", %H:%M:%S", ", %I:%M %p",
          "T%H:%M:%S")  # fmt: skip
_DAY_FIRST = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%d/%m/%y", "%d.%m.%y", "%d-%m-%y")
_MONTH_FIRST = ("%m/%d/%Y", "%m.%d.%Y", "%m-%d-%Y", "%m/%d/%y", "%m.%d.%y", "%m-%d-%y")
_CLEAR = ("%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d-%b-%y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%b %d %Y", "%b %d, %Y",
          "%B %d, %Y", "%B %d %Y", "%a %b %d %H:%M:%S %Y", "%b %Y", "%B %Y", "%b-%y", "%b-%Y", "%m/%Y", "%Y/%m",
          "%Y-%m", "%Y")  # fmt: skip
_AFTER_DATE = (" UTC", " GMT", "Z", " Z")


@dataclass(frozen=True)
class Dates:
    """(n,) UTC times, NaT where there is none; `ambiguous` if day and month could be the other way round."""

    times: Times
    share: float
    order: DateOrder | None = None
    ambiguous: bool = False
    zones: bool = False


def dates(column: pd.Series[str], order: DateOrder | None = None) -> Dates:
    """Read a column of texts.

    Args:
        column: dates as written, "" for none.
        order: what the user said of day and month; None lets the data decide.
    """
    column = column.str.strip()
    filled = column[column != ""]
    if filled.empty:
        return Dates(np.full(column.size, np.datetime64("NaT", "s")), 0.0)
    sample = filled.iloc[np.unique(np.linspace(0, filled.size - 1, _SAMPLE).astype(int))]
    number = _numbers(column, sample)
    if number is not None:
        return number
    iso = pd.to_datetime(sample, errors="coerce", utc=True, format="ISO8601")
    if iso.notna().mean() >= 0.5:
        read = pd.to_datetime(column, errors="coerce", utc=True, format="ISO8601")
        return Dates(_stamps(read), _share(read, filled.size), zones=_several_zones(sample))
    return _by_format(column, sample, filled.size, order)


def _numbers(column: pd.Series[str], sample: pd.Series[str]) -> Dates | None:
    """Seconds or milliseconds since 1970, or the days of a spreadsheet; `20260131` is a date."""
    if not sample.str.replace(".", "", n=1, regex=False).str.isdecimal().all():
        return None
    if (sample.str.len().isin((4, 8)) & sample.str.startswith(("19", "20"))).all():
        return None
    values = pd.to_numeric(sample).to_numpy(float)
    filled = int((column != "").sum())
    for unit in _EPOCHS:
        least, most = (bound * unit for bound in _EPOCH_RANGE)
        if ((values >= least) & (values < most)).mean() >= _ENOUGH:
            seconds = pd.to_numeric(column, errors="coerce").to_numpy(float) / unit
            return _of_seconds(seconds, filled)
    if ((values >= _EXCEL[0]) & (values < _EXCEL[1])).all():
        seconds = (pd.to_numeric(column, errors="coerce").to_numpy(float) - _EXCEL_1970) * 86_400
        return _of_seconds(seconds, filled * 2)  # half as sure: sizes look like that too
    return Dates(np.full(column.size, np.datetime64("NaT", "s")), 0.0)


def _of_seconds(seconds: Values, filled: int) -> Dates:
    """Times of seconds since 1970; those out of range are none."""
    good = (np.nan_to_num(seconds) > -2e9) & (np.nan_to_num(seconds) < 7e9) & np.isfinite(seconds)
    times = np.full(seconds.size, np.datetime64("NaT", "s"))
    times[good] = seconds[good].astype(np.int64).astype("datetime64[s]")
    return Dates(times, float(good.sum()) / max(filled, 1))


def _by_format(column: pd.Series[str], sample: pd.Series[str], filled: int, order: DateOrder | None) -> Dates:
    best = Dates(np.full(column.size, np.datetime64("NaT", "s")), 0.0)
    column, sample = _without_zone(column), _without_zone(sample)
    clear = _fitting(sample, _CLEAR)
    if clear:
        return _read(column, clear, filled)
    day, month = _fitting(sample, _DAY_FIRST), _fitting(sample, _MONTH_FIRST)
    if day and month and order is None:
        first, second = _read(column, day, filled), _read(column, month, filled)
        if abs(first.share - second.share) > 1e-9:  # a day over 12 somewhere
            return _ordered(first, "day_first") if first.share > second.share else _ordered(second, "month_first")
        smooth = _unevenness(first.times), _unevenness(second.times)
        if max(smooth) > _UNEVEN and max(smooth) > 2 * min(smooth):
            return _ordered(first, "day_first") if smooth[0] < smooth[1] else _ordered(second, "month_first")
        return Dates(first.times, first.share, "day_first", ambiguous=True)
    if day and (order != "month_first" or not month):
        return _ordered(_read(column, day, filled), "day_first")
    if month:
        return _ordered(_read(column, month, filled), "month_first")
    return best


def _ordered(found: Dates, order: DateOrder) -> Dates:
    return Dates(found.times, found.share, order)


def _fitting(sample: pd.Series[str], forms: tuple[str, ...]) -> str | None:
    """The form that reads nearly all of the sample."""
    head = sample.iloc[np.unique(np.linspace(0, sample.size - 1, 5).astype(int))].tolist()
    tried = [date + time for date in forms for time in (_TIMES if "%H" not in date else ("",))]
    likely = [form for form in tried if any(_reads(form, text) for text in head)]
    shares = [(float(pd.to_datetime(sample, errors="coerce", format=form).notna().mean()), form) for form in likely]
    share, form = max(shares, default=(0.0, ""), key=lambda pair: pair[0])
    return form if share >= 0.5 else None


def _reads(form: str, text: str) -> bool:
    try:
        dt.datetime.strptime(text, form)  # one text is read far faster so than by pandas
    except ValueError:
        return False
    return True


def _read(column: pd.Series[str], form: str, filled: int) -> Dates:
    read = pd.to_datetime(column, errors="coerce", format=form, utc=True)
    return Dates(_stamps(read), _share(read, filled))


def _unevenness(times: Times) -> float:
    """How uneven the distances are; backward ones count most."""
    known = times[~np.isnat(times)].astype(np.int64).astype(float)
    distance = np.diff(known)
    distance = distance[distance != 0]
    if distance.size < 2:
        return 1.0
    if (distance < 0).mean() > 0.5:  # newest first
        distance = -distance
    usual = float(np.median(np.abs(distance)))
    return float(np.abs(distance - usual).mean() / usual) + 10 * float((distance < 0).mean()) + 0.01


def _stamps(read: pd.Series[pd.Timestamp]) -> Times:
    times = read.dt.tz_localize(None).to_numpy("datetime64[s]")
    outside = ~np.isnat(times) & ((times < EARLIEST) | (times >= LATEST))
    times = times.copy()
    times[outside] = np.datetime64("NaT", "s")
    return np.asarray(times)


def _share(read: pd.Series[pd.Timestamp], filled: int) -> float:
    return float(read.notna().sum()) / max(filled, 1)


def _without_zone(column: pd.Series[str]) -> pd.Series[str]:
    for ending in _AFTER_DATE:
        column = column.str.removesuffix(ending)
    return column


def _several_zones(sample: pd.Series[str]) -> bool:
    """Whether the texts carry different offsets from UTC, summer time among them."""
    tails = {text[-6:] if len(text) > 16 and text[-6] in "+-" else "+00:00" for text in sample}
    return len(tails) > 1
