"""Conditions that keep an index on the column from being used."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import expressions as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import COMPARISONS, Node, View, conjuncts, is_constant, is_null, literal, own_columns
from dbbuddy.sqlreview.schema import Table

_PREDICATES = (*COMPARISONS, exp.Like, exp.ILike, exp.Between, exp.In)
_ARITHMETIC = (
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.Div,
    exp.IntDiv,
    exp.Mod,
    exp.Neg,
    exp.BitwiseNot,
    exp.DPipe,
    exp.BitwiseAnd,
    exp.BitwiseOr,
)
_DATE_PARTS = (
    exp.Year,
    exp.Month,
    exp.Day,
    exp.Date,
    exp.TsOrDsToDate,
    exp.TimestampTrunc,
    exp.DateTrunc,
    exp.Extract,
    exp.TimeToStr,
)
_DATE_NAMES = frozenset(("TRUNC", "TO_CHAR", "DATEPART", "DATE_FORMAT", "DATENAME", "EOMONTH", "TO_DATE", "MONTHNAME", "DAYNAME"))
_JSON = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONBExtract, exp.JSONBExtractScalar, exp.JSONValue)
_DATE_TYPES = ("date", "time", "datetime", "smalldatetime")


def function_on_column(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A function, cast or calculation around a column that is compared: no index on the column serves the comparison.

    High where the column is known to be indexed, low where the table is known and no index is lost.
    """
    view = context.view(statement)
    for predicate in view.nodes(*_PREDICATES):
        if not view.filters(predicate):
            continue
        for side, other in _sides(predicate):
            columns = own_columns(side)
            if (
                isinstance(side, exp.Column)
                or not columns
                or not _compares(view, columns, other)
                or side.find(exp.AggFunc, exp.Window)
            ):
                continue
            rule = _rule_of(side)
            if rule is None:
                continue
            severity = _severity(view, columns, side, statement)
            if severity is None:
                continue
            yield at(
                rule,
                statement,
                side,
                severity=severity,
                rewrite=rewrites.sargable(view, predicate, side, other),
                expression=sql(side, statement),
                column=columns[0].name,
                predicate=sql(predicate, statement),
            )
            break


def _sides(predicate: Node) -> Iterator[tuple[Node, Node | None]]:
    left = predicate.this.unnest()
    if isinstance(predicate, exp.Between):
        yield left, predicate.args["low"]
    elif isinstance(predicate, exp.In):
        yield left, None
    else:
        right = predicate.expression.unnest()
        yield left, right
        if not isinstance(predicate, exp.Like | exp.ILike):
            yield right, left


def _compares(view: View, columns: list[exp.Column], other: Node | None) -> bool:
    """True if the other side is known before the row of the column is read: a constant, or columns of other tables."""
    if other is None:
        return True
    own = {column.table.lower() for column in columns}
    opposite = {column.table.lower() for column in own_columns(other)}
    if not opposite:
        return True
    if "" not in own and "" not in opposite:
        return not own & opposite
    query_sources = view.sources(columns[0].find_ancestor(exp.Select, exp.Update, exp.Delete, exp.Merge) or columns[0])
    return len(query_sources) > 1 and not {column.name.lower() for column in columns} & {c.name.lower() for c in own_columns(other)}


def _rule_of(side: Node) -> str | None:
    if isinstance(side, _JSON) or side.find(*_JSON):
        return "pred.json-path-no-index"
    if isinstance(side, exp.Coalesce):
        return "pred.nvl-coalesce-column"
    if (
        isinstance(side, _DATE_PARTS)
        or (isinstance(side, exp.Anonymous) and side.name.upper() in _DATE_NAMES)
        or _casts_to_date(side)
    ):
        return "pred.date-func-range"
    if isinstance(side, _ARITHMETIC):
        return "pred.arith-on-column"
    if isinstance(side, exp.Cast | exp.TryCast | exp.Convert | exp.Func) and not isinstance(side, exp.And | exp.Or):
        return "pred.func-on-column"
    return None


def _casts_to_date(side: Node) -> bool:
    kind = side.args.get("to") if isinstance(side, exp.Cast) else side.this if isinstance(side, exp.Convert) else None
    return isinstance(kind, exp.DataType) and kind.this in (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP)


def _severity(view: View, columns: list[exp.Column], side: Node, statement: Statement) -> Severity | None:
    """`None` if an index on the expression exists or the expression is one of a table that has none to lose."""
    table = next((found for column in columns if (found := view.table_of(column)) is not None), None)
    if table is None:
        return "medium"
    if _expression_indexed(table, sql(side, statement)):
        return None
    names = {column.name.lower() for column in columns}
    indexed = any((key or "").lower() in names for index in table.indexes for key in index.columns)
    return "high" if indexed else "low"


def _expression_indexed(table: Table, text: str) -> bool:
    wanted = _plain(text)
    return any(key.expression and _plain(key.expression) == wanted for index in table.indexes for key in index.keys)


def _plain(text: str) -> str:
    return "".join(char for char in text.lower() if char not in ' ()"`[]').rpartition(".")[2]


def between_dates(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """BETWEEN with a date as its upper end on a column that holds times: the last day ends at midnight, when it begins."""
    view = context.view(statement)
    for between in view.nodes(exp.Between):
        upper = literal(between.args["high"])
        column = between.this
        if upper is None or not isinstance(column, exp.Column) or not _is_date(upper):
            continue
        table = view.table_of(column)
        known = table.column(column.name) if table else None
        if known is not None and not known.type.startswith(("timestamp", "datetime", "smalldatetime")):
            continue
        if known is None and not column.name.lower().endswith(("_at", "time", "timestamp", "_ts")):
            continue
        yield at("pred.between-timestamp", statement, between, column=column.name, upper=upper)


def _is_date(text: str) -> bool:
    parts = text.strip().split("-")
    return len(parts) == 3 and all(part.isdigit() for part in parts) and len(parts[0]) == 4


def negative_only(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """All that chooses rows is a negative condition: most rows qualify, and an index helps little."""
    view = context.view(statement)
    for where in view.nodes(exp.Where):
        parts = [part for part in conjuncts(where.this) if own_columns(part)]
        if parts and all(_negative(part) for part in parts):
            yield at("pred.not-equal-driving", statement, where.this, predicate=sql(where.this, statement))
        elif parts and all(isinstance(part, exp.Is) and is_null(part.expression) for part in parts):
            yield at("pred.null-driving", statement, where.this, predicate=sql(where.this, statement))


def _negative(part: Node) -> bool:
    if isinstance(part, exp.Or):
        return any(_negative(side.unnest()) for side in (part.this, part.expression))
    if isinstance(part, exp.NEQ):
        return is_constant(part.expression) or is_constant(part.this)
    if isinstance(part, exp.Not):
        inner = part.this.unnest()
        if isinstance(inner, exp.Is):
            return True
        return isinstance(inner, exp.Like | exp.ILike | exp.Between) or (isinstance(inner, exp.In) and not inner.args.get("query"))
    return False


RULES = (function_on_column, between_dates, negative_only)
