"""Oracle migrations: ONLINE, NOVALIDATE, what rewrites rows, what leaves indexes unusable.

Source: Oracle Database SQL Language Reference (ALTER TABLE, CREATE INDEX) and Administrator's Guide (managing tables and indexes).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.actions import AddColumn, AddConstraint, ChangeColumn, DropColumn, OtherAction, PartitionAction
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateIndex, Drop, Maintenance
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Progress, Step, found, plain, sequence
from dbbuddy.sqlreview.migrations.types import parts
from dbbuddy.sqlreview.schema import Column

_DEFAULT_NOT_NULL_METADATA, _DEFAULT_METADATA = 11, 12
_MOVE_ONLINE = 12.02


def create_index(step: Step, progress: Progress) -> Iterator[Found]:
    """CREATE INDEX without ONLINE locks the table against writes."""
    change = step.change
    if isinstance(change, CreateIndex) and not progress.is_new(change.index.table) and "online" not in change.options:
        rewrite = f"{step.statement.text.rstrip()} ONLINE;" if change.index.method != "bitmap" else None
        yield found("ora.index-not-online", step, rewrite=rewrite, table=change.index.table, index=change.index.name)


def rebuild(step: Step, progress: Progress) -> Iterator[Found]:
    """ALTER INDEX REBUILD without ONLINE."""
    change = step.change
    if isinstance(change, Maintenance) and change.verb == "rebuild" and not change.online:
        yield found("ora.rebuild-not-online", step, rewrite=f"{step.statement.text.rstrip()} ONLINE;", index=change.name)


def add_column(step: Step, progress: Progress) -> Iterator[Found]:
    """ADD of a NOT NULL column without a default fails on rows; with a default old versions write every row."""
    table = step.table
    for action in step.actions if not progress.is_new(table) else ():
        if not isinstance(action, AddColumn):
            continue
        column = action.definition.column
        values = {"table": table, "column": column.name}
        at, name = step.spelled(table), step.spelled(column.name)
        if not column.nullable and column.default is None and not action.definition.identity and not column.generated:
            rewrite = sequence(
                f"ALTER TABLE {at} ADD ({name} {column.type})",
                "-- fill the old rows in batches, then:",
                f"ALTER TABLE {at} MODIFY ({name} NOT NULL ENABLE NOVALIDATE)",
            )
            yield found("ora.add-required-column", action, rewrite=rewrite, known=values)
        elif action.definition.identity:
            yield found("ora.add-identity", action, known=values)
        elif column.default is not None:
            limit = _DEFAULT_METADATA if column.nullable else _DEFAULT_NOT_NULL_METADATA
            if progress.before(limit):
                yield found("ora.default-updates-rows", action, known=values)


def modify(step: Step, progress: Progress) -> Iterator[Found]:
    """MODIFY: NOT NULL reads every row under an exclusive lock; another type or less room needs an empty column."""
    table = step.table
    for action in step.actions if not progress.is_new(table) else ():
        if not isinstance(action, ChangeColumn):
            continue
        new, old = action.definition, progress.column(table, action.name)
        at, name = step.spelled(table), step.spelled(action.name)
        words = step.statement.words
        if new.nullability is False and (old is None or old.nullable) and "NOVALIDATE" not in words:
            constraint = f"{plain(table)}_{plain(action.name)}_nn"
            rewrite = sequence(
                f"ALTER TABLE {at} MODIFY ({name} CONSTRAINT {constraint} NOT NULL ENABLE NOVALIDATE)",
                f"ALTER TABLE {at} MODIFY CONSTRAINT {constraint} VALIDATE",
            )
            yield found("ora.modify-not-null", action, rewrite=rewrite, table=table, column=action.name)
        if new.column.type and not _grows(old, new.column):
            was = old.type if old is not None else "its old type"
            yield found("ora.modify-type", action, table=table, column=action.name, old=was, new=new.column.type)


def _grows(old: Column | None, new: Column) -> bool:
    if old is None:
        return False
    (old_name, old_size), (new_name, new_size) = parts(old.type), parts(new.type)
    return old_name == new_name and (not new_size or all(a <= b for a, b in zip(old_size, new_size, strict=False)))


def constraints(step: Step, progress: Progress) -> Iterator[Found]:
    """Constraints that read every row before writers go on; keys that build their index while the table is locked."""
    table = step.table
    for action in step.actions if not progress.is_new(table) else ():
        if not isinstance(action, AddConstraint):
            continue
        constraint, at = action.constraint, step.spelled(table)
        values = {"table": table, "constraint": constraint.name}
        if constraint.kind in ("foreign key", "check") and constraint.validated:
            rewrite = None
            if constraint.name and len(step.actions) == 1:
                name = step.spelled(constraint.name)
                text = step.statement.text.rstrip()
                rewrite = sequence(f"{text} ENABLE NOVALIDATE", f"ALTER TABLE {at} MODIFY CONSTRAINT {name} VALIDATE")
            yield found("ora.constraint-validates", action, rewrite=rewrite, known=values)
        elif constraint.kind in ("primary key", "unique") and constraint.using_index is None and constraint.validated:
            columns = ", ".join(constraint.columns)
            name = constraint.name or f"{plain(table)}_{'pk' if constraint.kind == 'primary key' else 'uk'}"
            rewrite = sequence(
                f"CREATE UNIQUE INDEX {name} ON {at} ({columns}) ONLINE",
                f"ALTER TABLE {at} ADD CONSTRAINT {name} {constraint.kind.upper()} ({columns}) USING INDEX {name}",
            )
            yield found("ora.key-builds-index", action, rewrite=rewrite, kind=constraint.kind.upper(), known=values)


def drop_column(step: Step, progress: Progress) -> Iterator[Found]:
    """DROP COLUMN writes every row under an exclusive lock; SET UNUSED does not."""
    table = step.table
    dropped = [action for action in step.actions if isinstance(action, DropColumn) and not action.unused]
    if dropped and not progress.is_new(table):
        at = step.spelled(table)
        names = ", ".join(step.spelled(action.name) for action in dropped)
        rewrite = sequence(f"ALTER TABLE {at} SET UNUSED ({names})", f"ALTER TABLE {at} DROP UNUSED COLUMNS CHECKPOINT 10000")
        yield found("ora.drop-column-rewrites", dropped[0], rewrite=rewrite, table=table, column=names)


def moves(step: Step, progress: Progress) -> Iterator[Found]:
    """MOVE without ONLINE blocks writers and leaves every index UNUSABLE; SHRINK SPACE locks at its end."""
    table = step.table
    for action in step.actions if not progress.is_new(table) else ():
        words = action.words if isinstance(action, OtherAction) else ()
        if words[:1] == ("MOVE",) and "ONLINE" not in words:
            online = not progress.before(_MOVE_ONLINE)
            rewrite = f"{step.statement.text.rstrip()} ONLINE;" if online and len(step.actions) == 1 else None
            yield found("ora.move-not-online", action, rewrite=rewrite, table=table)
        elif words[:2] == ("SHRINK", "SPACE") and "COMPACT" not in words:
            at = step.spelled(table)
            rewrite = sequence(
                f"ALTER TABLE {at} SHRINK SPACE COMPACT", "-- later, at a quiet hour:", f"ALTER TABLE {at} SHRINK SPACE"
            )
            yield found("ora.shrink-locks", action, rewrite=rewrite, table=table)


def partitions(step: Step, progress: Progress) -> Iterator[Found]:
    """Partition maintenance without UPDATE INDEXES leaves global indexes UNUSABLE: the next query over them fails."""
    table = step.table
    for action in step.actions if not progress.is_new(table) else ():
        if not isinstance(action, PartitionAction) or action.update_indexes:
            continue
        if action.verb in ("drop", "truncate", "exchange", "split", "merge", "move", "coalesce"):
            rewrite = f"{step.statement.text.rstrip()} UPDATE INDEXES;" if len(step.actions) == 1 else None
            yield found("ora.partition-global-indexes", action, rewrite=rewrite, table=table, verb=action.verb.upper())


def purge(step: Step, progress: Progress) -> Iterator[Found]:
    """DROP TABLE ... PURGE bypasses the recycle bin: no FLASHBACK TABLE afterwards."""
    change = step.change
    if isinstance(change, Drop) and change.purge and change.kind == "table":
        text = step.statement.text.rstrip()
        yield found(
            "ora.drop-purge", step, rewrite=f"{text[: text.upper().rindex('PURGE')].rstrip()};", table=", ".join(change.names)
        )


def no_lock_timeout(step: Step, progress: Progress) -> Iterator[Found]:
    """DDL that meets a running transaction fails at once (ORA-00054), unless DDL_LOCK_TIMEOUT lets it wait."""
    change = step.change
    if not isinstance(change, AlterTable) or progress.is_new(change.table) or progress.is_set("ddl_lock_timeout"):
        return
    if progress.once("ddl_lock_timeout"):
        rewrite = f"ALTER SESSION SET ddl_lock_timeout = 10;\n{step.statement.text.rstrip()};"
        yield found("ora.no-ddl-lock-timeout", step, rewrite=rewrite, table=change.table)


FINDERS = (create_index, rebuild, add_column, modify, constraints, drop_column, moves, partitions, purge, no_lock_timeout)
