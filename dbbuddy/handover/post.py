"""Posting a payload to the configured address, and what came of it. The address comes from the settings and nowhere else."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx

SECONDS = 20.0
"""How long a receiver has for the whole exchange."""
_CONNECT_SECONDS = 5.0
_LONGEST_WAIT = 24 * 3600.0
_LATER = frozenset({408, 425, 429})


class AddressError(ValueError):
    """The configured address cannot be used; the message says why."""


@dataclass(frozen=True)
class Posted:
    """What came of it. `again`: it may work later; `after` seconds, if the receiver said so. `problem` is empty if it was taken."""

    problem: str = ""
    again: bool = False
    after: float | None = None

    @property
    def taken(self) -> bool:
        return not self.problem


def check_address(url: str) -> None:
    """Let an address pass that may be posted to.

    Raises:
        AddressError: it is none, or not encrypted on its way to another machine.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise AddressError("DBBUDDY_WEBHOOK_URL is no address.") from None
    local = host in {"localhost", "127.0.0.1", "::1"}
    if not host or not (parts.scheme == "https" or (parts.scheme == "http" and local)):
        raise AddressError("DBBUDDY_WEBHOOK_URL must begin with https:// (http:// only for this machine).")


def post(url: str, payload: str, ticket_id: str, authorization: str | None = None, seconds: float = SECONDS) -> Posted:
    """Post JSON once. Redirects are not followed; the answer's text is not kept.

    The ticket's id goes along as `Idempotency-Key`, so that a receiver can tell a repetition.
    """
    try:
        check_address(url)
    except AddressError as error:
        return Posted(str(error), again=False)
    headers = {"Content-Type": "application/json; charset=utf-8", "Idempotency-Key": ticket_id, "User-Agent": "DB-Buddy"}
    if authorization:
        headers["Authorization"] = authorization
    done: list[Posted] = []
    # A receiver that sends a byte at a time outlasts every timeout of a client; this thread may then end when it will.
    thread = threading.Thread(target=lambda: done.append(_post(url, payload, headers, seconds)), name="webhook", daemon=True)
    thread.start()
    thread.join(seconds)
    return done[0] if done else Posted(f"It did not answer within {seconds:g} s.", again=True)


def _post(url: str, payload: str, headers: dict[str, str], seconds: float) -> Posted:
    timeout = httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds))
    try:
        with (
            httpx.Client(follow_redirects=False, timeout=timeout) as client,
            client.stream("POST", url, content=payload.encode(), headers=headers) as answer,
        ):
            return _judged(answer.status_code, answer.headers)
    except httpx.TimeoutException:
        return Posted("It did not answer in time.", again=True)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        return Posted(f"It could not be reached ({type(error).__name__}).", again=True)


def _judged(status: int, headers: httpx.Headers) -> Posted:
    if 200 <= status < 300:
        return Posted()
    if 300 <= status < 400:
        return Posted(f"It answered {status}, a redirect, which is not followed. Set the final address.", again=False)
    if status in _LATER or status >= 500:
        return Posted(f"It answered {status}.", again=True, after=_retry_after(headers.get("Retry-After", "")))
    return Posted(f"It refused the ticket with {status}. Check the address, its authorization and the shape.", again=False)


def _retry_after(text: str) -> float | None:
    """Seconds of a Retry-After header, which tells seconds or a date (RFC 9110, 10.2.3); at most a day."""
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - datetime.now(UTC)).total_seconds(), 0.0), _LONGEST_WAIT)
