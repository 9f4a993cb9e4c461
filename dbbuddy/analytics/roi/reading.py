"""Tickets out of a file or a pasted table: weeks with counts, or one ticket a line; into weeks by category."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
import pandas as pd
import re2

from dbbuddy.capacity.history.dates import dates
from dbbuddy.capacity.history.model import HistoryError
from dbbuddy.capacity.history.table import table_of_file, table_of_text
from dbbuddy.context import CATEGORIES, CATEGORY_NAMES
from dbbuddy.intake.text import InputError
from dbbuddy.store.baselines import TicketWeek, check

MOST_BYTES = 20_000_000
MOST_ROWS = 200_000
MOST_KINDS = 200

Field = Literal["date", "kind", "tickets", "minutes", "developers"]
TimeUnit = Literal["minutes", "hours", "seconds"]
UNIT_MINUTES: dict[TimeUnit, float] = {"minutes": 1.0, "hours": 60.0, "seconds": 1 / 60}

# The columns are tried in this order; names are folded to lower case.
_NAMES: dict[Field, Any] = {
    "minutes": re2.compile(
        r"time.?spent|handling|work.?(time|log|ed)|effort|^(median.)?(minutes|hours|min|mins|hrs)\b|minutes_median"
    ),
    "developers": re2.compile(r"developers|head.?count|^devs?$"),
    "tickets": re2.compile(r"^(number of )?(tickets?|count|issues?|requests?|n|anzahl)$"),
    "date": re2.compile(r"week|date|created|opened|reported|\bday\b"),
    "kind": re2.compile(r"categor|type|topic|component|subject|class|label"),
}
_HOURS = re2.compile(r"hour|hrs")
_SECONDS = re2.compile(r"second|\bsecs?\b")

# Words of ticket systems that point to a category; the first that fits.
_WORDS: dict[str, Any] = {
    "security_hardening": re2.compile(r"secur|access|permission|grant|login|password|user|audit|encrypt"),
    "capacity_planning": re2.compile(r"capacity|storage|disk|space|sizing|growth|full|provision|scal"),
    "query_optimization": re2.compile(r"query|sql|index|plan|explain|tuning"),
    "architecture_design": re2.compile(r"architect|design|schema|model|migrat|replica|partition|high.avail"),
    "performance_analysis": re2.compile(r"perform|slow|latency|cpu|memory|lock|wait"),
    "troubleshooting": re2.compile(r"incident|error|fail|outage|trouble|bug|connect|problem"),
}


@dataclass(frozen=True)
class Columns:
    """Which column holds what, by its name. Without `tickets` every line is one ticket; without `minutes` or `developers` a value
    for all is needed. `unit` is that of the handling times.
    """

    date: str
    kind: str = ""
    tickets: str = ""
    minutes: str = ""
    developers: str = ""
    unit: TimeUnit = "minutes"


@dataclass(frozen=True)
class Usual:
    """What holds for every line that does not say otherwise."""

    developers: int
    minutes: float | None = None


@dataclass(frozen=True)
class Weeks:
    """The weeks read, and the lines left out with the reason and how many."""

    rows: tuple[TicketWeek, ...]
    left_out: Mapping[str, int]


def read_table(name: str, data: bytes | str) -> pd.DataFrame:
    """The table of a file or a text, all cells as text.

    Raises:
        InputError: there is none, or it is too large.
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"{name} is larger than {MOST_BYTES // 1_000_000} MB. Export counts by week instead of single tickets.")
    try:
        table = table_of_text(data) if isinstance(data, str) else table_of_file(name, data)
    except HistoryError as error:
        raise InputError(f"No table of tickets could be read: {error}") from error
    if len(table) > MOST_ROWS:
        raise InputError(f"{name} has more than {MOST_ROWS:,} lines. Export counts by week instead of single tickets.")
    return table


def guess(table: pd.DataFrame) -> Columns:
    """The columns by their names; the first column is the date if none is called so."""
    found: dict[str, str] = {}
    for field, pattern in _NAMES.items():
        for column in map(str, table.columns):
            if column not in found.values() and pattern.search(column.casefold()):
                found[field] = column
                break
    unit: TimeUnit = "minutes"
    if _HOURS.search(found.get("minutes", "").casefold()):
        unit = "hours"
    elif _SECONDS.search(found.get("minutes", "").casefold()):
        unit = "seconds"
    found.setdefault("date", str(table.columns[0]))
    return Columns(**found, unit=unit)


