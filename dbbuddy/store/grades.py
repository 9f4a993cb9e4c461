"""What DBAs say of answers that were sampled for them: a verdict and a note. A grader has one verdict on an answer."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args

from dbbuddy.identity import User, require
from dbbuddy.store import audit
from dbbuddy.store.fields import NOTE, read, written
from dbbuddy.store.store import Store, utc_now

Verdict = Literal["right", "partly", "wrong", "harmful"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
LONGEST_NOTE = 2_000


@dataclass(frozen=True)
class Grade:
    """A verdict on an answer, who gave it and when."""

    exchange_id: str
    grader: str
    graded_at: datetime
    verdict: Verdict
    note: str


def record_grade(store: Store, user: User, exchange_id: str, week: date, verdict: Verdict, note: str = "") -> None:
    """Keep a verdict on an answer of the sample of a week (its Monday). The note must be redacted.

    Raises:
        NotAllowedError: the user is no DBA.
        ValueError: there is no such verdict.
        StoreError: it was not kept.
    """
    require(user, "dba")
    if verdict not in VERDICTS:
        raise ValueError(f"{verdict!r} is no verdict")
    kept = written(NOTE, exchange_id, note.strip()[:LONGEST_NOTE]) if note.strip() else ""
    store.execute(
        ("DELETE FROM grades WHERE exchange_id = $1 AND grader = $2", (exchange_id, user.id)),
        (
            "INSERT INTO grades (exchange_id, week, grader, graded_at, verdict, note) SELECT id, CAST($2 AS DATE), "
            "CAST($3 AS VARCHAR), CAST($4 AS TIMESTAMP), CAST($5 AS VARCHAR), CAST($6 AS VARCHAR) FROM exchanges WHERE id = $1",
            (exchange_id, week, user.id, utc_now(), verdict, kept),
        ),
        audit.insert(audit.event(store, user, "graded", exchange_id)["audit_waiting"][0]),
    )


def grades_of(store: Store, user: User, exchange_ids: Collection[str]) -> dict[str, Grade]:
    """The newest verdict on each of these answers, by the answer.

    Raises:
        NotAllowedError: the user is no DBA.
        StoreError: they cannot be read.
    """
    require(user, "dba")
    rows = store.read(
        "SELECT exchange_id, grader, graded_at, verdict, note FROM grades WHERE exchange_id = ANY(CAST($1 AS VARCHAR[])) "
        "ORDER BY graded_at, grader DESC",
        (list(exchange_ids),),
    )
    return {row[0]: Grade(row[0], row[1], row[2], row[3], read(NOTE, row[0], row[4])) for row in rows}
