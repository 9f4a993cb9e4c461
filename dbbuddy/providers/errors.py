"""How a provider fails: one error with a kind, whatever the client library called it."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal[
    "misconfigured",  # no or a wrong key, no such model: the operator must act
    "unreachable",  # no connection
    "timeout",  # connected, and then too slow or silent
    "rate_limited",  # too many requests, or credits used up
    "too_large",  # the prompt is longer than the provider takes
    "server",  # the provider's own error
    "malformed",  # what came is not the protocol: a web page, broken JSON
    "truncated",  # the stream ended without its end marker
    "empty",  # an orderly end without text
    "refused",  # this one request is not answered, as by a content filter
]
KINDS: tuple[Kind, ...] = get_args(Kind)

# Kinds that say that the provider is down, so that it is left alone for a while after a few of them.
OUTAGES: frozenset[Kind] = frozenset({"unreachable", "timeout", "server", "malformed", "truncated", "empty"})


class ProviderError(Exception):
    """A provider did not answer. `detail` is for an operator and holds nothing of the user's; `retry_after` in seconds."""

    def __init__(self, kind: Kind, detail: str, *, retry_after: float | None = None) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.retry_after = retry_after