def kinds(table: pd.DataFrame, columns: Columns) -> dict[str, str]:
    """The values of the column of kinds, each with the category it seems to mean; the most frequent first."""
    if not columns.kind:
        return {}
    values = table[columns.kind].astype(str).str.strip()
    return {str(kind): category_of(str(kind)) for kind in values.value_counts().index[:MOST_KINDS]}


def category_of(kind: str) -> str:
    """The category that a ticket system's word seems to mean; troubleshooting if none."""
    folded = kind.casefold().strip()
    for category in CATEGORIES:
        if folded.replace(" ", "_").replace("-", "_") == category or folded == CATEGORY_NAMES[category].casefold():
            return category
    return next((category for category, pattern in _WORDS.items() if pattern.search(folded)), "troubleshooting")


def weeks(table: pd.DataFrame, columns: Columns, meant: Mapping[str, str], usual: Usual) -> Weeks:
    """The tickets by week and category. `meant` gives the category of each kind (of `""`, if there is no column of kinds); kinds
    that are not in it or have none are left out.

    The handling time of a week is the median of its lines, weighted by their tickets.

    Raises:
        InputError: nothing of it can be used; the message says why.
    """
    times = dates(table[columns.date].astype(str))
    if times.ambiguous:
        raise InputError("The dates can be read with the day or the month first. Write them as YYYY-MM-DD.")
    words = [str(kind).strip() for kind in table[columns.kind]] if columns.kind else [""] * len(table)
    categories = [meant.get(word, "") for word in words]
    counts = _numbers(table, columns.tickets, 1.0)
    minutes = _numbers(table, columns.minutes, usual.minutes or np.nan) * (UNIT_MINUTES[columns.unit] if columns.minutes else 1.0)
    minutes = np.where(np.isnan(minutes) | (minutes <= 0), usual.minutes or np.nan, minutes)
    developers = _numbers(table, columns.developers, float(usual.developers))
    lines: dict[tuple[str, date], list[tuple[float, float, float]]] = defaultdict(list)
    left: dict[str, int] = defaultdict(int)
    for stamp, category, count, took, heads in zip(times.times, categories, counts, minutes, developers, strict=True):
        reason = _unusable(stamp, category, count, took)
        if reason:
            left[reason] += 1
            continue
        day = stamp.astype("datetime64[D]").item()
        lines[category, day - timedelta(days=day.weekday())].append((count, took, heads if heads > 0 else float(usual.developers)))
    rows = tuple(_week(category, week, found) for (category, week), found in sorted(lines.items(), key=lambda one: one[0][::-1]))
    if not rows:
        why = ", ".join(f"{count} with {reason}" for reason, count in left.items()) or "there are no lines"
        raise InputError(f"No line of it can be used: {why}.")
    try:
        for row in rows:
            check(row)
    except ValueError as error:
        raise InputError(str(error)) from error
    return Weeks(rows, dict(left))


def _unusable(stamp: np.datetime64, category: str, count: float, took: float) -> str:
    if np.isnat(stamp):
        return "no date that can be read"
    if not category:
        return "a kind that counts for no category"
    if np.isnan(count) or count < 0 or count != int(count):
        return "no whole number of tickets"
    return "no handling time" if np.isnan(took) else ""


def _week(category: str, week: date, lines: Sequence[tuple[float, float, float]]) -> TicketWeek:
    counts, minutes, developers = (np.array(part) for part in zip(*lines, strict=True))
    order = np.argsort(minutes, kind="stable")
    weight = np.cumsum(np.maximum(counts[order], 1e-9))
    median = float(minutes[order][np.searchsorted(weight, weight[-1] / 2)])
    return TicketWeek(category, week, int(counts.sum()), median, int(developers.max()))


def _numbers(table: pd.DataFrame, column: str, missing: float) -> np.ndarray:
    """(n,) numbers; NaN where there is none that can be read, `missing` everywhere without such a column."""
    if not column:
        return np.full(len(table), missing)
    text = table[column].astype(str).str.strip().str.replace("\u00a0", "", regex=False)
    decimal = text.str.contains(",", regex=False) & ~text.str.contains(".", regex=False)
    text = text.where(~decimal, text.str.replace(",", ".", n=1, regex=False)).str.replace(",", "", regex=False)
    values = pd.to_numeric(text, errors="coerce").to_numpy(float)
    return np.where(np.isfinite(values), values, np.nan)
