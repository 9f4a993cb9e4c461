"""The audit log: who asked, read another's, exported, erased or changed what. It is written and read here, and never changed.

An event is kept in the same unit as what it tells of, in `audit_waiting`; within seconds the writer thread chains what waits into
`audit` (see `audit_chain`), under a lock, so that several replicas leave no gap. People stand in it by random pseudonyms. The table
`pseudonyms` says who is who; erasing a user destroys the line there, and the chain stays whole.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from dbbuddy.identity import User, require
from dbbuddy.store.audit_chain import ROOT, Action, Entry, Event, canonical, chained
from dbbuddy.store.audit_key import audit_key
from dbbuddy.store.backend import Session
from dbbuddy.store.errors import DelayedError
from dbbuddy.store.rows import Row, insert_sql
from dbbuddy.store.store import Statement, Store, new_id, utc_now

CHAIN_SECONDS = 2.0
SYSTEM = "system"
_AT_ONCE = 2_000
_PAGE = 5_000
_REMEMBERED_SECONDS = 60.0
_REMEMBERED_IN_TROUBLE_SECONDS = 3600.0
_LOCK = "audit"
_TYPES = {
    "sequence": "BIGINT",
    "happened_at": "TIMESTAMP",
    "actor": "VARCHAR",
    "action": "VARCHAR",
    "subject": "VARCHAR",
    "detail": "VARCHAR",
    "mac": "VARCHAR",
}
_known: WeakKeyDictionary[Store, dict[str, tuple[str, float]]] = WeakKeyDictionary()


def pseudonym(store: Store, user_id: str) -> str:
    """Under which name the log speaks of a user; made at first use.

    Raises:
        StoreError: the store cannot be read or written.
    """
    known = _known.setdefault(store, {})
    name, until = known.get(user_id, ("", 0.0))
    if time.monotonic() < until:
        return name
    found = store.read("SELECT pseudonym FROM pseudonyms WHERE user_id = $1", [user_id])
    if not found:
        made = f"u-{secrets.token_hex(8)}"
        try:
            store.append({"pseudonyms": [{"user_id": user_id, "pseudonym": made}]})
        except DelayedError:  # it will be kept before whatever is appended after it, so what speaks of it need not be refused
            known[user_id] = (made, time.monotonic() + _REMEMBERED_IN_TROUBLE_SECONDS)
            return made
        found = store.read("SELECT pseudonym FROM pseudonyms WHERE user_id = $1", [user_id])
    known[user_id] = (str(found[0][0]), time.monotonic() + _REMEMBERED_SECONDS)
    return known[user_id][0]


def forget(store: Store, user_id: str) -> None:
    """Let this process no longer remember a user's pseudonym; the caller destroys the stored one."""
    _known.get(store, {}).pop(user_id, None)


def event(store: Store, actor: User | None, action: Action, subject: str = "", **detail: str | int) -> dict[str, list[Row]]:
    """The row of an event, to be appended in one unit with what it tells of. `actor` is `None` for the app itself.

    `subject` is an id, a slug or a pseudonym; neither it nor `detail` may hold a text of a user.
    """
    row: Row = {
        "id": new_id(),
        "happened_at": utc_now(),
        "actor": pseudonym(store, actor.id) if actor else SYSTEM,
        "action": action,
        "subject": subject,
        "detail": canonical(detail),
    }
    return {"audit_waiting": [row]}


