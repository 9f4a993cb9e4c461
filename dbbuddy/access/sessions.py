"""How long a login lasts: its age, the end of its token, and whether its owner has signed out."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Mapping

from dbbuddy.access.errors import SessionEndedError
from dbbuddy.access.login import Login

REFRESH_SECONDS = 10.0
"""So long another server of the same store may still accept a login whose owner has signed out."""

_log = logging.getLogger(__name__)


def session_end(login: Login, hours: float, *, outlives_token: bool) -> float:
    """When the session ends, in seconds since 1970: after so many hours, and with its token unless it may outlive it."""
    limit = login.began + hours * 3600
    return limit if outlives_token else min(limit, login.token_ends)


def check_age(login: Login, hours: float, now: float, *, outlives_token: bool) -> None:
    """Let a session pass that has not ended.

    Raises:
        SessionEndedError: it has.
    """
    if now >= session_end(login, hours, outlives_token=outlives_token):
        raise SessionEndedError("Your session has expired.")


def session_subject(login: Login) -> str:
    """What a revocation of this one session is filed under."""
    return f"session:{login.session}"


def user_subject(user_id: str) -> str:
    """What a revocation of all sessions of a person is filed under: a digest, so that it names nobody."""
    return f"user:{hashlib.sha256(user_id.encode()).hexdigest()}"


class Revocations:
    """The sessions that have been ended, as this process knows them; safe to share between threads.

    `read` gives all revocations of the store as {subject: seconds since 1970}, `write` keeps one; both may raise `problem`.
    What was revoked here counts at once, even if the store did not take it; what was revoked elsewhere, after
    `REFRESH_SECONDS` at the latest.
    """

    def __init__(
        self,
        read: Callable[[], Mapping[str, float]],
        write: Callable[[str, float], None],
        problem: type[Exception],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._read = read
        self._write = write
        self._problem = problem
        self._clock = clock
        self._known: dict[str, float] = {}
        self._refreshed: float | None = None
        self._reading = threading.Lock()

    def check(self, login: Login) -> None:
        """Let a login pass whose owner has not ended it.

        Raises:
            SessionEndedError: the owner signed out of it, or out everywhere since it began.
        """
        self._refresh()
        everywhere = self._known.get(user_subject(login.id))
        if session_subject(login) in self._known or (everywhere is not None and login.began <= everywhere):
            raise SessionEndedError("You have signed out.")

    def end(self, subject: str, now: float) -> None:
        """End a session or all sessions of a person, from now on.

        Raises:
            the store's problem: it holds in this process only, until it restarts.
        """
        self._known[subject] = now
        self._write(subject, now)

    def _refresh(self) -> None:
        """Read anew what is old. Only the very first caller waits for the store; later ones go on with what is known."""
        if self._refreshed is not None and self._clock() - self._refreshed < REFRESH_SECONDS:
            return
        if not self._reading.acquire(blocking=self._refreshed is None):
            return
        try:
            if self._refreshed is not None and self._clock() - self._refreshed < REFRESH_SECONDS:
                return
            for subject, at in self._read().items():
                self._known[subject] = max(at, self._known.get(subject, at))
        except self._problem as error:
            _log.warning("revoked sessions cannot be read, those known so far stay refused: %s", error)
        finally:
            self._refreshed = self._clock()
            self._reading.release()
