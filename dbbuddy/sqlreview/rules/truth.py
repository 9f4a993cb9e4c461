"""What a condition is for every row: true, false, or not known without reading one."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlglot import exp

from dbbuddy.sqlreview.rules.view import Node, conjuncts, disjuncts

_ORDER: dict[type, Callable[[Any, Any], bool]] = {
    exp.EQ: lambda a, b: a == b,
    exp.NEQ: lambda a, b: a != b,
    exp.LT: lambda a, b: a < b,
    exp.LTE: lambda a, b: a <= b,
    exp.GT: lambda a, b: a > b,
    exp.GTE: lambda a, b: a >= b,
}
Value = Decimal | str | bool


def truth(node: Node) -> bool | None:
    """True, false, or `None` if rows decide. Never true counts as false: a comparison with NULL too."""
    plain = node.unnest()
    if isinstance(plain, exp.And | exp.Or):
        decisive = isinstance(plain, exp.Or)
        known = [truth(part) for part in (disjuncts(plain) if decisive else conjuncts(plain))]
        if decisive in known:
            return decisive
        return None if None in known else not decisive
    if isinstance(plain, exp.Not):
        inner = truth(plain.this)
        return None if inner is None else not inner
    if isinstance(plain, exp.Boolean):
        return bool(plain.this)
    if isinstance(plain, exp.Cast) and isinstance(plain.this, exp.Literal):
        return True
    if isinstance(plain, exp.Literal):
        return _literal_truth(plain)
    if isinstance(plain, exp.Between):
        low, high = _value(plain.args["low"]), _value(plain.args["high"])
        return False if low is not None and high is not None and _comparable(low, high) and low > high else None  # type: ignore[operator]
    if type(plain) in _ORDER:
        left_value, right_value = _value(plain.this), _value(plain.expression)
        if left_value is None or right_value is None:
            return None
        if not _comparable(left_value, right_value):
            return isinstance(plain, exp.NEQ) or None
        return bool(_ORDER[type(plain)](left_value, right_value))
    return None


def _literal_truth(node: exp.Literal) -> bool:
    """A bare literal as a condition (MySQL): a string counts as the number that it begins with, or for any engine as meant."""
    value = _value(node)
    if isinstance(value, Decimal):
        return value != 0
    return str(value).strip() not in ("0", "", "false", "f")


def _comparable(left: Value, right: Value) -> bool:
    return type(left) is type(right)


def _value(node: Node) -> Value | None:
    plain = node.unnest()
    if isinstance(plain, exp.Boolean):
        return bool(plain.this)
    if isinstance(plain, exp.Neg):
        inner = _value(plain.this)
        return -inner if isinstance(inner, Decimal) else None
    if not isinstance(plain, exp.Literal):
        return None
    if plain.is_string:
        return str(plain.this)
    try:
        return Decimal(plain.this)
    except InvalidOperation:
        return None
