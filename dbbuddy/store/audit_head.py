"""Comparing the audit log with its head outside the database, at every start, and keeping the head up to date."""

from __future__ import annotations

import logging

from dbbuddy.store import audit
from dbbuddy.store.audit_chain import Head, canonical, is_signed
from dbbuddy.store.audit_key import AuditKeyError, audit_key, beside_store, heads_set_aside, set_aside_head, stored_head, write_head
from dbbuddy.store.backend import Session
from dbbuddy.store.store import Store, new_id, utc_now

_log = logging.getLogger("dbbuddy.audit")
_LAST = "SELECT sequence, mac FROM audit ORDER BY sequence DESC NULLS LAST LIMIT 1"
_AT = "SELECT mac FROM audit WHERE sequence = $1"
_FIRST = "SELECT min(sequence) FROM audit"


def check(store: Store, url: str) -> str | None:
    """What an operator should know at the opening: the store is older than its audit head, or was written anew.

    On a server the head goes to the log stream; `python -m dbbuddy audit verify --head` compares it.

    Raises:
        StoreError: the store cannot be read.
    """
    last = store.read(_LAST)
    head = stored_head(url)
    mac = store.read(_AT, (head.sequence,)) if head else []
    problem = _problem(url, head, int(last[0][0]) if last else 0, str(mac[0][0]) if mac else "")
    if problem:
        _log.error("%s", problem)
        return problem
    aside = heads_set_aside(url)
    if aside:
        return (
            f"The store was once older than its audit log, or the log was changed: see {aside[-1].name} beside it and "
            "`python -m dbbuddy audit verify`. If you know why (a backup was brought back), remove that file."
        )
    return None


def _problem(url: str, head: Head | None, last: int, mac: str) -> str:
    """What is wrong with the head, as a sentence; empty if it fits. `mac` is the code of the entry that the head names."""
    file = beside_store(url, ".audit-head")
    if head is None:
        if file is None or not last:
            return ""
        return f"The head of the audit log, {file.name}, is missing: whether the newest entries are missing cannot be told."
    try:
        if not is_signed(audit_key(url), head):
            return "The head of the audit log is not signed with the key in use: the head or the key was changed."
    except AuditKeyError as error:
        return str(error)
    if head.sequence > last:
        return (
            f"The store is older than its audit log: {head.sequence - last} entries are missing at the end. If you have not "
            "brought back a backup, somebody or something has replaced the store's file; compare it with your backups."
        )
    if head.sequence and mac and mac != head.mac:
        return f"The audit log was written anew up to entry {head.sequence}. Run `python -m dbbuddy audit verify`."
    return ""


class HeadKeeper:
    """Brings the head up to date, for the writer thread. A head that the store does not fit is set aside, and that is recorded."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._written: tuple[int, str] | None = None

    def __call__(self, session: Session) -> None:
        """Sign and keep the newest entry, if it is another than before."""
        newest = session.run(_LAST)
        last, mac = (int(newest[0][0]), str(newest[0][1])) if newest else (0, "")
        if self._written == (last, mac):
            return
        head = stored_head(self._url)
        at_head = session.run(_AT, (head.sequence,)) if head else []
        if _problem(self._url, head, last, str(at_head[0][0]) if at_head else ""):
            _note_mismatch(session, self._url, head, last)
        first = int(session.run(_FIRST)[0][0]) if last else 1
        write_head(self._url, Head(sequence=last, count=last - first + 1, mac=mac))  # of an empty log too, so that it can be missed
        self._written = (last, mac)


def _note_mismatch(session: Session, url: str, head: Head | None, last: int) -> None:
    if head:
        set_aside_head(url, head)
    detail = canonical({"head": head.sequence if head else 0, "found": last})
    session.run(
        "INSERT INTO audit_waiting (id, happened_at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        (new_id(), utc_now(), audit.SYSTEM, "head_mismatch", "audit", detail),
    )
