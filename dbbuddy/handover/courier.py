"""The thread that posts what waits in the outbox; no page ever waits for a receiver."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from functools import partial

from dbbuddy.handover.post import Posted, post
from dbbuddy.settings import settings
from dbbuddy.store import outbox
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store, new_id, utc_now

LOOK_SECONDS = 5.0

_log = logging.getLogger(__name__)

Post = Callable[[str, str], Posted]
"""Posts a payload under a ticket's id."""


class Courier:
    """Posts the letters of a store. `wake` has it look at once; it looks every few seconds anyway."""

    def __init__(self, store: Store, post: Post | None = None, look_seconds: float = LOOK_SECONDS) -> None:
        self._store = store
        self._post = post or configured_post()
        self._seconds = look_seconds
        self._name = new_id()
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to post; without a webhook in the settings there is nothing to do."""
        if self._post is not None and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
            self._thread.start()

    def wake(self) -> None:
        """Look into the outbox now."""
        self._wake.set()

    def stop(self, timeout: float = 5.0) -> None:
        """End after the letter at hand. What is not posted then is posted by the next process."""
        self._stopped = True
        self._wake.set()
        if self._thread:
            self._thread.join(timeout)

    def run_once(self, now: datetime) -> int:
        """Post what is due; returns how many letters were tried.

        Raises:
            StoreError: the store cannot be read or written.
        """
        letters = outbox.claim(self._store, self._name, now) if self._post else []
        for letter in letters:
            self._deliver(letter)
        return len(letters)

    def _deliver(self, letter: outbox.Letter) -> None:
        assert self._post is not None
        result = self._post(letter.payload, letter.handover_id)
        if result.taken:
            outbox.delivered(self._store, letter, utc_now())
            return
        _log.warning("ticket %s was not delivered: %s", letter.handover_id, result.problem)
        outbox.not_delivered(self._store, letter, result.problem, utc_now(), again=result.again, after=result.after)

    def _run(self) -> None:
        while not self._stopped:
            try:
                while not self._stopped and self.run_once(utc_now()):
                    pass
            except StoreError as error:
                if self._store.health().state == "closed":
                    return
                _log.warning("the outbox cannot be looked into now: %s", error)
            self._wake.wait(self._seconds)
            self._wake.clear()


def configured_post() -> Post | None:
    """Posts to the webhook of the settings; `None` if there is none."""
    url, authorization = settings().webhook_url, settings().webhook_authorization
    if url is None:
        return None
    return partial(post, url.get_secret_value(), authorization=authorization.get_secret_value() if authorization else None)
