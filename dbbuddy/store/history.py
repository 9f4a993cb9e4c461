"""Conversations and their exchanges: kept, listed, resumed, renamed, pinned and deleted, each by its owner only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from dbbuddy.advice import Advice, Diagnosis
from dbbuddy.context import SystemContext
from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store import audit
from dbbuddy.store.errors import StoreError
from dbbuddy.store.fields import ADVICE, QUESTION, TITLE, keeps_anything, keeps_texts, read, written
from dbbuddy.store.store import Statement, Store
from dbbuddy.store.titles import LONGEST, one_line, slug_words, title_of, without_text

Outcome = Literal["solved", "not_solved", "handed_over"]


@dataclass(frozen=True)
class Exchange:
    """A question and its answer. `position` counts from 0 within the conversation."""

    id: str
    conversation_id: str
    user_id: str
    position: int
    asked_at: datetime
    question: str
    advice: Advice
    provider: str
    latency_ms: float
    stars: int | None = None
    outcome: Outcome | None = None


@dataclass(frozen=True)
class ConversationSummary:
    """A line of the history. `shared` tells with how many colleagues; `begun_from` is the exchange that it goes on from."""

    id: str
    title: str
    updated_at: datetime
    exchanges: int
    pinned: bool = False
    shared: int = 0
    begun_from: str | None = None


def local_day(moment: datetime) -> date:
    """The day of a UTC time in the operator's zone, as days are counted everywhere."""
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(settings().time_zone)).date()


def record_exchange(store: Store, user: User, exchange: Exchange, begun_from: str | None = None) -> None:
    """Keep an exchange as the storage mode says; a conversation begins with the first one. Returns after the commit.

    Raises:
        DelayedError: it waits in memory and is kept as soon as the store works again.
        StoreError: it was not kept.
    """
    if not keeps_anything():
        return
    title = title_of(exchange.question, exchange.advice) if keeps_texts() else without_text(exchange.advice)
    conversation = {
        "id": exchange.conversation_id,
        "user_id": user.id,
        "title": written(TITLE, exchange.conversation_id, title),
        "created_at": exchange.asked_at,
        "updated_at": exchange.asked_at,
        "pinned": False,
        "begun_from": begun_from,
    }
    asked = audit.event(store, user, "asked", exchange.id)
    store.append({"conversations": [conversation], "exchanges": [_row(exchange, user)], **asked})


def _row(exchange: Exchange, user: User) -> dict[str, Any]:
    advice = exchange.advice
    context = advice.context
    best = advice.diagnoses[0] if advice.diagnoses else None
    return {
        "id": exchange.id,
        "conversation_id": exchange.conversation_id,
        "user_id": user.id,
        "position": exchange.position,
        "asked_at": exchange.asked_at,
        "day": local_day(exchange.asked_at),
        "team": user.team,
        "codes": " ".join(advice.codes),
        "question": written(QUESTION, exchange.id, exchange.question),
        "advice": written(ADVICE, exchange.id, advice.model_dump_json()),
        "status": advice.status,
        "category": advice.category,
        "engine": context.engine,
        "version": context.version,
        "service": context.service,
        "deployment": context.deployment,
        "cloud": context.cloud,
        "environment": context.environment,
        "diagnosis": best.slug if best else None,
        "confidence": best.confidence if best else None,
        "provider": exchange.provider,
        "latency_ms": exchange.latency_ms,
    }


def conversations(store: Store, user: User, limit: int = 30) -> list[ConversationSummary]:
    """A user's conversations: the pinned ones, then the latest first.

    Raises:
        StoreError: they cannot be read.
    """
    rows = store.read(
        """
        SELECT c.id, c.title, max(e.asked_at) AS updated_at, count(*) AS exchanges, coalesce(c.pinned, false) AS pinned,
               (SELECT count(*) FROM shares s WHERE s.conversation_id = c.id), c.begun_from
        FROM conversations c JOIN exchanges e ON e.conversation_id = c.id
        WHERE c.user_id = $1 AND e.user_id = $1
        GROUP BY c.id, c.title, c.pinned, c.begun_from
        ORDER BY pinned DESC NULLS LAST, updated_at DESC NULLS LAST, c.id
        LIMIT $2
        """,
        (user.id, limit),
    )
    return [ConversationSummary(row[0], read(TITLE, row[0], row[1]), *row[2:]) for row in rows]


def exchanges(store: Store, user: User, conversation_id: str) -> list[Exchange]:
    """A conversation in order, each exchange with its newest rating and outcome; empty if it is not the user's.

    Raises:
        StoreError: it cannot be read.
    """
    return exchanges_of(store, user.id, conversation_id)


def exchanges_of(store: Store, owner_id: str, conversation_id: str) -> list[Exchange]:
    """The exchanges of somebody's conversation; the caller has seen to it that they may be read."""
    rows = store.read(f"{_EXCHANGES} WHERE e.conversation_id = $1 AND e.user_id = $2 {_IN_ORDER}", (conversation_id, owner_id))
    return [_exchange(row) for row in rows]


def exchange_of(store: Store, owner_id: str, exchange_id: str) -> Exchange | None:
    """One exchange of somebody's; the caller has seen to it that it may be read."""
    rows = store.read(f"{_EXCHANGES} WHERE e.id = $1 AND e.user_id = $2", (exchange_id, owner_id))
    return _exchange(rows[0]) if rows else None


