"""What breaks users of a schema whatever the engine: drops, renames, cascades, mixing of DDL with data, foreign keys unindexed."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.ddl.actions import (
    AddColumn,
    AddConstraint,
    ChangeColumn,
    Constraint,
    DropColumn,
    DropConstraint,
    DropNotNull,
    RenameColumn,
    RenameTable,
)
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateIndex, CreateTable, Drop, Rename, Transaction, Truncate
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Progress, Step, found, plain
from dbbuddy.sqlreview.reading import Script
from dbbuddy.sqlreview.schema import Schema, Table

_DROPPED: dict[str, tuple[str, Severity]] = {
    "table": ("migration.drop-table", "high"),
    "database": ("migration.drop-database", "critical"),
    "schema": ("migration.drop-database", "critical"),
    "tablespace": ("migration.drop-database", "high"),
}
_IDENTIFIER_BYTES = 63
_WIDEST_MERGE = 20


def drops(step: Step, progress: Progress) -> Iterator[Found]:
    """DROP of what holds data, and of columns that the running application may still name."""
    change = step.change
    if isinstance(change, Drop) and change.kind in _DROPPED:
        gone = [name for name in change.names if not progress.is_new(name)]
        if gone:
            rule, severity = _DROPPED[change.kind]
            yield found(rule, step, severity=severity, kind=change.kind, name=", ".join(gone))
    for action in step.actions:
        if isinstance(action, DropColumn) and not progress.is_new(step.table):
            yield found("migration.drop-column", action, table=step.table, column=action.name)


def cascades(step: Step, progress: Progress) -> Iterator[Found]:
    """CASCADE on DROP or TRUNCATE takes along what the statement does not name."""
    change = step.change
    if isinstance(change, Truncate) and change.cascade:
        yield found("migration.truncate-cascade", step, name=", ".join(change.names))
    elif isinstance(change, Drop) and change.cascade and change.kind not in ("user", "role", "owned"):
        yield found("migration.drop-cascade", step, kind=change.kind, name=", ".join(change.names))


def renames(step: Step, progress: Progress) -> Iterator[Found]:
    """Renames break every statement of the running application that uses the old name."""
    change = step.change
    if isinstance(change, Rename) and change.kind in ("table", "column"):
        for old, new in change.pairs:
            if not progress.is_new(old):
                yield found(f"migration.rename-{change.kind}", step, name=old, new=new, table=old.rpartition(".")[0])
    for action in step.actions:
        table = step.table
        if progress.is_new(table):
            continue
        if isinstance(action, RenameTable):
            yield found("migration.rename-table", action, name=table, new=action.new_name)
        elif isinstance(action, RenameColumn) or (
            isinstance(action, ChangeColumn) and action.new_name.lower() != action.name.lower()
        ):
            yield found("migration.rename-column", action, table=table, name=action.name, new=action.new_name)


def keys(step: Step, progress: Progress) -> Iterator[Found]:
    """A primary key that goes without another coming; DROP NOT NULL, which readers of the column do not expect."""
    coming = any(isinstance(action, AddConstraint) and action.constraint.kind == "primary key" for action in step.actions)
    table = progress.table(step.table) if step.actions else None
    for action in step.actions:
        if isinstance(action, DropConstraint) and not coming and _drops_key(action, table):
            yield found("migration.drop-primary-key", action, table=step.table)
        elif isinstance(action, DropNotNull) and not progress.is_new(step.table):
            yield found("migration.drop-not-null", action, table=step.table, column=action.name)


def _drops_key(action: DropConstraint, table: Table | None) -> bool:
    if action.kind == "primary key":
        return True
    key = table.primary_key if table is not None else None
    if key is None or table is None or not action.name:
        return False
    return plain(action.name) == plain(key.name or f"{table.name}_pkey")


def cascading_keys(step: Step, progress: Progress) -> Iterator[Found]:
    """ON DELETE CASCADE: one DELETE may remove any number of rows elsewhere."""
    for table, constraint in _new_constraints(step):
        if constraint.on_delete == "CASCADE" and constraint.foreign_key is not None:
            yield found("migration.on-delete-cascade", step, table=table, target=constraint.foreign_key.table)


def _new_constraints(step: Step) -> Iterator[tuple[str, Constraint]]:
    change = step.change
    if isinstance(change, CreateTable):
        for definition in change.definitions:
            for constraint in definition.constraints:
                yield change.table.name, constraint
        for constraint in change.constraints:
            yield change.table.name, constraint
    for action in step.actions:
        if isinstance(action, AddConstraint):
            yield step.table, action.constraint
        elif isinstance(action, AddColumn):
            for constraint in action.definition.constraints:
                yield step.table, constraint


def long_names(step: Step, progress: Progress) -> Iterator[Found]:
    """Names beyond 63 bytes, which PostgreSQL cuts off in silence: two of them may become one."""
    if progress.engine != "postgresql" or step.change is None:
        return
    for token in step.statement.tokens:
        name = token.text[1:-1].replace('""', '"') if token.kind == "quoted" else token.text
        if token.kind in ("word", "quoted") and len(name.encode()) > _IDENTIFIER_BYTES:
            yield Found(
                "pg.identifier-too-long", token.start, token.end, {"name": name, "kept": name.encode()[:63].decode(errors="ignore")}
            )


def several_alters(step: Step, progress: Progress) -> Iterator[Found]:
    """One table altered by several statements, which one would do: each may read or rebuild the table anew."""
    change = step.change
    if not isinstance(change, AlterTable) or progress.altered.get(plain(change.table), 0) != 1:
        return
    if progress.engine not in ("postgresql", "mysql", "mariadb") or len(change.actions) > _WIDEST_MERGE:
        return
    if progress.engine == "postgresql" and (
        progress.is_new(change.table) or not all(_scans_table(action) for action in change.actions)
    ):
        return
    yield found("migration.several-alters", step, table=change.table)


def _scans_table(action: object) -> bool:
    return type(action).__name__ in ("SetNotNull", "SetType", "AddColumn", "DropNotNull", "SetDefault", "DropColumn")


def mixed(script: Script, steps: list[Step]) -> Iterator[Found]:
    """DDL and data changes in one script: where DDL commits (MySQL, Oracle) half of it stays behind after a failure."""
    ddl = any(isinstance(step.change, AlterTable | CreateTable | CreateIndex | Drop | Rename | Truncate) for step in steps)
    data = [step for step in steps if step.statement.kind in ("insert", "update", "delete", "merge")]
    commits = script.engine in ("mysql", "mariadb", "oracle")
    if ddl and data and any(isinstance(step.change, AlterTable) for step in steps):
        yield found("txn.ddl-mixed-dml", data[0], severity="medium" if commits else "low", statement=data[0].statement.words[0])


def unfinished(script: Script, steps: list[Step]) -> Iterator[Found]:
    """A transaction that the script opens and does not end."""
    opened: Step | None = None
    for step in steps:
        if isinstance(step.change, Transaction):
            opened = step if step.change.verb == "begin" else None if step.change.verb in ("commit", "rollback") else opened
    if opened is not None and len(steps) > 1:
        yield found("txn.begin-no-commit", opened, statement=opened.statement.text[:40])


def unindexed_keys(script: Script, steps: list[Step], schema: Schema) -> Iterator[Found]:
    """A foreign key that the script adds and that no index leads with; MySQL builds one by itself."""
    if script.engine in ("mysql", "mariadb", None):
        return
    for step in steps:
        for name, constraint in _new_constraints(step):
            table = schema.table(name)
            if constraint.foreign_key is None or table is None or not table.columns or not constraint.columns:
                continue
            if not any(_leads(index.columns, constraint.columns) for index in table.indexes if index.where is None):
                severity: Severity = "high" if script.engine == "oracle" else "medium"
                yield found(
                    "migration.fk-unindexed", step, severity=severity, table=name, columns=", ".join(constraint.columns),
                    target=constraint.foreign_key.table,
                )  # fmt: skip


def _leads(index: list[str | None], columns: tuple[str, ...]) -> bool:
    leading = {(column or "").lower() for column in index[: len(columns)]}
    return leading == {column.lower() for column in columns}


FINDERS = (drops, cascades, renames, keys, cascading_keys, long_names, several_alters)
