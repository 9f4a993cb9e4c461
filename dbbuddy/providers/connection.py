"""One request's connection: its time limits, what of the response is let in, and closing it from another thread.

It works through the event hooks and the `trace` extension that httpx and httpx2 share, so that the three official clients
need nothing else. A client's own `close` does not wake a thread that waits for bytes; shutting the socket down does.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any

import httpx

from dbbuddy.providers.addresses import is_private_address
from dbbuddy.providers.errors import ProviderError
from dbbuddy.providers.failures import of_message, of_status

_ERROR_BYTES = 16_384


@cache
def tls() -> ssl.SSLContext:
    """The certificates of this machine; reading them takes up to 0.2 s, so that all connections share them."""
    return httpx.create_ssl_context()


class Connection:
    """A connection that can be closed. Times in seconds; `most_bytes` of a response are read.

    `only_local`: nothing may be sent to a host outside private networks.
    """

    def __init__(self, *, connect: float, silence: float, most_bytes: int, only_local: bool = False) -> None:
        self.connect = connect
        self.silence = silence
        self.only_local = only_local
        self.answered = False
        self._most_bytes = most_bytes
        self._closed = threading.Event()
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def close(self) -> None:
        """End it now; a thread that reads from it gets an error at once. Can be called from any thread, more than once."""
        with self._lock:
            self._closed.set()
            for opened in self._sockets:
                _shut(opened)
            self._sockets.clear()

    def timeout(self, httpx: Any) -> Any:
        """The limits as the library's own object. The time to a first byte is watched by the reader of the stream."""
        return httpx.Timeout(self.silence, connect=self.connect)

    def hooks(self, httpx: Any, *, events: bool = False) -> Mapping[str, list[Callable[..., None]]]:
        """What a client of the library (`httpx` or `httpx2`) must call with each request and response.

        `events`: server-sent events are expected, so that a JSON document can only be an error.
        """

        def on_request(request: Any) -> None:
            request.extensions = {**request.extensions, "trace": self._trace}
            request.headers["accept-encoding"] = "identity"

        def on_response(response: Any) -> None:
            self._admit(response, httpx.SyncByteStream, events=events)

        return {"request": [on_request], "response": [on_response]}

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        stream: Any = info.get("return_value")
        if not event.endswith(".complete") or not hasattr(stream, "get_extra_info"):
            return
        opened = stream.get_extra_info("socket")
        if self.only_local and not is_private_address(str(opened.getpeername()[0])):
            raise ProviderError("misconfigured", "the host is not on a private network: nothing was sent")
        with self._lock:
            self._sockets.append(opened)
            if self.closed:
                _shut(opened)

    def _admit(self, response: Any, stream_type: type[Any], *, events: bool) -> None:
        """Let a stream through; anything else is a failure, here, where status and headers are at hand."""
        self.answered = True
        response.stream = _capped(stream_type, response.stream, self._most_bytes)
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.is_redirect:
            raise ProviderError("misconfigured", "the address redirects elsewhere; nothing is sent after a redirect")
        if response.status_code != 200:
            raise of_status(response.status_code, response.headers, _beginning(response), is_page=kind == "text/html")
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            # Not asked for, and a few kilobytes can unpack to gigabytes.
            raise ProviderError("malformed", "the response is compressed")
        if kind == "text/html":
            raise ProviderError("malformed", "a web page came instead of an answer; is there a proxy that wants a login?")
        if kind == "application/json" and events:
            raise of_message(_beginning(response))


def _shut(opened: socket.socket) -> None:
    with suppress(OSError):
        # Not SSLSocket.shutdown, which takes the TLS state away from under the reading thread.
        socket.socket.shutdown(opened, socket.SHUT_RDWR)


def _beginning(response: Any) -> str:
    """The start of an error's body."""
    data = b""
    # Its body is only a hint; if it cannot be read, the status must do. Both libraries have their own exceptions.
    with suppress(Exception):
        for part in response.iter_bytes():
            data += part
            if len(data) > _ERROR_BYTES:
                break
    return data[:_ERROR_BYTES].decode("utf-8", "replace")


def _capped(stream_type: type[Any], inner: Any, most: int) -> Any:
    """The stream, ended by an error where it has given more than so many bytes."""

    class Capped(stream_type):  # type: ignore[misc]
        def __iter__(self) -> Iterator[bytes]:
            left = most
            for part in inner:
                left -= len(part)
                if left < 0:
                    raise ProviderError("malformed", f"the response is longer than {most:,} bytes")
                yield part

        def close(self) -> None:
            inner.close()

    return Capped()
