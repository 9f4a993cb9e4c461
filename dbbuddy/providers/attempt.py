"""One provider's answer to one prompt, read by a thread of its own, so that its reader can set deadlines and stop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from contextlib import closing, suppress

from dbbuddy.providers.connection import Connection
from dbbuddy.providers.errors import ProviderError
from dbbuddy.providers.failures import failure_of
from dbbuddy.providers.protocol import Chunk, Message, Options, Provider

# What may wait for its reader. A reader that does not keep up slows the stream down, instead of filling the memory.
_WAITING = 64
_LOOK_UP_SECONDS = 0.05


class Ended:
    """The stream is over without an error; whether it ended well, its end marker tells."""


class StreamReader:
    """A stream that is being read. `close` ends the connection at once, and with it the thread."""

    def __init__(self, provider: Provider, messages: Sequence[Message], options: Options, connection: Connection) -> None:
        self._connection = connection
        self._queue: queue.Queue[Chunk | ProviderError | Ended] = queue.Queue(_WAITING)
        self._thread = threading.Thread(
            target=self._read, args=(provider, messages, options), name=f"provider-{provider.name}", daemon=True
        )
        self._thread.start()

    def next(self, seconds: float) -> Chunk | ProviderError | Ended | None:
        """What comes next within so many seconds; None if nothing does."""
        with suppress(queue.Empty):
            return self._queue.get(timeout=max(seconds, 0.0))
        return None

    def close(self) -> None:
        self._connection.close()

    def _read(self, provider: Provider, messages: Sequence[Message], options: Options) -> None:
        last: ProviderError | Ended = Ended()
        try:
            # Closed here rather than when it is collected: its clients must go with this thread.
            with closing(provider.stream(messages, options, self._connection)) as chunks:
                for chunk in chunks:
                    if not self._put(chunk):
                        return
        # Client libraries raise anything on what servers send; it must reach the reader, and not end a thread unseen.
        except Exception as error:
            last = failure_of(error, answered=self._connection.answered)
        self._put(last)

    def _put(self, item: Chunk | ProviderError | Ended) -> bool:
        while not self._connection.closed:
            with suppress(queue.Full):
                self._queue.put(item, timeout=_LOOK_UP_SECONDS)
                return True
        return False
