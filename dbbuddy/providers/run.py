"""One run through the chain: the attempts of one answer, and its events."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING

from dbbuddy.providers.attempt import StreamReader
from dbbuddy.providers.connection import Connection
from dbbuddy.providers.errors import Kind, ProviderError
from dbbuddy.providers.events import Attempt, Event, Finished, Outcome, Restarted, Skip, Started, Text, Unavailable
from dbbuddy.providers.prompt import Prompt
from dbbuddy.providers.protocol import Options
from dbbuddy.providers.reading import AnswerReader, Deadlines, Reading
from dbbuddy.providers.usage import usage_of

if TYPE_CHECKING:
    from dbbuddy.providers.chain import Chain, Link


class Run:
    """The way of one prompt through the chain. `events` can be taken once."""

    def __init__(self, chain: Chain, prompt: Prompt, *, keep_local: bool, stopped: Callable[[], bool]) -> None:
        self._chain = chain
        self._prompt = prompt
        self._keep_local = keep_local
        self._stopped = stopped
        self._limits = chain.content.limits
        self._began = self._content_by = 0.0
        self._attempts: list[Attempt] = []

    def events(self) -> Generator[Event]:
        """Ask one after the other until one answers, the reader stops, or none is left. The clock starts at the first step."""
        self._began = time.monotonic()
        self._content_by = self._began + self._chain.first_content_seconds
        for place, link in enumerate(self._chain.links):
            if self._stopped():
                yield self._finished("stopped", self._prompt, None, None)
                return
            skip = self._chain.skip(link, keep_local=self._keep_local)
            if not skip and time.monotonic() >= self._content_by:
                skip = "no_time", "the time for an answer was up"
            reason = None if skip else link.gate.enter()
            if skip or reason:
                self._note(link, *(skip or ("resting", reason or "")))
                continue
            if (yield from self._asked(link, is_last=self._is_last(place))):
                return
        self._chain.count("unavailable")
        yield Unavailable(tuple(self._attempts), self._ms(self._began))

    def _is_last(self, place: int) -> bool:
        later = self._chain.links[place + 1 :]
        return all(self._chain.skip(link, keep_local=self._keep_local) for link in later)

    def _asked(self, link: Link, *, is_last: bool) -> Generator[Event, None, bool]:
        """Ask one provider; a prompt that is too long for it is shortened once. True if the run is over."""
        provider = link.provider
        yield Started(provider.name, link.entry.title, provider.model, provider.is_local)
        prompt = self._prompt
        began = time.monotonic()
        reading: Reading | None = None
        try:
            reading = yield from self._read(link, prompt, is_last=is_last)
            smaller = prompt.smaller() if _is_too_large(reading) else None
            if smaller and time.monotonic() < self._content_by:
                reading, prompt = None, smaller
                reading = yield from self._read(link, prompt, is_last=is_last)
        finally:
            if reading is None:
                link.gate.left()
        return (yield from self._concluded(link, prompt, reading, began))

    def _read(self, link: Link, prompt: Prompt, *, is_last: bool) -> Generator[Event, None, Reading]:
        now = time.monotonic()
        limits = self._limits
        first_by = self._content_by if is_last else min(self._content_by, now + link.entry.first_token_seconds)
        deadlines = Deadlines(first_by, limits.gap_seconds, now + limits.answer_seconds, limits.answer_chars)
        connection = Connection(
            connect=link.entry.connect_seconds,
            # Longer than the reader's own limits; only for a thread whose reader has gone without closing.
            silence=max(first_by - now, limits.gap_seconds) + 1.0,
            most_bytes=limits.answer_bytes,
            only_local=self._keep_local,
        )
        options = Options(limits.answer_tokens, limits.context_tokens, limits.temperature)
        reader = StreamReader(link.provider, prompt.messages, options, connection)
        answer = AnswerReader(reader, deadlines, self._stopped).pieces()
        try:
            while True:
                try:
                    yield Text(next(answer))
                except StopIteration as end:
                    reading: Reading = end.value
                    return reading
        finally:
            reader.close()

    def _concluded(self, link: Link, prompt: Prompt, reading: Reading, began: float) -> Generator[Event, None, bool]:
        """Book what became of it. True if the run is over."""
        ended = reading.ended
        if not isinstance(ended, ProviderError):
            if ended == "stopped":
                link.gate.left()
            else:
                link.gate.succeeded()
            self._note(link, "stopped" if ended == "stopped" else "answered", "", began)
            yield self._finished(ended, prompt, link, reading)
            return True
        link.gate.failed(ended)
        self._note(link, ended.kind, ended.detail, began)
        if reading.text:
            # The reader had content in time; the next provider gets its own time for it.
            self._content_by = max(self._content_by, time.monotonic() + self._longest_wait())
            self._chain.count("restarted")
            yield Restarted(link.provider.name, ended.kind, ended.detail, reading.text)
        return False

    def _longest_wait(self) -> float:
        return max(link.entry.first_token_seconds for link in self._chain.links)

    def _finished(self, outcome: Outcome, prompt: Prompt, link: Link | None, reading: Reading | None) -> Finished:
        self._chain.count(outcome)
        provider = link.provider if link and reading and (reading.text or outcome != "stopped") else None
        usage = None
        if provider and reading:
            usage = usage_of(
                reading.tokens,
                prompt_chars=prompt.chars,
                answer_chars=len(reading.text),
                provider=provider.name,
                model=provider.model,
                prices=self._chain.content.prices,
            )
        return Finished(
            outcome,
            provider.name if provider else None,
            provider.model if provider else "",
            reading.text if reading else "",
            tuple(self._attempts),
            usage,
            prompt.version,
            round((reading.first_at - self._began) * 1000) if reading and reading.first_at else None,
            self._ms(self._began),
        )

    def _note(self, link: Link, result: Kind | Skip | str, detail: str, began: float | None = None) -> None:
        provider = link.provider
        ms = self._ms(began) if began else 0
        self._attempts.append(Attempt(provider.name, link.entry.title, provider.model, result, detail, ms))  # type: ignore[arg-type]

    def _ms(self, since: float) -> int:
        return round((time.monotonic() - since) * 1000)


def _is_too_large(reading: Reading) -> bool:
    return isinstance(reading.ended, ProviderError) and reading.ended.kind == "too_large"
