"""The store of one process: reading, and writing through the one writer. The topics are functions in the modules beside."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from dbbuddy.store.backend import Backend, Session, open_backend
from dbbuddy.store.errors import StoreError
from dbbuddy.store.rows import Rows
from dbbuddy.store.writer import Writer

T = TypeVar("T")
Statement = tuple[str, Sequence[Any]]
OnOpen = Callable[["Store"], str | None]
_LONG_SECONDS = 3600.0


@dataclass(frozen=True)
class Health:
    """How the store is. `delayed`: reading may work, what is written waits in memory, `waiting` units of it.

    `message` says what to do, if there is anything to do; `notes` are lesser matters.
    """

    state: Literal["ok", "delayed", "closed"]
    message: str = ""
    waiting: int = 0
    notes: tuple[str, ...] = ()


class Companion(Protocol):
    """Something that runs beside an open store."""

    def note(self) -> str:
        """What an operator should know about it; empty if nothing."""
        ...

    def close(self) -> None:
        """Stop."""
        ...


def new_id() -> str:
    """A new identifier."""
    return str(uuid.uuid4())


def utc_now() -> datetime:
    """Now, as the store keeps times: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Store:
    """An open store, on DuckDB or PostgreSQL. All methods may be called from any thread."""

    def __init__(self, url: str, on_open: Sequence[OnOpen] = ()) -> None:
        """Open the store.

        `on_open` are checks made at each opening, also when the store had to be opened again; what they return is shown
        as a note of `health`. They must not write.

        Raises:
            StoreError: it cannot be opened.
        """
        self._start(open_backend(url), on_open)

    def _start(self, backend: Backend, on_open: Sequence[OnOpen]) -> None:
        self.backend = backend
        self._on_open = tuple(on_open)
        self._notes: tuple[str, ...] = ()
        self._companions: list[Companion] = []
        self._closed = False
        self._check()
        self._writer = Writer(backend, self._check)

    @classmethod
    def over(cls, backend: Backend, on_open: Sequence[OnOpen] = ()) -> Store:
        """A store over a backend that is open already."""
        store = cls.__new__(cls)
        store._start(backend, on_open)
        return store

    def read(self, sql: str, parameters: Sequence[Any] = (), *, limit_seconds: float = 5.0) -> list[tuple[Any, ...]]:
        """The rows of a query; `$1` is the first parameter. The same text runs on both databases.

        Times are UTC without a zone; whole numbers are `int`, others `float`.

        Raises:
            StoreError: it failed or took longer than the limit.
        """
        if self._closed:
            raise StoreError("The store is closed.")
        return self.backend.read(sql, parameters, limit_seconds)

    def append(self, rows: Rows, *, timeout: float = 10.0) -> None:
        """Add rows to tables as one unit: `{table: [{column: value}]}`. Returns after the commit.

        A row whose key exists is passed over, so the same unit may be appended again.

        Raises:
            DelayedError: the store does not work now; the rows wait in memory and are kept as soon as it does.
            StoreError: they were not kept.
        """
        self._writer.append(rows, timeout)

    def execute(self, *statements: Statement, timeout: float = 10.0) -> None:
        """Run rare changes, `(sql, parameters)` each, as one unit. Returns after the commit.

        Raises:
            StoreError: nothing of it was kept.
        """

        def run(session: Session) -> None:
            for sql, parameters in statements:
                session.run(sql, parameters)

        self._writer.transact(run, timeout)

    def transact(self, work: Callable[[Session], T], *, timeout: float = 10.0) -> T:
        """Read and write in one transaction on the writer's thread; for what `execute` cannot say. Returns after the commit.

        The function may be run again if something else in the same commit fails; it must use its session only.

        Raises:
            StoreError: nothing of it was kept.
        """
        return self._writer.transact(work, timeout)

    def every(self, seconds: float, name: str, function: Callable[[Session], None]) -> None:
        """Run the function on the writer's thread, now and then every so many seconds, in a transaction of its own.

        Several replicas on one store do not run it at the same time. A failure is logged and shown as a note of `health`.
        """
        self._writer.every(seconds, name, function)

    def compact(self) -> None:
        """Write all data anew, so that nothing that was deleted is left in the store's files. Writing waits meanwhile.

        Raises:
            StoreError: it could not; all is as before.
        """
        self.aside(self.backend.compact)

    def backup(self, target: Path) -> None:
        """Write a consistent copy into a new DuckDB file, while reading and writing go on.

        Raises:
            StoreError: it could not; there is no such file then.
        """
        self.backend.backup(target)

    def aside(self, call: Callable[[], T]) -> T:
        """Run something on the writer's thread, outside any transaction; writing waits meanwhile.

        Raises:
            StoreError: it failed.
        """
        return self._writer.aside(call, _LONG_SECONDS)

    def attach(self, companion: Companion) -> None:
        """Let something run until the store is closed; its note is one of `health`."""
        self._companions.append(companion)

    def health(self) -> Health:
        """How the store is now."""
        if self._closed:
            return Health("closed", "The store is closed.")
        fault = self._writer.fault
        told = (*self._notes, self.backend.note(), *self._writer.problems(), *(one.note() for one in self._companions))
        notes = tuple(note for note in told if note)
        return Health("delayed" if fault else "ok", str(fault or ""), self._writer.waiting, notes)

    def close(self) -> None:
        """Write what is waiting and let go of the database."""
        if not self._closed:
            self._closed = True
            for companion in self._companions:
                companion.close()
            self._writer.close()
            self.backend.close()

    def _check(self) -> None:
        self._notes = tuple(note for check in self._on_open if (note := check(self)))
