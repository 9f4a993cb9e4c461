"""Conversations that their owner lets a named colleague read. Every reading is recorded in the audit log before it happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbbuddy.identity import User
from dbbuddy.store import audit
from dbbuddy.store.fields import TITLE, read
from dbbuddy.store.history import Exchange, exchange_of, exchanges_of
from dbbuddy.store.store import Store, utc_now


class SharingError(ValueError):
    """It cannot be shared so; the message says why."""


@dataclass(frozen=True)
class SharedConversation:
    """A conversation that a colleague shared with the reader."""

    id: str
    title: str
    owner_id: str
    shared_at: datetime


def share(store: Store, owner: User, conversation_id: str, colleague_id: str) -> None:
    """Let a colleague, named by user id, read an own conversation, now and as it grows.

    Raises:
        SharingError: the conversation is not theirs, or the colleague is not known or is the owner.
        StoreError: it was not kept.
    """
    colleague_id = colleague_id.strip()
    if colleague_id == owner.id:
        raise SharingError("That is you. Name a colleague.")
    if not store.read("SELECT 1 FROM conversations WHERE id = $1 AND user_id = $2", (conversation_id, owner.id)):
        raise SharingError("Only the owner of a conversation can share it.")
    if not store.read("SELECT 1 FROM pseudonyms WHERE user_id = $1", (colleague_id,)):
        raise SharingError("Nobody with this user id has used DB-Buddy yet. Your colleague finds the id on the account page.")
    if colleague_id in colleagues(store, owner, conversation_id):
        return
    row = {"conversation_id": conversation_id, "owner_id": owner.id, "colleague_id": colleague_id, "shared_at": utc_now()}
    told = audit.event(store, owner, "shared", conversation_id, colleague=audit.pseudonym(store, colleague_id))
    store.append({"shares": [row], **told})


def withdraw(store: Store, owner: User, conversation_id: str, colleague_id: str) -> None:
    """Let a colleague no longer read an own conversation.

    Raises:
        StoreError: it was not kept.
    """
    told = audit.event(store, owner, "share_withdrawn", conversation_id, colleague=audit.pseudonym(store, colleague_id))
    store.execute(
        (
            "DELETE FROM shares WHERE conversation_id = $1 AND owner_id = $2 AND colleague_id = $3",
            (conversation_id, owner.id, colleague_id),
        ),
        audit.insert(told["audit_waiting"][0]),
    )


def colleagues(store: Store, owner: User, conversation_id: str) -> list[str]:
    """The user ids with whom an own conversation is shared.

    Raises:
        StoreError: they cannot be read.
    """
    rows = store.read(
        "SELECT DISTINCT colleague_id FROM shares WHERE conversation_id = $1 AND owner_id = $2 ORDER BY colleague_id",
        (conversation_id, owner.id),
    )
    return [str(row[0]) for row in rows]


def shared_with(store: Store, reader: User, limit: int = 30) -> list[SharedConversation]:
    """What colleagues shared with the reader, the latest first.

    Raises:
        StoreError: it cannot be read.
    """
    rows = store.read(
        """
        SELECT c.id, c.title, s.owner_id, max(s.shared_at) AS latest
        FROM shares s JOIN conversations c ON c.id = s.conversation_id AND c.user_id = s.owner_id
        WHERE s.colleague_id = $1
        GROUP BY c.id, c.title, s.owner_id
        ORDER BY latest DESC NULLS LAST, c.id
        LIMIT $2
        """,
        (reader.id, limit),
    )
    return [SharedConversation(row[0], read(TITLE, row[0], row[1]), *row[2:]) for row in rows]


def read_shared(store: Store, reader: User, conversation_id: str) -> tuple[SharedConversation, list[Exchange]] | None:
    """A conversation that was shared with the reader; `None` if it is not.

    Raises:
        StoreError: it cannot be read, or the reading could not be recorded.
    """
    found = next((shared for shared in shared_with(store, reader, limit=1_000) if shared.id == conversation_id), None)
    if found is None:
        return None
    audit.record(store, reader, "read_shared", conversation_id, owner=audit.pseudonym(store, found.owner_id))
    return found, exchanges_of(store, found.owner_id, conversation_id)


def readable_exchange(store: Store, reader: User, exchange_id: str) -> Exchange | None:
    """An exchange of the reader's own, or of a conversation that is shared with them now; `None` if it is neither.

    Raises:
        StoreError: it cannot be read, or the reading of another's could not be recorded.
    """
    own = exchange_of(store, reader.id, exchange_id)
    if own:
        return own
    rows = store.read(
        "SELECT e.user_id, e.conversation_id FROM exchanges e JOIN shares s ON s.conversation_id = e.conversation_id "
        "AND s.owner_id = e.user_id WHERE e.id = $1 AND s.colleague_id = $2 LIMIT 1",
        (exchange_id, reader.id),
    )
    if not rows:
        return None
    owner_id, conversation_id = rows[0]
    audit.record(store, reader, "read_shared", conversation_id, owner=audit.pseudonym(store, owner_id))
    return exchange_of(store, owner_id, exchange_id)
