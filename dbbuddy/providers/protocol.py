"""What a provider is: the one small contract that every file of a provider fulfils, and how it fails."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from dbbuddy.providers.connection import Connection

Role = Literal["system", "user", "assistant"]
Finish = Literal["stop", "length", "filtered"]


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider counted."""

    prompt: int
    answer: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a stream. Without text it is a sign of life, such as hidden reasoning.

    `finish` is the provider's end marker; a stream without one was cut off. `length`: the token limit was reached;
    `filtered`: the provider's content filter ended it.
    """

    text: str = ""
    finish: Finish | None = None
    tokens: Tokens | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """How to answer. `context_tokens` is the room for prompt and answer together, the same for all answers."""

    answer_tokens: int
    context_tokens: int
    temperature: float


class Provider(Protocol):
    """A language-model service.

    `is_local`: by its configuration, its model runs on this machine or a private network; what is sensitive may go there.
    Before anything is sent, such a provider makes sure of it if `connection.only_local` is set.
    """

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def is_local(self) -> bool: ...

    def problem(self) -> str | None:
        """What is missing in the configuration, in words for an operator; None if nothing is."""

    def prepare(self) -> None:
        """Load the client library. It takes a second, which must not count as the provider's."""

    def stream(self, messages: Sequence[Message], options: Options, connection: Connection) -> Generator[Chunk]:
        """The answer, piece by piece, over a connection that another thread may close at any time.

        Raises:
            ProviderError, or whatever the client library raises: `failures.failure_of` tells what it means.
        """
