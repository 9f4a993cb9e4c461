"""The tables and columns that the statements speak of and no DDL names, with types guessed from their use."""

from __future__ import annotations

import re2
from sqlglot import exp

from dbbuddy.sqlreview.indexes.places import TableUse
from dbbuddy.sqlreview.schema import Column, Schema, Table

_MOMENT = re2.compile(r"(?i)(_at|_on|_time|_date|_ts|timestamp|datetime)$|^(created|updated|modified|date|day)$|date$")
_NUMBER = re2.compile(
    r"(?i)(^|_)(count|qty|quantity|amount|price|total|sum|cost|balance|score|rank|size|length|age|year|position|rating|weight)$"
)
_IDENTIFIER = re2.compile(r"(?i)(^|_)id$")
_FLAG = re2.compile(r"(?i)^(is|has|can)_")
_DATE_TEXT = re2.compile(r"^\d{4}-\d{2}-\d{2}")
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between, exp.In)
_TEXTUAL = (exp.Like, exp.ILike, exp.Lower, exp.Upper, exp.RegexpLike, exp.RegexpILike, exp.Trim, exp.Concat, exp.DPipe)
_DOCUMENT = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar, exp.JSONBContainsTopKey)


def completed(schema: Schema, uses: list[TableUse]) -> tuple[Schema, set[str]]:
    """A copy of the schema with all that the statements use, and the lower-case names of the tables that were made up in part."""
    result = Schema({name: _copy(table) for name, table in schema.tables.items()})
    made_up: set[str] = set()
    for use in uses:
        name = use.reference.name
        table = result.table(name)
        if table is None:
            table = Table(name)
            result.add(table)
            made_up.add(name.lower())
        for column in use.used:
            if table.column(column) is None:
                made_up.add(name.lower())
                table.columns[column] = Column(column, _guess(column, use))
        if not table.columns:
            table.columns["id"] = Column("id", "bigint")
    return result, made_up


def _copy(table: Table) -> Table:
    return Table(
        table.name, table.schema, dict(table.columns), list(table.indexes), list(table.foreign_keys), rows=table.rows,
        options=table.options, distinct=table.distinct, null_share=table.null_share,
    )  # fmt: skip


def _guess(name: str, use: TableUse) -> str:
    for column in use.scope.find_all(exp.Column):
        if column.name.lower() == name.lower():
            found = _from_parent(column)
            if found:
                return found
    if _IDENTIFIER.search(name):
        return "bigint"
    if _MOMENT.search(name):
        return "timestamptz"
    if _FLAG.search(name):
        return "boolean"
    return "numeric" if _NUMBER.search(name) else "text"


def _from_parent(column: exp.Column) -> str | None:
    parent = column.parent
    while isinstance(parent, exp.Paren):
        parent = parent.parent
    if isinstance(parent, _DOCUMENT) and parent.this is column:
        return "jsonb"
    if isinstance(parent, (exp.ArrayOverlaps, exp.ArrayContainsAll)):
        other = parent.expression
        text = other.this if isinstance(other, exp.Literal) else ""
        return "jsonb" if text[:1] in ("{", "[") and '"' in text else "text[]"
    if isinstance(parent, (exp.Sum, exp.Avg)):
        return "numeric"
    if isinstance(parent, exp.Coalesce):
        literal = next(parent.find_all(exp.Literal, exp.Boolean), None)
        return _of_literal(literal) if literal is not None else None
    if isinstance(parent, _TEXTUAL):
        return "text"
    if isinstance(parent, (exp.And, exp.Where, exp.Not)) or (
        isinstance(parent, exp.Is) and isinstance(parent.expression, exp.Boolean)
    ):
        return "boolean"
    if isinstance(parent, _COMPARED):
        for literal in parent.find_all(exp.Literal, exp.Boolean, exp.CurrentTimestamp, exp.Interval):
            if literal.find_ancestor(exp.Query) is column.find_ancestor(exp.Query):
                return _of_literal(literal)
    return None


def _of_literal(literal: exp.Expr) -> str:
    if isinstance(literal, (exp.CurrentTimestamp, exp.Interval)) or literal.find_ancestor(exp.Interval):
        return "timestamptz"
    if isinstance(literal, exp.Boolean):
        return "boolean"
    if literal.is_string:
        return "timestamptz" if _DATE_TEXT.search(literal.this) else "text"
    return "numeric" if "." in literal.this else "bigint"
