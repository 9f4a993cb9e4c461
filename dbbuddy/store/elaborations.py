"""What language models wrote to an exchange: kept redacted, beside the answer that they elaborate on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.store.fields import ELABORATION, keeps_anything, read, written
from dbbuddy.store.history import local_day
from dbbuddy.store.store import Store

_NAMES = (
    "id",
    "exchange_id",
    "asked_at",
    "provider",
    "model",
    "prompt_version",
    "outcome",
    "text",
    "attempts",
    "first_token_ms",
    "total_ms",
    "prompt_tokens",
    "completion_tokens",
    "cost_usd",
)


@dataclass(frozen=True)
class Tried:
    """What became of one provider that was configured. `detail` is in words for a reader."""

    provider: str
    title: str
    model: str
    result: str
    detail: str = ""
    ms: int = 0


@dataclass(frozen=True)
class Elaboration:
    """One text of a model, redacted; its placeholders are those of the conversation.

    `outcome` is that of `providers.events.Finished`; `unavailable`: no provider answered; `withheld`: the text could not be
    redacted, so it was not kept. `provider` is empty where none answered. Times in milliseconds from the question on.
    """

    id: str
    exchange_id: str
    asked_at: datetime
    provider: str
    model: str
    prompt_version: str
    outcome: str
    text: str
    attempts: tuple[Tried, ...] = ()
    first_token_ms: float | None = None
    total_ms: float | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cost_usd: float | None = None


def record_elaboration(store: Store, user: User, elaboration: Elaboration) -> None:
    """Keep an elaboration of a user's own exchange; nothing in storage mode `off`. Returns after the commit.

    Raises:
        DelayedError: it waits in memory and is kept as soon as the store works again.
        StoreError: it was not kept.
    """
    if not keeps_anything():
        return
    row = {
        "id": elaboration.id,
        "exchange_id": elaboration.exchange_id,
        "user_id": user.id,
        "asked_at": elaboration.asked_at,
        "day": local_day(elaboration.asked_at),
        "provider": elaboration.provider,
        "model": elaboration.model,
        "prompt_version": elaboration.prompt_version,
        "outcome": elaboration.outcome,
        "text": written(ELABORATION, elaboration.id, elaboration.text),
        "attempts": json.dumps([vars(each) for each in elaboration.attempts]),
        "first_token_ms": elaboration.first_token_ms,
        "total_ms": elaboration.total_ms,
        "prompt_tokens": elaboration.prompt_tokens,
        "completion_tokens": elaboration.completion_tokens,
        "cost_usd": elaboration.cost_usd,
    }
    store.append({"elaborations": [row]})


def elaborations(store: Store, user: User, conversation_id: str) -> dict[str, Elaboration]:
    """The newest elaboration of each exchange of a user's conversation, by the exchange's id.

    Raises:
        StoreError: they cannot be read.
    """
    return elaborations_of(store, user.id, conversation_id)


def elaborations_of(store: Store, owner_id: str, conversation_id: str) -> dict[str, Elaboration]:
    """The same of somebody's conversation; the caller has seen to it that it may be read."""
    rows = store.read(
        f"""
        SELECT {", ".join(_NAMES)} FROM elaborations
        WHERE user_id = $1 AND exchange_id IN (SELECT id FROM exchanges WHERE conversation_id = $2 AND user_id = $1)
        ORDER BY asked_at, id
        """,
        (owner_id, conversation_id),
    )
    return {row[1]: _elaboration(row) for row in rows}


def _elaboration(row: tuple[Any, ...]) -> Elaboration:
    try:
        tried = tuple(Tried(**each) for each in json.loads(row[8] or "[]") if each)
    except (ValueError, TypeError) as error:
        raise StoreError(f"An older text of a model cannot be read (elaboration {row[0]}): {error}") from error
    text = read(ELABORATION, row[0], row[7])
    plain = dict(zip(_NAMES, row, strict=True))
    return Elaboration(**{**plain, "text": text, "attempts": tried})
