"""Playbook changes are picked up while the app runs."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

from dbbuddy.diagnosis.library import Library, load_library, playbook_files

Built = TypeVar("Built")
Fingerprint = frozenset[tuple[str, int, int]]

_log = logging.getLogger(__name__)


def fingerprint(folders: Sequence[Path]) -> Fingerprint:
    """Changes whenever a playbook file is added, changed or removed: names, times of change and sizes."""
    seen: set[tuple[str, int, int]] = set()
    for folder in folders:
        for path in playbook_files(folder):
            with suppress(OSError):
                facts = path.stat()
                seen.add((str(path), facts.st_mtime_ns, facts.st_size))
    return frozenset(seen)


class Reloading(Generic[Built]):
    """What is built from a library, and built anew when its files change; safe to share between threads.

    Only the first call waits. Later the old one keeps serving while a thread builds the new one.
    """

    def __init__(self, folders: Sequence[Path], build: Callable[[Library], Built], every: float = 2.0) -> None:
        """Look at the files of `folders` at most once in `every` seconds."""
        self._folders = tuple(folders)
        self._build = build
        self._every = every
        self._lock = threading.Lock()
        self._built: Built | None = None
        self._of: Fingerprint = frozenset()
        self._looked = 0.0
        self._builder: threading.Thread | None = None

    def current(self) -> Built:
        """The newest that is ready."""
        with self._lock:
            if self._built is None:
                self._of = fingerprint(self._folders)
                self._built = self._fresh()
                self._looked = time.monotonic()
            elif time.monotonic() - self._looked >= self._every and not self._building():
                self._look()
            return self._built

    def wait(self, seconds: float | None = None) -> None:
        """Until the build that runs now, if any, is done."""
        builder = self._builder
        if builder:
            builder.join(seconds)

    def _building(self) -> bool:
        return self._builder is not None and self._builder.is_alive()

    def _look(self) -> None:
        self._looked = time.monotonic()
        now = fingerprint(self._folders)
        if now != self._of:
            self._of = now
            self._builder = threading.Thread(target=self._replace, name="playbooks", daemon=True)
            self._builder.start()

    def _replace(self) -> None:
        built = self._fresh()
        with self._lock:
            self._built = built

    def _fresh(self) -> Built:
        library = load_library(self._folders)
        for problem in library.problems:
            _log.warning("playbook left out: %s", problem)
        built = self._build(library)
        _log.info("%d playbooks are in use", len(library.playbooks))
        return built
