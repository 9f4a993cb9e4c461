"""What happens while an answer is made: the typed events that `Chain.elaborate` yields, in this order:

`Started (Text* Restarted Started)* Text* (Finished | Unavailable)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dbbuddy.providers.errors import Kind
from dbbuddy.providers.usage import Usage

# Why a provider was not asked: no key or model; mode or sensitivity; breaker, pause or a wrong key; the time was up.
Skip = Literal["not_configured", "not_allowed", "resting", "no_time"]
Outcome = Literal[
    "complete",
    "token_limit",  # the provider cut it at the token limit
    "length_limit",  # cut here: too many characters
    "time_limit",  # cut here: too slow
    "stopped",  # by the reader
]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one provider. `detail` says it in words for a reader, and is empty for an answer; `ms` it took."""

    provider: str
    title: str
    model: str
    result: Literal["answered", "stopped"] | Kind | Skip
    detail: str = ""
    ms: int = 0


@dataclass(frozen=True, slots=True)
class Started:
    """A provider is being asked."""

    provider: str
    title: str
    model: str
    is_local: bool


@dataclass(frozen=True, slots=True)
class Text:
    """The next piece of the answer."""

    piece: str


@dataclass(frozen=True, slots=True)
class Restarted:
    """A provider failed in the middle of its answer. What was shown of it, `partial`, is void: the next one begins anew."""

    provider: str
    kind: Kind
    detail: str
    partial: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The answer is over. Without a provider it was stopped before the first word. Times from the call on, in ms."""

    outcome: Outcome
    provider: str | None
    model: str
    text: str
    attempts: tuple[Attempt, ...]
    usage: Usage | None
    prompt_version: str
    first_token_ms: int | None
    total_ms: int


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No provider gave an answer, and why."""

    attempts: tuple[Attempt, ...]
    total_ms: int


Event = Started | Text | Restarted | Finished | Unavailable
