"""The one thread that writes. It commits together what is waiting, and answers each caller after the commit."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from dbbuddy.store.backend import Backend, Session
from dbbuddy.store.errors import StoreError, UnavailableError, one_line
from dbbuddy.store.rows import Rows, checked, gathered, size
from dbbuddy.store.units import Job, Periodic, answer, confirmed, delayed, give_up_functions

log = logging.getLogger(__name__)

MAX_WAITING = 10_000
MAX_WAITING_BYTES = 256 * 1024**2
_MAX_BATCH = 200
_RETRY_SECONDS = 1.0

T = TypeVar("T")


class Writer:
    """Writes to a backend; safe to call from any thread but its own."""

    def __init__(self, backend: Backend, on_reopen: Callable[[], None] = lambda: None) -> None:
        self._backend = backend
        self._on_reopen = on_reopen
        self._change = threading.Condition()
        self._jobs: deque[Job] = deque()
        self._bytes = 0
        self._closed = False
        self._periodic: list[Periodic] = []
        self._asides: deque[tuple[Callable[[], Any], Future[Any]]] = deque()
        self.fault: UnavailableError | None = None
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def append(self, rows: Rows, timeout: float = 10.0) -> None:
        """Keep the rows as one unit; returns after the commit.

        Raises:
            DelayedError: they wait in memory until the store works again.
            StoreError: they were not kept.
        """
        rows = checked(rows, self._backend.columns)
        confirmed(self._submit(Job(rows, size=size(rows)), timeout), timeout)

    def transact(self, work: Callable[[Session], T], timeout: float = 10.0) -> T:
        """Run the function in a transaction; returns what it returned, after the commit.

        It runs on the writer's thread, and again if something else in the same commit fails, so it must do nothing else.

        Raises:
            StoreError: nothing of it was kept.
        """
        result: T = confirmed(self._submit(Job(work=work), timeout), timeout)
        return result

    def aside(self, call: Callable[[], T], timeout: float) -> T:
        """Run something on the writer's thread outside any transaction, between two commits.

        Raises:
            StoreError: it failed, or was not done in time.
        """
        done: Future[T] = Future()
        with self._change:
            self._refuse_if_closed()
            self._asides.append((call, done))
            self._change.notify_all()
        result: T = confirmed(done, timeout)
        return result

    def every(self, seconds: float, name: str, function: Callable[[Session], None]) -> None:
        """Run the function now and then again and again, each time in a transaction of its own.

        With several replicas only one runs it at a time. If it fails, that is logged and told by `problems`.
        """
        with self._change:
            self._periodic.append(Periodic(seconds, name, function, time.monotonic()))
            self._change.notify_all()

    @property
    def waiting(self) -> int:
        """How many units are waiting to be written."""
        return len(self._jobs)

    def problems(self) -> list[str]:
        """What failed in periodic work the last time."""
        return [f"{periodic.name}: {periodic.problem}" for periodic in self._periodic if periodic.problem]

    def close(self, timeout: float = 10.0) -> None:
        """Write what is waiting, then stop. What cannot be written then is lost, and logged."""
        with self._change:
            self._closed = True
            self._change.notify_all()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)

    # The callers' side

    def _submit(self, job: Job, timeout: float) -> Future[Any]:
        with self._change:
            self._refuse_if_closed()
            if self.fault and job.work:
                raise StoreError(f"Nothing was saved. {self.fault}")
            if not self._change.wait_for(lambda: self._room_for(job) or self._closed or self.fault, timeout) or not self._room_for(
                job
            ):
                raise StoreError("The store cannot keep up; nothing was saved. Try again in a moment.")
            self._jobs.append(job)
            self._bytes += job.size
            if self.fault:
                job.done.set_exception(delayed(self.fault))
            self._change.notify_all()
        return job.done

    def _room_for(self, job: Job) -> bool:
        return len(self._jobs) < MAX_WAITING and (not self._jobs or self._bytes + job.size <= MAX_WAITING_BYTES)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise StoreError("The store is closed.")
        if threading.current_thread() is self._thread:
            raise RuntimeError("the writer's thread cannot wait for itself: use the session it gave you")

    # The thread's side

    def _run(self) -> None:
        while True:
            batch = self._gather()
            if batch is None:
                break
            self._write(batch)
            self._run_asides()
            self._run_periodic()
        self._end()

    def _gather(self) -> list[Job] | None:
        """The next jobs, none if something else is due, `None` at the end."""
        with self._change:
            if self.fault:
                if self._closed:
                    return None
                self._change.wait_for(lambda: self._closed, _RETRY_SECONDS)
            else:
                self._change.wait_for(
                    lambda: self._jobs or self._asides or self._closed or not self._seconds_to_next(), self._seconds_to_next()
                )
                if self._closed and not self._jobs:
                    return None
            batch = [self._jobs.popleft() for _ in range(min(len(self._jobs), _MAX_BATCH))]
            self._bytes -= sum(job.size for job in batch)
            self._change.notify_all()
        return [job for job in batch if not job.work or job.done.set_running_or_notify_cancel()]

    def _seconds_to_next(self) -> float:
        due = min((periodic.next_at for periodic in self._periodic), default=float("inf"))
        return min(max(0.0, due - time.monotonic()), _RETRY_SECONDS)

    def _write(self, batch: list[Job]) -> None:
        try:
            self._commit_reopened(batch)
        except UnavailableError as error:
            if not error.reopen or self.fault:
                self._delay(batch, error)
                return
            # A lost connection is mostly back at once, and nobody needs to hear of it. Functions are not run a second time:
            # whether their commit was cut off before or after it was kept cannot be told.
            rows = give_up_functions(batch, error)
            try:
                self._commit_reopened(rows)
            except UnavailableError as again:
                self._delay(rows, again)

    def _commit_reopened(self, batch: list[Job]) -> None:
        if self._backend.broken() or (self.fault and self.fault.reopen):
            self._backend.reopen()
            self._on_reopen()
        self._commit(batch)
        self.fault = None

    def _commit(self, batch: list[Job], *, careful: bool = False) -> None:
        """All in one transaction; if that fails, each half by itself, so that a bad job does not spoil the others."""
        if not batch and not self.fault:
            return
        try:
            with self._backend.transaction() as session:
                session.add(gathered(job.rows for job in batch), careful=careful)
                for job in batch:
                    if job.work:
                        job.result = job.work(session)
        except UnavailableError:
            raise
        except Exception as error:  # a caller's function may raise anything, and it is the caller's to see
            if not careful and any(job.rows for job in batch):
                self._commit(batch, careful=True)
                return
            if len(batch) == 1:
                answer(batch[0], error=error)
                return
            middle = len(batch) // 2
            self._commit(batch[:middle], careful=True)
            self._commit(batch[middle:], careful=True)
            return
        for job in batch:
            answer(job)

    def _delay(self, batch: list[Job], error: UnavailableError) -> None:
        """Rows go back to where they waited; functions are given up; everybody is told."""
        with self._change:
            if self.fault is None:
                log.error("The store does not work: %s", error)
            self.fault = error
            back = give_up_functions([*batch, *self._jobs], error)
            for job in back:
                if not job.done.done():
                    job.done.set_exception(delayed(error))
            self._jobs = deque(back)
            self._bytes = sum(job.size for job in back)
            self._change.notify_all()

    def _run_asides(self) -> None:
        while self._asides:
            call, done = self._asides.popleft()
            if not done.set_running_or_notify_cancel():
                continue
            try:
                done.set_result(call())
            except Exception as error:  # it belongs to the caller
                done.set_exception(error)

    def _run_periodic(self) -> None:
        for periodic in self._periodic:
            if self.fault or self._closed or periodic.next_at > time.monotonic():
                continue
            try:
                with self._backend.transaction() as session:
                    if session.lock(f"every {periodic.name}", wait=False):
                        periodic.function(session)
                periodic.problem = ""
            except UnavailableError as error:  # not its fault, so it is its turn again as soon as the store works
                self._delay([], error)
                return
            except Exception as error:  # one task that fails must not end the thread that keeps everybody's exchanges
                if periodic.problem != one_line(error):
                    log.error("%s failed: %s", periodic.name, one_line(error), exc_info=not isinstance(error, StoreError))
                periodic.problem = one_line(error) or type(error).__name__
            periodic.next_at = time.monotonic() + periodic.seconds

    def _end(self) -> None:
        """One last try for what waits, then nobody is left waiting."""
        if self._jobs and self.fault:
            self._write([self._jobs.popleft() for _ in range(len(self._jobs))])
        with self._change:
            if self._jobs:
                log.error("The store was closed with %d units that could not be written: %s", len(self._jobs), self.fault)
            for job in self._jobs:
                answer(job, error=StoreError("The store is closed."))
            for _, done in self._asides:
                done.set_exception(StoreError("The store is closed."))
            self._jobs.clear()
