"""VACUUM, REINDEX, REFRESH, CLUSTER, OPTIMIZE and LOCK TABLE; each reads behind its first word."""

from __future__ import annotations

from dbbuddy.sqlreview.ddl.changes import Ddl, LockTable, Maintenance
from dbbuddy.sqlreview.ddl.cursor import Cursor, key, words

_MAINTENANCE_OPTIONS = words("VERBOSE ANALYZE FULL FREEZE LOCAL NO_WRITE_TO_BINLOG SYSTEM TABLE TABLES INDEX DATABASE SCHEMA")


def vacuum(cursor: Cursor, start: int, end: int) -> Ddl | None:
    """VACUUM, with FULL in either of its forms."""
    full = False
    for part in cursor.group().split():
        if part.accept("FULL"):
            full = part.done or not part.sees_any("FALSE", "OFF", "0")
    while word := cursor.accept_any(*_MAINTENANCE_OPTIONS):
        full = full or word == "FULL"
    return Maintenance(start=start, end=end, verb="vacuum full" if full else "vacuum", name=cursor.name() or None)


def reindex(cursor: Cursor, start: int, end: int) -> Ddl | None:
    """REINDEX."""
    online = any(part.accept("CONCURRENTLY") for part in cursor.group().split())
    target = cursor.accept_any("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM").lower() or "table"
    online = cursor.accept("CONCURRENTLY") or online
    return Maintenance(start=start, end=end, verb="reindex", target=target, name=cursor.name() or None, online=online)


def refresh(cursor: Cursor, start: int, end: int) -> Ddl | None:
    """REFRESH MATERIALIZED VIEW."""
    if not cursor.accept("MATERIALIZED", "VIEW"):
        return None
    online = cursor.accept("CONCURRENTLY")
    return Maintenance(start=start, end=end, verb="refresh", target="materialized view", name=cursor.name(), online=online)


def maintain(cursor: Cursor, start: int, end: int) -> Ddl | None:
    """CLUSTER, ANALYZE and OPTIMIZE."""
    verb = cursor.tokens[0].text.lower()
    while cursor.accept_any(*_MAINTENANCE_OPTIONS):
        pass
    return Maintenance(start=start, end=end, verb=verb, name=cursor.name() or None)


def lock(cursor: Cursor, start: int, end: int) -> Ddl | None:
    """LOCK TABLE."""
    cursor.accept_any("TABLE", "TABLES")
    cursor.accept("ONLY")
    names, mode = [], "ACCESS EXCLUSIVE"
    for part in cursor.split():
        names.append(part.name())
        if part.accept("IN"):
            words = [key(token) for token in part.tokens[part.at :]]
            mode = " ".join(words[: words.index("MODE")] if "MODE" in words else words)
    return LockTable(start=start, end=end, names=tuple(names), mode=mode)
