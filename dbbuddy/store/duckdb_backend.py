"""The store in a DuckDB file. One process has it; its readers each have a cursor of their own."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb

from dbbuddy.store import duckdb_files as files
from dbbuddy.store.backend import BackendName, Columns, Keys
from dbbuddy.store.catalogue import columns_of, keys_of
from dbbuddy.store.duckdb_faults import translated
from dbbuddy.store.duckdb_session import DuckDBSession, Tables, fetched
from dbbuddy.store.errors import StoreError, UnavailableError, in_use, one_line, opening_failed, too_slow
from dbbuddy.store.migrating import migrate, migrations
from dbbuddy.store.readers import Readers

log = logging.getLogger(__name__)

# A write-ahead log of 16 MB is folded into the file at once, and that must not fail half-way: it takes the database down.
RESERVE_BYTES = 64 * 1024**2
LOW_BYTES = 1024**3


class DuckDBBackend:
    """See `Backend`. `reserve` is the free space in bytes below which nothing is written."""

    name: BackendName = "duckdb"

    def __init__(self, path: Path, reserve: int = RESERVE_BYTES, *, opened: bool = True) -> None:
        self.path = path
        self._reserve = reserve
        self._broken = threading.Event()
        self.read_only = False
        self._readers = Readers()
        self._root: duckdb.DuckDBPyConnection | None = None
        self._writer: duckdb.DuckDBPyConnection | None = None
        self.columns: Columns = {}
        self.keys: Keys = {}
        self._tables = Tables({}, {})
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise opening_failed(path, error) from error
        if opened:
            self._open()

    @classmethod
    @contextmanager
    def for_replacing(cls, path: Path) -> Iterator[DuckDBBackend]:
        """A store whose file is to be replaced: it may be missing or damaged, but not be in use.

        Raises:
            InUseError: another process has it.
        """
        if path.exists():
            try:
                files.connect(path).close()
            except duckdb.Error as error:
                if in_use(error):
                    raise opening_failed(path, error) from error
        backend = cls(path, opened=False)
        try:
            yield backend
        finally:
            backend.close()

    # Reading

    def read(self, sql: str, parameters: Sequence[Any], limit_seconds: float) -> list[tuple[Any, ...]]:
        with self._cursor(limit_seconds) as cursor:
            return fetched(cursor.execute(sql, list(parameters)), sql)

    @contextmanager
    def _cursor(self, limit_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor for one reader; what goes wrong with it is raised as StoreError."""
        try:
            with self._readers.one(self._new_cursor, limit_seconds) as cursor:
                yield cursor
        except duckdb.InterruptException as error:
            raise too_slow(limit_seconds) from error
        except duckdb.Error as error:
            fault = translated(error)
            if isinstance(fault, UnavailableError) and fault.reopen:
                self._broken.set()
            raise fault from error

    @contextmanager
    def snapshot(self) -> Iterator[DuckDBSession]:
        with self._cursor(files.COPY_SECONDS) as cursor:
            cursor.begin()
            yield DuckDBSession(cursor)
            cursor.commit()

    def _new_cursor(self) -> duckdb.DuckDBPyConnection:
        if self._root is None:
            raise UnavailableError("The store is being opened again; try again in a moment.", reopen=True)
        return self._root.cursor()

    # Writing

    @contextmanager
    def transaction(self) -> Iterator[DuckDBSession]:
        if self._writer is None or self.read_only or self._broken.is_set():
            raise UnavailableError(f"The store {self.path} can only be read at the moment.", reopen=True)
        self._check_space(self._reserve, reopen=False)
        session = DuckDBSession(self._writer, self._tables)
        try:
            self._writer.begin()
            yield session
            self._writer.commit()
        except duckdb.Error as error:
            self._rollback()
            fault = translated(error)
            if isinstance(fault, UnavailableError) and fault.reopen:
                self._broken.set()
            raise fault from error
        except BaseException:
            self._rollback()
            raise

    def _check_space(self, needed: int, *, reopen: bool) -> None:
        free = files.free_bytes(self.path)
        if free < needed:
            raise UnavailableError(
                f"The disk of the store {self.path} is nearly full ({free // 1024**2} MB left, {needed // 1024**2} MB are needed). "
                "Free some space; writing goes on by itself.",
                reopen=reopen,
            )

    def _rollback(self) -> None:
        if self._writer is not None:
            with suppress(duckdb.Error):  # a failed commit has ended the transaction already
                self._writer.rollback()

    # Opening

    def _open(self) -> None:
        """Raises StoreError; nothing is open then."""
        try:
            self._root = files.connect(self.path)
            self._writer = self._root.cursor()
            self.read_only = False
            self._broken.clear()
            migrate(self.transaction, migrations(self.name))
            session = DuckDBSession(self._writer)
            self.columns, self.keys = columns_of(session), keys_of(session)
            self._tables = Tables(self.columns, self.keys)
        except duckdb.Error as error:
            self._close_handles()
            raise opening_failed(self.path, error) from error
        except StoreError as error:
            self._close_handles()
            raise opening_failed(self.path, error.__cause__) if isinstance(error.__cause__, duckdb.Error) else error from error

    def _close_handles(self) -> None:
        """DuckDB opens an invalidated database again only when every handle of it is gone."""
        self._tables.drop_appenders()
        with self._readers.kept_out():
            for handle in (self._writer, self._root):
                if handle is not None:
                    with suppress(duckdb.Error):  # closing is all that can be done with a dead handle
                        handle.close()
            self._writer = self._root = None

    def broken(self) -> bool:
        return self._broken.is_set()

    def reopen(self) -> None:
        try:
            # The log is folded into the file when it is opened, and that must not fail again.
            self._check_space(max(self._reserve, files.size(files.wal(self.path))), reopen=True)
            with self._readers.kept_out():
                self._close_handles()
                self._open()
        except StoreError as error:
            self._broken.set()
            self._open_for_reading()
            raise UnavailableError(str(error), reopen=True) from error

    def _open_for_reading(self) -> None:
        """What was committed can be read even while there is no space to write."""
        if self.read_only and self._root is not None:
            return
        with self._readers.kept_out():
            self._close_handles()
            with suppress(duckdb.Error):  # then there is nothing to read either, and the caller says why
                self._root = files.connect(self.path, read_only=True)
                self.read_only = True

    def note(self) -> str:
        free = files.free_bytes(self.path)
        if free < LOW_BYTES:
            return f"Only {free // 1024**2} MB are left on the disk of the store {self.path}. Free some space."
        return ""

    def close(self) -> None:
        self._close_handles()

    # Files

    def swap(self, make: Callable[[Path], None], keep: Path | None = None) -> None:
        """Put another file in the store's place: `make` writes it while the old one can still be read. For the writer thread.

        With `keep` the old file stays there, else it is deleted.

        Raises:
            StoreError: all is as before.
        """
        new = self.path.with_name(f"{self.path.name}.new")
        files.remove(new)
        try:
            make(new)
            with self._readers.kept_out():
                self._close_handles()
                before = self.path.exists()
                try:
                    files.replace(new, self.path, keep)
                finally:
                    if before or self.path.exists():
                        self._open()
        except (duckdb.Error, OSError) as error:
            raise StoreError(f"The store {self.path} could not be written anew, all is as before: {one_line(error)}") from error
        finally:
            files.remove(new)

    def compact(self) -> None:
        self.swap(self._verified_copy)

    def backup(self, target: Path) -> None:
        part = self.path.with_name(f"{self.path.name}.backup-{uuid.uuid4().hex}")
        try:
            files.install(part, target, self._copy_to(part))
        except OSError as error:
            raise StoreError(f"The backup {target} could not be written: {one_line(error)}") from error
        finally:
            files.remove(part)

    def _verified_copy(self, target: Path) -> None:
        files.verify(target, self._copy_to(target))

    def _copy_to(self, target: Path) -> files.Digests:
        """A copy without what was deleted; it is of one moment, whatever is written meanwhile."""
        with self._cursor(files.COPY_SECONDS) as cursor:
            return files.copy_database(cursor, target)
