"""The one thread that writes. It commits together what is waiting, and answers each caller after the commit."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import duckdb

from dbbuddy.store.errors import StoreError

_MAX_WAITING = 10_000
_MAX_BATCH = 200

Statement = tuple[str, Sequence[Any]]


@dataclass
class _Job:
    statements: Sequence[Statement]
    done: Future[None] = field(default_factory=Future)


class Writer:
    """Writes through one connection; safe to call from any thread."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._jobs: queue.Queue[_Job | None] = queue.Queue(_MAX_WAITING)
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, *statements: Statement, timeout: float = 10.0) -> None:
        """Run the statements as one unit; returns after the commit.

        Raises:
            StoreError: they were not written.
        """
        if self._closed:
            raise StoreError("The store is closed.")
        job = _Job(statements)
        try:
            self._jobs.put(job, timeout=timeout)
            job.done.result(timeout)
        except queue.Full:
            raise StoreError("The store cannot keep up; nothing was saved. Try again in a moment.") from None
        except TimeoutError:
            raise StoreError("The store did not confirm in time; the last message may not be saved.") from None
        except duckdb.Error as error:
            raise StoreError(f"The store could not save this: {' '.join(str(error).split())}") from error

    def close(self) -> None:
        """Write what is waiting, then stop."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            self._thread.join(timeout=10)
            self._connection.close()

    def _run(self) -> None:
        self._write_until_closed()
        self._refuse_latecomers()

    def _write_until_closed(self) -> None:
        while (job := self._jobs.get()) is not None:
            batch = [job]
            stop = False
            while len(batch) < _MAX_BATCH and not stop:
                try:
                    following = self._jobs.get_nowait()
                except queue.Empty:
                    break
                if following is None:
                    stop = True
                else:
                    batch.append(following)
            self._commit(batch)
            if stop:
                return

    def _refuse_latecomers(self) -> None:
        """Answer the jobs that came while the store was being closed, so that nobody waits for them."""
        while not self._jobs.empty():
            job = self._jobs.get_nowait()
            if job is not None:
                job.done.set_exception(StoreError("The store is closed."))

    def _commit(self, batch: list[_Job]) -> None:
        """All in one transaction; if that fails, one by one, so that one bad job does not spoil the others."""
        try:
            self._transaction([statement for job in batch for statement in job.statements])
        except duckdb.Error as error:
            if len(batch) == 1:
                batch[0].done.set_exception(error)
                return
            for job in batch:
                self._commit([job])
            return
        for job in batch:
            job.done.set_result(None)

    def _transaction(self, statements: Sequence[Statement]) -> None:
        self._connection.begin()
        try:
            for sql, parameters in statements:
                self._connection.execute(sql, list(parameters))
            self._connection.commit()
        except BaseException:
            self._rollback()
            raise

    def _rollback(self) -> None:
        try:
            self._connection.rollback()
        except duckdb.Error:
            return  # a failed commit has ended the transaction already
