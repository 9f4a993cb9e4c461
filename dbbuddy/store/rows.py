"""Rows on their way into a table: checked against its columns, and many of them together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dbbuddy.store.backend import Columns, Gathered
from dbbuddy.store.errors import StoreError

Row = Mapping[str, Any]
"""A value for each column that is to be filled; the others become NULL or their default."""
Rows = Mapping[str, Sequence[Row]]
"""The rows of one unit, for each table."""
Values = tuple[Any, ...]


def checked(rows: Rows, columns: Columns) -> Rows:
    """The rows with values that both databases can hold.

    PostgreSQL cannot hold the character NUL in a text; U+FFFD stands in its place.

    Raises:
        StoreError: there is no such table or column, or a value is not of the column's type.
    """
    return {table: [_checked_row(table, row, _of(table, columns)) for row in some] for table, some in rows.items()}


def size(rows: Rows) -> int:
    """About how many bytes the rows take in memory."""
    return sum(
        100 + sum(len(value) if isinstance(value, str) else 8 for value in row.values()) for some in rows.values() for row in some
    )


def gathered(units: Iterable[Rows]) -> list[Gathered]:
    """The rows of many units: together what fills the same columns of a table."""
    together: dict[tuple[str, tuple[str, ...]], list[Values]] = defaultdict(list)
    for rows in units:
        for table, some in rows.items():
            for row in some:
                together[table, tuple(row)].append(tuple(row.values()))
    return [Gathered(table, names, values) for (table, names), values in together.items()]


def insert_sql(table: str, types: Mapping[str, str], *, keyed: bool = True) -> str:
    """The statement that takes a list of values for each column. DuckDB wants to be told whether there is a key to collide with."""
    lists = ", ".join(f"unnest(CAST(${place} AS {kind}[]))" for place, kind in enumerate(types.values(), 1))
    names = ", ".join(f'"{name}"' for name in types)
    return f'INSERT INTO "{table}" ({names}) SELECT {lists}' + (" ON CONFLICT DO NOTHING" if keyed else "")


def _of(table: str, columns: Columns) -> Mapping[str, str]:
    if table not in columns:
        raise StoreError(f"The store could not save this: it has no table {table!r}.")
    return columns[table]


def _checked_row(table: str, row: Row, types: Mapping[str, str]) -> Row:
    done: dict[str, Any] = {}
    for name, value in row.items():
        if name not in types:
            raise StoreError(f"The store could not save this: the table {table!r} has no column {name!r}.")
        try:
            done[name] = None if value is None else _CHECKS[types[name].upper()](value)
        except (TypeError, ValueError) as error:
            raise StoreError(f"The store could not save this: {table}.{name} is {types[name]}; {error}.") from None
    return done


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no text")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("the text holds half a character (a lone surrogate)") from None
    return value.replace("\x00", "\ufffd")


def _integer(bits: int) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{type(value).__name__} is no whole number")
        if not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
            raise ValueError(f"{value} is too large")
        return value

    return check


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{type(value).__name__} is no number")
    return float(value)


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{type(value).__name__} is neither true nor false")
    return value


def _date(value: Any) -> date:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise TypeError(f"{type(value).__name__} is no date")
    return value


def _timestamp(value: Any) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is not None:
        raise TypeError("a time is UTC without a zone")
    return value


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "VARCHAR": _text,
    "CHARACTER VARYING": _text,
    "INTEGER": _integer(32),
    "BIGINT": _integer(64),
    "DOUBLE": _real,
    "DOUBLE PRECISION": _real,
    "BOOLEAN": _boolean,
    "DATE": _date,
    "TIMESTAMP": _timestamp,
    "TIMESTAMP WITHOUT TIME ZONE": _timestamp,
}
