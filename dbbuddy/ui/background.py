"""Small writes that no page waits for: who came and which pages were opened."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from dbbuddy.store.errors import StoreError

_AT_ONCE = threading.BoundedSemaphore(16)

_log = logging.getLogger(__name__)


def later(what: str, write: Callable[[], None]) -> None:
    """Do it on a thread of its own. If too many wait already, or the store refuses, it is left out and logged."""
    if not _AT_ONCE.acquire(blocking=False):
        _log.warning("not kept, too much is waiting for the store: %s", what)
        return
    threading.Thread(target=_run, args=(what, write), name=f"later-{what}", daemon=True).start()


def _run(what: str, write: Callable[[], None]) -> None:
    try:
        write()
    except StoreError as error:
        _log.warning("not kept: %s: %s", what, error)
    finally:
        _AT_ONCE.release()
