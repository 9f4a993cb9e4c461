"""Reading one provider's answer against the clock: what is content, when it is too slow, and whether it ended well."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass

from dbbuddy.providers.attempt import Ended, StreamReader
from dbbuddy.providers.errors import ProviderError
from dbbuddy.providers.events import Outcome
from dbbuddy.providers.protocol import Chunk, Finish, Tokens

_LOOK_UP_SECONDS = 0.05  # how soon a stop is noticed
_COUNT_SECONDS = 0.3  # how long to wait for the usage after the end marker
_THINK, _THOUGHT = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Deadlines:
    """When to give up. `first_by` and `all_by` are times of `time.monotonic`, `gap` is in seconds."""

    first_by: float
    gap: float
    all_by: float
    chars: int


@dataclass(frozen=True, slots=True)
class Reading:
    """How one answer ended. `first_at` is a time of `time.monotonic`."""

    ended: Outcome | ProviderError
    text: str
    tokens: Tokens | None
    first_at: float | None


class Visible:
    """Text without the reasoning that some models print before it between `<think>` tags, and without blanks before it."""

    def __init__(self) -> None:
        self._held = ""
        self._begun = False

    def feed(self, text: str) -> str:
        """What of the text so far can be shown now."""
        if self._begun:
            return text
        self._held = (self._held + text).lstrip()
        if self._held.startswith(_THINK):
            _, ended, rest = self._held.partition(_THOUGHT)
            if not ended:
                # Only what could be the start of the closing tag is needed on.
                self._held = _THINK + self._held[len(_THINK) :][-len(_THOUGHT) :]
                return ""
            self._held = rest.lstrip()
        elif _THINK.startswith(self._held):
            return ""
        self._begun = bool(self._held)
        return self._held


class AnswerReader:
    """Reads a stream to its end or to its first failure."""

    def __init__(self, reader: StreamReader, deadlines: Deadlines, stopped: Callable[[], bool]) -> None:
        self._reader = reader
        self._deadlines = deadlines
        self._stopped = stopped
        self._visible = Visible()
        self._pieces: list[str] = []
        self._chars = 0
        self._finish: Finish | None = None
        self._tokens: Tokens | None = None
        self._first_at: float | None = None
        self._wait_until = deadlines.first_by

    def pieces(self) -> Generator[str, None, Reading]:
        """The text as it comes; returns how it ended."""
        while True:
            if self._stopped():
                return self._over("stopped")
            now = time.monotonic()
            if self._pieces and now >= self._deadlines.all_by:
                return self._over("time_limit")
            item = self._reader.next(min(_LOOK_UP_SECONDS, self._wait_until - now))
            if isinstance(item, Chunk):
                if piece := self._take(item):
                    yield piece
                if self._chars >= self._deadlines.chars:
                    return self._over("length_limit")
            elif item is not None:
                return self._over(self._end(item))
            elif time.monotonic() >= self._wait_until:
                return self._over(self._end(ProviderError("timeout", self._too_slow())))

    def _take(self, chunk: Chunk) -> str:
        self._finish = chunk.finish or self._finish
        self._tokens = chunk.tokens or self._tokens
        piece = self._visible.feed(chunk.text)[: self._deadlines.chars - self._chars]
        now = time.monotonic()
        if piece:
            self._pieces.append(piece)
            self._chars += len(piece)
            self._first_at = self._first_at or now
        if self._finish:
            self._wait_until = now + _COUNT_SECONDS
        elif self._pieces:
            self._wait_until = now + self._deadlines.gap
        return piece

    def _end(self, last: ProviderError | Ended) -> Outcome | ProviderError:
        """What an end is worth. After the end marker nothing can go wrong any more."""
        if self._finish == "filtered":
            return ProviderError("refused", "its content filter ended the answer")
        if self._finish and not self._chars:
            return ProviderError("empty", "the answer has no text")
        if self._finish:
            return "token_limit" if self._finish == "length" else "complete"
        if isinstance(last, ProviderError):
            return last
        return ProviderError("truncated", "the stream ended without its end marker")

    def _too_slow(self) -> str:
        return "it fell silent in the middle of the answer" if self._pieces else "no first word in time"

    def _over(self, ended: Outcome | ProviderError) -> Reading:
        return Reading(ended, "".join(self._pieces), self._tokens, self._first_at)
