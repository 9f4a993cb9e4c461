"""Who reads right now: stopped at a time limit, and kept out while the file is changed under them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import duckdb

from dbbuddy.store.errors import StoreError

_TICK_SECONDS = 0.05
_OUT_SECONDS = 10.0


class Readers:
    """The cursors in use. A thread, which runs only while somebody reads, interrupts those over their time."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._until: dict[duckdb.DuckDBPyConnection, float] = {}
        self._kept_out = 0
        self._watched = False

    @contextmanager
    def one(self, new: Callable[[], duckdb.DuckDBPyConnection], limit_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor of `new`, until the end of the block.

        Raises:
            StoreError: the file is being changed for longer than the limit.
        """
        with self._change:
            if not self._change.wait_for(lambda: not self._kept_out, limit_seconds):
                raise StoreError("The store is being written anew; try again in a moment.")
            cursor = new()
            self._until[cursor] = time.monotonic() + limit_seconds
            if not self._watched:
                self._watched = True
                threading.Thread(target=self._watch, name="store-time-limit", daemon=True).start()
        try:
            yield cursor
        finally:
            with self._change:
                del self._until[cursor]
                with suppress(duckdb.Error):  # of an invalidated database
                    cursor.close()
                self._change.notify_all()

    @contextmanager
    def kept_out(self) -> Iterator[None]:
        """Nobody reads within the block: who did is interrupted, who comes waits."""
        with self._change:
            self._kept_out += 1
            self._interrupt(list(self._until))
            self._change.wait_for(lambda: not self._until, _OUT_SECONDS)
        try:
            yield
        finally:
            with self._change:
                self._kept_out -= 1
                self._change.notify_all()

    def _watch(self) -> None:
        while True:
            time.sleep(_TICK_SECONDS)
            with self._change:
                if not self._until:
                    self._watched = False
                    return
                now = time.monotonic()
                self._interrupt([cursor for cursor, until in self._until.items() if until < now])

    def _interrupt(self, cursors: list[duckdb.DuckDBPyConnection]) -> None:
        for cursor in cursors:
            with suppress(duckdb.Error):  # it has just ended
                cursor.interrupt()
