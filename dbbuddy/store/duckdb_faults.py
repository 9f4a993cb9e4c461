"""What DuckDB's errors mean for the store."""

from __future__ import annotations

import duckdb

from dbbuddy.store.errors import StoreError, UnavailableError, one_line

# A commit that met one of these has left the database as it was; so says the operating system's own text of the error.
_NO_SPACE = ("no space left on device", "disk quota exceeded", "file too large")
_DEAD = ("has been invalidated", "connection already closed", "connection error")


def translated(error: duckdb.Error) -> StoreError:
    """The error in our words: the store as a whole does not work, or this statement does not."""
    reason = one_line(error)
    lowered = reason.lower()
    dead = isinstance(error, duckdb.FatalException | duckdb.InternalException) or any(sign in lowered for sign in _DEAD)
    if any(sign in lowered for sign in _NO_SPACE):
        full = "The disk of the store is full. Free some space; writing goes on by itself."
        return UnavailableError(f"{full} ({reason})", reopen=dead)
    if dead:
        return UnavailableError(f"The store has to be opened again; this happens by itself. ({reason})", reopen=True)
    if isinstance(error, duckdb.IOException):
        return UnavailableError(f"The files of the store cannot be used now. ({reason})", reopen=False)
    return StoreError(f"The store could not do this: {reason}")
