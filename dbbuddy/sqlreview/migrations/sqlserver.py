"""SQL Server migrations: ONLINE, size-of-data changes, trust of constraints.

Source: Microsoft's documentation of ALTER TABLE, CREATE INDEX and of schema modification locks. ONLINE = ON needs Enterprise or
Developer edition, Azure SQL Database or Managed Instance.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from dbbuddy.sqlreview.ddl.actions import AddColumn, AddConstraint, ChangeColumn, OtherAction
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateIndex, Maintenance
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Progress, Step, found
from dbbuddy.sqlreview.migrations.types import parts
from dbbuddy.sqlreview.migrations.volatility import volatile_call
from dbbuddy.sqlreview.schema import Column

_WITH = re2.compile(r"(?i)\bWITH\s*\(")
_OFFLINE_KINDS = ("columnstore", "xml", "spatial", "fulltext")


def create_index(step: Step, progress: Progress) -> Iterator[Found]:
    """CREATE INDEX without ONLINE = ON holds a lock that stops writes, for a clustered index reads too."""
    change = step.change
    if not isinstance(change, CreateIndex) or progress.is_new(change.index.table) or change.options.get("online") == "on":
        return
    if change.index.method in _OFFLINE_KINDS:
        return
    clustered = "CLUSTERED" in step.statement.words
    stopped = "all reads and writes" if clustered else "all writes"
    rewrite = _with_option(step.statement.text, "ONLINE = ON")
    yield found("ms.index-not-online", step, rewrite=rewrite, table=change.index.table, index=change.index.name, stopped=stopped)


def _with_option(text: str, option: str) -> str:
    """The statement with an option added to its WITH list."""
    text = text.rstrip()
    match = _WITH.search(text)
    return f"{text[: match.end()]}{option}, {text[match.end() :]};" if match else f"{text} WITH ({option});"


def rebuild(step: Step, progress: Progress) -> Iterator[Found]:
    """ALTER INDEX ... REBUILD without ONLINE = ON; REORGANIZE is always online."""
    change = step.change
    if isinstance(change, Maintenance) and change.verb == "rebuild" and not change.online:
        rewrite = _with_option(step.statement.text, "ONLINE = ON")
        yield found("ms.rebuild-not-online", step, rewrite=rewrite, index=change.name, table=change.table)
    for action in step.actions:
        if isinstance(action, OtherAction) and action.words[:1] == ("REBUILD",) and "ONLINE" not in action.words:
            yield found("ms.rebuild-not-online", action, index="all data of the table", table=step.table)


def alter_column(step: Step, progress: Progress) -> Iterator[Found]:
    """ALTER COLUMN: in place if a variable length grows, else every row is read or written under a schema modification lock."""
    table = step.table
    if not table or progress.is_new(table):
        return
    for action in step.actions:
        if not isinstance(action, ChangeColumn):
            continue
        old, new = progress.column(table, action.name), action.definition
        if new.nullability is None and new.column.type:
            was = "" if old is None else "NULL" if old.nullable else "NOT NULL"
            yield found("ms.alter-column-nullability", action, table=table, column=action.name, was=was)
        if action.online or (old is not None and _metadata_only(old, new.column)):
            continue
        rewrite = f"{step.statement.text.rstrip()} WITH (ONLINE = ON);" if len(step.actions) == 1 else None
        yield found("ms.alter-column-rewrites", action, rewrite=rewrite, table=table, column=action.name, new=new.column.type)


def _metadata_only(old: Column, new: Column) -> bool:
    """True if no row is touched: the same type, or a longer varchar; and no NOT NULL that must be checked."""
    (old_name, old_size), (new_name, new_size) = parts(old.type), parts(new.type)
    if old.nullable and not new.nullable:
        return False
    if old_name != new_name:
        return False
    if new_name in ("varchar", "nvarchar", "varbinary"):
        return not new_size or (bool(old_size) and new_size[0] >= old_size[0])
    return old_size == new_size


def add_column(step: Step, progress: Progress) -> Iterator[Found]:
    """ADD of a NOT NULL column: fails without a default; with one it is metadata only in Enterprise and for constants."""
    table = step.table
    if not table or progress.is_new(table):
        return
    for action in step.actions:
        if not isinstance(action, AddColumn):
            continue
        definition, column = action.definition, action.definition.column
        values = {"table": table, "column": column.name}
        if definition.identity:
            yield found("ms.add-identity", action, known=values)
        elif column.generated and definition.stored:
            yield found("ms.add-persisted", action, known=values)
        elif column.nullable or column.generated:
            continue
        elif column.default is None:
            at, name = step.spelled(table), step.spelled(column.name)
            rewrite = (
                f"ALTER TABLE {at} ADD {name} {column.type} NULL;\n-- fill the old rows in batches, then:\n"
                f"ALTER TABLE {at} ALTER COLUMN {name} {column.type} NOT NULL;"
            )
            yield found("ms.add-required-column", action, rewrite=rewrite, known=values)
        elif call := volatile_call(column.default, "sqlserver"):
            yield found(
                "ms.add-not-null-default", action, severity="high", reason=f"{call} gives another value for each row", known=values
            )
        else:
            yield found("ms.add-not-null-default", action, reason="in Standard edition every row is written", known=values)


def constraints(step: Step, progress: Progress) -> Iterator[Found]:
    """New constraints: the scan under a schema modification lock, and with NOCHECK the trust that is lost."""
    change = step.change
    if not isinstance(change, AlterTable):
        return
    for action in step.actions:
        if isinstance(action, AddConstraint) and not progress.is_new(change.table):
            yield from _constraint(step, change, action)
        elif isinstance(action, OtherAction) and action.words[:2] == ("CHECK", "CONSTRAINT") and not _with_check(step):
            text = step.statement.text
            at = text.upper().find("CHECK CONSTRAINT")
            rewrite = f"{text[:at]}WITH CHECK {text[at:]};"
            yield found("ms.nocheck-untrusted", step, rewrite=rewrite, table=change.table, constraint=action.words[-1])


def _constraint(step: Step, change: AlterTable, action: AddConstraint) -> Iterator[Found]:
    constraint = action.constraint
    values = {"table": change.table, "constraint": constraint.name}
    if constraint.kind in ("foreign key", "check"):
        if "nocheck" in change.options:
            yield found("ms.nocheck-untrusted", action, known=values)
        else:
            yield found("ms.constraint-scan", action, known=values)
    elif constraint.kind in ("primary key", "unique"):
        words = step.statement.words
        if "ONLINE" not in words:
            clustered = constraint.kind == "primary key" and "NONCLUSTERED" not in words
            stopped = "all reads and writes" if clustered else "all writes"
            rewrite = _with_option(step.statement.text, "ONLINE = ON") if len(step.actions) == 1 else None
            yield found("ms.key-not-online", action, rewrite=rewrite, stopped=stopped, kind=constraint.kind.upper(), known=values)


def _with_check(step: Step) -> bool:
    words = step.statement.words
    return any(words[at : at + 2] == ["WITH", "CHECK"] for at in range(len(words)))


def no_lock_timeout(step: Step, progress: Progress) -> Iterator[Found]:
    """DDL waits without limit for its schema modification lock, and every query waits behind it."""
    change = step.change
    if not isinstance(change, AlterTable) or progress.is_new(change.table) or progress.is_set("lock_timeout"):
        return
    if "WAIT_AT_LOW_PRIORITY" not in step.statement.words and progress.once("lock_timeout"):
        rewrite = f"SET LOCK_TIMEOUT 2000;\n{step.statement.text.rstrip()};"
        yield found("ms.no-lock-timeout", step, rewrite=rewrite, table=change.table)


FINDERS = (create_index, rebuild, alter_column, add_column, constraints, no_lock_timeout)
