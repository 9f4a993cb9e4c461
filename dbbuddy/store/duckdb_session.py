"""A transaction on DuckDB: statements, and rows in bulk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import duckdb

from dbbuddy.store.backend import Columns, Gathered, Keys
from dbbuddy.store.duckdb_faults import translated
from dbbuddy.store.rows import Values, insert_sql

_ROWS_AT_ONCE = 1_000


@dataclass
class Tables:
    """What is known of the tables; `colliding` are those into which a row was put whose key was there already.

    The appender costs a third of an INSERT with ON CONFLICT, but fails on such a row, so those tables are looked into before.
    """

    columns: Columns
    keys: Keys
    colliding: set[str] = field(default_factory=set)
    _appenders: dict[tuple[str, tuple[str, ...]], Any] = field(default_factory=dict)

    def appender(self, connection: duckdb.DuckDBPyConnection, table: str, names: tuple[str, ...]) -> Any:
        """An appender of the writer's connection, kept since making one costs as much as using it."""
        if (table, names) not in self._appenders:
            self._appenders[table, names] = connection.appender(table, columns=list(names))
        return self._appenders[table, names]

    def drop_appenders(self) -> None:
        """Let go of them and of what they hold; they are handles of the database."""
        for appender in self._appenders.values():
            with suppress(duckdb.Error):  # of an invalidated database
                appender.clear()
        self._appenders.clear()


class DuckDBSession:
    """See `Session`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, tables: Tables | None = None) -> None:
        self._connection = connection
        self._tables = tables or Tables({}, {})

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return fetched(self._connection.execute(sql, list(parameters) or None), sql)
        except duckdb.Error as error:
            raise translated(error) from error

    def add(self, rows: Sequence[Gathered], *, careful: bool = False) -> None:
        try:
            for some in rows:
                key = self._tables.keys.get(some.table, ())
                if len(key) > 1:
                    self._insert_unless_there(some)
                else:
                    self._append(some, self._new(some, key, careful) if key else some.values)
        except duckdb.Error as error:
            self._tables.drop_appenders()
            raise translated(error) from error

    def _new(self, some: Gathered, key: tuple[str, ...], careful: bool) -> list[Values]:
        """The rows whose key is not there yet, each key once."""
        place = some.names.index(key[0])
        by_key = {row[place]: row for row in reversed(some.values)}
        if careful or some.table in self._tables.colliding:
            sql = f'SELECT "{key[0]}" FROM "{some.table}" WHERE "{key[0]}" = ANY($1)'
            there = self._connection.execute(sql, [list(by_key)]).fetchall()
            if there:
                self._tables.colliding.add(some.table)
            for (value,) in there:
                del by_key[value]
        return list(reversed(by_key.values()))

    def _append(self, some: Gathered, values: list[Values]) -> None:
        if values:
            appender = self._tables.appender(self._connection, some.table, some.names)
            appender.append_rows(values)
            appender.flush()

    def _insert_unless_there(self, some: Gathered) -> None:
        types = {name: self._tables.columns[some.table][name] for name in some.names}
        self._connection.execute(insert_sql(some.table, types), [list(values) for values in zip(*some.values, strict=True)])

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            cursor = self._connection.execute(sql)
            while part := cursor.fetchmany(_ROWS_AT_ONCE):
                yield from part
        except duckdb.Error as error:
            raise translated(error) from error

    def lock(self, name: str, *, wait: bool = True) -> bool:  # noqa: ARG002
        return True


def fetched(cursor: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """The rows, with numbers as PostgreSQL gives them. The count that DuckDB returns for a change is no row."""
    description = cursor.description or []
    if [column[0] for column in description] == ["Count"] and not sql.lstrip().upper().startswith(("SELECT", "WITH")):
        return []
    rows: list[tuple[Any, ...]] = cursor.fetchall() if description else []
    if any(str(column[1]).startswith("DECIMAL") for column in description):
        return [tuple(_number(value) for value in row) for row in rows]
    return rows


def _number(value: Any) -> Any:
    if not isinstance(value, Decimal):
        return value
    return int(value) if value.as_tuple().exponent == 0 else float(value)
