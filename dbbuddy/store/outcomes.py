"""What became of an answer, as its user says: rating, outcome, comment, minutes saved, and later whether it held.

Each remark is a row of its own; of each kind the newest counts. A remark that is taken back is emptied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, get_args

from dbbuddy.identity import User
from dbbuddy.store.fields import COMMENT, TITLE, keeps_anything, read, written
from dbbuddy.store.history import Outcome, local_day
from dbbuddy.store.store import Statement, Store, utc_now

Remark = Literal["stars", "outcome", "comment", "minutes_saved", "held"]
MOST_MINUTES = 10_000
LONGEST_COMMENT = 2_000
ASK_AFTER = timedelta(days=1)
ASK_UNTIL = timedelta(days=30)
_TYPES: dict[Remark, str] = {
    "stars": "INTEGER",
    "outcome": "VARCHAR",
    "comment": "VARCHAR",
    "minutes_saved": "INTEGER",
    "held": "BOOLEAN",
}


@dataclass(frozen=True)
class Remarks:
    """What a user said of an answer; `None` where they said nothing."""

    stars: int | None = None
    outcome: Outcome | None = None
    comment: str | None = None
    minutes_saved: int | None = None
    held: bool | None = None


@dataclass(frozen=True)
class FollowUp:
    """An answer that was said to have solved its problem, to be asked about: did it hold?"""

    exchange_id: str
    conversation_id: str
    title: str
    solved_at: datetime


def record_feedback(
    store: Store,
    user: User,
    exchange_id: str,
    stars: int | None = None,
    outcome: Outcome | None = None,
    *,
    comment: str | None = None,
    minutes_saved: int | None = None,
    held: bool | None = None,
) -> None:
    """Keep what a user says of an own exchange; nothing of another's. A comment must be redacted.

    Raises:
        StoreError: it was not kept.
        ValueError: there are no such stars, no such outcome, or so many minutes cannot be.
    """
    if stars is not None and stars not in range(1, 6):
        raise ValueError(f"{stars} is no number of stars from 1 to 5")
    if outcome is not None and outcome not in get_args(Outcome):
        raise ValueError(f"{outcome!r} is no outcome")
    if minutes_saved is not None and not 0 <= minutes_saved <= MOST_MINUTES:
        raise ValueError(f"Minutes saved are from 0 to {MOST_MINUTES}.")
    if comment is not None:
        comment = written(COMMENT, exchange_id, comment.strip()[:LONGEST_COMMENT]) or None
    if keeps_anything():
        store.execute(remark_row(user, exchange_id, (stars, outcome, comment, minutes_saved, held)))


def remark_row(user: User, exchange_id: str, values: tuple[Any, ...]) -> Statement:
    """The statement that keeps one row of remarks, in the order of `Remark`, if the exchange is the user's."""
    now = utc_now()
    places = ", ".join(f"CAST(${number} AS {kind})" for number, kind in enumerate(_TYPES.values(), 5))
    sql = (
        f"INSERT INTO feedback (exchange_id, user_id, given_at, day, {', '.join(_TYPES)}) "
        f"SELECT id, user_id, CAST($3 AS TIMESTAMP), CAST($4 AS DATE), {places} FROM exchanges WHERE id = $1 AND user_id = $2"
    )
    return sql, (exchange_id, user.id, now, local_day(now), *values)


def withdraw(store: Store, user: User, exchange_id: str, *remarks: Remark) -> None:
    """Take back what a user said of an own exchange.

    Raises:
        StoreError: it was not kept.
    """
    emptied = ", ".join(f"{name} = NULL" for name in dict.fromkeys(remarks) if name in _TYPES)
    store.execute(
        (f"UPDATE feedback SET {emptied} WHERE exchange_id = $1 AND user_id = $2", (exchange_id, user.id)),
        remark_row(user, exchange_id, (None,) * len(_TYPES)),  # tells the roll-ups that something changed
    )


def remarks(store: Store, user: User, exchange_id: str) -> Remarks:
    """What a user said of an own exchange.

    Raises:
        StoreError: it cannot be read.
    """
    names = list(_TYPES)
    rows = store.read(
        f"SELECT {', '.join(names)} FROM feedback WHERE exchange_id = $1 AND user_id = $2 ORDER BY given_at", (exchange_id, user.id)
    )
    newest: dict[str, Any] = {}
    for row in rows:
        newest |= {name: value for name, value in zip(names, row, strict=True) if value is not None}
    if "comment" in newest:
        newest["comment"] = read(COMMENT, exchange_id, newest["comment"])
    return Remarks(**newest)


def to_follow_up(store: Store, user: User, now: datetime) -> FollowUp | None:
    """The newest answer that solved the user's problem a day to a month ago, if they were not asked yet whether it held.

    Raises:
        StoreError: it cannot be read.
    """
    rows = store.read(
        """
        SELECT e.id, e.conversation_id, c.title, f.given_at
        FROM feedback f
        JOIN exchanges e ON e.id = f.exchange_id AND e.user_id = $1
        JOIN conversations c ON c.id = e.conversation_id
        WHERE f.user_id = $1 AND f.outcome = 'solved' AND f.given_at BETWEEN $2 AND $3
          AND NOT EXISTS (SELECT 1 FROM feedback l WHERE l.exchange_id = f.exchange_id
                          AND (l.held IS NOT NULL OR (l.outcome IS NOT NULL AND l.given_at > f.given_at)))
        ORDER BY f.given_at DESC NULLS LAST, e.id
        LIMIT 1
        """,
        (user.id, now - ASK_UNTIL, now - ASK_AFTER),
    )
    if not rows:
        return None
    exchange_id, conversation_id, title, solved_at = rows[0]
    return FollowUp(exchange_id, conversation_id, read(TITLE, conversation_id, title), solved_at)
