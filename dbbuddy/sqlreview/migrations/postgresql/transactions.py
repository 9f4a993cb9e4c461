"""Locks of PostgreSQL over a whole migration: how long they are held, how long one waits for them, and what runs meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.actions import (
    Action,
    AddConstraint,
    OtherAction,
    PartitionAction,
    RenameIndex,
    TableOption,
    ValidateConstraint,
)
from dbbuddy.sqlreview.ddl.changes import (
    AddEnumValue,
    AlterTable,
    CreateEnum,
    CreateIndex,
    CreateTable,
    Drop,
    LockTable,
    Maintenance,
    OtherDdl,
    SetVariable,
    Transaction,
    Truncate,
)
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Progress, Step, alone, found, plain, sequence

_ENUM_IN_TRANSACTION = 12
_WEAK = "weak"
_WRITES = "writes"
_ALL = "all"


def lock_of(action: Action) -> str:
    """What an action's lock stops: `all` (ACCESS EXCLUSIVE), `writes` (SHARE ROW EXCLUSIVE), or nothing but other DDL (`weak`)."""
    if isinstance(action, ValidateConstraint | RenameIndex):
        return _WEAK
    if isinstance(action, AddConstraint) and action.constraint.kind == "foreign key":
        return _WRITES
    if isinstance(action, PartitionAction):
        return _WEAK if action.verb == "attach" or action.concurrently else _ALL
    if isinstance(action, OtherAction) and action.words[:1] in (("ENABLE",), ("DISABLE",)) and "TRIGGER" in action.words:
        return _WRITES
    if isinstance(action, OtherAction) and action.words[:1] == ("CLUSTER",):
        return _WEAK
    if isinstance(action, OtherAction) and action.words[-1:] == ("STATISTICS",):
        return _WEAK
    if isinstance(action, TableOption) and action.name in ("parameters", "without"):
        return _WEAK
    return _ALL


def locked(step: Step, progress: Progress) -> dict[str, str]:
    """The tables that others may be using and that the statement locks against writes or reads, with which of them."""
    change, locks = step.change, {}
    if isinstance(change, AlterTable):
        strongest = [lock_of(action) for action in change.actions] or [_ALL]
        locks[change.table] = _ALL if _ALL in strongest else _WRITES if _WRITES in strongest else _WEAK
        for action in change.actions:
            if isinstance(action, AddConstraint) and action.constraint.foreign_key:
                locks[action.constraint.foreign_key.table] = _WRITES
    elif isinstance(change, CreateIndex) and not change.concurrently:
        locks[change.index.table] = _WRITES
    elif isinstance(change, CreateTable) and not change.temporary:
        locks.update({foreign.table: _WRITES for foreign in change.table.foreign_keys})
    elif isinstance(change, Truncate) or (isinstance(change, Drop) and change.kind in ("table", "view", "materialized view")):
        locks.update(dict.fromkeys(change.names, _ALL))
    elif isinstance(change, Drop) and change.kind in ("index", "trigger") and not change.concurrently:
        locks[change.table or ", ".join(change.names)] = _ALL
    elif isinstance(change, LockTable):
        locks.update(dict.fromkeys(change.names, _ALL if change.mode == "ACCESS EXCLUSIVE" else _WRITES))
    elif isinstance(change, Maintenance) and not change.online and change.verb in ("vacuum full", "cluster", "refresh", "reindex"):
        locks[change.name or "every table"] = _WRITES if change.verb == "reindex" else _ALL
    elif isinstance(change, OtherDdl) and change.verb == "create" and change.kind == "trigger":
        words = step.statement.words
        locks[step.statement.tokens[words.index("ON") + 1].name if "ON" in words[:-1] else "its table"] = _WRITES
    return {table: strength for table, strength in locks.items() if strength != _WEAK and not progress.is_new(table)}


def exclusive(step: Step, progress: Progress) -> set[str]:
    """The tables that the statement locks against reads as well."""
    return {plain(table) for table, strength in locked(step, progress).items() if strength == _ALL}


def no_lock_timeout(step: Step, progress: Progress) -> Iterator[Found]:
    """Waiting for a strong lock makes everyone else wait behind it; without lock_timeout for as long as the longest query."""
    locks = locked(step, progress)
    if not locks or progress.is_set("lock_timeout") or not progress.once("lock_timeout"):
        return
    table, strength = next(iter(locks.items()))
    stopped = "reads and writes" if strength == _ALL else "writes"
    rewrite = sequence("SET lock_timeout = '2s'", step.statement.text)
    yield found("pg.no-lock-timeout", step, rewrite=rewrite, table=table, stopped=stopped)


def work_under_lock(step: Step, progress: Progress) -> Iterator[Found]:
    """A further statement in a transaction that holds ACCESS EXCLUSIVE: the table stays shut for as long as it takes."""
    if not progress.exclusive or not progress.in_transaction or isinstance(step.change, Transaction | SetVariable):
        return
    own = {plain(table) for table in locked(step, progress)}
    if isinstance(step.change, AlterTable) and own <= progress.exclusive and not _slow(step, progress):
        return
    slow = step.change is None or _slow(step, progress) or (isinstance(step.change, AlterTable) and bool(own))
    if slow and step.statement.kind not in ("set", "use", "other", "explain"):
        yield found("pg.work-under-exclusive-lock", step, table=", ".join(sorted(progress.exclusive)))


def _slow(step: Step, progress: Progress) -> bool:
    """True for statements that read a table or build something."""
    change = step.change
    if isinstance(change, CreateIndex):
        return not progress.is_new(change.index.table)
    if isinstance(change, AlterTable):
        return any(isinstance(action, ValidateConstraint) or _scans(action) for action in change.actions)
    return isinstance(change, Maintenance) or (isinstance(change, CreateTable) and change.as_select)


def _scans(action: Action) -> bool:
    return isinstance(action, AddConstraint) and action.constraint.validated and not action.constraint.using_index


def not_in_transaction(step: Step, progress: Progress) -> Iterator[Found]:
    """What cannot run inside of a transaction block fails there."""
    if progress.explicit and alone(step):
        what = " ".join(step.statement.words[:2])
        concurrent = bool(getattr(step.change, "concurrently", False) or getattr(step.change, "online", False))
        rule = "pg.concurrently-in-transaction" if concurrent else "pg.not-in-transaction"
        yield found(rule, step, statement=f"{what} CONCURRENTLY" if concurrent else what)


def transaction_control(step: Step, progress: Progress) -> Iterator[Found]:
    """BEGIN in a transaction, COMMIT outside of one."""
    change = step.change
    if not isinstance(change, Transaction):
        return
    if change.verb == "begin" and progress.explicit:
        yield found("pg.nested-transaction", step, statement="BEGIN")
    elif change.verb in ("commit", "rollback") and not progress.explicit and not progress.file_transaction:
        yield found("pg.transaction-not-open", step, statement=change.verb.upper())


def enums(step: Step, progress: Progress) -> Iterator[Found]:
    """CREATE TYPE AS ENUM, and ADD VALUE: its place in the order, and the transaction it cannot be in."""
    change = step.change
    if isinstance(change, CreateEnum):
        yield found("pg.create-enum", step, type=change.name)
    elif isinstance(change, AddEnumValue):
        if not change.ordered:
            yield found("pg.enum-value-order", step, type=change.name)
        if progress.explicit:
            old = progress.before(_ENUM_IN_TRANSACTION)
            yield found("pg.enum-value-in-transaction", step, severity="high" if old else "low", type=change.name)


FINDERS = (no_lock_timeout, work_under_lock, not_in_transaction, transaction_control, enums)
