"""What a change makes of a known schema. Changes to tables that are not known are passed over."""

from __future__ import annotations

from dataclasses import replace

from dbbuddy.sqlreview.ddl.actions import (
    Action,
    AddColumn,
    AddConstraint,
    AddIndex,
    ChangeColumn,
    DropColumn,
    DropConstraint,
    DropIndexAction,
    DropNotNull,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetDefault,
    SetNotNull,
    SetType,
    TableOption,
)
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateIndex, CreateTable, Ddl, Drop, Rename
from dbbuddy.sqlreview.ddl.tables import add_column, add_constraint
from dbbuddy.sqlreview.schema import Column, Index, Schema, Table


def apply(schema: Schema, change: Ddl) -> None:
    """Change the schema as the statement would."""
    if isinstance(change, CreateTable):
        _create(schema, change)
    elif isinstance(change, AlterTable):
        for action in change.actions:
            _alter(schema, change.table, action)
    elif isinstance(change, CreateIndex):
        table = schema.table(change.index.table)
        if table is not None:
            table.indexes.append(replace(change.index, table=table.name))
    elif isinstance(change, Drop):
        _drop(schema, change)
    elif isinstance(change, Rename):
        for old, new in change.pairs:
            _rename(schema, change.kind, old, new)


def _create(schema: Schema, change: CreateTable) -> None:
    if change.if_not_exists and schema.table(change.table.name) is not None:
        return
    table = change.table
    source = schema.table(change.copied or change.partition_of or "")
    if source is not None:
        table.columns = {**{name: replace(column) for name, column in source.columns.items()}, **table.columns}
    schema.add(table)


def _drop(schema: Schema, change: Drop) -> None:
    if change.kind == "table":
        for name in change.names:
            table = schema.table(name)
            if table is not None:
                del schema.tables[table.name.lower()]
    elif change.kind == "index":
        for name in change.names:
            for table in schema:
                _drop_index(table, name)


def _rename(schema: Schema, kind: str, old: str, new: str) -> None:
    if kind == "index":
        for table in schema:
            for index in table.indexes:
                if _same(index.name, old):
                    index.name = new
    elif kind == "column":
        path, _, name = old.rpartition(".")
        table_of = schema.table(path)
        if table_of is not None:
            _rename_column(table_of, name, new)
    else:
        _rename_table(schema, old, new)


def _rename_table(schema: Schema, old: str, new: str) -> None:
    table = schema.table(old)
    if table is None:
        return
    del schema.tables[table.name.lower()]
    table.name = new.rpartition(".")[2]
    for index in table.indexes:
        index.table = table.name
    schema.add(table)


def _alter(schema: Schema, name: str, action: Action) -> None:
    if isinstance(action, RenameTable):
        _rename_table(schema, name, action.new_name)
        return
    table = schema.table(name)
    if table is None:
        return
    if isinstance(action, AddColumn):
        add_column(table, action.definition, action.position)
    elif isinstance(action, DropColumn):
        _drop_column(table, action.name)
    elif isinstance(action, AddConstraint):
        _add_constraint(table, action)
    elif isinstance(action, DropConstraint):
        _drop_constraint(table, action)
    elif isinstance(action, AddIndex):
        table.indexes.append(replace(action.index, table=table.name))
    elif isinstance(action, DropIndexAction):
        _drop_index(table, action.name)
    elif isinstance(action, RenameColumn):
        _rename_column(table, action.name, action.new_name)
    elif isinstance(action, RenameIndex):
        for index in table.indexes:
            if _same(index.name, action.name):
                index.name = action.new_name
    elif isinstance(action, ChangeColumn):
        _change_column(table, action)
    elif isinstance(action, TableOption):
        table.options["charset" if action.name == "convert" else action.name] = action.value
    else:
        _alter_column(table, action)


def _alter_column(table: Table, action: Action) -> None:
    if not isinstance(action, SetNotNull | DropNotNull | SetDefault | SetType):
        return
    column = table.column(action.name)
    if column is None:
        return
    if isinstance(action, SetNotNull | DropNotNull):
        column.nullable = isinstance(action, DropNotNull)
    elif isinstance(action, SetDefault):
        column.default = action.value
    else:
        column.type = action.type


def _add_constraint(table: Table, action: AddConstraint) -> None:
    constraint = action.constraint
    if constraint.using_index and constraint.index is None:
        for index in table.indexes:
            if _same(index.name, constraint.using_index):
                index.primary = constraint.kind == "primary key"
                index.unique = True
                index.name = constraint.name or index.name
                constraint = replace(constraint, columns=tuple(column for column in index.columns if column))
    add_constraint(table, constraint)


def _drop_constraint(table: Table, action: DropConstraint) -> None:
    if action.kind == "primary key":
        table.indexes = [index for index in table.indexes if not index.primary]
        return
    implied = f"{table.name}_pkey"
    table.indexes = [index for index in table.indexes if not _same(index.name or (implied if index.primary else None), action.name)]
    table.foreign_keys = [key for key in table.foreign_keys if key.name is None or not _same(key.name, action.name)]


def _drop_index(table: Table, name: str) -> None:
    table.indexes = [index for index in table.indexes if not _same(index.name, name)]


def _drop_column(table: Table, name: str) -> None:
    """Indexes and keys over the column go with it, as in PostgreSQL; MySQL would shorten them."""
    column = table.column(name)
    if column is not None:
        del table.columns[column.name]
    table.indexes = [index for index in table.indexes if not _covers(index, name)]
    table.foreign_keys = [key for key in table.foreign_keys if name.lower() not in (part.lower() for part in key.columns)]


def _rename_column(table: Table, name: str, new_name: str) -> None:
    column = table.column(name)
    if column is None or column.name == new_name:
        return
    table.columns = {new_name if key == column.name else key: kept for key, kept in table.columns.items()}
    column.name = new_name
    for index in table.indexes:
        for entry in index.keys:
            if _same(entry.column, name):
                entry.column = new_name
    for foreign in table.foreign_keys:
        foreign.columns = [new_name if _same(part, name) else part for part in foreign.columns]


def _change_column(table: Table, action: ChangeColumn) -> None:
    _rename_column(table, action.name, action.new_name)
    known = table.column(action.new_name)
    definition = action.definition
    column = replace(definition.column)
    if known is not None and action.partial:
        column = _merged(known, column, definition.nullability)
    elif known is not None and action.keeps_default:
        column.default = known.default
    if known is not None and any(index.primary and _covers(index, column.name) for index in table.indexes):
        column.nullable = False
    add_column(table, replace(definition, column=column), action.position)


def _merged(known: Column, new: Column, nullability: bool | None) -> Column:
    """Oracle's MODIFY leaves as it is what it does not name."""
    return replace(
        known,
        type=new.type or known.type,
        nullable=known.nullable if nullability is None else nullability,
        default=new.default if new.default is not None else known.default,
    )


def _covers(index: Index, name: str) -> bool:
    return any(_same(column, name) for column in index.columns)


def _same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.rpartition(".")[2].lower() == other.rpartition(".")[2].lower()
