"""Conversations, exchanges and feedback: written through the writer, read on a cursor of one's own."""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import duckdb
from pydantic import ValidationError

from dbbuddy.advice import Advice
from dbbuddy.store.connection import open_database
from dbbuddy.store.errors import StoreError
from dbbuddy.store.writer import Writer

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
    """A line of the history."""

    id: str
    title: str
    updated_at: datetime
    exchanges: int


def new_id() -> str:
    """A new identifier."""
    return str(uuid.uuid4())


def utc_now() -> datetime:
    """Now, as the store keeps times: UTC without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


class Store:
    """The store of one process. Every reading method is limited to one user's own rows."""

    def __init__(self, url: str) -> None:
        self._connection = open_database(url)
        self._cursors = threading.Lock()
        self._writer = Writer(self._cursor())

    def close(self) -> None:
        """Write what is waiting and let go of the file."""
        self._writer.close()
        self._connection.close()

    def record_exchange(self, exchange: Exchange) -> None:
        """Keep an exchange; a conversation begins with the first one that is kept. Returns after the commit.

        Raises:
            StoreError: it was not kept.
        """
        advice = exchange.advice
        context = advice.context
        best = advice.diagnoses[0] if advice.diagnoses else None
        start = (
            "INSERT INTO conversations VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            (exchange.conversation_id, exchange.user_id, _title(exchange), exchange.asked_at),
        )
        row = (
            "INSERT INTO exchanges VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
            (
                exchange.id,
                exchange.conversation_id,
                exchange.user_id,
                exchange.position,
                exchange.asked_at,
                exchange.question,
                advice.model_dump_json(),
                advice.status,
                advice.category,
                context.engine,
                context.version,
                context.service,
                context.deployment,
                context.cloud,
                context.environment,
                best.slug if best else None,
                best.confidence if best else None,
                exchange.provider,
                exchange.latency_ms,
            ),
        )
        self._writer.write(start, row)

    def record_feedback(self, exchange_id: str, user_id: str, stars: int | None = None, outcome: Outcome | None = None) -> None:
        """Keep a user's rating (1 to 5 stars) or outcome of an own exchange; the newest of each counts.

        Raises:
            StoreError: it was not kept.
            ValueError: there are no such stars.
        """
        if stars is not None and stars not in range(1, 6):
            raise ValueError(f"{stars} is no number of stars from 1 to 5")
        sql = "INSERT INTO feedback SELECT id, user_id, $3, $4, $5 FROM exchanges WHERE id = $1 AND user_id = $2"
        self._writer.write((sql, (exchange_id, user_id, utc_now(), stars, outcome)))

    def conversations(self, user_id: str, limit: int = 30) -> list[ConversationSummary]:
        """A user's conversations, the latest first."""
        rows = self._read(
            """
            SELECT c.id, c.title, max(e.asked_at) AS updated_at, count(*) AS exchanges
            FROM conversations c JOIN exchanges e ON e.conversation_id = c.id
            WHERE c.user_id = $1
            GROUP BY c.id, c.title
            ORDER BY updated_at DESC, c.id
            LIMIT $2
            """,
            [user_id, limit],
        )
        return [ConversationSummary(*row) for row in rows]

    def exchanges(self, conversation_id: str, user_id: str) -> list[Exchange]:
        """A conversation in order; empty if it is not the user's."""
        rows = self._read(
            """
            SELECT e.id, e.conversation_id, e.user_id, e.position, e.asked_at, e.question, e.advice, e.provider, e.latency_ms,
                   (SELECT arg_max(f.stars, f.given_at) FROM feedback f WHERE f.exchange_id = e.id AND f.stars IS NOT NULL),
                   (SELECT arg_max(f.outcome, f.given_at) FROM feedback f WHERE f.exchange_id = e.id AND f.outcome IS NOT NULL)
            FROM exchanges e
            WHERE e.conversation_id = $1 AND e.user_id = $2
            ORDER BY e.position
            """,
            [conversation_id, user_id],
        )
        return [_exchange(row) for row in rows]

    def _read(self, sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
        try:
            with self._cursor() as cursor:
                return cursor.execute(sql, parameters).fetchall()
        except duckdb.Error as error:
            raise StoreError(f"The store cannot be read: {' '.join(str(error).split())}") from error

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._cursors:
            return self._connection.cursor()


def _title(exchange: Exchange) -> str:
    if exchange.advice.status == "answered":
        return exchange.advice.title
    line = next((text.strip() for text in exchange.question.splitlines() if text.strip()), "Question")
    return line[:60]


def _exchange(row: tuple[Any, ...]) -> Exchange:
    try:
        advice = Advice.model_validate_json(row[6])
    except ValidationError as error:
        raise StoreError(f"An older answer cannot be read (exchange {row[0]}): {error.error_count()} fields do not fit.") from error
    return Exchange(row[0], row[1], row[2], row[3], row[4], row[5], advice, row[7], row[8], row[9], row[10])
