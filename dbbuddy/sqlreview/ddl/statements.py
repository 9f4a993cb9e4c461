"""One statement as a typed change: which reader takes it, and the small statements that need no reader of their own."""

from __future__ import annotations

from collections.abc import Callable

from dbbuddy.sqlreview.ddl import maintenance
from dbbuddy.sqlreview.ddl.alter import read_alter_table
from dbbuddy.sqlreview.ddl.changes import (
    AddEnumValue,
    CreateEnum,
    Ddl,
    DomainConstraint,
    Drop,
    Maintenance,
    OtherDdl,
    Rename,
    SetVariable,
    Transaction,
    Truncate,
    Unread,
)
from dbbuddy.sqlreview.ddl.constraints import read_create_index, read_option
from dbbuddy.sqlreview.ddl.cursor import Cursor, key, unquoted, words
from dbbuddy.sqlreview.ddl.tables import read_create_table

_TWO_WORD_KINDS = words(
    "MATERIALIZED FOREIGN EVENT ACCESS TEXT OPERATOR PUBLIC DATABASE EXTERNAL PARTITION PLUGGABLE SECURITY ROLLBACK RESOURCE"
)


def read_statement(cursor: Cursor) -> Ddl | None:
    """What a statement does to the schema, the session or the transaction; `None` for queries and DML. Never raises."""
    reader = _READERS.get(cursor.word)
    if reader is None:
        return None
    cursor.take()
    found = reader(cursor, cursor.start, cursor.end)
    if found is None and key(cursor.tokens[0]) in ("CREATE", "ALTER", "DROP"):
        return Unread(start=cursor.start, end=cursor.end, problem=f"{key(cursor.tokens[0])} of an object that is not known")
    return found


def _create(cursor: Cursor, start: int, end: int) -> Ddl | None:
    at = cursor.at
    table = read_create_table(cursor, start, end)
    if table is not None:
        return table if table.table.name != "?" else Unread(start=start, end=end, problem="CREATE TABLE without a name")
    cursor.at = at
    index = read_create_index(cursor, start, end)
    if index is not None:
        return index if index.index.table else Unread(start=start, end=end, problem="CREATE INDEX without a table")
    cursor.at = at
    if cursor.accept("TYPE"):
        name = cursor.name()
        if cursor.accept("AS", "ENUM"):
            return CreateEnum(
                start=start, end=end, name=name, values=tuple(unquoted(part.take()) for part in cursor.group().split())
            )
        return OtherDdl(start=start, end=end, verb="create", kind="type", name=name)
    if cursor.accept("DOMAIN"):
        name = cursor.name()
        if cursor.find("CHECK") or cursor.find("NOT", "NULL") or cursor.find("CONSTRAINT"):
            return DomainConstraint(start=start, end=end, name=name, created=True)
        return OtherDdl(start=start, end=end, verb="create", kind="domain", name=name)
    while cursor.accept_any(
        "OR", "REPLACE", "TEMPORARY", "TEMP", "RECURSIVE", "EDITIONABLE", "NONEDITIONABLE", "FORCE", "CONSTRAINT"
    ):
        pass
    kind = _kind(cursor)
    cursor.accept("IF", "NOT", "EXISTS")
    return OtherDdl(start=start, end=end, verb="create", kind=kind, name=cursor.name() or None)


def _kind(cursor: Cursor) -> str:
    first = cursor.take().text.lower()
    if first == "database" and not cursor.sees("LINK"):
        return first
    if first.upper() in _TWO_WORD_KINDS and cursor.peek().kind == "word":
        return f"{first} {cursor.take().text.lower()}"
    return first


def _alter(cursor: Cursor, start: int, end: int) -> Ddl | None:
    at = cursor.at
    table = read_alter_table(cursor, start, end)
    if table is not None:
        return table if table.table else Unread(start=start, end=end, problem="ALTER TABLE without a name")
    cursor.at = at
    kind = _kind(cursor)
    cursor.accept("IF", "EXISTS")
    name = cursor.name()
    if kind == "type" and cursor.accept("ADD", "VALUE"):
        return AddEnumValue(start=start, end=end, name=name, ordered=cursor.find("BEFORE") or cursor.find("AFTER"))
    if kind == "domain" and cursor.sees("ADD"):
        return DomainConstraint(start=start, end=end, name=name, created=False, validated=not cursor.find("NOT", "VALID"))
    if kind == "index":
        return _alter_index(cursor, name, start, end)
    if kind == "session" and name.upper() == "SET":
        return _assignment(cursor, "session", start, end)
    return OtherDdl(start=start, end=end, verb="alter", kind=kind, name=name or None)


def _alter_index(cursor: Cursor, name: str, start: int, end: int) -> Ddl:
    table = cursor.name() if cursor.accept("ON") else None
    if cursor.accept("RENAME"):
        cursor.accept("TO")
        return Rename(start=start, end=end, kind="index", pairs=((name, cursor.name()),))
    verb = cursor.word.lower()
    if verb not in ("rebuild", "reorganize"):
        return OtherDdl(start=start, end=end, verb="alter", kind="index", name=name)
    words = [key(token) for token in cursor.tokens]
    online = "ONLINE" in words and "OFF" not in words[words.index("ONLINE") :][:4]
    return Maintenance(start=start, end=end, verb=verb, target="index", name=name, table=table, online=online)


