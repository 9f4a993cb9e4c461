"""All that is held on a user: shown, taken along, and erased for good."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

from dbbuddy.identity import User, require
from dbbuddy.store import audit
from dbbuddy.store.audit_chain import canonical
from dbbuddy.store.backend import Columns, Session
from dbbuddy.store.conversation_export import as_markdown
from dbbuddy.store.fields import TEXT_COLUMNS, read
from dbbuddy.store.history import deleted_exchanges, exchanges_of
from dbbuddy.store.store import Store, new_id, utc_now

OWNED = {
    "conversations": "user_id",
    "exchanges": "user_id",
    "feedback": "user_id",
    "elaborations": "user_id",
    "handovers": "user_id",
    "visits": "user_id",
    "projections": "user_id",
    "shares": "owner_id",
}
"""The tables whose rows belong to a user, and the column that says so."""
ALSO_NAMED = {"shares": "colleague_id", "grades": "grader"}
"""Rows of others in which a user is named; they go with the user."""
MADE_BY = {"annotations": "made_by", "assumptions": "made_by", "baselines": "made_by"}
"""Records of the organisation that a user made; they stay, without the name."""
ERASED = "erased user"
NAMES = {
    "conversations": "Conversations",
    "exchanges": "Questions and answers",
    "feedback": "Ratings, outcomes and comments",
    "elaborations": "Texts of language models",
    "handovers": "Tickets for DBAs",
    "visits": "Visits to pages",
    "projections": "Saved projections",
    "shares": "Conversations you share",
    "audit": "Entries in the audit log",
}
_DATA_SECONDS = 60.0
_TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_catalog = current_catalog AND table_schema = current_schema AND table_type = 'BASE TABLE'
"""
_README = """\
All that DB-Buddy holds on you.

everything.json   every row of every table that is about you, and what the audit log says of you
conversations/    your conversations, to read
"""


def held(store: Store, user: User) -> dict[str, int]:
    """How many rows of each kind are held on a user.

    Raises:
        StoreError: they cannot be counted.
    """
    counted = {
        table: int(store.read(f"SELECT count(*) FROM {table} WHERE {column} = $1", (user.id,))[0][0])
        for table, column in OWNED.items()
    }
    return {**counted, "audit": len(audit.about(store, user.id))}


def everything(store: Store, user: User) -> dict[str, list[dict[str, Any]]]:
    """Every row that is about a user, by table, with its texts readable.

    Raises:
        StoreError: it cannot be read.
    """
    found: dict[str, list[dict[str, Any]]] = {}
    for table, owner in OWNED.items():
        names = list(store.backend.columns[table])
        rows = store.read(f"SELECT {', '.join(names)} FROM {table} WHERE {owner} = $1", (user.id,), limit_seconds=_DATA_SECONDS)
        found[table] = [_readable(table, dict(zip(names, row, strict=True))) for row in rows]
    found["audit"] = [
        {"sequence": entry.sequence, "at": entry.event.happened_at, "action": entry.event.action, "subject": entry.event.subject}
        for entry in audit.about(store, user.id)
    ]
    return found


def _readable(table: str, row: dict[str, Any]) -> dict[str, Any]:
    for text in TEXT_COLUMNS:
        if text.table == table:
            row[text.column] = read(text, row[text.row], row[text.column])
    return row


def export(store: Store, user: User) -> bytes:
    """A zip with everything as JSON, and the conversations as Markdown. That it was made is recorded.

    Raises:
        StoreError: it cannot be read, or the export could not be recorded.
    """
    audit.record(store, user, "exported", "everything")
    held_on_user = everything(store, user)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", _README)
        archive.writestr("everything.json", json.dumps(held_on_user, indent=2, ensure_ascii=False, default=str))
        for number, row in enumerate(held_on_user["conversations"], 1):
            talked = exchanges_of(store, user.id, row["id"])
            archive.writestr(f"conversations/{number:04d}.md", as_markdown(row["title"], talked))
    return packed.getvalue()


def erase(store: Store, user_id: str, by: User | None) -> dict[str, int]:
    """Erase all that is held on a user, in the files too; returns how many rows of each table went.

    One entry in the audit log stays, under a pseudonym that from now on nobody can trace to the user. `by` is who asked for it: the
    user, an administrator, or `None` for an operator at the command line. Backups made before hold the data until they are deleted.

    Raises:
        NotAllowedError: it is neither the user nor an administrator.
        StoreError: nothing was erased; or all was erased from the tables but the files could not be written anew (the message says
            so), which the next call makes up for.
    """
    if by is not None and by.id != user_id:
        require(by, "admin")
    subject = audit.pseudonym(store, user_id)
    actor = audit.pseudonym(store, by.id) if by else "operator"

    def work(session: Session) -> dict[str, int]:
        tables = {str(row[0]) for row in session.run(_TABLES)}
        gone = _delete_all(session, {table: names for table, names in store.backend.columns.items() if table in tables}, user_id)
        detail = canonical({"rows": sum(gone.values())})
        session.run(
            "INSERT INTO audit_waiting (id, happened_at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5, $6)",
            (new_id(), utc_now(), actor, "erased", subject, detail),
        )
        return gone

    gone = store.transact(work, timeout=_DATA_SECONDS)
    audit.forget(store, user_id)
    store.compact()
    return gone


def _delete_all(session: Session, columns: Columns, user_id: str) -> dict[str, int]:
    """Delete every row of a user in every table; rows of others lose the name only."""
    gone = {}
    for table, column in OWNED.items():
        gone[table] = int(session.run(f"SELECT count(*) FROM {table} WHERE {column} = $1", (user_id,))[0][0])
    for sql, parameters in deleted_exchanges("SELECT id FROM exchanges WHERE user_id = $1", (user_id,)):
        session.run(sql, parameters)
    own = "SELECT id FROM conversations WHERE user_id = $1"
    session.run(f"DELETE FROM shares WHERE conversation_id IN ({own})", (user_id,))
    _delete_figures(session, columns, user_id)
    for named in (OWNED, ALSO_NAMED, _others(columns)):
        for table, column in named.items():
            session.run(f"DELETE FROM {table} WHERE {column} = $1", (user_id,))
    for table, column in MADE_BY.items():
        session.run(f"UPDATE {table} SET {column} = $2 WHERE {column} = $1", (user_id, ERASED))
    return gone


def _others(columns: Columns) -> Mapping[str, str]:
    """Tables with a column `user_id` that belong to other parts of the app, such as roll-ups."""
    return {table: "user_id" for table, names in columns.items() if "user_id" in names and table not in OWNED}


def _delete_figures(session: Session, columns: Columns, user_id: str) -> None:
    """Roll-ups know a user by number."""
    if "r_users" not in columns:
        return
    for (number,) in session.run("SELECT number FROM r_users WHERE user_id = $1", (user_id,)):
        for table, names in columns.items():
            if "user_number" in names:
                session.run(f"DELETE FROM {table} WHERE user_number = $1", (number,))
