"""Backup files: DuckDB files with a whole store, whatever database the store itself is in."""

from __future__ import annotations

import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from dbbuddy.store import duckdb_files as files
from dbbuddy.store.backend import Backend, open_backend
from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.errors import StoreError, one_line
from dbbuddy.store.migrating import migrations
from dbbuddy.store.store import Store
from dbbuddy.store.transfer import move

log = logging.getLogger(__name__)

_NAME = "dbbuddy-{:%Y%m%d-%H%M%S}.duckdb"
_LOOK_SECONDS = 30.0


def backup(url: str, target: Path) -> None:
    """Write a backup of a store that no running app has open, or of one on PostgreSQL.

    Raises:
        StoreError: it could not be written; `InUseError` if a running app has the store.
    """
    refuse_existing(target)
    backend = open_backend(url)
    try:
        backend.backup(target)
    finally:
        backend.close()


def restore(url: str, source: Path) -> str:
    """Put a backup in the place of a store; returns what became of the old one.

    A DuckDB store that is there, damaged or not, is kept beside. One on PostgreSQL must be empty.

    Raises:
        StoreError: the backup cannot be used, or the store not be replaced; then all is as before.
    """
    check_backup(source)
    if url.startswith("duckdb:///"):
        path = Path(url.removeprefix("duckdb:///")).expanduser()
        with DuckDBBackend.for_replacing(path) as backend:
            return replace_with(backend, source)
    with _opened_copy(source) as content:
        target = open_backend(url)
        try:
            move(content, target)
        finally:
            target.close()
    return "The store was empty before."


def replace_with(backend: DuckDBBackend, source: Path) -> str:
    """Put a backup in the place of an open store, which is kept beside. For the writer thread.

    Raises:
        StoreError: all is as before.
    """
    check_backup(source)
    kept = backend.path.with_name(f"{backend.path.name}.before-restore-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    there = backend.path.exists()
    backend.swap(lambda new: files.copy(source, new), kept)
    return f"The store as it was before is kept as {kept}." if there else "There was no store before."


def refuse_existing(target: Path) -> None:
    """Raises StoreError: there is a file already, and a backup must not be written over another."""
    if target.exists():
        raise StoreError(f"{target} exists already; name a new file.")


def check_backup(source: Path) -> None:
    """Raises StoreError: the file is no backup that this version can use."""
    if not source.is_file():
        raise StoreError(f"There is no backup {source}.")
    try:
        with files.connect(source, read_only=True) as opened:
            files.digests(opened)
            ((newest,),) = opened.execute("SELECT max(number) FROM migrations").fetchall()
    except duckdb.Error as error:
        raise StoreError(f"{source} is damaged or is no backup of DB-Buddy: {one_line(error)}") from error
    known = migrations("duckdb")[-1].number
    if newest is None or newest > known:
        raise StoreError(f"{source} was written by a newer DB-Buddy (schema {newest}; this one knows up to {known}).")


@contextmanager
def _opened_copy(source: Path) -> Iterator[Backend]:
    """The backup brought up to date, without changing the file itself."""
    with tempfile.TemporaryDirectory(prefix="dbbuddy-restore-") as folder:
        path = Path(folder) / "backup.duckdb"
        files.copy(source, path)
        backend = DuckDBBackend(path)
        try:
            yield backend
        finally:
            backend.close()


class ScheduledBackups:
    """Writes a backup into a folder again and again, on a thread of its own, and deletes the oldest ones."""

    def __init__(self, store: Store, folder: Path, hours: float, kept: int) -> None:
        self._store = store
        self._folder = folder
        self._every = timedelta(hours=hours)
        self._kept = kept
        self._problem = ""
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-backups", daemon=True)
        self._thread.start()

    def note(self) -> str:
        """Why the last backup failed; empty if it did not."""
        return self._problem

    def close(self) -> None:
        """Stop; a backup that is being written is given up when the store closes."""
        self._end.set()

    def _run(self) -> None:
        while not self._end.is_set():
            try:
                self._write_if_due()
                self._problem = ""
            except (StoreError, OSError) as error:
                self._problem = f"The scheduled backup into {self._folder} failed: {one_line(error)}"
                log.error("%s", self._problem)
            self._end.wait(_LOOK_SECONDS)

    def _write_if_due(self) -> None:
        now = datetime.now(UTC)
        there = sorted(self._folder.glob("dbbuddy-????????-??????.duckdb"))
        if there and _written_at(there[-1]) + self._every > now:
            return
        self._store.backup(self._folder / _NAME.format(now))
        for old in there[: max(0, len(there) + 1 - self._kept)]:
            old.unlink(missing_ok=True)


def _written_at(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
