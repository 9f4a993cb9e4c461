"""Indexes and keys as they are declared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from dbbuddy.sqlreview.ddl.actions import AddConstraint, AddIndex, Constraint
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateIndex, CreateTable
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import Token
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at
from dbbuddy.sqlreview.rules.columns import token_of
from dbbuddy.sqlreview.rules.tables import LOBS, MOST_KEY_COLUMNS
from dbbuddy.sqlreview.schema import Index

MOST_INDEXES = 10


def indexes_of(statement: Statement, context: ReviewContext) -> Iterator[tuple[Index, Token]]:
    """The indexes and keys that the statement creates."""
    change = context.change(statement)
    if isinstance(change, CreateTable):
        for index in change.table.indexes:
            yield index, _place(statement, index)
    elif isinstance(change, CreateIndex):
        yield change.index, _place(statement, change.index)
    elif isinstance(change, AlterTable):
        for action in change.actions:
            if isinstance(action, AddIndex):
                yield action.index, _place(statement, action.index)
            elif isinstance(action, AddConstraint) and action.constraint.index is not None:
                yield action.constraint.index, _place(statement, action.constraint.index)


def _place(statement: Statement, index: Index) -> Token:
    return token_of(statement, index.name or next((name for name in index.columns if name), index.table), 1)


def index_design(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Indexes with too many columns, a column twice, a LOB as key; a new unique one; a composite one whose order matters."""
    most = context.limit("idx.too-wide", MOST_KEY_COLUMNS)
    for index, where in indexes_of(statement, context):
        names = [name.lower() for name in index.columns if name]
        values: dict[str, Any] = {"table": index.table, "index": index.name or f"({', '.join(names)})", "columns": ", ".join(names)}
        if index.method.lower() == "fulltext":
            yield at("idx.fulltext", statement, where, **values)
        if index.method.lower() in ("fulltext", "gin", "spatial", "gist", "brin"):
            continue
        if len(index.keys) > most:
            yield at("idx.too-wide", statement, where, count=len(index.keys), **values)
        if len(set(names)) < len(names):
            yield at("idx.column-twice", statement, where, **values)
        if len(names) > 1 and not index.primary:
            yield at("idx.column-order", statement, where, **values)
        table = context.schema.table(index.table)
        for key in index.keys:
            column = table.column(key.column) if table and key.column else None
            if column is not None and column.type.partition("(")[0].strip() in LOBS and context.engine != "postgresql":
                yield at("idx.lob-key", statement, where, column=column.name, type=column.type, **values)
        if index.unique and not index.primary and not isinstance(context.change(statement), CreateTable):
            yield at("idx.unique-check", statement, where, **values)
        if index.unique and not index.primary and isinstance(context.change(statement), CreateTable) and table is not None:
            nullable = [name for name in index.columns if name and (column := table.column(name)) is not None and column.nullable]
            if nullable and context.engine in ("sqlserver",):
                yield at("ddl.nullable-unique", statement, where, column=nullable[0], **values)


def foreign_keys(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A foreign key as a reminder of what it costs; one with a column twice or with very many."""
    change = context.change(statement)
    constraints: list[Constraint] = []
    if isinstance(change, CreateTable):
        inline = [constraint for definition in change.definitions for constraint in definition.constraints]
        constraints = [constraint for constraint in (*change.constraints, *inline) if constraint.foreign_key is not None]
        name = change.table.name
    elif isinstance(change, AlterTable):
        name = change.table
        constraints = [
            action.constraint for action in change.actions if isinstance(action, AddConstraint) and action.constraint.foreign_key
        ]
        constraints += [
            constraint
            for action in change.actions
            if (definition := getattr(action, "definition", None))
            for constraint in definition.constraints
            if constraint.foreign_key is not None
        ]
    for constraint in constraints:
        key = constraint.foreign_key
        if key is None:
            continue
        where = token_of(statement, key.columns[0] if key.columns else name, 2)
        values: dict[str, Any] = {"table": name, "columns": ", ".join(key.columns), "parent": key.table}
        yield at("ddl.foreign-key", statement, where, **values)
        if len({column.lower() for column in key.columns}) < len(key.columns):
            yield at(
                "idx.column-twice",
                statement,
                where,
                table=name,
                index=constraint.name or "the foreign key",
                columns=values["columns"],
            )
        if len(key.columns) > context.limit("idx.too-wide", MOST_KEY_COLUMNS):
            yield at(
                "idx.too-wide",
                statement,
                where,
                count=len(key.columns),
                table=name,
                index=constraint.name or "",
                columns=values["columns"],
            )


def index_set(context: ReviewContext, *, most: int = MOST_INDEXES) -> Iterator[Found]:
    """Over all statements that were pasted: a table with more than `most` indexes, and two indexes that are the same."""
    most = int(context.limit("idx.too-many", most))
    seen: dict[tuple[str, str], list[Index]] = {}
    counts: Counter[str] = Counter()
    told: set[str] = set()
    for statement in context.script.statements:
        for index, where in indexes_of(statement, context):
            table = index.table.lower()
            others = seen.setdefault((table, _first_key(index)), [])
            for other in others:
                if _same_keys(index, other):
                    rule = "idx.duplicate" if len(index.keys) == len(other.keys) else "idx.redundant-prefix"
                    yield at(
                        rule,
                        statement,
                        where,
                        table=index.table,
                        index=index.name or ", ".join(filter(None, index.columns)),
                        other=other.name or ("the primary key" if other.primary else ", ".join(filter(None, other.columns))),
                    )
                    break
            others.append(index)
            counts[table] += 1
            if counts[table] > most and table not in told:
                told.add(table)
                yield at("idx.too-many", statement, where, table=index.table, count=counts[table])


def _first_key(index: Index) -> str:
    return (index.keys[0].column or index.keys[0].expression or "").lower() if index.keys else ""


def _same_keys(index: Index, other: Index) -> bool:
    """True if the new index is one with the older's keys, or the beginning of them."""
    mine = [((key.column or key.expression or "").lower(), key.descending) for key in index.keys]
    theirs = [((key.column or key.expression or "").lower(), key.descending) for key in other.keys]
    comparable = index.method.lower() == other.method.lower() and index.where == other.where
    if not comparable or not mine or mine != theirs[: len(mine)]:
        return False
    if len(mine) < len(theirs):
        return not index.unique
    return index.include == other.include or not index.include


RULES = (index_design, foreign_keys)
SCRIPT_RULES = (index_set,)
