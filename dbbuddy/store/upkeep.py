"""What an open store of a running app has beside it: backups by the clock, and an ear for the commands of an operator."""

from __future__ import annotations

from dbbuddy.settings import Settings
from dbbuddy.store.backups import ScheduledBackups
from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.requests import RequestWatcher
from dbbuddy.store.store import Store


def attend(store: Store, settings: Settings) -> None:
    """Begin; it ends when the store is closed."""
    if isinstance(store.backend, DuckDBBackend):
        store.attach(RequestWatcher(store, store.backend))
    if settings.backup_folder:
        store.attach(ScheduledBackups(store, settings.backup_folder, settings.backup_hours, settings.backups_kept))
