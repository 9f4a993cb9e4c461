"""Conditions put together otherwise: IN for OR, UNION ALL for OR, NOT EXISTS for NOT IN, without what is always true."""

from __future__ import annotations

from sqlglot import exp

from dbbuddy.sqlreview.rewrites.splice import faithful, text_of, with_args, with_replaced
from dbbuddy.sqlreview.rules.view import Node, View


def as_in(view: View, node: Node, arms: list[Node]) -> str | None:
    """`a = 1 OR a = 2` as `a IN (1, 2)`."""
    values: list[Node] = []
    for arm in arms:
        values += arm.expressions if isinstance(arm, exp.In) else [arm.expression]
    new = exp.In(this=arms[0].this.copy(), expressions=[value.copy() for value in _unique(values)])
    return with_replaced(view, node, new)


def _unique(values: list[Node]) -> list[Node]:
    return list({value.sql(): value for value in values}.values())


def without_duplicates(view: View, within: Node) -> str | None:
    """IN with each value once."""
    new = exp.In(this=within.this.copy(), expressions=[value.copy() for value in _unique(within.expressions)])
    return with_replaced(view, within, new)


def without_true(view: View, condition: Node) -> str | None:
    """The statement without a condition that is always true and that AND joins, or without its whole WHERE."""
    node = condition
    while isinstance(node.parent, exp.Paren):
        node = node.parent
    parent = node.parent
    if isinstance(parent, exp.Where) and isinstance(parent.parent, exp.Select):
        return with_args(view, parent.parent, where=None)
    if not isinstance(parent, exp.And):
        return None
    rest = parent.expression if parent.this is node else parent.this
    return with_replaced(view, parent, rest.copy())


def not_exists(view: View, negation: Node, within: Node) -> str | None:
    """`x NOT IN (SELECT y ...)` as NOT EXISTS; the caller knows that neither x nor y is ever NULL."""
    query = within.args["query"]
    select = query.unnest() if isinstance(query, exp.Subquery) else query
    outer = within.this
    if not isinstance(select, exp.Select) or not isinstance(outer, exp.Column) or not outer.table or not _plain(select):
        return None
    inner = select.copy()
    own = {source.alias_or_name.lower() for source in view.sources(select).values()}
    if outer.table.lower() in own or (any(not column.table for column in select.find_all(exp.Column)) and len(own) != 1):
        return None
    item = inner.expressions[0].unalias()
    item = exp.column(item.name, table=item.table or next(iter(own)), quoted=item.this.quoted)
    inner.set("expressions", [exp.Literal.number(1)])
    inner.where(exp.EQ(this=item, expression=outer.copy()), copy=False)
    return with_replaced(view, negation, exp.Not(this=exp.Exists(this=inner)))


def _plain(select: exp.Select) -> bool:
    return not any(select.args.get(name) for name in ("group", "having", "limit", "offset", "distinct", "windows", "with_"))


def as_union(view: View, node: Node, arms: list[Node]) -> str | None:
    """`a = 1 OR b = 2` as two queries, the second leaving out what the first has: duplicates and NULLs stay as they are.

    For PostgreSQL, MySQL and MariaDB, whose IS NOT TRUE says it; for two arms that are the whole WHERE of a plain SELECT.
    """
    where = node.parent
    while isinstance(where, exp.Paren):
        where = where.parent
    select = where.parent if isinstance(where, exp.Where) else None
    if view.statement.engine not in ("postgresql", "mysql", "mariadb") or len(arms) != 2 or select is not view.tree:
        return None
    if not isinstance(select, exp.Select) or not _plain(select) or select.args.get("order") or select.args.get("locks"):
        return None
    if not faithful(view.statement) or select.find(exp.AggFunc, exp.Window) or select.find(exp.Rand, exp.Uuid):
        return None
    first, second = select.copy(), select.copy()
    first.set("where", exp.Where(this=arms[0].copy()))
    excluded = exp.Not(this=exp.Is(this=exp.Paren(this=arms[0].copy()), expression=exp.Boolean(this=True)))
    second.set("where", exp.Where(this=exp.And(this=arms[1].copy(), expression=excluded)))
    return text_of(view, exp.Union(this=first, expression=second, distinct=False))
