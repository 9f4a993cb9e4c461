"""What can go wrong with the store, in words that say what to do."""

from __future__ import annotations

from pathlib import Path


class StoreError(RuntimeError):
    """The store cannot be opened, read or written; the message says why and what to do."""


class InUseError(StoreError):
    """Another process has the DuckDB file open."""


class UnavailableError(StoreError):
    """The store as a whole does not work now (disk full, connection lost); it is tried again by itself."""

    def __init__(self, message: str, *, reopen: bool) -> None:
        """`reopen`: every handle is dead, so the store has to be opened anew."""
        super().__init__(message)
        self.reopen = reopen


class DelayedError(StoreError):
    """What was handed over waits in memory, in order, and is written as soon as the store works again."""


def one_line(error: BaseException) -> str:
    """An error's message without its line breaks."""
    return " ".join(str(error).split())


def too_slow(limit_seconds: float) -> StoreError:
    """A query was stopped at its time limit."""
    return StoreError(f"The query took longer than {limit_seconds:g} s and was stopped; ask for less at a time.")


def opening_failed(path: Path, error: Exception) -> StoreError:
    """Why a DuckDB file does not open."""
    reason = one_line(error)
    if in_use(error):
        return InUseError(
            f"The store {path} is in use by another process{_holder(reason)}. Stop that process, or set DBBUDDY_DATABASE_URL to "
            "another file. For several processes on one store use PostgreSQL (docs/deployment.md)."
        )
    if "wal file" in reason.lower() and "corrupt" in reason.lower():
        return StoreError(
            f"The newest changes of the store {path} cannot be read; this happens when the power fails during a write. "
            f"Run `python -m dbbuddy repair`: it copies the files aside and says what is lost. ({reason})"
        )
    if any(sign in reason.lower() for sign in ("not a valid duckdb", "corrupt", "checksum", "extension")):
        return StoreError(
            f"The store {path} is damaged or is no DuckDB file. Move it away together with its .wal file and keep both for "
            "recovery; then bring back a backup with `python -m dbbuddy restore --from FILE`, or start without one: a new store "
            f"is made at the next start. ({reason})"
        )
    return StoreError(f"The store {path} cannot be opened: {reason}. Check that its folder exists and can be written.")


def in_use(error: Exception) -> bool:
    """Whether a DuckDB file did not open because another process has it."""
    return "could not set lock" in str(error).lower()


def _holder(reason: str) -> str:
    """Which process has the file, as DuckDB says it: `(PID 123)`."""
    _, found, rest = reason.partition("(PID ")
    number = rest.partition(")")[0]
    return f" (PID {number})" if found and number.isdigit() else ""
