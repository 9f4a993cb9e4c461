"""The store in PostgreSQL 15 or later, shared by any number of replicas of the app."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from psycopg import pq
from psycopg.adapt import Buffer, Loader
from psycopg_pool import ConnectionPool, PoolTimeout

from dbbuddy.store import duckdb_files as files
from dbbuddy.store.backend import BackendName, Columns, Gathered, Keys
from dbbuddy.store.catalogue import columns_of, keys_of
from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.errors import StoreError, UnavailableError, one_line, too_slow
from dbbuddy.store.migrating import migrate, migrations
from dbbuddy.store.transfer import move

OLDEST_VERSION = 15
_READERS = 8
_ROWS_AT_ONCE = 1_000
_CONNECT_SECONDS = 10
_LIMIT_SECONDS = 5.0
# Any number of its own keeps the app's locks apart from others' in the same database.
_LOCKS = 0x0DBB
_MIGRATING = "migrations"
# Not the statement but the server is at fault: connection lost, no resources, shutting down, read-only after a failover.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
_LOST_STATES = ("08", "57P", "25006")
_FULL_STATES = ("53", "58030")
_PROTOCOL_VIOLATION = "08P01"

_OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "cursor_factory": psycopg.RawCursor,
    "connect_timeout": _CONNECT_SECONDS,
    "application_name": "dbbuddy",
}

Connection = psycopg.Connection[tuple[Any, ...]]


class PostgreSQLBackend:
    """See `Backend`."""

    name: BackendName = "postgresql"

    def __init__(self, url: str) -> None:
        self._url = url
        self._broken = threading.Event()
        self._writer: Connection | None = None
        self.columns: Columns = {}
        self.keys: Keys = {}
        try:
            self._open()
        except (psycopg.Error, UnavailableError) as error:
            self.close()
            raise StoreError(
                f"The PostgreSQL store cannot be reached: {one_line(error)}. "
                "Check DBBUDDY_DATABASE_URL, and that the server runs and lets this machine in."
            ) from error
        self._pool = ConnectionPool(
            url,
            kwargs=_OPTIONS,
            configure=_configure_reader,
            min_size=1,
            max_size=_READERS,
            timeout=_CONNECT_SECONDS,
            name="store-readers",
            open=True,
        )

    def read(self, sql: str, parameters: Sequence[Any], limit_seconds: float) -> list[tuple[Any, ...]]:
        for attempt in (1, 2):
            try:
                with self._pool.connection(timeout=min(limit_seconds, _CONNECT_SECONDS)) as connection:
                    return _limited(connection, sql, parameters, limit_seconds)
            except psycopg.errors.QueryCanceled as error:
                raise too_slow(limit_seconds) from error
            except PoolTimeout as error:
                raise UnavailableError(
                    "The PostgreSQL store cannot be reached, or all its readers are busy.", reopen=False
                ) from error
            except psycopg.Error as error:
                fault = translated(error)
                # The pool may hand out a connection that the server has closed since; the next one is fresh.
                if attempt == 2 or not isinstance(fault, UnavailableError):
                    raise fault from error
                self._pool.check()
        raise AssertionError("not reached")

    @contextmanager
    def transaction(self) -> Iterator[PostgreSQLSession]:
        if self._writer is None or self._broken.is_set():
            raise UnavailableError("The connection to the PostgreSQL store is lost.", reopen=True)
        try:
            with self._writer.transaction():
                yield PostgreSQLSession(self._writer, self.columns, self.keys)
        except psycopg.Error as error:
            raise self._noticed(translated(error)) from error
        except UnavailableError as error:
            raise self._noticed(error) from error

    def _noticed(self, error: StoreError) -> StoreError:
        if isinstance(error, UnavailableError) and error.reopen:
            self._broken.set()
        return error

    def _open(self) -> None:
        self._writer = psycopg.connect(self._url, **_OPTIONS)
        _configure(self._writer)
        self._broken.clear()
        if self._writer.info.server_version < OLDEST_VERSION * 10_000:
            raise StoreError(f"The store needs PostgreSQL {OLDEST_VERSION} or later.")
        self._writer.execute("SELECT pg_advisory_lock($1, hashtext($2))", (_LOCKS, _MIGRATING))
        try:
            migrate(self.transaction, migrations(self.name))
        finally:
            if not self._writer.closed:
                self._writer.execute("SELECT pg_advisory_unlock($1, hashtext($2))", (_LOCKS, _MIGRATING))
        session = PostgreSQLSession(self._writer, self.columns, self.keys)
        self.columns, self.keys = columns_of(session), keys_of(session)

    def broken(self) -> bool:
        return self._broken.is_set()

    def reopen(self) -> None:
        self._close_writer()
        try:
            self._open()
        except psycopg.Error as error:
            self._broken.set()
            raise UnavailableError(f"The PostgreSQL store cannot be reached: {one_line(error)}", reopen=True) from error

    def note(self) -> str:
        return ""

    def compact(self) -> None:
        """The files of the tables are written anew. Traces stay in the server's own log and backups until those are gone."""
        if self._writer is None:
            raise UnavailableError("The connection to the PostgreSQL store is lost.", reopen=True)
        try:
            for table in self.columns:
                self._writer.execute(f'VACUUM FULL "{table}"')
            self._writer.execute("CHECKPOINT")
        except psycopg.errors.InsufficientPrivilege:
            return  # of the checkpoint, which the server does by itself within minutes
        except psycopg.Error as error:
            raise self._noticed(translated(error)) from error

    @contextmanager
    def snapshot(self) -> Iterator[PostgreSQLSession]:
        try:
            with psycopg.connect(self._url, **_OPTIONS) as connection:
                _configure(connection)
                connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                connection.read_only = True
                with connection.transaction():
                    yield PostgreSQLSession(connection, self.columns, self.keys)
        except psycopg.Error as error:
            raise translated(error) from error

    def backup(self, target: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="dbbuddy-backup-") as folder:
            part = Path(folder) / "backup.duckdb"
            copy = DuckDBBackend(part)
            try:
                move(self, copy)
            finally:
                copy.close()
            try:
                with files.connect(part, read_only=True) as opened:
                    expected = files.digests(opened)
                files.install(part, target, expected)
            except (OSError, duckdb.Error) as error:
                raise StoreError(f"The backup {target} could not be written: {one_line(error)}") from error

    def close(self) -> None:
        self._close_writer()
        if hasattr(self, "_pool"):
            self._pool.close()

    def _close_writer(self) -> None:
        if self._writer is not None:
            with suppress(psycopg.Error):  # it is dead already
                self._writer.close()
            self._writer = None


