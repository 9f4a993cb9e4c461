"""What an error means: HTTP statuses, and the exceptions of the client libraries and their HTTP libraries.

The table of what each client raises when: Groq 1.7, huggingface_hub 2.4 (on httpx2) and ollama 0.6 were observed against a
failing server; all errors of a status are recognised in `Connection`, before the client sees them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from time import time

import re2

from dbbuddy.providers.errors import Kind, ProviderError

_TOO_LONG = re2.compile(
    r"(?i)context.{0,3}length|context window|maximum context|too many tokens|reduce the length|request too large|"
    r"exceeds? the (?:available )?context|prompt is too long|tokens per minute"
)
_NO_MODEL = re2.compile(
    r"(?i)decommissioned|model.{0,3}not.{0,3}found|model.{0,80}(?:does not exist|no longer supported|not supported)|unknown model"
)
_STATUS: dict[int, Kind] = {
    401: "misconfigured",
    402: "rate_limited",
    403: "misconfigured",
    404: "misconfigured",
    405: "misconfigured",
    407: "misconfigured",
    408: "timeout",
    413: "too_large",
    429: "rate_limited",
    498: "rate_limited",  # Groq: flex tier capacity exceeded
    504: "timeout",
}
_MEANING: dict[int, str] = {
    401: "the key is not accepted",
    402: "the credits are used up",
    403: "the key may not use this model",
    404: "there is no such model or address",
    407: "the proxy wants a login",
    413: "the prompt is too long",
    429: "too many requests",
}


def of_status(status: int, headers: Mapping[str, str], body: str, *, is_page: bool) -> ProviderError:
    """What a response other than 200 means. `is_page`: its body is HTML, so something in between has answered."""
    detail = f"status {status}" + (f", {_MEANING[status]}" if status in _MEANING else "")
    if status == 403 and is_page:
        return ProviderError("refused", "a firewall in between has refused the request (status 403 with a web page)")
    if status in (400, 413, 422) and _TOO_LONG.search(body):
        return ProviderError("too_large", "the prompt is longer than the model takes")
    if status == 400 and _NO_MODEL.search(body):
        return ProviderError("misconfigured", "the model is not served (any more)")
    kind = _STATUS.get(status, "server" if status >= 500 else "refused")
    retry_after = retry_seconds(headers) if kind == "rate_limited" or status == 503 else None
    return ProviderError(kind, detail, retry_after=retry_after)


def retry_seconds(headers: Mapping[str, str]) -> float | None:
    """`Retry-After` in seconds: a number or a date. None if it is not given or means nothing."""
    given = headers.get("retry-after", "").strip()
    try:
        seconds = float(given)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(given).timestamp() - time()
        except (ValueError, OverflowError):
            return None
    return min(max(seconds, 0.0), 86_400.0) if seconds == seconds else None


def failure_of(error: BaseException, *, answered: bool) -> ProviderError:
    """What an exception means that came out of a client. `answered`: the response had begun."""
    for cause in _causes(error):
        if isinstance(cause, ProviderError):
            return cause
        if kind := _transport_kind(cause, answered=answered):
            return ProviderError(kind, _TRANSPORT[kind])
    if isinstance(error, TimeoutError):
        return ProviderError("timeout", _TRANSPORT["timeout"])
    if isinstance(error, OSError):
        kind = "truncated" if answered else "unreachable"
        return ProviderError(kind, _TRANSPORT[kind])
    name = type(error).__name__
    if isinstance(error, (ValueError, KeyError, TypeError, AttributeError, IndexError)):
        return ProviderError("malformed", f"what came is not the protocol ({name})")
    return of_message(str(error))


def of_message(said: str) -> ProviderError:
    """An error that came with status 200 instead of an answer, or in the middle of one."""
    if _TOO_LONG.search(said):
        return ProviderError("too_large", "the prompt is longer than the model takes")
    if _NO_MODEL.search(said):
        return ProviderError("misconfigured", "the model is not served (any more)")
    return ProviderError("server", "the provider reported an error instead of an answer")


_TRANSPORT: dict[Kind, str] = {
    "unreachable": "no connection",
    "timeout": "no answer in time",
    "truncated": "the connection broke in the middle of the answer",
    "malformed": "the response could not be decoded",
    "misconfigured": "the address or the key holds signs that cannot be sent",
}


def _transport_kind(error: BaseException, *, answered: bool) -> Kind | None:
    """By class name, since the clients use two HTTP libraries with the same names for their exceptions."""
    names = {cls.__name__ for cls in type(error).__mro__ if cls.__module__.partition(".")[0] in ("httpx", "httpx2")}
    if names & {"ConnectError", "ConnectTimeout", "ProxyError", "PoolTimeout"}:
        return "unreachable"
    if names & {"UnsupportedProtocol", "LocalProtocolError", "InvalidURL"}:
        return "misconfigured"
    if "TimeoutException" in names:
        return "timeout"
    if "DecodingError" in names:
        return "malformed"
    if names & {"TransportError", "StreamError"}:
        return "truncated" if answered else "unreachable"
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    for _ in range(8):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__
