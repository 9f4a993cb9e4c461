"""Statistics for the scratch tables, through the functions by which PostgreSQL restores a dump's own.

Without a stated distribution numbers and moments are spread evenly: numbers from 1 up to the number of distinct values, moments
over the last three years, both widened to the constants that the statements compare with. Correlation with the row order is
assumed 1 for integer keys and moments, which grow as rows are added, and 0 for the rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg

from dbbuddy.sqlreview.indexes.assumptions import distinct_of, is_unique, rows_of, width_of
from dbbuddy.sqlreview.indexes.size import PAGE
from dbbuddy.sqlreview.indexes.stats import Overrides
from dbbuddy.sqlreview.schema import Schema, Table
from dbbuddy.sqlreview.scratch.model import ColumnAssumption, TableAssumption
from dbbuddy.sqlreview.scratch.types import kind_of, scratch_type

VISIBLE_SHARE = 0.95
"""Share of pages that are all-visible in a table that VACUUM looks after."""
_TUPLE_HEADER = 28
_BOUNDS = 20
_YEARS = 3


def table_assumption(table: Table, schema: Schema, overrides: Overrides, inferred: bool) -> TableAssumption:
    """What the planner is told of a table."""
    columns = tuple(_column(table, name, schema, overrides) for name in table.columns)
    visible = min(1.0, max(0.0, overrides.visible.get(table.name.lower(), VISIBLE_SHARE)))
    return TableAssumption(
        table.name, rows_of(table), visible, columns, "stated" if table.rows is not None else "assumed", inferred
    )


def _column(table: Table, name: str, schema: Schema, overrides: Overrides) -> ColumnAssumption:
    kind, _ = scratch_type(table.columns[name].type)
    rows = rows_of(table)
    distinct = distinct_of(name, table, schema)
    stated = any(key.lower() == name.lower() for key in table.distinct)
    null_share = next((share for key, share in table.null_share.items() if key.lower() == name.lower()), 0.0)
    grows = kind_of(kind) == "moment" or (kind in ("integer", "bigint") and is_unique(name, table))
    correlation = overrides.correlation.get((table.name.lower(), name.lower()), 1.0 if grows and distinct > rows / 1000 else 0.0)
    width = width_of(name, table)
    return ColumnAssumption(
        name,
        kind,
        distinct,
        min(1.0, max(0.0, null_share)),
        min(1.0, max(-1.0, correlation)),
        width,
        "stated" if stated else "assumed",
    )


def heap_pages(assumption: TableAssumption) -> int:
    """Pages of the table: header and line pointer of 28 bytes a row, then its columns."""
    width = _TUPLE_HEADER + sum(column.width * (1 - column.null_share) for column in assumption.columns)
    per_page = max(1, int((PAGE - 24) / max(width, 32)))
    return max(1, int(assumption.rows / per_page) + 1)


def restore(connection: psycopg.Connection[Any], assumption: TableAssumption, literals: dict[tuple[str, str], list[str]]) -> None:
    """Tell the planner the size of a table and what its columns hold."""
    table = assumption.table.lower()
    pages = heap_pages(assumption)
    connection.execute(
        "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s::text, 'relpages', %s::integer,"
        " 'reltuples', %s::real, 'relallvisible', %s::integer)",
        (table, pages, assumption.rows, int(pages * assumption.visible_share)),
    )
    for column in assumption.columns:
        pairs = list(_statistics(column, assumption.rows, literals.get((table, column.column.lower()), [])))
        texts = ", ".join(f"'{name}', %s::{kind}" for name, kind, _ in pairs)
        connection.execute(
            f"SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', %s::text, 'attname', %s::text,"
            f" 'inherited', false, {texts})",
            (table, column.column.lower()[:63], *(value for _, _, value in pairs)),
        )


def _statistics(column: ColumnAssumption, rows: float, literals: list[str]) -> Iterator[tuple[str, str, object]]:
    unique = column.distinct >= rows * (1 - column.null_share) * 0.99
    yield "null_frac", "real", column.null_share
    yield "avg_width", "integer", max(1, int(column.width))
    yield "n_distinct", "real", -(1 - column.null_share) if unique else max(1.0, column.distinct)
    kind = kind_of(column.type)
    if kind == "boolean":
        yield "most_common_vals", "text", "{f,t}"
        yield "most_common_freqs", "real[]", [(1 - column.null_share) / 2] * 2
        return
    if kind not in ("number", "moment"):
        return
    bounds = _moments(literals) if kind == "moment" else _numbers(column, literals)
    if column.type == "money" or len(set(bounds)) < 2 or (column.type == "smallint" and column.distinct > 30_000):
        return
    yield "histogram_bounds", "text", "{" + ",".join(bounds) + "}"
    yield "correlation", "real", column.correlation


def _numbers(column: ColumnAssumption, literals: list[str]) -> list[str]:
    values = [float(text) for text in literals if _is_number(text)]
    low = min([1.0, *values])
    high = max([column.distinct, *(value * 1.25 for value in values)])
    if column.type.startswith("numeric("):
        digits = column.type[8:-1].split(",")
        high = min(high, 10.0 ** (int(digits[0]) - (int(digits[1]) if len(digits) > 1 else 0)) - 1)
    limit = {"smallint": 32_767, "integer": 2_147_483_647}.get(column.type, 9e18)
    high = min(high, limit)
    steps = sorted({round(low + (high - low) * step / _BOUNDS) for step in range(_BOUNDS + 1)})
    return [str(step) for step in steps]


def _moments(literals: list[str]) -> list[str]:
    now = datetime.now().replace(microsecond=0)
    found = [moment for moment in map(_moment, literals) if moment is not None]
    low = min([now - timedelta(days=365 * _YEARS), *(moment - timedelta(days=365) for moment in found)])
    high = max([now, *(moment + timedelta(days=30) for moment in found)])
    return [f'"{(low + (high - low) * step / _BOUNDS).isoformat(" ", "seconds")}"' for step in range(_BOUNDS + 1)]


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.strip()).replace(tzinfo=None)
    except ValueError:
        return None
    return moment if 1900 < moment.year < 2200 else None


def _is_number(text: str) -> bool:
    try:
        return abs(float(text)) < 1e15
    except ValueError:
        return False
