"""Copying a whole store from one database into another, all or nothing, and proving that the copy is the same.

The proof is a count and a checksum for each table: the sum of a hash of every row, so that the order of rows does not matter.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from dbbuddy.store.backend import Backend, Gathered, Session
from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.errors import StoreError
from dbbuddy.store.rows import Values

LEDGER = "migrations"
_AT_ONCE = 1_000
_HASH_BYTES = 16


@dataclass(frozen=True)
class Digest:
    """What a table holds. `checksum` is the sum of its rows' BLAKE2b hashes, modulo 2^128, as 32 hexadecimal digits."""

    rows: int
    checksum: str


def move(source: Backend, target: Backend) -> dict[str, Digest]:
    """Copy every table of a store into an empty one; returns what was copied, by table, proven by reading it back.

    The target holds all of it or, whatever happens, nothing.

    Raises:
        StoreError: the target is not empty, a table is missing there, or the copy is not the same.
    """
    with source.snapshot() as reading, target.transaction() as writing:
        tables = {table: list(columns) for table, columns in source.columns.items() if table != LEDGER}
        _check_places(tables, target)
        _make_room(tables, writing)
        done = {}
        for table, columns in tables.items():
            meter = _Meter()
            for part in _parts(meter.passing(_rows(reading, table, columns))):
                writing.add([Gathered(table, tuple(columns), part)])
            done[table] = meter.digest()
            there = digest(writing, table, columns)
            if there != done[table]:
                raise StoreError(
                    f"The copy of the table {table} is not the same ({there.rows} of {done[table].rows} rows); nothing was copied."
                )
    return done


def digest(session: Session, table: str, columns: Iterable[str]) -> Digest:
    """Count and checksum of a table, over the named columns."""
    meter = _Meter()
    for _ in meter.passing(_rows(session, table, columns)):
        pass
    return meter.digest()


class _Meter:
    """Counts and hashes the rows that pass."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def passing(self, rows: Iterable[Values]) -> Iterator[Values]:
        for row in rows:
            self._rows += 1
            text = "\x1f".join(map(_canonical, row)).encode()
            self._sum += int.from_bytes(hashlib.blake2b(text, digest_size=_HASH_BYTES).digest(), "big")
            yield row

    def digest(self) -> Digest:
        return Digest(self._rows, f"{self._sum % 256**_HASH_BYTES:032x}")


def _canonical(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else repr(value)


def _rows(session: Session, table: str, columns: Iterable[str]) -> Iterator[Values]:
    """The rows as they can be kept in both databases; PostgreSQL has no character NUL."""
    names = ", ".join(f'"{name}"' for name in columns)
    for row in session.stream(f'SELECT {names} FROM "{table}"'):
        yield tuple(value.replace("\x00", "\ufffd") if isinstance(value, str) and "\x00" in value else value for value in row)


def _parts(rows: Iterator[Values]) -> Iterator[list[Values]]:
    while part := list(islice(rows, _AT_ONCE)):
        yield part


def _check_places(tables: dict[str, list[str]], target: Backend) -> None:
    for table, columns in tables.items():
        missing = set(columns) - set(target.columns.get(table, {}))
        if missing:
            raise StoreError(f"The target has no place for {table}.{', '.join(sorted(missing))}; bring both to the same version.")


def _make_room(tables: dict[str, list[str]], writing: Session) -> None:
    """See that the target has nothing but the rows that a new store begins with, and take those away."""
    filled = [table for table in tables if writing.run(f'SELECT 1 FROM "{table}" LIMIT 1')]
    begun_with = _new_store({table: tables[table] for table in filled}) if filled else {}
    for table in filled:
        if digest(writing, table, tables[table]) != begun_with[table]:
            raise StoreError(
                f"The target is not empty: its table {table} has rows. Nothing was copied. Name a new, empty database or file."
            )
        writing.run(f'DELETE FROM "{table}"')


def _new_store(tables: dict[str, list[str]]) -> dict[str, Digest]:
    """What the tables hold in a store that was just made."""
    with tempfile.TemporaryDirectory(prefix="dbbuddy-new-") as folder:
        backend = DuckDBBackend(Path(folder) / "new.duckdb")
        try:
            with backend.snapshot() as session:
                return {table: digest(session, table, columns) for table, columns in tables.items()}
        finally:
            backend.close()
