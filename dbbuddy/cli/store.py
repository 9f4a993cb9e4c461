"""`python -m dbbuddy move|backup|restore|repair`: the store as a whole, for its operator."""

from __future__ import annotations

import argparse
from pathlib import Path

from dbbuddy.settings import settings
from dbbuddy.store import backups
from dbbuddy.store.backend import open_backend
from dbbuddy.store.errors import InUseError, StoreError
from dbbuddy.store.repair import repair
from dbbuddy.store.requests import ask
from dbbuddy.store.transfer import move


def run_move(options: argparse.Namespace) -> int:
    """Copy the store into another, empty one, and print what was copied."""
    url = settings().database_url
    if options.to == url:
        raise StoreError("--to names the store itself; name the one to copy it into.")
    source = open_backend(url)
    try:
        target = open_backend(options.to)
        try:
            copied = move(source, target)
        finally:
            target.close()
    finally:
        source.close()
    print(f"{'table':<24} {'rows':>10}  checksum (the same in both)")
    for table, digest in sorted(copied.items()):
        print(f"{table:<24} {digest.rows:>10}  {digest.checksum}")
    print("Copied and read back. Now set DBBUDDY_DATABASE_URL to the new store and start the app; the old store is unchanged.")
    return 0


def run_backup(options: argparse.Namespace) -> int:
    """Write a backup, by the running app if it has the store."""
    url = settings().database_url
    try:
        backups.backup(url, options.to)
        print(f"Wrote {options.to} and read it back.")
    except InUseError:
        print(ask(_file(url), "backup", options.to))
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Put a backup in the store's place, by the running app if it has the store."""
    url = settings().database_url
    try:
        print(f"Restored {options.source}. {backups.restore(url, options.source)}")
    except InUseError:
        print(f"The running app restored {options.source}. {ask(_file(url), 'restore', options.source)}")
    return 0


def run_repair(options: argparse.Namespace) -> int:
    """Open a store whose log is torn, and say what is lost."""
    done = repair(_file(settings().database_url))
    if done is None:
        print("The store opens as it is; nothing was changed.")
        return 0
    print(f"The files as they were are in {done.aside}.")
    print(f"Of the log, {done.kept} bytes could be read and are in the store now; the last {done.cut} bytes are lost.")
    print(
        "If the power failed, these belong to a write that nobody was told is saved. If the file was damaged otherwise, everything "
        "written after that point is lost: compare with a backup, and run `python -m dbbuddy audit verify`."
    )
    newest = f"; the newest was asked at {done.newest:%Y-%m-%d %H:%M:%S} UTC" if done.newest else ""
    print(f"The store has {done.exchanges} exchanges{newest}.")
    return 0


def _file(url: str) -> Path:
    if not url.startswith("duckdb:///"):
        raise StoreError("The store is on PostgreSQL, which repairs itself at its start.")
    return Path(url.removeprefix("duckdb:///")).expanduser()
