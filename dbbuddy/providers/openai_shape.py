"""Chat completion chunks as OpenAI defined them and others copied them, read without trust in their shape."""

from __future__ import annotations

from typing import Any

from dbbuddy.providers.errors import ProviderError
from dbbuddy.providers.protocol import Chunk, Finish, Tokens

_FINISH: dict[str, Finish] = {
    "stop": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "content_filter": "filtered",
}


def chunk_of(event: Any) -> Chunk:
    """One event of the stream. Events without choices are signs of life, or carry the usage.

    Raises:
        ProviderError: the model answers with something else than text, or ended for a reason that is none.
    """
    usage = getattr(event, "usage", None) or getattr(getattr(event, "x_groq", None), "usage", None)
    tokens = Tokens(usage.prompt_tokens or 0, usage.completion_tokens or 0) if usage else None
    if not event.choices:
        return Chunk(tokens=tokens)
    choice = event.choices[0]
    text = choice.delta.content or ""
    if not isinstance(text, str):
        raise ProviderError("malformed", "the content is no text")
    return Chunk(text, finish_of(choice.finish_reason), tokens)


def finish_of(reason: str | None) -> Finish | None:
    """What an end marker means.

    Raises:
        ProviderError: a reason that does not end a text.
    """
    if not reason:
        return None
    if reason not in _FINISH:
        raise ProviderError("malformed", f"the answer ended for the reason {reason[:40]!r}")
    return _FINISH[reason]


def key_problem(key: str, variable: str) -> str | None:
    """What is wrong with a key, in words for an operator."""
    if not key:
        return f"{variable} is not set"
    if not key.isascii() or not key.isprintable() or " " in key:
        return f"{variable} holds signs that no key has"
    return None


def url_problem(url: str, variable: str) -> str | None:
    """What is wrong with a base URL, in words for an operator."""
    if not url.startswith(("http://", "https://")) or not url.isascii() or not url.isprintable() or " " in url:
        return f"{variable} is not an http or https URL"
    return None
