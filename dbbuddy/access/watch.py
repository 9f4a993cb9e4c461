"""The access file as it is now: changes are taken in while the app runs, and reported."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

from dbbuddy.access.errors import AccessFileError
from dbbuddy.access.rules import Access, load_access

Hook = Callable[[Access], None]
Fingerprint = tuple[int, int, int] | None

_log = logging.getLogger(__name__)


class AccessWatch:
    """Serves the newest good access file; safe to share between threads.

    A file that is broken or gone while the app runs changes nothing: the last good one holds, and `problem` says so.
    """

    def __init__(self, path: Path, on_taken_in: Hook, every: float = 2.0, clock: Callable[[], float] = time.monotonic) -> None:
        """Look at `path` at most once in `every` seconds; `on_taken_in` is called with the first rules and with changed ones.

        Raises:
            AccessFileError: the file is not good.
        """
        self._path = path
        self._on_taken_in = on_taken_in
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()
        self._seen = _fingerprint(path)
        self._looked = clock()
        self._access = load_access(path)
        self.problem = ""
        on_taken_in(self._access)

    def current(self) -> Access:
        """The rules that hold now."""
        with self._lock:
            before = self._access
            if self._clock() - self._looked >= self._every:
                self._looked = self._clock()
                self._look()
            access = self._access
        if access != before:
            self._on_taken_in(access)
        return access

    def _look(self) -> None:
        now = _fingerprint(self._path)
        if now == self._seen:
            return
        self._seen = now
        try:
            self._access = load_access(self._path)
        except AccessFileError as error:
            self.problem = str(error)
            _log.error("the access file is not taken in, the last good one holds: %s", error)
        else:
            self.problem = ""
            _log.info("the access file was taken in")


def _fingerprint(path: Path) -> Fingerprint:
    try:
        facts = path.stat()
    except OSError:
        return None
    return facts.st_mtime_ns, facts.st_size, facts.st_ino
