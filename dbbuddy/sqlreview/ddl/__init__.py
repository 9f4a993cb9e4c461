"""Reads CREATE, ALTER, DROP and RENAME of the four engines token by token, where a grammar would give up.

`build_schema` makes a `Schema` of any script; `read_changes` gives each statement's typed change.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.context import Engine
from dbbuddy.sqlreview.ddl.apply import apply
from dbbuddy.sqlreview.ddl.changes import AlterTable, Ddl, Unread
from dbbuddy.sqlreview.ddl.cursor import Cursor
from dbbuddy.sqlreview.ddl.statements import read_statement
from dbbuddy.sqlreview.reading import Script, Statement, read_script
from dbbuddy.sqlreview.schema import Schema

__all__ = ["apply", "build_schema", "read_change", "read_changes", "schema_of"]

_QUOTED = 120


def read_change(statement: Statement) -> Ddl | None:
    """What a statement does to the schema, the session or the transaction; `None` for queries, DML and routines."""
    if statement.kind == "block":
        return None
    return read_statement(Cursor(statement.text, statement.tokens, statement.engine, statement.start))


def read_changes(script: Script) -> Iterator[tuple[Statement, Ddl]]:
    """The statements that change something, with what they change."""
    for statement in script.statements:
        change = read_change(statement)
        if change is not None:
            yield statement, change


def build_schema(text: str, engine: Engine | None = None) -> Schema:
    """The tables that a script leaves behind. Never raises; `Schema.unread` lists the DDL that could not be read."""
    return schema_of(read_script(text, engine))


def schema_of(script: Script) -> Schema:
    """As `build_schema`, of a script that is already read."""
    schema = Schema()
    for statement, change in read_changes(script):
        if isinstance(change, Unread):
            schema.unread.append(f"{statement.text[:_QUOTED]}: {change.problem}")
        elif isinstance(change, AlterTable) and change.unread:
            schema.unread.extend(f"ALTER TABLE {change.table} {part[:_QUOTED]}" for part in change.unread)
        apply(schema, change)
    return schema
