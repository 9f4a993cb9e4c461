"""Opening a DuckDB store again whose write-ahead log is torn, as a power failure leaves it. Only ever on an operator's command.

DuckDB refuses such a log and names the byte up to which it can be read. Cut there, all that was ever acknowledged is kept if the
power failed; if a byte in the middle was damaged instead, all that was written after it is lost. Nobody can tell which from the
file, so the files are copied aside first, and what is lost is said.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import re2

from dbbuddy.store import duckdb_files as files
from dbbuddy.store.errors import StoreError, in_use, one_line, opening_failed

_POSITION = re2.compile(r"(?i)corrupt wal file: entry at byte position (\d+)")


@dataclass(frozen=True)
class Repair:
    """What was done. `cut` and `kept` are bytes of the log; `newest` is when the newest exchange that is left was asked."""

    aside: Path
    kept: int
    cut: int
    exchanges: int
    newest: datetime | None


def repair(path: Path) -> Repair | None:
    """Cut a torn log where it can no longer be read; `None` if the store opens as it is.

    Raises:
        StoreError: it is in use, or damaged in another way; all is as before then.
    """
    position = _torn_at(path)
    if position is None:
        return None
    log = files.wal(path)
    total = files.size(log)
    aside = path.with_name(f"{path.name}.damaged-{datetime.now(UTC):%Y%m%d-%H%M%S}")
    aside.mkdir()
    for file in (path, log):
        shutil.copy2(file, aside)
        files.sync(aside / file.name)
    os.truncate(log, position)
    try:
        with files.connect(path) as opened:
            ((count, newest),) = opened.execute("SELECT count(*), max(asked_at) FROM exchanges").fetchall()
    except duckdb.Error as error:
        for file in (path, log):
            shutil.copy2(aside / file.name, file)
        raise StoreError(
            f"Cutting the log did not help; the files are as they were, and a copy is in {aside}. "
            f"Bring back a backup with `python -m dbbuddy restore --from FILE`. ({one_line(error)})"
        ) from error
    return Repair(aside, position, total - position, count, newest)


def _torn_at(path: Path) -> int | None:
    """Up to which byte the log can be read; `None` if all of it."""
    if not path.exists():
        raise StoreError(f"There is no store {path}.")
    try:
        files.connect(path).close()
    except duckdb.Error as error:
        found = _POSITION.search(str(error))
        if in_use(error) or not found:
            raise opening_failed(path, error) from error
        return int(found.group(1))
    return None
