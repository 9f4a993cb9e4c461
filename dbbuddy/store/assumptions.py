"""The assumptions behind the ROI figures as managers stated them: every version is kept, the newest counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dbbuddy.identity import User, require
from dbbuddy.store import audit
from dbbuddy.store.backend import Session
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store, new_id, utc_now

_MOST = 100


@dataclass(frozen=True)
class Version:
    """One state of the assumptions: when, by whom, and its content."""

    id: str
    made_at: datetime
    made_by: str
    content: str


class ChangedMeanwhileError(StoreError):
    """Somebody else has saved a newer version than the one that was edited."""


def versions(store: Store) -> tuple[Version, ...]:
    """The newest versions, the one that counts first; empty if nobody changed anything yet.

    Raises:
        StoreError: they cannot be read.
    """
    rows = store.read(f"SELECT id, made_at, made_by, content FROM assumptions ORDER BY made_at DESC, id LIMIT {_MOST}")
    return tuple(Version(*row) for row in rows)


def save(store: Store, user: User, content: str, based_on: str | None) -> None:
    """Keep a new version, which counts from now on; `based_on` is the id of the version that was edited, None for the defaults.

    Raises:
        NotAllowedError: the user is no manager.
        ChangedMeanwhileError: another version counts by now.
        StoreError: it was not kept.
    """
    require(user, "manager")
    row = (new_id(), utc_now(), user.id, content)
    told = audit.insert(audit.event(store, user, "assumptions_changed", row[0])["audit_waiting"][0])

    def work(session: Session) -> bool:
        newest = session.run("SELECT id FROM assumptions ORDER BY made_at DESC, id LIMIT 1")
        if (newest[0][0] if newest else None) != based_on:
            return False
        session.run("INSERT INTO assumptions (id, made_at, made_by, content) VALUES ($1, $2, $3, $4)", row)
        session.run(*told)
        return True

    if not store.transact(work):
        raise ChangedMeanwhileError("Somebody else changed the assumptions meanwhile. Look at theirs, then change yours again.")
