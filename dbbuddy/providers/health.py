"""How the providers are, for the page of an administrator: a line for each, and a check that really asks one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from dbbuddy.providers.attempt import StreamReader
from dbbuddy.providers.chain import Chain, Link, ProviderStatus
from dbbuddy.providers.connection import Connection
from dbbuddy.providers.errors import Kind, ProviderError
from dbbuddy.providers.protocol import Message, Options
from dbbuddy.providers.reading import AnswerReader, Deadlines

State = Literal["ready", "resting", "misconfigured", "not_configured", "not_allowed"]
_QUESTION = Message("user", "Answer with the one word: ready")
_ANSWER_TOKENS = 16


@dataclass(frozen=True, slots=True)
class HealthLine:
    """One provider as an administrator sees it. `text` says in a sentence how it is and what to do.

    `answers` and `failures` are counted since the start of the process; the last error is UTC.
    """

    name: str
    title: str
    model: str
    is_local: bool
    state: State
    text: str
    answers: int
    failures: dict[Kind, int]
    last_error: str | None
    last_error_at: datetime | None


def provider_health(chain: Chain) -> tuple[HealthLine, ...]:
    """A line for each provider, from what is known; nothing is asked."""
    status = chain.status()
    return tuple(_line(provider, mode=status.mode) for provider in status.providers)


def check_provider(chain: Chain, name: str, *, seconds: float = 20.0, stopped: Callable[[], bool] = lambda: False) -> HealthLine:
    """Ask one provider for one word, with its real key and model, and open its gate if it answers.

    It sends nothing of any user's. Ollama also loads its model by it, which the first question would else wait for.
    A provider that is not configured, or that the mode does not allow, is not asked.

    Raises:
        KeyError: there is no such provider.
    """
    link = next((link for link in chain.links if link.provider.name == name), None)
    if link is None:
        raise KeyError(name)
    before = _named(chain, name)
    if before.state not in ("not_configured", "not_allowed"):
        _ask(chain, link, seconds, stopped)
    return _named(chain, name)


def _ask(chain: Chain, link: Link, seconds: float, stopped: Callable[[], bool]) -> None:
    link.provider.prepare()
    now = time.monotonic()
    connection = Connection(
        connect=link.entry.connect_seconds,
        silence=seconds,
        most_bytes=chain.content.limits.answer_bytes,
        only_local=chain.keeps_local(sensitive=False, production=False),
    )
    # The window of an answer: Ollama loads a model anew for another one.
    options = Options(_ANSWER_TOKENS, chain.content.limits.context_tokens, 0.0)
    reader = StreamReader(link.provider, (_QUESTION,), options, connection)
    answer = AnswerReader(reader, Deadlines(now + seconds, seconds, now + seconds, 1_000), stopped)
    try:
        pieces = answer.pieces()
        while True:
            next(pieces)
    except StopIteration as end:
        ended = end.value.ended
    finally:
        reader.close()
    # A model that reasons may spend all its few tokens on that: it answers, which is what was asked.
    if isinstance(ended, ProviderError) and ended.kind != "empty":
        link.gate.failed(ended)
    elif ended != "stopped":
        link.gate.proved()


def _named(chain: Chain, name: str) -> HealthLine:
    return next(line for line in provider_health(chain) if line.name == name)


def _line(provider: ProviderStatus, *, mode: str) -> HealthLine:
    gate = provider.gate
    state, text = _state(provider, mode)
    return HealthLine(
        provider.name,
        provider.title,
        provider.model,
        provider.is_local,
        state,
        text,
        gate.answers,
        gate.failures,
        gate.last_error,
        gate.last_error_at,
    )


def _state(provider: ProviderStatus, mode: str) -> tuple[State, str]:
    gate = provider.gate
    if provider.problem:
        return "not_configured", f"Not used: {provider.problem}."
    if not provider.allowed:
        return "not_allowed", f"Not used: the mode is {mode}, and it is not on this machine or a private network."
    if gate.misconfigured:
        return "misconfigured", f"Not asked: {gate.misconfigured}. Correct the settings and restart, or check again."
    if gate.pause_seconds > 0:
        return "resting", f"Too many requests; asked again in {gate.pause_seconds:.0f} s."
    if gate.breaker == "open":
        return "resting", "It failed several times in a row; asked again soon."
    if gate.breaker == "half-open":
        return "resting", "It failed several times in a row; the next question tries it."
    where = "on this machine or a private network" if provider.is_local else "outside"
    return "ready", f"Ready, {where}."
