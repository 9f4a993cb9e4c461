"""Letters that wait to be posted. A letter leaves only when its receiver has taken it, so none is lost by a crash.

A process claims a letter for a few minutes before it posts it. Should it die in between, the letter is posted again after that
time, with the same `Idempotency-Key`: at least once, and once where the receiver knows that header.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from dbbuddy.store.backend import Session
from dbbuddy.store.fields import PAYLOAD, read, written
from dbbuddy.store.store import Statement, Store, new_id

State = Literal["waiting", "delivered", "failed"]

CLAIM = timedelta(minutes=2)
FIRST_WAIT = timedelta(seconds=15)
LONGEST_WAIT = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(days=3)
_AT_ONCE = 5


@dataclass(frozen=True)
class Letter:
    """A payload on its way. `attempts` counts this one."""

    id: str
    handover_id: str
    payload: str
    created_at: datetime
    attempts: int


@dataclass(frozen=True)
class Delivery:
    """How the delivery of a ticket stands. `problem` tells what went wrong the last time."""

    state: State
    attempts: int
    next_try_at: datetime
    delivered_at: datetime | None
    problem: str


def queued(handover_id: str, shape: str, payload: str, now: datetime) -> Statement:
    """The statement that puts a letter into the outbox."""
    letter_id = new_id()
    return (
        "INSERT INTO outbox (id, handover_id, shape, payload, created_at, attempts, next_try_at, state) "
        "VALUES ($1, $2, $3, $4, $5, 0, $5, 'waiting')",
        (letter_id, handover_id, shape, written(PAYLOAD, letter_id, payload), now),
    )


def claim(store: Store, claimant: str, now: datetime) -> list[Letter]:
    """The letters that are due, claimed for this process; the oldest first.

    Raises:
        StoreError: the store cannot be read or written.
    """
    if not store.read("SELECT id FROM outbox WHERE state = 'waiting' AND next_try_at <= $1 LIMIT 1", (now,)):
        return []

    def take(session: Session) -> list[tuple[Any, ...]]:
        session.lock("outbox")
        due = session.run(
            "SELECT id, handover_id, payload, created_at, attempts + 1 FROM outbox "
            f"WHERE state = 'waiting' AND next_try_at <= $1 ORDER BY created_at LIMIT {_AT_ONCE}",
            (now,),
        )
        for row in due:
            session.run(
                "UPDATE outbox SET attempts = attempts + 1, next_try_at = $2, claimed_by = $3 WHERE id = $1",
                (row[0], now + CLAIM, claimant),
            )
        return due

    return [Letter(row[0], row[1], read(PAYLOAD, row[0], row[2]), *row[3:]) for row in store.transact(take)]


def delivered(store: Store, letter: Letter, now: datetime) -> None:
    """Note that the receiver has taken a letter; its payload is not kept any longer.

    Raises:
        StoreError: it was not kept, so the letter will be posted again.
    """
    store.execute(
        (
            "UPDATE outbox SET state = 'delivered', delivered_at = $2, problem = NULL, payload = '', claimed_by = NULL "
            "WHERE id = $1",
            (letter.id, now),
        )
    )


def not_delivered(store: Store, letter: Letter, problem: str, now: datetime, *, again: bool, after: float | None = None) -> None:
    """Note what went wrong, and when to try again: after what the receiver asked for, else twice as long as before, up to an hour.

    It is given up if it is hopeless, or after `GIVE_UP_AFTER`; its sender can have it posted again.

    Raises:
        StoreError: it was not kept; the letter is posted again when its claim ends.
    """
    wait = min(FIRST_WAIT * 2 ** min(letter.attempts - 1, 16), LONGEST_WAIT)
    if after is not None:
        wait = max(timedelta(seconds=after), FIRST_WAIT)
    hopeless = not again or now - letter.created_at > GIVE_UP_AFTER
    store.execute(
        (
            "UPDATE outbox SET state = $2, next_try_at = $3, problem = $4, claimed_by = NULL WHERE id = $1",
            (letter.id, "failed" if hopeless else "waiting", now + wait, problem),
        )
    )


def delivery(store: Store, handover_id: str) -> Delivery | None:
    """How the delivery of a ticket stands; the caller has seen to it that it is the user's.

    Raises:
        StoreError: it cannot be read.
    """
    rows = store.read(
        "SELECT state, attempts, next_try_at, delivered_at, problem FROM outbox WHERE handover_id = $1 "
        "ORDER BY created_at DESC NULLS LAST LIMIT 1",
        (handover_id,),
    )
    if not rows:
        return None
    state, attempts, next_try_at, delivered_at, problem = rows[0]
    return Delivery(state, attempts, next_try_at, delivered_at, problem or "")


def counts(store: Store) -> dict[str, int]:
    """How many letters are in each state, for those who run the app.

    Raises:
        StoreError: they cannot be read.
    """
    return {str(state): int(count) for state, count in store.read("SELECT state, count(*) FROM outbox GROUP BY state")}
