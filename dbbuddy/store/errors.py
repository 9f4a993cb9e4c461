"""What can go wrong with the store, in words that say what to do."""

from __future__ import annotations

from pathlib import Path


class StoreError(RuntimeError):
    """The store cannot be opened, read or written; the message says why and what to do."""


def opening_failed(path: Path, error: Exception) -> StoreError:
    """Why a DuckDB file does not open."""
    reason = " ".join(str(error).split())
    if "could not set lock" in reason.lower():
        return StoreError(
            f"The store {path} is in use by another process. Stop that process, or set DBBUDDY_DATABASE_URL to another file."
        )
    if any(sign in reason.lower() for sign in ("not a valid duckdb", "corrupt", "checksum", "extension")):
        return StoreError(
            f"The store {path} is damaged or is no DuckDB file. Move it away together with its .wal file and keep both for "
            f"recovery; a new store is made at the next start. ({reason})"
        )
    return StoreError(f"The store {path} cannot be opened: {reason}. Check that its folder exists and can be written.")