class PostgreSQLSession:
    """See `Session`."""

    def __init__(self, connection: Connection, columns: Columns, keys: Keys) -> None:
        self._connection = connection
        self._columns = columns
        self._keys = keys

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return _fetched(self._connection, sql, parameters)
        except psycopg.Error as error:
            raise translated(error) from error

    def add(self, rows: Sequence[Gathered], *, careful: bool = False) -> None:  # noqa: ARG002
        try:
            with self._connection.pipeline():
                for some in rows:
                    self._connection.cursor().executemany(_insert(some, keyed=some.table in self._keys), some.values)
        except psycopg.Error as error:
            raise translated(error) from error

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        try:
            with psycopg.RawServerCursor(self._connection, "dbbuddy_stream") as cursor:
                cursor.itersize = _ROWS_AT_ONCE
                yield from cursor.execute(sql)
        except psycopg.Error as error:
            raise translated(error) from error

    def lock(self, name: str, *, wait: bool = True) -> bool:
        function = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
        ((got,),) = self.run(f"SELECT {function}({_LOCKS}, hashtext($1))", (name,))
        return bool(got) or wait


def _insert(some: Gathered, *, keyed: bool) -> str:
    """Rows by themselves, not as arrays: to write and read long texts as parts of an array takes several times as long."""
    names = ", ".join(f'"{name}"' for name in some.names)
    places = ", ".join(f"${place}" for place in range(1, len(some.names) + 1))
    return f'INSERT INTO "{some.table}" ({names}) VALUES ({places})' + (" ON CONFLICT DO NOTHING" if keyed else "")


def translated(error: psycopg.Error) -> StoreError:
    """The error in our words: the server as a whole does not work, or this statement does not."""
    # The detail of an error quotes the row, that is, a user's text.
    state, reason = error.sqlstate or "", error.diag.message_primary or one_line(error)
    if state.startswith(_FULL_STATES):
        return UnavailableError(
            f"PostgreSQL has no room or no connection left. Writing goes on by itself. ({reason})", reopen=False
        )
    if state == _PROTOCOL_VIOLATION:  # as of a statement with too few parameters
        return StoreError(f"The store could not do this: {reason}")
    silent = not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    if silent or state.startswith(_LOST_STATES):
        return UnavailableError(f"The connection to PostgreSQL is lost; it is tried again by itself. ({reason})", reopen=True)
    return StoreError(f"The store could not do this: {reason}")


def _limited(connection: Connection, sql: str, parameters: Sequence[Any], limit_seconds: float) -> list[tuple[Any, ...]]:
    if limit_seconds == _LIMIT_SECONDS:
        return _fetched(connection, sql, parameters)
    with connection.transaction():
        connection.execute("SELECT set_config('statement_timeout', $1, true)", (str(max(1, int(limit_seconds * 1000))),))
        return _fetched(connection, sql, parameters)


def _fetched(connection: Connection, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    # Without parameters several statements may stand in one text.
    cursor = connection.execute(sql, list(parameters) or None)
    return cursor.fetchall() if cursor.description else []


def _configure(connection: Connection) -> None:
    connection.adapters.register_loader("numeric", _NumericLoader)
    connection.execute("SET TIME ZONE 'UTC'")


def _configure_reader(connection: Connection) -> None:
    _configure(connection)
    connection.execute(f"SET statement_timeout = {int(_LIMIT_SECONDS * 1000)}")
    connection.execute("SET default_transaction_read_only = on")


class _NumericLoader(Loader):
    """Sums and averages as DuckDB gives them: whole numbers as `int`, others as `float`."""

    format = pq.Format.TEXT

    def load(self, data: Buffer) -> int | float:
        text = bytes(data)
        return int(text) if text.lstrip(b"-").isdigit() else float(text)
