"""Tickets to DBAs by category and week, as managers record them: the baseline before the launch, and what came after it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from dbbuddy.context import CATEGORIES
from dbbuddy.identity import User, require
from dbbuddy.store.store import Statement, Store, new_id, utc_now

MOST_TICKETS = 100_000
MOST_MINUTES = 100_000.0
MOST_DEVELOPERS = 1_000_000
_EARLIEST = date(2000, 1, 1)
_LATEST = date(2100, 1, 1)


@dataclass(frozen=True)
class TicketWeek:
    """The tickets of a category in the week that begins on a Monday: how many, the median handling time, and how many developers
    could have written them.
    """

    category: str
    week: date
    tickets: int
    minutes: float
    developers: int


@dataclass(frozen=True)
class Recorded:
    """A week as it is recorded, with who did it and when."""

    row: TicketWeek
    made_by: str
    made_at: datetime


def recorded(store: Store) -> tuple[Recorded, ...]:
    """All weeks, by week and category.

    Raises:
        StoreError: they cannot be read.
    """
    columns = "category, week, tickets, minutes_median, developers, made_by, made_at"
    rows = store.read(f"SELECT {columns} FROM baselines ORDER BY week, category, made_at")
    return tuple(Recorded(TicketWeek(*row[:5]), row[5], row[6]) for row in rows)


def check(row: TicketWeek) -> None:
    """Let a week pass that can be.

    Raises:
        ValueError: one of its values cannot be; the message says which.
    """
    where = f"{row.category}, week of {row.week}"
    if row.category not in CATEGORIES:
        raise ValueError(f"“{row.category}” is none of the categories: {', '.join(CATEGORIES)}.")
    if not _EARLIEST <= row.week <= _LATEST:
        raise ValueError(f"{where}: the date cannot be.")
    if row.week.weekday() != 0:
        raise ValueError(f"{where}: weeks begin on Monday.")
    if not 0 <= row.tickets <= MOST_TICKETS:
        raise ValueError(f"{where}: there can be 0 to {MOST_TICKETS:,} tickets.")
    if not 0 < row.minutes <= MOST_MINUTES:
        raise ValueError(f"{where}: a handling time is over 0 and at most {MOST_MINUTES:,.0f} minutes.")
    if not 0 < row.developers <= MOST_DEVELOPERS:
        raise ValueError(f"{where}: tell how many developers there were, at least 1.")


def record(store: Store, user: User, rows: Iterable[TicketWeek]) -> int:
    """Keep weeks; one of the same category and week is replaced. Returns how many.

    Raises:
        NotAllowedError: the user is no manager.
        ValueError: a week cannot be; none was kept.
        StoreError: none was kept.
    """
    require(user, "manager")
    now = utc_now()
    last = {(row.category, row.week): row for row in rows}
    for row in last.values():
        check(row)
    statements: list[Statement] = []
    for (category, week), row in last.items():
        statements.append(_deleted(category, week))
        values = (new_id(), category, week, row.tickets, row.minutes, row.developers, user.id, now)
        statements.append(
            (
                "INSERT INTO baselines (id, category, week, tickets, minutes_median, developers, made_by, made_at) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                values,
            )
        )
    if statements:
        store.execute(*statements, timeout=30)
    return len(last)


def remove(store: Store, user: User, keys: Iterable[tuple[str, date]]) -> None:
    """Delete the weeks of these categories.

    Raises:
        NotAllowedError: the user is no manager.
        StoreError: none was deleted.
    """
    require(user, "manager")
    statements = [_deleted(category, week) for category, week in keys]
    if statements:
        store.execute(*statements, timeout=30)


def _deleted(category: str, week: date) -> Statement:
    return "DELETE FROM baselines WHERE category = $1 AND week = $2", (category, week)
