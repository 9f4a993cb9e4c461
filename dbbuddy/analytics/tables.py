"""Tables behind the figures, and how they leave as CSV: safe to open in a spreadsheet, and saying what they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dbbuddy.analytics import wording
from dbbuddy.analytics.definitions import Unit, definitions
from dbbuddy.analytics.filter import Filter

Cell = str | int | float | date | None
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
HIDDEN = "hidden"


@dataclass(frozen=True)
class Column:
    """A column's head; numbers in it are in this unit, text and days have none."""

    name: str
    unit: Unit | None = None


@dataclass(frozen=True)
class Table:
    """Rows of one kind. `definitions` are the ids of the figures in it. A hidden group has `HIDDEN` in its last column."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    definitions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Origin:
    """Where a table comes from, for its head: the filter, when the roll-ups were refreshed (UTC), whether it is made up."""

    filter: Filter
    as_of: datetime
    sample: bool = False

    def lines(self, used: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Name and value of what a reader has to know; `used` are the ids of the figures' definitions."""
        lines = [("Period", f"{self.filter.period.first} to {self.filter.period.last}")]
        lines += [*wording.parts(self.filter)] or [("Filter", "none")]
        lines.append(("As of", f"{self.as_of:%Y-%m-%d %H:%M} UTC"))
        known = definitions()
        versions = [f"{name} {known[name].version}" for name in used]
        if versions:
            lines.append(("Definitions and versions", ", ".join(versions)))
        return tuple([("Sample data", "made up, about nobody"), *lines] if self.sample else lines)


def safe_text(text: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV injection): an apostrophe goes before what could begin one."""
    stripped = text.lstrip()
    return f"'{text}" if text.startswith(_FORMULA) or stripped.startswith(_FORMULA) else text


def csv_of(table: Table, origin: Origin) -> bytes:
    """The table as CSV in UTF-8 with a byte order mark; lines with `#` in front say what it is."""
    return csv_of_all([table], origin)


def csv_of_all(tables: Sequence[Table], origin: Origin) -> bytes:
    """Several tables in one file, an empty line between them."""
    out = io.StringIO()
    writer = csv.writer(out)
    used = tuple(dict.fromkeys(name for table in tables for name in table.definitions))
    for name, value in origin.lines(used):
        writer.writerow([f"# {name}", safe_text(value)])
    for table in tables:
        writer.writerow([])
        writer.writerow([f"# {table.title}"])
        writer.writerow([safe_text(_head(column)) for column in table.columns])
        writer.writerows([_cell(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode("utf-8-sig")


def shown(cell: Cell, column: Column) -> str:
    """A cell as a reader sees it."""
    if isinstance(cell, (int, float)) and column.unit:
        return wording.value(float(cell), column.unit)
    if isinstance(cell, date):
        return wording.day(cell)
    return "–" if cell is None else str(cell)


_UNITS: dict[Unit, str] = {"share": "share", "milliseconds": "ms", "minutes": "min", "dollars": "USD", "stars": "stars"}


def _head(column: Column) -> str:
    unit = _UNITS.get(column.unit) if column.unit else None
    return f"{column.name} ({unit})" if unit else column.name


def _cell(cell: Cell) -> str | int | float:
    if isinstance(cell, float):
        return round(cell, 6)
    if isinstance(cell, str):
        return safe_text(cell)
    return "" if cell is None else cell if isinstance(cell, int) else cell.isoformat()
