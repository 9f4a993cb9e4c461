"""What waits for the writer, and how those who wait for it are answered."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from dbbuddy.store.backend import Session
from dbbuddy.store.errors import DelayedError, StoreError, UnavailableError, one_line
from dbbuddy.store.rows import Rows

log = logging.getLogger(__name__)

Work = Callable[[Session], Any]


@dataclass(eq=False)
class Job:
    """Rows, which may wait for better times, or a function, which may not. `settled`: it is kept, or will never be."""

    rows: Rows = field(default_factory=dict)
    work: Work | None = None
    size: int = 0
    done: Future[Any] = field(default_factory=Future)
    result: Any = None
    settled: bool = False


@dataclass
class Periodic:
    """Work that is done again and again; `problem` is why it failed the last time."""

    seconds: float
    name: str
    function: Callable[[Session], None]
    next_at: float
    problem: str = ""


def give_up_functions(jobs: list[Job], error: UnavailableError) -> list[Job]:
    """Those that may wait: rows that are not kept yet. The callers of functions are told."""
    for job in jobs:
        if job.work and not job.done.done():
            certainly = "It is not certain that this was saved." if error.reopen else "Nothing was saved."
            job.done.set_exception(StoreError(f"{certainly} {error}"))
    return [job for job in jobs if not job.work and not job.settled]


def confirmed(done: Future[Any], timeout: float) -> Any:
    """What a job answers.

    Raises:
        StoreError: it did not within the time.
    """
    try:
        return done.result(timeout)
    except TimeoutError:
        done.cancel()  # has no effect on what is being written already
        raise StoreError("The store did not confirm in time; the last message may not be saved.") from None


def answer(job: Job, error: Exception | None = None) -> None:
    """Tell the caller, unless it was told already that its rows wait."""
    job.settled = True
    if job.done.done():
        if error:
            log.error("Rows that waited could not be saved: %s", one_line(error))
        return
    if error is None:
        job.done.set_result(job.result)
    else:
        job.done.set_exception(error)


def delayed(error: UnavailableError) -> DelayedError:
    """What the caller of rows is told that wait."""
    return DelayedError(f"It waits in memory and is saved as soon as the store works again. {error}")
