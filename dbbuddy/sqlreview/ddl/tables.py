"""CREATE TABLE."""

from __future__ import annotations

from dataclasses import replace

from dbbuddy.sqlreview.ddl.actions import ColumnDefinition, Constraint
from dbbuddy.sqlreview.ddl.changes import CreateTable
from dbbuddy.sqlreview.ddl.columns import read_column
from dbbuddy.sqlreview.ddl.constraints import opens_constraint, opens_index, read_constraint, read_inline_index
from dbbuddy.sqlreview.ddl.cursor import Cursor, unquoted
from dbbuddy.sqlreview.schema import Column, Table

_MODIFIERS = (
    "GLOBAL",
    "LOCAL",
    "PRIVATE",
    "TEMPORARY",
    "TEMP",
    "UNLOGGED",
    "FOREIGN",
    "EXTERNAL",
    "OR",
    "REPLACE",
    "SHARDED",
    "BLOCKCHAIN",
)
_OPTIONS = ("ENGINE", "CHARSET", "COLLATE", "COMMENT", "ROW_FORMAT", "AUTO_INCREMENT", "TABLESPACE", "KEY_BLOCK_SIZE")


def read_create_table(cursor: Cursor, start: int, end: int) -> CreateTable | None:
    """CREATE TABLE behind the word CREATE; `None` if no table is created."""
    modifiers = set()
    while cursor.sees_any(*_MODIFIERS):
        modifiers.add(cursor.accept_any(*_MODIFIERS))
    if not cursor.accept("TABLE"):
        return None
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    full = cursor.name()
    schema, _, name = full.rpartition(".")
    table = Table(name or "?", schema or None)
    partition_of = cursor.name() if cursor.accept("PARTITION", "OF") else None
    copied = cursor.name() if cursor.accept("LIKE") else None
    definitions: list[ColumnDefinition] = []
    constraints: list[Constraint] = []
    if cursor.sees("(") and not cursor.sees("(", "SELECT"):
        for part in cursor.group().split():
            if part.accept("LIKE"):
                copied = part.name()
            else:
                _element(part, table, definitions, constraints)
    as_select, partitioned = _options(cursor, table)
    temporary = bool(modifiers & {"TEMPORARY", "TEMP", "PRIVATE"}) or name.startswith("#")
    return CreateTable(
        start=start,
        end=end,
        table=table,
        definitions=tuple(definitions),
        constraints=tuple(constraints),
        temporary=temporary,
        if_not_exists=if_not_exists,
        as_select=as_select,
        copied=copied,
        partition_of=partition_of,
        partitioned=partitioned,
    )


def _element(part: Cursor, table: Table, definitions: list[ColumnDefinition], constraints: list[Constraint]) -> None:
    if part.sees("PERIOD", "FOR") or part.sees("SUPPLEMENTAL", "LOG"):
        return
    if opens_constraint(part):
        constraint = read_constraint(part, table.name)
        if constraint is not None:
            constraints.append(constraint)
            add_constraint(table, constraint)
        return
    if opens_index(part):
        table.indexes.append(read_inline_index(part, table.name))
        return
    definition = read_column(part, table.name)
    if definition.column.name:
        definitions.append(definition)
        add_column(table, definition)


def _options(cursor: Cursor, table: Table) -> tuple[bool, bool]:
    """Reads what stands behind the columns; whether a query fills the table, and whether it is partitioned."""
    as_select = partitioned = False
    while not cursor.done:
        if cursor.sees_any("SELECT", "WITH") and (cursor.sees("SELECT") or as_select):
            return True, partitioned
        if cursor.accept("AS"):
            as_select = True
        elif cursor.accept("PARTITION", "BY"):
            partitioned = True
        elif cursor.accept("CHARACTER", "SET"):
            cursor.accept("=")
            table.options["charset"] = unquoted(cursor.take()).lower()
        elif word := cursor.accept_any(*_OPTIONS):
            cursor.accept("=")
            table.options[word.lower()] = unquoted(cursor.take())
        else:
            cursor.step()
    return as_select, partitioned


def add_column(table: Table, definition: ColumnDefinition, position: str | None = None) -> None:
    """Puts a column into a table, with the constraints written beside it. `position` as in `AddColumn`."""
    column = replace(definition.column)
    if position is None:
        table.columns[column.name] = column
    else:
        table.columns = _inserted(table.columns, column, position)
    for constraint in definition.constraints:
        add_constraint(table, constraint)


def _inserted(columns: dict[str, Column], column: Column, position: str) -> dict[str, Column]:
    order = [(name, kept) for name, kept in columns.items() if name != column.name]
    after = next((at for at, (name, _) in enumerate(order) if name.lower() == position.lower()), len(order) - 1)
    at = 0 if position == "FIRST" else after + 1
    return dict([*order[:at], (column.name, column), *order[at:]])


def add_constraint(table: Table, constraint: Constraint) -> None:
    """Puts a constraint into a table. A primary key makes its columns NOT NULL."""
    if constraint.index is not None:
        table.indexes.append(replace(constraint.index, table=table.name))
    if constraint.foreign_key is not None:
        table.foreign_keys.append(constraint.foreign_key)
    if constraint.kind == "check":
        table.checks.append(constraint.expression)
    if constraint.kind in ("primary key", "not null"):
        for name in constraint.columns:
            column = table.column(name)
            if column is not None:
                column.nullable = False
    if constraint.kind == "default" and (column := table.column(constraint.columns[0])) is not None:
        column.default = constraint.expression
