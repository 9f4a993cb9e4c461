"""Problems handed over to a DBA: the ticket and its letter in the outbox, in one unit with the outcome and the audit event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbbuddy.identity import User
from dbbuddy.store import audit, outbox
from dbbuddy.store.fields import TICKET, keeps_anything, read, written
from dbbuddy.store.outcomes import remark_row
from dbbuddy.store.store import Store, utc_now


@dataclass(frozen=True)
class HandedOver:
    """A ticket of a user and how its delivery stands; `delivery` is `None` where there is no webhook."""

    id: str
    exchange_id: str
    created_at: datetime
    ticket: str
    delivery: outbox.Delivery | None


def record_handover(
    store: Store, user: User, exchange_id: str, ticket_id: str, ticket: str, letter: tuple[str, str] | None
) -> bool:
    """Keep a ticket (as JSON), and the letter (shape, payload) that is to be posted; `False` if nothing is kept here at all.

    Returns after the commit: from then on the letter is posted whatever happens to this process.

    Raises:
        StoreError: nothing of it was kept.
    """
    if not keeps_anything():
        return False
    now = utc_now()
    told = audit.event(store, user, "handed_over", exchange_id, ticket=ticket_id, posted="yes" if letter else "no")
    kept = (
        "INSERT INTO handovers (id, exchange_id, user_id, created_at, ticket) VALUES ($1, $2, $3, $4, $5)",
        (ticket_id, exchange_id, user.id, now, written(TICKET, ticket_id, ticket)),
    )
    queued = [outbox.queued(ticket_id, *letter, now)] if letter else []
    outcome = remark_row(user, exchange_id, (None, "handed_over", None, None, None))
    store.execute(kept, *queued, outcome, audit.insert(told["audit_waiting"][0]))
    return True


def handed_over(store: Store, user: User, exchange_id: str) -> HandedOver | None:
    """The newest ticket that the user made of an exchange.

    Raises:
        StoreError: it cannot be read.
    """
    rows = store.read(
        "SELECT id, exchange_id, created_at, ticket FROM handovers WHERE exchange_id = $1 AND user_id = $2 "
        "ORDER BY created_at DESC NULLS LAST LIMIT 1",
        (exchange_id, user.id),
    )
    if not rows:
        return None
    ticket_id, exchange_id, created_at, ticket = rows[0]
    return HandedOver(ticket_id, exchange_id, created_at, read(TICKET, ticket_id, ticket), outbox.delivery(store, ticket_id))


def send_again(store: Store, user: User, ticket_id: str) -> None:
    """Post a user's ticket anew that was refused or given up.

    Raises:
        StoreError: it was not kept.
    """
    own = "SELECT id FROM handovers WHERE id = $1 AND user_id = $2"
    store.execute(
        (
            f"UPDATE outbox SET state = 'waiting', attempts = 0, next_try_at = $3, problem = NULL WHERE state = 'failed' "
            f"AND handover_id IN ({own})",
            (ticket_id, user.id, utc_now()),
        )
    )
