"""Whether a provider is asked at all: its circuit breaker, its pauses, and what an operator must put right first."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import pybreaker

from dbbuddy.providers.catalogue import BreakerRules
from dbbuddy.providers.errors import OUTAGES, Kind, ProviderError


@dataclass(frozen=True, slots=True)
class GateState:
    """What the gate knows. `breaker` is `closed`, `open` or `half-open`; `pause_seconds` is what is left of a pause.

    `misconfigured` says what an operator must put right; `failures` counts since the start of the process.
    """

    breaker: str
    misconfigured: str | None
    pause_seconds: float
    answers: int
    failures: dict[Kind, int]
    last_error: str | None
    last_error_at: datetime | None


class Gate:
    """One provider's gate, shared by all threads of the process.

    Outages open the breaker; after a rest one request tries. "Too many requests" pauses the provider for as long as it
    says. A wrong key or model closes the gate until the configuration changes or a check by an administrator succeeds.
    """

    def __init__(self, name: str, rules: BreakerRules, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._lock = threading.Lock()
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=rules.failures, reset_timeout=rules.rest_seconds, name=name, throw_new_error_on_trip=False
        )
        self._opened_at = 0.0
        self._trying = False
        self._paused_until = 0.0
        self._misconfigured: str | None = None
        self._answers = 0
        self._failures: Counter[Kind] = Counter()
        self._last: tuple[str, datetime] | None = None

    def enter(self) -> str | None:
        """None if the provider may be asked, and then `succeeded`, `failed` or `left` must follow; else why not."""
        with self._lock:
            if reason := self._closed_reason():
                return reason
            if self._breaker.current_state != pybreaker.STATE_CLOSED:
                self._breaker.half_open()
                self._trying = True
            return None

    def closed_reason(self) -> str | None:
        """Why the provider would not be asked now; None if it would."""
        with self._lock:
            return self._closed_reason()

    def succeeded(self) -> None:
        with self._lock:
            self._answers += 1
            self._misconfigured = None
            self._paused_until = 0.0
            self._trying = False
            self._note(None)

    def proved(self) -> None:
        """A check has shown that the provider answers: whatever closed the gate is over."""
        with self._lock:
            self._misconfigured = None
            self._paused_until = 0.0
            self._trying = False
            self._breaker.close()

    def failed(self, error: ProviderError) -> None:
        with self._lock:
            self._trying = False
            self._failures[error.kind] += 1
            self._last = (error.detail, datetime.now(UTC))
            if error.kind == "misconfigured":
                self._misconfigured = error.detail
            elif error.kind == "rate_limited":
                seconds = self._rules.pause_seconds if error.retry_after is None else error.retry_after
                self._paused_until = self._clock() + min(seconds, self._rules.pause_most_seconds)
            if error.kind in OUTAGES:
                self._note(error)

    def left(self) -> None:
        """The request was given up by the reader: neither a success nor a failure."""
        with self._lock:
            self._trying = False

    def state(self) -> GateState:
        with self._lock:
            return GateState(
                breaker=self._breaker.current_state,
                misconfigured=self._misconfigured,
                pause_seconds=max(0.0, self._paused_until - self._clock()),
                answers=self._answers,
                failures=dict(self._failures),
                last_error=self._last[0] if self._last else None,
                last_error_at=self._last[1] if self._last else None,
            )

    def _closed_reason(self) -> str | None:
        if self._misconfigured:
            return self._misconfigured
        pause = self._paused_until - self._clock()
        if pause > 0:
            return f"too many requests; asked again in {pause:.0f} s"
        if self._breaker.current_state == pybreaker.STATE_CLOSED:
            return None
        rest = self._opened_at + self._rules.rest_seconds - self._clock()
        if rest > 0 and self._breaker.current_state == pybreaker.STATE_OPEN:
            return f"it failed several times in a row; asked again in {rest:.0f} s"
        return "another request is trying whether it is back" if self._trying else None

    def _note(self, error: ProviderError | None) -> None:
        """Tell the breaker afterwards: its own `call` holds a lock, and would let one answer stream at a time."""

        def outcome() -> None:
            if error:
                raise error

        was = self._breaker.current_state
        # An open breaker turns away the late outcomes of requests that began before it opened.
        with suppress(ProviderError, pybreaker.CircuitBreakerError):
            self._breaker.call(outcome)
        if was != pybreaker.STATE_OPEN and self._breaker.current_state == pybreaker.STATE_OPEN:
            self._opened_at = self._clock()
