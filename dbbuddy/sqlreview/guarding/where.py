"""Whether the WHERE of an UPDATE or DELETE leaves any row out."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from dbbuddy.sqlreview.lexer import Token
from dbbuddy.sqlreview.rules.truth import truth

_NOTHING_BELOW = ("-1", "0", "1")


def vacuous(condition: exp.Expr) -> str | None:
    """Why a condition holds for (practically) every row; `None` if it may leave rows out."""
    plain = condition.unnest()
    if truth(plain) is True:
        return "its WHERE is always true"
    if isinstance(plain, exp.Or):
        sides = [vacuous(side) for side in (plain.this, plain.expression)]
        return next((side for side in sides if side), None) or _complement(plain)
    if isinstance(plain, exp.And):
        sides = [vacuous(side) for side in (plain.this, plain.expression)]
        return sides[0] if all(sides) else None
    if isinstance(plain, exp.Not):
        return _negated(plain.this.unnest())
    return _single(plain)


def _single(node: exp.Expr) -> str | None:
    if isinstance(node, exp.Is) and node.args.get("negate") and isinstance(node.expression, exp.Null):
        return "its WHERE only leaves out NULLs"
    if isinstance(node, exp.EQ | exp.GTE | exp.LTE | exp.NullSafeEQ) and node.this.sql() == node.expression.sql():
        return "its WHERE compares a value with itself"
    if isinstance(node, exp.GT | exp.GTE) and isinstance(node.this, exp.Column) and node.expression.sql() in _NOTHING_BELOW:
        rownum = node.this.name.upper() == "ROWNUM"
        return "its WHERE holds for every row" if rownum or isinstance(node, exp.GTE) or node.expression.sql() != "1" else None
    if isinstance(node, exp.Like | exp.ILike) and node.expression.name.strip("%") == "" and "%" in node.expression.name:
        return "its WHERE is LIKE '%'"
    if isinstance(node, exp.Exists):
        query = node.this
        if (
            isinstance(query, exp.Select)
            and not query.args.get("from_")
            and not query.args.get("from")
            and not query.args.get("where")
        ):
            return "its WHERE is always true"
    if isinstance(node, exp.Literal) and node.is_string:
        return "its WHERE is a constant"
    if isinstance(node, exp.In):
        query = node.args.get("query")
        inner = query.unnest() if query is not None else None
        if (
            isinstance(inner, exp.Select)
            and not inner.args.get("where")
            and not inner.args.get("joins")
            and not inner.args.get("limit")
        ):
            own = node.this.name if isinstance(node.this, exp.Column) else ""
            if own and [item.alias_or_name for item in inner.expressions] == [own] and _same_table(node, inner):
                return "its WHERE names every value of the column"
    if not node.find(exp.Column) and truth(node) is not False:
        return "its WHERE asks for no column"
    return None


def _same_table(node: exp.Expr, query: exp.Select) -> bool:
    """True if a subquery reads the table that the statement changes."""
    statement = node.find_ancestor(exp.Delete, exp.Update)
    target = statement.this.name if statement is not None and isinstance(statement.this, exp.Table) else ""
    return bool(target) and [table.name for table in query.find_all(exp.Table)] == [target]


def _negated(node: exp.Expr) -> str | None:
    if truth(node) is False:
        return "its WHERE is always true"
    if isinstance(node, exp.Is) and isinstance(node.expression, exp.Null):
        return "its WHERE only leaves out NULLs"
    return None


def _complement(node: exp.Or) -> str | None:
    """`x IS NULL OR x IS NOT NULL`, `x = 1 OR x <> 1`."""
    left, right = node.this.unnest(), node.expression.unnest()
    for one, other in ((left, right), (right, left)):
        if isinstance(other, exp.Not) and other.this.unnest().sql() == one.sql():
            return "its WHERE is always true"
        both = isinstance(one, exp.EQ) and isinstance(other, exp.NEQ)
        if both and (one.this.sql(), one.expression.sql()) == (other.this.sql(), other.expression.sql()):
            return "its WHERE is always true"
    return None


def vacuous_words(tokens: Sequence[Token]) -> str | None:
    """The same from the tokens behind WHERE, where there is no tree: constants compared, TRUE, a bare number."""
    words = [token.upper for token in tokens]
    for at, token in enumerate(tokens):
        behind = words[at + 1] if at + 1 < len(words) else ""
        before = words[at - 1] if at else "WHERE"
        opens = before in ("WHERE", "OR", "(", "AND", "NOT")
        closes = behind in ("", ")", "OR", "AND", ";", "RETURNING", "LIMIT", "ORDER")
        if opens and closes and (words[at] == "TRUE" or token.kind in ("number", "string")):
            return "its WHERE holds a constant"
        if behind in ("=", ">=", "<=", "<>", "!=", "<", ">", "LIKE") and at + 2 < len(tokens):
            other = tokens[at + 2]
            if token.kind in ("number", "string") and other.kind in ("number", "string"):
                return "its WHERE compares constants"
            if token.upper == other.upper and token.kind in ("word", "quoted") and behind in ("=", ">=", "<="):
                return "its WHERE compares a value with itself"
            if token.upper == "ROWNUM" and behind in (">", ">="):
                return "its WHERE holds for every row"
    return None
