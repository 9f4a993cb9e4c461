"""ALTER TABLE of MySQL and MariaDB (InnoDB): INSTANT, INPLACE with or without a rebuild, or COPY, by version.

Source: the tables of "Online DDL Operations" (MySQL 5.7, 8.0, 8.4) and "InnoDB Online DDL Operations" (MariaDB).
Without a version, a current one is assumed: MySQL 8.0.29 or later, MariaDB 10.6 or later.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.ddl.actions import (
    Action,
    AddColumn,
    AddConstraint,
    AddIndex,
    ChangeColumn,
    DropColumn,
    DropConstraint,
    OtherAction,
    PartitionAction,
    TableOption,
)
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateIndex, Maintenance
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Progress, Step, found
from dbbuddy.sqlreview.migrations.types import parts
from dbbuddy.sqlreview.schema import Column

Algorithm = Literal["INSTANT", "INPLACE", "REBUILD", "COPY"]
_ORDER: tuple[Algorithm, ...] = ("INSTANT", "INPLACE", "REBUILD", "COPY")
_INSTANT_ADD, _INSTANT_ANYWHERE = 8.0012, 8.0029
_MARIADB_INSTANT_ADD, _MARIADB_INSTANT_ANYWHERE = 10.03, 10.04
_MARIADB_COPY_ONLINE = 11.02
_ONE_LENGTH_BYTE = 255
_BYTES = {"utf8mb4": 4, "utf8mb3": 3, "utf8": 3, "latin1": 1, "ascii": 1}


@dataclass(frozen=True)
class Operation:
    """How the server carries out an action. REBUILD is INPLACE that writes the whole table anew while writers go on."""

    algorithm: Algorithm
    what: str
    blocks_writes: bool = False


def operation(action: Action, table: str, progress: Progress) -> Operation:
    """What an action costs in the version at hand."""
    if isinstance(action, AddColumn):
        return _added(action, progress)
    if isinstance(action, DropColumn):
        instant = not progress.before(_anywhere(progress))
        return Operation("INSTANT" if instant else "REBUILD", f"dropping column {action.name}")
    if isinstance(action, ChangeColumn):
        return _changed(action, progress.column(table, action.name), table, progress)
    if isinstance(action, AddConstraint):
        return _constrained(action, progress)
    if isinstance(action, AddIndex):
        blocks = action.index.method in ("fulltext", "spatial")
        return Operation("INPLACE", f"building {action.index.method} index {action.index.name or ''}".rstrip(), blocks)
    if isinstance(action, DropConstraint) and action.kind == "primary key":
        return Operation("COPY", "dropping the primary key", True)
    if isinstance(action, TableOption):
        return _optioned(action, progress)
    if isinstance(action, PartitionAction):
        copies = action.verb in ("partition by", "remove", "coalesce", "reorganize", "rebuild")
        return Operation("COPY" if copies else "INPLACE", f"{action.verb} of partitions", copies)
    if isinstance(action, OtherAction) and action.words[:1] == ("ORDER",):
        return Operation("COPY", "ORDER BY", True)
    if isinstance(action, OtherAction) and action.words[:1] == ("FORCE",):
        return Operation("REBUILD", "FORCE")
    return Operation("INSTANT", "a change of metadata")


def _anywhere(progress: Progress) -> float:
    return _MARIADB_INSTANT_ANYWHERE if progress.engine == "mariadb" else _INSTANT_ANYWHERE


def _added(action: AddColumn, progress: Progress) -> Operation:
    definition = action.definition
    name = definition.column.name
    if definition.identity:
        return Operation("REBUILD", f"adding AUTO_INCREMENT column {name}", True)
    if definition.stored:
        return Operation("COPY", f"adding STORED column {name}", True)
    if any(constraint.kind == "primary key" for constraint in definition.constraints):
        return Operation("REBUILD", f"adding primary key column {name}")
    first = _MARIADB_INSTANT_ADD if progress.engine == "mariadb" else _INSTANT_ADD
    instant = not progress.before(_anywhere(progress) if action.position else first)
    where = f" {'first' if action.position == 'FIRST' else f'after {action.position}'}" if action.position else ""
    return Operation("INSTANT" if instant else "REBUILD", f"adding column {name}{where}")


def _changed(action: ChangeColumn, old: Column | None, table: str, progress: Progress) -> Operation:
    new = action.definition.column
    what = f"redefining column {action.name}"
    if action.position is not None:
        return Operation("REBUILD", f"moving column {action.name}")
    if old is None:
        return Operation("COPY", f"{what} (if its type changes)", True)
    if not _same_type(old.type, new.type):
        if _longer(old.type, new.type, table, progress) or _appended(old.type, new.type):
            return Operation("INPLACE", what)
        return Operation("COPY", f"changing {action.name} from {old.type} to {new.type}", True)
    if action.definition.charset or (new.collation and new.collation != old.collation):
        return Operation("COPY", f"changing the character set of {action.name}", True)
    if old.nullable != new.nullable and (not new.nullable or progress.engine != "mariadb"):
        return Operation("REBUILD", f"making {action.name} {'nullable' if new.nullable else 'NOT NULL'}")
    return Operation("INSTANT", what)


def _same_type(old: str, new: str) -> bool:
    """True for one type, the display width of integers put aside."""
    (old_name, old_size), (new_name, new_size) = parts(old), parts(new)
    width = old_name.partition(" ")[0] in ("integer", "bigint", "smallint", "tinyint", "mediumint")
    return old_name == new_name and (width or old_size == new_size)


def _longer(old: str, new: str, table: str, progress: Progress) -> bool:
    """True if a varchar grows and its length still takes as many bytes: up to 255 bytes one, beyond that two."""
    (old_name, old_size), (new_name, new_size) = parts(old), parts(new)
    if old_name != "varchar" or new_name != "varchar" or not old_size or not new_size or new_size[0] < old_size[0]:
        return False
    known = progress.table(table)
    bytes_each = _BYTES.get(known.options.get("charset", "utf8mb4") if known else "utf8mb4", 4)
    return (old_size[0] * bytes_each > _ONE_LENGTH_BYTE) == (new_size[0] * bytes_each > _ONE_LENGTH_BYTE)


def _appended(old: str, new: str) -> bool:
    """True if an ENUM or SET got further members at its end."""
    return old.startswith(("enum(", "set(")) and new.startswith(old.rstrip(")"))


def _constrained(action: AddConstraint, progress: Progress) -> Operation:
    constraint = action.constraint
    if constraint.kind == "primary key":
        return Operation("REBUILD", "adding the primary key")
    if constraint.kind == "foreign key":
        unchecked = progress.settings.get("foreign_key_checks", "1").lower() in ("0", "off")
        return Operation("INPLACE" if unchecked else "COPY", "adding a foreign key", not unchecked)
    if constraint.kind == "check":
        return Operation("COPY", "adding a CHECK constraint", True)
    return Operation("INPLACE", "building a unique index")


def _optioned(action: TableOption, progress: Progress) -> Operation:
    if action.name == "convert":
        return Operation("COPY", f"converting every text column to {action.value}", True)
    if action.name == "engine":
        same = action.value.lower() == "innodb"
        return Operation("REBUILD" if same else "COPY", f"ENGINE = {action.value}", not same)
    if action.name in ("row_format", "key_block_size", "encryption", "tablespace"):
        return Operation("REBUILD", action.name.upper())
    return Operation("INSTANT", action.name)


def alter(step: Step, progress: Progress) -> Iterator[Found]:
    """The costliest action of an ALTER TABLE decides for the whole statement."""
    change = step.change
    if not isinstance(change, AlterTable) or progress.is_new(change.table) or not change.actions:
        return
    operations = [operation(action, change.table, progress) for action in change.actions]
    renews_key = any(isinstance(action, AddConstraint) and action.constraint.kind == "primary key" for action in change.actions)
    if renews_key:
        operations = [
            Operation("REBUILD", "changing the primary key") if "primary key" in entry.what else entry for entry in operations
        ]
    worst = max(operations, key=lambda entry: (_ORDER.index(entry.algorithm), entry.blocks_writes))
    online_copy = progress.engine == "mariadb" and not progress.before(_MARIADB_COPY_ONLINE) and progress.version is not None
    blocking = next((entry for entry in operations if entry.blocks_writes), None)
    if worst.algorithm == "COPY" and not online_copy:
        yield found("my.alter-copies-table", step, table=change.table, what=worst.what)
    elif blocking is not None and not online_copy:
        yield found("my.alter-blocks-writes", step, table=change.table, what=blocking.what)
    elif worst.algorithm in ("REBUILD", "COPY"):
        yield found("my.alter-rebuilds-table", step, table=change.table, what=worst.what)
    yield from _unasked(step, change, worst, blocking is not None)


def _unasked(step: Step, change: AlterTable, worst: Operation, blocks: bool) -> Iterator[Found]:
    """Without ALGORITHM and LOCK the server silently takes the costly way where the cheap one is not to be had."""
    if "algorithm" in change.options and ("lock" in change.options or change.options["algorithm"] == "instant"):
        return
    asked = "INPLACE" if worst.algorithm == "REBUILD" else worst.algorithm
    clause = (
        f"ALGORITHM={asked}"
        if asked == "INSTANT"
        else f"ALGORITHM={asked}, LOCK={'SHARED' if blocks or asked == 'COPY' else 'NONE'}"
    )
    free = "algorithm" not in change.options and "lock" not in change.options
    text = step.statement.text.rstrip()
    yield found("my.no-algorithm", step, rewrite=f"{text}, {clause};" if free else None, table=change.table, clause=clause)


def create_index(step: Step, progress: Progress) -> Iterator[Found]:
    """FULLTEXT and SPATIAL indexes block writes while they are built; others do not."""
    change = step.change
    if not isinstance(change, CreateIndex) or progress.is_new(change.index.table):
        return
    if change.index.method in ("fulltext", "spatial"):
        what = f"building {change.index.method} index {change.index.name}"
        yield found("my.alter-blocks-writes", step, table=change.index.table, what=what)


def optimize(step: Step, progress: Progress) -> Iterator[Found]:
    """OPTIMIZE TABLE rebuilds an InnoDB table."""
    change = step.change
    if isinstance(change, Maintenance) and change.verb == "optimize":
        yield found("my.alter-rebuilds-table", step, table=change.name, what="OPTIMIZE TABLE")


def convert(step: Step, progress: Progress) -> Iterator[Found]:
    """CONVERT TO CHARACTER SET changes types and collations too: joins with other tables may stop using indexes."""
    for action in step.actions:
        if isinstance(action, TableOption) and action.name == "convert":
            severity: Severity | None = "low" if progress.is_new(step.table) else None
            yield found("my.charset-convert", action, severity=severity, table=step.table, charset=action.value)


def redefined(step: Step, progress: Progress) -> Iterator[Found]:
    """MODIFY and CHANGE drop every attribute of the column that they do not repeat."""
    change = step.change
    if not isinstance(change, AlterTable):
        return
    for action in step.actions:
        old = progress.column(change.table, action.name) if isinstance(action, ChangeColumn) else None
        if old is None or not isinstance(action, ChangeColumn):
            continue
        new = action.definition
        lost = []
        if (
            not old.nullable
            and new.nullability is None
            and new.column.nullable
            and not _in_key(change.table, action.name, progress)
        ):
            lost.append("NOT NULL")
        if old.default is not None and old.default.upper() != "NULL" and new.column.default is None:
            lost.append(f"DEFAULT {old.default}")
        if lost:
            column = step.spelled(action.name)
            yield found("my.modify-loses-attributes", action, table=change.table, column=column, lost=" and ".join(lost))


def _in_key(table: str, column: str, progress: Progress) -> bool:
    known = progress.table(table)
    key = known.primary_key if known is not None else None
    return key is not None and column.lower() in [(name or "").lower() for name in key.columns]


def drop_indexed(step: Step, progress: Progress) -> Iterator[Found]:
    """DROP COLUMN takes the column out of its indexes: what is left may be useless, a duplicate, or unique where it was not."""
    change = step.change
    known = progress.table(change.table) if isinstance(change, AlterTable) else None
    for action in step.actions:
        if not isinstance(action, DropColumn) or known is None:
            continue
        names = [
            index.name or "PRIMARY"
            for index in known.indexes
            if action.name.lower() in [(name or "").lower() for name in index.columns]
        ]
        if names:
            yield found("my.drop-indexed-column", action, table=known.name, column=action.name, indexes=", ".join(names))


def moved(step: Step, progress: Progress) -> Iterator[Found]:
    """FIRST and AFTER on a column that is there: a rebuild for the sake of its place in SELECT *."""
    if isinstance(step.change, AlterTable):
        for action in step.actions:
            if isinstance(action, ChangeColumn) and action.position is not None:
                yield found("my.column-order", action, table=step.change.table, column=action.name)


def no_lock_timeout(step: Step, progress: Progress) -> Iterator[Found]:
    """An ALTER that waits for a metadata lock makes every later query of the table wait behind it: lock_wait_timeout is a year."""
    change = step.change
    if not isinstance(change, AlterTable) or progress.is_new(change.table) or progress.is_set("lock_wait_timeout"):
        return
    if progress.once("lock_wait_timeout"):
        rewrite = f"SET SESSION lock_wait_timeout = 5;\n{step.statement.text.rstrip()};"
        yield found("my.no-lock-timeout", step, rewrite=rewrite, table=change.table)


FINDERS = (alter, create_index, optimize, convert, redefined, drop_indexed, moved, no_lock_timeout)
