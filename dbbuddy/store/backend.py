"""What a database has to offer to be the store. DuckDB and PostgreSQL do, with the same SQL text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from dbbuddy.store.errors import StoreError

BackendName = Literal["duckdb", "postgresql"]
Columns = Mapping[str, Mapping[str, str]]
"""The type of each column of each table, in the backend's own name for it."""
Keys = Mapping[str, tuple[str, ...]]
"""The columns of the primary key of each table that has one."""


@dataclass(frozen=True)
class Gathered:
    """Rows of one table: the values of the named columns."""

    table: str
    names: tuple[str, ...]
    values: list[tuple[Any, ...]]


class Session(Protocol):
    """A transaction of the writer. What is run in it is kept together or not at all."""

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """The rows of a statement; none for one that changes rows. `$1` is the first parameter.

        Several statements may stand in one text if there are no parameters.

        Raises:
            UnavailableError: the store does not work now.
            StoreError: the statement failed.
        """
        ...

    def add(self, rows: Sequence[Gathered], *, careful: bool = False) -> None:
        """Insert many rows at once; a row whose key is there already is passed over.

        A backend may take it that there are none with such a key, and fail. If it is `careful` it looks.

        Raises:
            UnavailableError: the store does not work now.
            StoreError: a row could not be inserted.
        """
        ...

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a query without holding all of them; read them to the end before the next statement.

        Raises:
            StoreError: as `run`.
        """
        ...

    def lock(self, name: str, *, wait: bool = True) -> bool:
        """Keep other replicas of the app out until the transaction ends; `False` if another holds the lock.

        With `wait` it is always got. On DuckDB nobody else can write anyway.
        """
        ...


class Backend(Protocol):
    """An open database. `transaction` is for the writer thread alone; `read` is safe from any thread."""

    name: BackendName
    columns: Columns
    keys: Keys

    def read(self, sql: str, parameters: Sequence[Any], limit_seconds: float) -> list[tuple[Any, ...]]:
        """The rows of a query on a connection of its own, stopped at the time limit.

        Raises:
            StoreError: it failed or took too long.
        """
        ...

    def transaction(self) -> AbstractContextManager[Session]:
        """Begin; commit at the end of the block, roll back if it raises.

        Raises:
            UnavailableError: the store does not work now; after a commit that was cut off, it may have been kept.
            StoreError: the commit was refused.
        """
        ...

    def snapshot(self) -> AbstractContextManager[Session]:
        """The store as it is at this moment, for reading as long as it takes, whatever is written meanwhile."""
        ...

    def note(self) -> str:
        """What an operator should know although all works (little space left, reading only); empty if nothing."""
        ...

    def broken(self) -> bool:
        """Whether the store has to be opened anew."""
        ...

    def reopen(self) -> None:
        """Let go of every handle and open again.

        Raises:
            UnavailableError: it does not open yet.
        """
        ...

    def compact(self) -> None:
        """Write the data anew so that nothing of deleted rows is left in the files. For the writer thread.

        Raises:
            StoreError: it could not; all is as before.
        """
        ...

    def backup(self, target: Path) -> None:
        """Write a consistent copy of everything into a new DuckDB file; reading and writing go on meanwhile.

        Raises:
            StoreError: it could not; `target` does not exist then.
        """
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def open_backend(url: str) -> Backend:
    """Open the database that a URL names, and bring its tables up to date.

    Raises:
        StoreError: the URL is not one of ours, or the database cannot be opened or brought up to date.
    """
    openers: dict[str, Callable[[str], Backend]] = {"duckdb:///": _duckdb, "postgresql://": _postgresql, "postgres://": _postgresql}
    for start, opener in openers.items():
        if url.startswith(start):
            return opener(url)
    kind = url.partition(":")[0]
    raise StoreError(
        f"DBBUDDY_DATABASE_URL begins with {kind!r}; write duckdb:///path/to/file.duckdb or postgresql://user@host/database"
    )


def _duckdb(url: str) -> Backend:
    from dbbuddy.store.duckdb_backend import DuckDBBackend

    return DuckDBBackend(Path(url.removeprefix("duckdb:///")).expanduser())


def _postgresql(url: str) -> Backend:
    from dbbuddy.store.postgresql_backend import PostgreSQLBackend

    return PostgreSQLBackend(url)
