"""Columns compared with what is of another type, character set or collation."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import Node, View


def type_mismatch(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Columns of different type, character set or collation compared by a join, or a string column compared with a number."""
    view = context.view(statement)
    for predicate in view.nodes(exp.EQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NEQ, exp.In):
        left = predicate.this
        rights = predicate.expressions if isinstance(predicate, exp.In) else [predicate.expression]
        for right in rights:
            for column, other in ((left, right), (right, left)):
                yield from _mismatch(statement, view, predicate, column, other)


def _mismatch(statement: Statement, view: View, predicate: Node, column: Node, other: Node) -> Iterator[Found]:
    own = _known(view, column)
    if own is None:
        return
    if isinstance(other, exp.Literal):
        if not other.is_string and own[0] == "text":
            yield at("pred.implicit-cast", statement, predicate, column=column.name, type=own[1], value=other.this)
        return
    theirs = _known(view, other)
    if theirs is None or id(column) > id(other):
        return
    different = own[0] != theirs[0] and "other" not in (own[0], theirs[0])
    collations = own[0] == theirs[0] == "text" and own[2] and theirs[2] and own[2] != theirs[2]
    if different or collations:
        first = f"{own[1]} {own[2]}".strip() if collations else own[1]
        second = f"{theirs[1]} {theirs[2]}".strip() if collations else theirs[1]
        yield at(
            "pred.join-type-mismatch",
            statement,
            predicate,
            left=sql(column, statement),
            right=sql(other, statement),
            left_type=first,
            right_type=second,
        )


_NUMBERS = (
    "int",
    "bigint",
    "smallint",
    "tinyint",
    "mediumint",
    "integer",
    "numeric",
    "decimal",
    "number",
    "serial",
    "bigserial",
    "float",
)
_TEXTS = (
    "char",
    "varchar",
    "text",
    "nvarchar",
    "nchar",
    "character",
    "varchar2",
    "nvarchar2",
    "longtext",
    "mediumtext",
    "citext",
    "clob",
)


def _known(view: View, node: Node) -> tuple[str, str, str] | None:
    """The class of a column's type (`text`, `number` or `other`), the type itself, and its collation."""
    if not isinstance(node, exp.Column):
        return None
    table = view.table_of(node)
    column = table.column(node.name) if table else None
    if column is None:
        return None
    kind = "number" if column.type.startswith(_NUMBERS) else "text" if column.type.startswith(_TEXTS) else "other"
    return kind, column.type, (column.collation or "").lower()


RULES = (type_mismatch,)