def _drop(cursor: Cursor, start: int, end: int) -> Ddl | None:
    cursor.accept("TEMPORARY")
    kind = _kind(cursor)
    concurrently = cursor.accept("CONCURRENTLY")
    if_exists = cursor.accept("IF", "EXISTS")
    concurrently = cursor.accept("CONCURRENTLY") or concurrently
    names: list[str] = []
    table: str | None = None
    for part in cursor.split():
        name = part.name()
        if name:
            names.append(name)
        part.group()
        if part.accept("ON"):
            table = part.name()
    probe = cursor.sub(cursor.tokens)
    options: dict[str, str] = {}
    while not probe.done:
        if probe.sees_any("ALGORITHM", "LOCK") and kind == "index":
            read_option(probe, options)
        else:
            probe.at += 1
    cascade = any(key(token) == "CASCADE" for token in cursor.tokens[-2:])
    purge = any(key(token) == "PURGE" for token in cursor.tokens[-2:])
    if kind == "index" and table is None and names and cursor.engine == "sqlserver" and "." in names[0]:
        table, _, names[0] = names[0].rpartition(".")
    return Drop(
        start=start,
        end=end,
        kind=kind,
        names=tuple(names),
        table=table,
        cascade=cascade or cursor.tokens[-1].upper == "CONSTRAINTS",
        if_exists=if_exists,
        concurrently=concurrently,
        purge=purge,
        options=options,
    )


def _rename(cursor: Cursor, start: int, end: int) -> Ddl | None:
    cursor.accept_any("TABLE", "TABLES")
    pairs = []
    for part in cursor.split():
        old = part.name()
        if part.accept("TO"):
            pairs.append((old, part.name()))
    return Rename(start=start, end=end, pairs=tuple(pairs)) if pairs else None


def _execute(cursor: Cursor, start: int, end: int) -> Ddl | None:
    """`EXEC sp_rename 'old', 'new' [, 'COLUMN']` alone."""
    if cursor.name().lower().rpartition(".")[2] != "sp_rename":
        return None
    values = []
    for part in cursor.split():
        if part.peek().text.startswith("@"):
            part.take()
            part.accept("=")
        value = part.take()
        values.append(unquoted(value._replace(text=value.text.lstrip("nN"))) if value.kind == "string" else value.text)
    if len(values) < 2:
        return None
    kind = values[2].lower() if len(values) > 2 else "table"
    return Rename(start=start, end=end, kind="table" if kind == "object" else kind, pairs=((values[0], values[1]),))


def _truncate(cursor: Cursor, start: int, end: int) -> Ddl | None:
    cursor.accept("TABLE")
    cascade = any(key(token) == "CASCADE" for token in cursor.tokens[-2:])
    names = []
    for part in cursor.split():
        part.accept("ONLY")
        names.append(part.name())
    return Truncate(start=start, end=end, names=tuple(names), cascade=cascade)


def _begin(cursor: Cursor, start: int, end: int) -> Ddl | None:
    if key(cursor.peek(-1)) == "START" and not cursor.sees("TRANSACTION"):
        return None
    return Transaction(start=start, end=end, verb="begin")


def _commit(cursor: Cursor, start: int, end: int) -> Ddl | None:
    if key(cursor.peek(-1)) == "END" and not (cursor.done or cursor.sees_any("TRANSACTION", "WORK")):
        return None
    return Transaction(start=start, end=end, verb="commit")


def _rollback(cursor: Cursor, start: int, end: int) -> Ddl | None:
    cursor.accept_any("WORK", "TRANSACTION")
    to = cursor.sees("TO") and not cursor.done
    return Transaction(start=start, end=end, verb="rollback to" if to else "rollback")


def _savepoint(cursor: Cursor, start: int, end: int) -> Ddl | None:
    return Transaction(start=start, end=end, verb="savepoint")


def _set(cursor: Cursor, start: int, end: int) -> Ddl | None:
    scope = {"LOCAL": "local", "GLOBAL": "global", "PERSIST": "global"}.get(
        cursor.accept_any("LOCAL", "SESSION", "GLOBAL", "PERSIST"), "session"
    )
    return _assignment(cursor, scope, start, end)


def _assignment(cursor: Cursor, scope: str, start: int, end: int) -> Ddl | None:
    name = cursor.name()
    for prefix, meant in (("@@global.", "global"), ("@@session.", "session"), ("@@", scope)):
        if name.lower().startswith(prefix):
            name, scope = name[len(prefix) :], meant
            break
    if not cursor.accept("="):
        cursor.accept_any("TO", ":=")
    return SetVariable(start=start, end=end, name=name.lower(), value=unquoted(cursor.peek()), scope=scope) if name else None


def _comment(cursor: Cursor, start: int, end: int) -> Ddl | None:
    if not cursor.accept("ON"):
        return None
    kind = _kind(cursor)
    return OtherDdl(start=start, end=end, verb="comment", kind=kind, name=cursor.name() or None)


def _save(cursor: Cursor, start: int, end: int) -> Ddl | None:
    return Transaction(start=start, end=end, verb="savepoint") if cursor.sees_any("TRAN", "TRANSACTION") else None


_READERS: dict[str, Callable[[Cursor, int, int], Ddl | None]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "RENAME": _rename,
    "EXEC": _execute,
    "EXECUTE": _execute,
    "TRUNCATE": _truncate,
    "BEGIN": _begin,
    "START": _begin,
    "COMMIT": _commit,
    "END": _commit,
    "ROLLBACK": _rollback,
    "ABORT": _rollback,
    "SAVEPOINT": _savepoint,
    "SAVE": _save,
    "SET": _set,
    "VACUUM": maintenance.vacuum,
    "REINDEX": maintenance.reindex,
    "REFRESH": maintenance.refresh,
    "CLUSTER": maintenance.maintain,
    "ANALYZE": maintenance.maintain,
    "OPTIMIZE": maintenance.maintain,
    "LOCK": maintenance.lock,
    "COMMENT": _comment,
}
