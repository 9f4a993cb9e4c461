"""Lets callers of the machine interfaces in: by token, and not too often."""

from __future__ import annotations

from collections.abc import Mapping

from dbbuddy.rate_limit import RateLimit
from dbbuddy.serving.tokens import caller_of


class RefusedError(Exception):
    """A caller is not let in. `reason` is `token` or `rate`; `status` and `headers` belong to the HTTP response."""

    def __init__(self, reason: str, message: str, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(message)
        self.reason = reason
        self.status = status
        self.headers = dict(headers)


class Gatekeeper:
    """Checks tokens and rates. Without any token configured nobody is let in."""

    def __init__(self, names: Mapping[str, str], limit: RateLimit) -> None:
        self._names = names
        self._limit = limit

    def admit(self, authorization: str | None) -> str:
        """The name of the caller.

        Raises:
            RefusedError: the token is not known, or the caller asks too often.
        """
        if not self._names:
            raise RefusedError("token", "No API token is configured. Make one with: python -m dbbuddy token NAME", 401, {})
        name = caller_of(authorization, self._names)
        if name is None:
            raise RefusedError("token", "Send a valid token: Authorization: Bearer TOKEN", 401, {"WWW-Authenticate": "Bearer"})
        wait = self._limit.wait(name)
        if wait:
            raise RefusedError("rate", f"Too many requests. Try again in {wait} s.", 429, {"Retry-After": str(wait)})
        return name