def title(store: Store, user: User, conversation_id: str) -> str:
    """The title of a user's conversation; empty if it is not theirs."""
    rows = store.read("SELECT title FROM conversations WHERE id = $1 AND user_id = $2", (conversation_id, user.id))
    return read(TITLE, conversation_id, rows[0][0]) if rows else ""


def begun_from(store: Store, user: User, conversation_id: str) -> str | None:
    """The exchange that a user's conversation goes on from, if it does."""
    rows = store.read("SELECT begun_from FROM conversations WHERE id = $1 AND user_id = $2", (conversation_id, user.id))
    return rows[0][0] if rows else None


def rename(store: Store, user: User, conversation_id: str, new_title: str) -> None:
    """Give a user's conversation another title, which must be redacted.

    Raises:
        ValueError: it is empty, or titles of users are not kept in this storage mode.
        StoreError: it was not kept.
    """
    if not keeps_texts():
        raise ValueError("Titles are made from the diagnosis here (storage mode metadata) and cannot be changed.")
    told = one_line(new_title)[:LONGEST]
    if not told:
        raise ValueError("Write a title.")
    store.execute(
        (
            "UPDATE conversations SET title = $1 WHERE id = $2 AND user_id = $3",
            (written(TITLE, conversation_id, told), conversation_id, user.id),
        )
    )


def pin(store: Store, user: User, conversation_id: str, *, pinned: bool) -> None:
    """Keep a user's conversation at the top of the list, or no longer.

    Raises:
        StoreError: it was not kept.
    """
    store.execute(("UPDATE conversations SET pinned = $1 WHERE id = $2 AND user_id = $3", (pinned, conversation_id, user.id)))


def delete(store: Store, user: User, conversation_id: str) -> None:
    """Delete a user's conversation and all that hangs on it. What it said leaves the files with the next compaction.

    Raises:
        StoreError: it was not deleted.
    """
    told = audit.event(store, user, "deleted", conversation_id)["audit_waiting"][0]
    own = "SELECT id FROM exchanges WHERE conversation_id = $1 AND user_id = $2"
    both = (conversation_id, user.id)
    store.execute(
        *deleted_exchanges(own, both),
        ("DELETE FROM shares WHERE conversation_id = $1 AND owner_id = $2", both),
        ("DELETE FROM conversations WHERE id = $1 AND user_id = $2", both),
        audit.insert(told),
    )


def deleted_exchanges(which: str, parameters: Sequence[Any]) -> list[Statement]:
    """The statements that delete exchanges and all that hangs on them; `which` selects their ids."""
    handed = f"SELECT id FROM handovers WHERE exchange_id IN ({which})"
    hanging = ("handovers", "elaborations", "grades", "feedback")
    return [
        (f"DELETE FROM outbox WHERE handover_id IN ({handed})", parameters),
        *((f"DELETE FROM {table} WHERE exchange_id IN ({which})", parameters) for table in hanging),
        (f"DELETE FROM exchanges WHERE id IN ({which})", parameters),
    ]


_EXCHANGES = """
SELECT e.id, e.conversation_id, e.user_id, e.position, e.asked_at, e.question, e.advice, e.provider, e.latency_ms,
       (SELECT f.stars FROM feedback f
        WHERE f.exchange_id = e.id AND f.stars IS NOT NULL ORDER BY f.given_at DESC NULLS LAST LIMIT 1),
       (SELECT f.outcome FROM feedback f
        WHERE f.exchange_id = e.id AND f.outcome IS NOT NULL ORDER BY f.given_at DESC NULLS LAST LIMIT 1),
       e.codes, e.status, e.category, e.engine, e.version, e.service, e.deployment, e.cloud, e.environment, e.diagnosis,
       e.confidence
FROM exchanges e
"""
_IN_ORDER = "ORDER BY e.position, e.asked_at"
_CONTEXT = ("engine", "version", "service", "deployment", "cloud", "environment")


def _exchange(row: tuple[Any, ...]) -> Exchange:
    stored = read(ADVICE, row[0], row[6])
    try:
        advice = Advice.model_validate_json(stored) if stored else _remembered(row)
    except ValidationError as error:
        raise StoreError(f"An older answer cannot be read (exchange {row[0]}): {error.error_count()} fields do not fit.") from error
    (exchange_id, conversation_id, user_id, position, asked_at), question = row[:5], read(QUESTION, row[0], row[5])
    provider, latency_ms, stars, outcome = row[7:11]
    return Exchange(
        exchange_id, conversation_id, user_id, position, asked_at, question, advice, provider, latency_ms, stars, outcome
    )


def _remembered(row: tuple[Any, ...]) -> Advice:
    """What is known of an answer whose text was not kept."""
    status, category, slug, confidence = row[12], row[13], row[20], row[21]
    known = Diagnosis(
        slug=slug or "",
        title=slug_words(slug or ""),
        category=category or "troubleshooting",
        confidence=confidence or 0.0,
        summary="",
        root_cause="",
    )
    return Advice(
        status=status,
        context=SystemContext(**dict(zip(_CONTEXT, row[14:20], strict=True))),
        category=category,
        situation="The text of this answer was not kept (storage mode metadata). Ask again to see it.",
        diagnoses=(known,) if slug else (),
        codes=tuple((row[11] or "").split()),
    )
