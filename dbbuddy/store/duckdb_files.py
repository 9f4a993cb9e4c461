"""DuckDB files: opened locked down, copied while in use, put in one another's place."""

from __future__ import annotations

import os
import shutil
import uuid
from contextlib import suppress
from pathlib import Path

import duckdb

# A file that DuckDB 2 makes by itself cannot be opened by an earlier one; this one can, should an update have to be undone.
# See https://duckdb.org/docs/stable/internals/storage
STORAGE_VERSION = "v1.4.0"
COPY_SECONDS = 3600.0

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # Otherwise a file of another product makes DuckDB fetch code for it.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    # As PostgreSQL does it.
    "integer_division": True,
    "default_null_order": "nulls_last_on_asc_first_on_desc",
    "storage_compatibility_version": STORAGE_VERSION,
}


def connect(path: Path, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """Open a file, with access to its own folder and nothing else.

    Raises:
        duckdb.Error: it does not open.
    """
    connection = duckdb.connect(str(path), read_only=read_only, config=_CONFIG)
    try:
        connection.execute("SET GLOBAL TimeZone = 'UTC'")
        connection.execute(f"SET GLOBAL allowed_directories = [{_quoted(path.resolve().parent)}]")
        connection.execute("SET GLOBAL enable_external_access = false")
        connection.execute("SET GLOBAL lock_configuration = true")
    except duckdb.Error:
        connection.close()
        raise
    return connection


Digests = dict[str, tuple[int, int | None]]
"""For each table the number of rows and the sum of their hashes, which only this version of DuckDB computes alike."""


def copy_database(cursor: duckdb.DuckDBPyConnection, target: Path) -> Digests:
    """Write all that the database holds into a new file beside it; deleted rows are not in it. Returns what was written.

    Raises:
        duckdb.Error: it could not be written.
    """
    source = cursor.execute("SELECT current_catalog()").fetchall()[0][0]
    name = f"copy_{uuid.uuid4().hex}"
    cursor.execute(f"ATTACH {_quoted(target.resolve())} AS {name} (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        cursor.begin()  # count and copy see the same moment
        written = digests(cursor)
        cursor.execute(f'COPY FROM DATABASE "{source}" TO {name}')
        cursor.commit()
        cursor.execute(f"CHECKPOINT {name}")
    except duckdb.Error:
        with suppress(duckdb.Error):  # a failed commit has ended the transaction already
            cursor.rollback()
        raise
    finally:
        cursor.execute(f"DETACH {name}")
    return written


def digests(cursor: duckdb.DuckDBPyConnection) -> Digests:
    """What each table of the database holds.

    Raises:
        duckdb.Error: it cannot be read.
    """
    tables = cursor.execute("SELECT table_name FROM duckdb_tables() WHERE database_name = current_catalog()").fetchall()
    return {name: cursor.execute(f'SELECT count(*), sum(hash(t)) FROM "{name}" t').fetchall()[0] for (name,) in sorted(tables)}


def verify(file: Path, expected: Digests) -> None:
    """Read a finished file back.

    Raises:
        OSError: it does not hold what was written into it.
    """
    try:
        with connect(file, read_only=True) as opened:
            found = digests(opened)
    except duckdb.Error as error:
        raise OSError(f"{file} cannot be read back: {error}") from error
    if found != expected:
        wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
        raise OSError(f"{file} does not hold what was written; the tables {', '.join(wrong)} differ")


def free_bytes(path: Path) -> int:
    """The free space where the file lies; plenty if that cannot be told."""
    try:
        return shutil.disk_usage(path.parent).free
    except OSError:
        return 2**63


def size(path: Path) -> int:
    """How many bytes a file has; none if it is not there."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def wal(path: Path) -> Path:
    """The write-ahead log that belongs to a file."""
    return path.with_name(f"{path.name}.wal")


def remove(path: Path) -> None:
    """Delete a file and its log, if they are there."""
    for file in (path, wal(path)):
        file.unlink(missing_ok=True)


def replace(new: Path, path: Path, keep: Path | None) -> None:
    """Put `new` in the place of `path`, whose files go to `keep` or away. Nobody may have either open.

    Raises:
        OSError: it could not be done; a store is there in any case.
    """
    if keep is not None:
        for old, kept in ((path, keep), (wal(path), wal(keep))):
            if old.exists():
                os.link(old, kept)
    elif wal(path).exists():
        raise OSError(f"{wal(path)} was not folded into the file")
    wal(path).unlink(missing_ok=True)  # it would be replayed into the new file
    new.replace(path)
    sync(path.parent)


def install(part: Path, target: Path, expected: Digests) -> None:
    """Copy a finished file to where it is wanted, on whatever disk, and read it back: never half a file under that name.

    Raises:
        OSError: it could not be written.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    near = target.with_name(f"{target.name}.part")
    try:
        copy(part, near)
        verify(near, expected)
        near.replace(target)
        sync(target.parent)
    finally:
        near.unlink(missing_ok=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file that nobody writes to, readable by its owner only.

    Raises:
        OSError: it could not be written.
    """
    target.touch(0o600)
    shutil.copyfile(source, target)
    sync(target)


def sync(path: Path) -> None:
    """Have the disk keep a file or the entries of a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
