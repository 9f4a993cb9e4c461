"""Grouped queries put otherwise."""

from __future__ import annotations

from sqlglot import exp

from dbbuddy.sqlreview.rewrites.splice import with_args, with_replaced
from dbbuddy.sqlreview.rules.view import Node, View, conjuncts
from dbbuddy.sqlreview.schema import Column


def having_to_where(view: View, select: exp.Select, movable: list[Node]) -> str | None:
    """Conditions on grouped columns moved from HAVING to WHERE: rows go before they are grouped instead of the groups."""
    having = select.args["having"].this
    names = {column.name.lower() for part in movable for column in part.find_all(exp.Column)}
    if any(isinstance(item, exp.Alias) and item.alias.lower() in names for item in select.expressions):
        return None
    rest = [part.copy() for part in conjuncts(having) if all(part is not moved for moved in movable)]
    where = select.args.get("where")
    kept = [where.this.copy()] if where is not None else []
    new_where = exp.Where(this=exp.and_(*kept, *(part.copy() for part in movable), copy=False))
    new_having = exp.Having(this=exp.and_(*rest, copy=False)) if rest else None
    return with_args(view, select, where=new_where, having=new_having)


def count_star(view: View, count: Node, inner: Node, column: Column | None) -> str | None:
    """COUNT(1) and COUNT of a column that is never NULL as COUNT(*)."""
    literal = isinstance(inner, exp.Literal)
    if not literal and (column is None or column.nullable or count.find_ancestor(exp.Select) is not view.tree or _outer(view)):
        return None
    return with_replaced(view, count, exp.Count(this=exp.Star(), big_int=count.args.get("big_int")))


def _outer(view: View) -> bool:
    return any(join.args.get("side") for join in view.nodes(exp.Join))
