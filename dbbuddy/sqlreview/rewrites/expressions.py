"""Conditions that say the same in a way that an index serves."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from sqlglot import exp

from dbbuddy.sqlreview.rewrites.splice import with_replaced
from dbbuddy.sqlreview.rules.view import Node, View, is_constant, literal

_FLIPPED: dict[type, type] = {exp.LT: exp.GT, exp.GT: exp.LT, exp.LTE: exp.GTE, exp.GTE: exp.LTE, exp.EQ: exp.EQ, exp.NEQ: exp.NEQ}
_WHOLE = ("int", "bigint", "smallint", "tinyint", "mediumint", "integer", "numeric", "decimal", "number", "serial", "bigserial")
_TIMES = ("timestamp", "datetime", "smalldatetime", "date")


def sargable(view: View, predicate: Node, side: Node, other: Node | None) -> str | None:
    """The comparison with the bare column on one side, where that is the same."""
    new = None
    if isinstance(side, exp.Add | exp.Sub) and other is not None:
        new = _moved(view, predicate, side, other)
    elif isinstance(side, exp.Coalesce) and other is not None:
        new = _without_coalesce(predicate, side, other)
    elif other is not None:
        new = _as_range(view, predicate, side, other)
    return with_replaced(view, predicate, new) if new is not None else None


def _column_type(view: View, column: exp.Column) -> str | None:
    table = view.table_of(column)
    known = table.column(column.name) if table else None
    return known.type if known else None


def _number(node: Node | None) -> Decimal | None:
    sign = -1 if isinstance(node, exp.Neg) else 1
    plain = node.this if isinstance(node, exp.Neg) else node
    if not isinstance(plain, exp.Literal) or plain.is_string:
        return None
    try:
        return sign * Decimal(plain.this)
    except InvalidOperation:
        return None


def _moved(view: View, predicate: Node, side: Node, other: Node) -> Node | None:
    """`col + 5 > 10` as `col > 5`, for whole numbers and decimals: floating-point numbers would round otherwise."""
    column, added, compared = side.this, _number(side.expression), _number(other)
    if type(predicate) not in _FLIPPED or not isinstance(column, exp.Column) or added is None or compared is None:
        return None
    kind = _column_type(view, column)
    if kind is None or not kind.startswith(_WHOLE) or added != int(added) or "unsigned" in kind:
        return None
    value = compared - added if isinstance(side, exp.Add) else compared + added
    operator = type(predicate) if predicate.this.unnest() is side else _FLIPPED[type(predicate)]
    number: Node = exp.Literal.number(str(abs(value)))
    return operator(this=column.copy(), expression=exp.Neg(this=number) if value < 0 else number)


def _without_coalesce(predicate: Node, side: Node, other: Node) -> Node | None:
    """`COALESCE(col, 0) = 1` as `col = 1`, and `= 0` as `(col = 0 OR col IS NULL)`, where NULL and false are one."""
    column, spare, wanted = side.this, side.expressions[0] if len(side.expressions) == 1 else None, other.unnest()
    if not isinstance(predicate, exp.EQ) or not isinstance(column, exp.Column) or not _drops_null(predicate):
        return None
    if not isinstance(spare, exp.Literal) or not isinstance(wanted, exp.Literal) or spare.is_string != wanted.is_string:
        return None
    equal = exp.EQ(this=column.copy(), expression=wanted.copy())
    if spare.this == wanted.this:
        return exp.Paren(this=exp.Or(this=equal, expression=exp.Is(this=column.copy(), expression=exp.Null())))
    if spare.is_string:
        different = spare.this.strip().casefold() != wanted.this.strip().casefold() and (spare.this + wanted.this).isascii()
    else:
        different = _number(spare) != _number(wanted)
    return equal if different else None


def _drops_null(predicate: Node) -> bool:
    """True if only ANDs stand between a predicate and its WHERE."""
    node = predicate.parent
    while isinstance(node, exp.And | exp.Paren):
        node = node.parent
    return isinstance(node, exp.Where)


def _as_range(view: View, predicate: Node, side: Node, other: Node) -> Node | None:
    """`DATE(col) = '2024-05-01'` and `YEAR(col) = 2024` as a half-open range, for columns known to hold dates or times."""
    columns = list(side.find_all(exp.Column))
    if not isinstance(predicate, exp.EQ) or len(columns) != 1 or not is_constant(other) or _expression_of(side, columns[0]) is None:
        return None
    kind = _column_type(view, columns[0])
    if kind is None or not kind.startswith(_TIMES):
        return None
    bounds = _bounds(_expression_of(side, columns[0]) or "", literal(other))
    if bounds is None:
        return None
    low: Node
    high: Node
    low, high = (exp.Literal.string(day.isoformat()) for day in bounds)
    if view.statement.engine == "oracle":
        low, high = (exp.cast(bound, "date") for bound in (low, high))
    return exp.Paren(
        this=exp.And(
            this=exp.GTE(this=columns[0].copy(), expression=low), expression=exp.LT(this=columns[0].copy(), expression=high)
        )
    )


def _expression_of(side: Node, column: exp.Column) -> str | None:
    """`day` or `year` if the expression is the day or the year of the bare column."""
    inner = side.this if isinstance(side, exp.Year) and isinstance(side.this, exp.TsOrDsToDate) else side
    if isinstance(side, exp.Year) and inner.this is column:
        return "year"
    if isinstance(side, exp.TsOrDsToDate | exp.Date) and side.this is column and not side.expressions:
        return "day"
    if isinstance(side, exp.Cast) and side.this is column and side.to.this == exp.DataType.Type.DATE:
        return "day"
    if (
        isinstance(side, exp.TimestampTrunc | exp.DateTrunc)
        and side.this is column
        and str(side.args.get("unit", "")).upper() == "DAY"
    ):
        return "day"
    return None


def _bounds(part: str, value: str | None) -> tuple[date, date] | None:
    try:
        if part == "year":
            return date(int(value or ""), 1, 1), date(int(value or "") + 1, 1, 1)
        day = date.fromisoformat(value or "")
        return day, day + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def like_to_equal(view: View, like: Node) -> str | None:
    """LIKE without a wildcard as an equality: the same in PostgreSQL alone, others pad or fold strings in one of the two."""
    if view.statement.engine != "postgresql":
        return None
    return with_replaced(view, like, exp.EQ(this=like.this.copy(), expression=like.expression.copy()))