def insert(row: Row) -> Statement:
    """The row of an event as a statement, for a unit of `Store.execute`."""
    names = ", ".join(row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    return f"INSERT INTO audit_waiting ({names}) VALUES ({places})", tuple(row.values())


def record(store: Store, actor: User | None, action: Action, subject: str = "", **detail: str | int) -> None:
    """Keep an event; returns after the commit.

    Raises:
        StoreError: it was not kept; then what it tells of must not be done.
    """
    store.append(event(store, actor, action, subject, **detail))


def note_versions(store: Store, action: Action, versions: Mapping[str, str]) -> None:
    """Record which of the named things (files, tables of roles) are not as they were last recorded under this action.

    `versions` tells a fingerprint for each name. A name that was recorded before and is gone is recorded as removed; the first call
    ever records all.
    """
    before = _last_versions(store, action)
    now = {name: canonical({"version": fingerprint}) for name, fingerprint in versions.items()}
    gone = canonical({"version": "removed"})
    changed = {name: detail for name, detail in now.items() if before.get(name) != detail}
    changed |= {name: gone for name, detail in before.items() if name not in now and detail != gone}
    rows: list[Row] = [
        {"id": new_id(), "happened_at": utc_now(), "actor": SYSTEM, "action": action, "subject": name, "detail": detail}
        for name, detail in sorted(changed.items())
    ]
    if rows:
        store.append({"audit_waiting": rows})


def _last_versions(store: Store, action: Action) -> dict[str, str]:
    """By name, the newest detail recorded under an action."""
    chained_rows = store.read("SELECT subject, detail FROM audit WHERE action = $1 ORDER BY sequence", [action])
    waiting = store.read("SELECT subject, detail FROM audit_waiting WHERE action = $1 ORDER BY happened_at, id", [action])
    return {str(subject): str(detail) for subject, detail in [*chained_rows, *waiting]}


def chain_waiting(session: Session, url: str) -> None:
    """Move what waits into the chain. For the writer thread.

    Raises:
        AuditKeyError: there is no key; what waits goes on waiting.
    """
    if not session.run("SELECT id FROM audit_waiting LIMIT 1"):
        return
    key = audit_key(url)
    session.lock(_LOCK)
    waiting = session.run(
        f"SELECT id, happened_at, actor, action, subject, detail FROM audit_waiting ORDER BY happened_at, id LIMIT {_AT_ONCE}"
    )
    if not waiting:
        return
    last, mac = last_of(session)
    entries = chained(key, mac, last, [Event(*row[1:]) for row in waiting])
    columns: list[list[Any]] = [list(values) for values in zip(*map(_values, entries), strict=True)]
    session.run(insert_sql("audit", _TYPES), columns)
    session.run("DELETE FROM audit_waiting WHERE id = ANY(CAST($1 AS VARCHAR[]))", [[row[0] for row in waiting]])


def last_of(session: Session) -> tuple[int, str]:
    """The sequence and code of the newest entry."""
    newest = session.run("SELECT sequence, mac FROM audit ORDER BY sequence DESC NULLS LAST LIMIT 1")
    return (int(newest[0][0]), str(newest[0][1])) if newest else (0, ROOT)


def _values(entry: Entry) -> tuple[Any, ...]:
    told = entry.event
    return entry.sequence, told.happened_at, told.actor, told.action, told.subject, told.detail, entry.mac


def all_entries(store: Store) -> Iterator[Entry]:
    """The whole log in order, read page by page. For verification; who is shown it has to be an administrator."""
    last = -(2**62)
    while rows := store.read(
        "SELECT sequence, happened_at, actor, action, subject, detail, mac FROM audit "
        f"WHERE sequence > $1 ORDER BY sequence LIMIT {_PAGE}",
        [last],
        limit_seconds=60,
    ):
        yield from map(_entry, rows)
        last = int(rows[-1][0])


def waiting_count(store: Store) -> int:
    """How many events are not chained yet."""
    return int(store.read("SELECT count(*) FROM audit_waiting")[0][0])


def newest(store: Store, reader: User, *, action: str = "", before: int | None = None, limit: int = 50) -> list[Entry]:
    """The newest entries, the newest first, for an administrator.

    Raises:
        NotAllowedError: the reader is none.
        StoreError: the store cannot be read.
    """
    require(reader, "admin")
    rows = store.read(
        "SELECT sequence, happened_at, actor, action, subject, detail, mac FROM audit "
        "WHERE ($1 = '' OR action = $1) AND sequence < $2 ORDER BY sequence DESC NULLS LAST LIMIT $3",
        [action, before if before is not None else 2**62, limit],
    )
    return [_entry(row) for row in rows]


def people(store: Store, reader: User) -> dict[str, str]:
    """Who is behind each pseudonym, for an administrator; erased users are not in it.

    Raises:
        NotAllowedError: the reader is none.
    """
    require(reader, "admin")
    return {str(name): str(user) for user, name in store.read("SELECT user_id, pseudonym FROM pseudonyms")}


def about(store: Store, user_id: str, limit: int = 10_000) -> list[Entry]:
    """What the log holds on a user, as the one who acted or was acted upon."""
    name = store.read("SELECT pseudonym FROM pseudonyms WHERE user_id = $1", [user_id])
    if not name:
        return []
    rows = store.read(
        "SELECT sequence, happened_at, actor, action, subject, detail, mac FROM audit WHERE actor = $1 OR subject = $1 "
        "ORDER BY sequence DESC NULLS LAST LIMIT $2",
        [name[0][0], limit],
    )
    return [_entry(row) for row in rows]


def purge(session: Session, url: str, before: datetime) -> None:
    """Take out the entries of before a time, from the beginning on; an entry vouches for what went. For the writer thread."""
    session.lock(_LOCK)
    old = session.run("SELECT sequence, mac FROM audit WHERE happened_at < $1 ORDER BY sequence DESC NULLS LAST LIMIT 1", [before])
    last, mac = last_of(session)
    if not old or int(old[0][0]) >= last:  # the newest entry stays: the chain goes on from it
        return
    told = Event(utc_now(), SYSTEM, "purged", "audit", canonical({"last_sequence": int(old[0][0]), "last_mac": str(old[0][1])}))
    (entry,) = chained(audit_key(url), mac, last, [told])
    session.run(insert_sql("audit", _TYPES), [[value] for value in _values(entry)])
    session.run("DELETE FROM audit WHERE sequence <= $1", [int(old[0][0])])


def _entry(row: tuple[Any, ...]) -> Entry:
    return Entry(int(row[0]), Event(row[1], row[2], row[3], row[4], row[5]), row[6])
