"""Joins put otherwise: INNER for a LEFT that keeps no row without a partner, EXISTS for a join that only multiplies, or none."""

from __future__ import annotations

from sqlglot import exp

from dbbuddy.sqlreview.rewrites.splice import faithful, text_of, with_args
from dbbuddy.sqlreview.rules.view import Node, View, own_columns


def as_inner(view: View, join: Node) -> str | None:
    """The LEFT JOIN as an INNER JOIN; the caller knows that WHERE lets no row without a partner pass."""
    return with_args(view, join, side=None, kind=None)


def dropped(view: View, select: exp.Select, join: Node) -> str | None:
    """The query without a LEFT JOIN on a unique key of which nothing is used."""
    rest = [other for other in select.args["joins"] if other is not join]
    return with_args(view, select, joins=rest)


def as_exists(view: View, select: exp.Select, silent: list[exp.Join]) -> str | None:
    """DISTINCT and a join as EXISTS, where the selected columns hold a key of the only other table."""
    joins = select.args.get("joins") or []
    from_ = select.args.get("from_")
    if len(joins) != 1 or silent != joins or joins[0].side or joins[0].args.get("on") is None or not faithful(view.statement):
        return None
    if select.args.get("limit") or select.args.get("offset") or select is not view.tree or select.args.get("locks"):
        return None
    table = view.base_table(from_.this) if from_ is not None else None
    items = [item.unalias() for item in select.expressions]
    if table is None or not all(isinstance(item, exp.Column) for item in items):
        return None
    selected = {item.name.lower() for item in items}
    key = table.primary_key
    if key is None or not ({(name or "").lower() for name in key.columns} <= selected or "*" in selected):
        return None
    inner = exp.Select(expressions=[exp.Literal.number(1)], from_=exp.From(this=joins[0].this.copy()))
    joined = joins[0].this.alias_or_name.lower()
    moved: list[Node] = [joins[0].args["on"].copy()]
    kept: list[Node] = []
    where = select.args.get("where")
    for part in (
        where.this.flatten() if where is not None and isinstance(where.this, exp.And) else [where.this] if where is not None else []
    ):
        columns = own_columns(part)
        if any(not column.table for column in columns) or part.find(exp.Select):
            return None
        (moved if any(column.table.lower() == joined for column in columns) else kept).append(part.copy())
    order = select.args.get("order")
    if order is not None and any(column.table.lower() == joined for column in order.find_all(exp.Column)):
        return None
    inner.set("where", exp.Where(this=exp.and_(*moved, copy=False)))
    new = select.copy()
    new.set("distinct", None)
    new.set("joins", None)
    new.set("where", exp.Where(this=exp.and_(*kept, exp.Exists(this=inner), copy=False)))
    return text_of(view, new)
