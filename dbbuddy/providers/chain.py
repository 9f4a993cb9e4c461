"""The chain: one provider after the other is asked, until one answers or the time is up. No failure is ever the reader's.

`elaborate` yields events and never raises on a provider's failure. Why the deadlines are as they are: `docs/models.md`.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import cache

from dbbuddy.providers.catalogue import Catalogue, Entry, all_providers, catalogue
from dbbuddy.providers.events import Event, Skip
from dbbuddy.providers.gate import Gate, GateState
from dbbuddy.providers.prompt import Prompt
from dbbuddy.providers.protocol import Provider
from dbbuddy.providers.run import Run
from dbbuddy.settings import Mode, Settings, settings

Cancelled = threading.Event | Callable[[], bool]


@dataclass(frozen=True)
class Link:
    """One provider in the chain."""

    provider: Provider
    entry: Entry
    gate: Gate


@dataclass(frozen=True, slots=True)
class Candidate:
    """Whether a provider would be asked; `why_not` is in words for a reader."""

    name: str
    title: str
    model: str
    is_local: bool
    skip: Skip | None
    why_not: str


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """One provider for the metrics and the health lines. `problem`: what its configuration lacks."""

    name: str
    title: str
    model: str
    is_local: bool
    problem: str | None
    allowed: bool
    gate: GateState


@dataclass(frozen=True, slots=True)
class ChainStatus:
    """Counts since the start of the process. `outcomes` by what `Finished` says, and `unavailable` and `restarted`."""

    mode: Mode
    providers: tuple[ProviderStatus, ...]
    outcomes: dict[str, int]


class Chain:
    """The providers in order, with one gate each. One chain serves all threads of a process."""

    def __init__(
        self,
        providers: Sequence[Provider],
        *,
        mode: Mode = "cloud",
        keeps_production: bool = True,
        first_content_seconds: float = 4.5,
        content: Catalogue | None = None,
    ) -> None:
        self.content = content or catalogue()
        self.first_content_seconds = first_content_seconds
        self._mode = mode
        self._keeps_production = keeps_production
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.links = tuple(
            Link(provider, self.content.providers[provider.name], Gate(provider.name, self.content.breaker))
            for provider in providers
        )

    def prepare(self) -> None:
        """Load the client libraries of the providers that may be asked. The others' are never loaded."""
        for link in self.links:
            if not self._barred(link.provider, keep_local=False):
                link.provider.prepare()

    def keeps_local(self, *, sensitive: bool, production: bool) -> bool:
        """Whether a text may only go to a provider on this machine or a private network, and whatever the provider."""
        if self._mode == "hybrid":
            return sensitive or (production and self._keeps_production)
        return self._mode == "local"

    def candidates(self, *, sensitive: bool, production: bool) -> tuple[Candidate, ...]:
        """Who would be asked now, in order, and who would not and why. Opens no connection."""
        keep_local = self.keeps_local(sensitive=sensitive, production=production)
        return tuple(self._candidate(link, keep_local=keep_local) for link in self.links)

    def elaborate(
        self, prompt: Prompt, *, sensitive: bool, production: bool, cancelled: Cancelled | None = None
    ) -> Generator[Event]:
        """Ask for an answer.

        Args:
            prompt: what to send; it holds redacted text only.
            sensitive: the redaction took something out of the conversation.
            production: the conversation is about a production system.
            cancelled: looked at often; once it is set or true, the connection is closed at once.

        Closing the generator closes the connection too.
        """
        stopped = cancelled.is_set if isinstance(cancelled, threading.Event) else cancelled or (lambda: False)
        keep_local = self.keeps_local(sensitive=sensitive, production=production)
        return Run(self, prompt, keep_local=keep_local, stopped=stopped).events()

    def status(self) -> ChainStatus:
        """Plain data for metrics and health."""
        with self._lock:
            counts = dict(self._counts)
        return ChainStatus(self._mode, tuple(map(self._status, self.links)), counts)

    def count(self, what: str) -> None:
        """Add one to an outcome."""
        with self._lock:
            self._counts[what] += 1

    def skip(self, link: Link, *, keep_local: bool) -> tuple[Skip, str] | None:
        """Why a provider is not asked, as an id and in words; None if it may be."""
        if problem := link.provider.problem():
            return "not_configured", problem
        if barred := self._barred(link.provider, keep_local=keep_local):
            return "not_allowed", barred
        if closed := link.gate.closed_reason():
            return "resting", closed
        return None

    def _barred(self, provider: Provider, *, keep_local: bool) -> str | None:
        if provider.problem():
            return "it is not configured"
        if provider.is_local or not (keep_local or self._mode == "local"):
            return None
        return "the mode is local" if self._mode == "local" else "what is sensitive stays in the house"

    def _candidate(self, link: Link, *, keep_local: bool) -> Candidate:
        provider = link.provider
        skip, why_not = self.skip(link, keep_local=keep_local) or (None, "")
        return Candidate(provider.name, link.entry.title, provider.model, provider.is_local, skip, why_not)

    def _status(self, link: Link) -> ProviderStatus:
        provider = link.provider
        allowed = provider.is_local or self._mode != "local"
        return ProviderStatus(
            provider.name,
            link.entry.title,
            provider.model,
            provider.is_local,
            provider.problem(),
            allowed,
            link.gate.state(),
        )


def chain_of(given: Settings) -> Chain:
    """The chain that the settings describe."""
    return Chain(
        all_providers(given),
        mode=given.mode,
        keeps_production=given.hybrid_keeps_production,
        first_content_seconds=given.first_content_seconds,
    )


@cache
def default_chain() -> Chain:
    """The chain of this process, with its client libraries loaded."""
    chain = chain_of(settings())
    chain.prepare()
    return chain
