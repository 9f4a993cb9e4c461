"""How long things are kept, by class: conversations and what hangs on them, and the audit log; what is older is purged."""

from __future__ import annotations

from datetime import datetime, timedelta

from dbbuddy.settings import settings
from dbbuddy.store import audit
from dbbuddy.store.audit_chain import canonical
from dbbuddy.store.backend import Session
from dbbuddy.store.history import deleted_exchanges
from dbbuddy.store.store import new_id, utc_now

EVERY_SECONDS = 3600.0


def purge(session: Session, url: str, now: datetime | None = None) -> None:
    """Delete what is older than its class is kept for. For the writer thread.

    Raises:
        AuditKeyError: old audit entries cannot be taken out without the key.
    """
    now = now or utc_now()
    before = now - timedelta(days=settings().keep_conversations_days)
    count = int(session.run("SELECT count(*) FROM exchanges WHERE asked_at < $1", (before,))[0][0])
    if count:
        for sql, parameters in deleted_exchanges("SELECT id FROM exchanges WHERE asked_at < $1", (before,)):
            session.run(sql, parameters)
        session.run(
            "DELETE FROM conversations WHERE id NOT IN (SELECT conversation_id FROM exchanges) AND created_at < $1", (before,)
        )
        session.run("DELETE FROM shares WHERE conversation_id NOT IN (SELECT id FROM conversations)")
        _record(session, now, count)
    session.run("DELETE FROM visits WHERE happened_at < $1", (before,))
    session.run("DELETE FROM projections WHERE saved_at < $1", (before,))
    audit.purge(session, url, now - timedelta(days=settings().keep_audit_days))


def _record(session: Session, now: datetime, count: int) -> None:
    session.run(
        "INSERT INTO audit_waiting (id, happened_at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)",
        (new_id(), now, audit.SYSTEM, "purged_conversations", "exchanges", canonical({"count": count})),
    )
