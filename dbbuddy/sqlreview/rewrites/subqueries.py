"""Subqueries put otherwise: EXISTS for a count, no second reading of the same table, no sort for nobody."""

from __future__ import annotations

from sqlglot import exp

from dbbuddy.sqlreview.rewrites.splice import with_args, with_replaced
from dbbuddy.sqlreview.rules.view import Node, View, conjuncts


def as_exists(view: View, predicate: Node, select: exp.Select, wanted: bool) -> str | None:
    """`(SELECT COUNT(*) ...) > 0` as EXISTS, `= 0` as NOT EXISTS; of COUNT(column) only with its NULLs left out, so not at all."""
    counted = select.expressions[0].unalias()
    if select.args.get("limit") or select.args.get("having") or select.args.get("distinct") or select.args.get("offset"):
        return None
    if not (isinstance(counted.this, (exp.Star, exp.Literal))):
        return None
    inner = select.copy()
    inner.set("expressions", [exp.Literal.number(1)])
    inner.set("order", None)
    found: Node = exp.Exists(this=inner)
    return with_replaced(view, predicate, found if wanted else exp.Not(this=found))


def without_self_in(view: View, within: exp.In, select: exp.Select, source: Node) -> str | None:
    """`id IN (SELECT id FROM t WHERE p)` over t itself as `p`, where id is the primary key."""
    table = view.base_table(source)
    key = table.primary_key if table else None
    item = select.expressions[0].unalias() if len(select.expressions) == 1 else None
    names = [(name or "").lower() for name in key.columns] if key else []
    if not isinstance(item, exp.Column) or names != [within.this.name.lower()] or item.name.lower() != names[0]:
        return None
    blocked = ("joins", "group", "having", "limit", "offset", "distinct", "with_", "laterals", "windows")
    if any(select.args.get(name) for name in blocked) or len(view.sources(select)) != 1 or isinstance(within.parent, exp.Not):
        return None
    where = select.args.get("where")
    if where is None or where.find(exp.Select):
        return None
    condition = where.this.copy()
    inner_name = next(iter(view.sources(select)))
    for column in [condition] if isinstance(condition, exp.Column) else list(condition.find_all(exp.Column)):
        if column.table and column.table.lower() != inner_name:
            return None
        column.set("table", exp.to_identifier(source.alias_or_name))
    return with_replaced(view, within, exp.Paren(this=condition))


def without_order(view: View, select: exp.Select) -> str | None:
    """A subquery of IN or EXISTS without its ORDER BY."""
    return with_args(view, select, order=None)


def disjoint_arms(union: Node) -> bool:
    """True if each arm is DISTINCT by itself and demands another literal of the same selected column."""
    arms = [arm.unnest() for arm in (union.this, union.expression)]
    if not all(isinstance(arm, exp.Select) and arm.args.get("distinct") for arm in arms):
        return False
    first, second = arms
    for left, right in zip(first.expressions, second.expressions, strict=False):
        one, two = _demanded(first, left), _demanded(second, right)
        if one is not None and two is not None and one[0] == two[0] and one[1].casefold().strip() != two[1].casefold().strip():
            return True
    return False


def _demanded(select: exp.Select, item: Node) -> tuple[bool, str] | None:
    """The literal (whether it is a string, and its text) that a selected column must equal, or that is selected itself."""
    plain = item.unalias()
    found = plain if isinstance(plain, exp.Literal) else None
    where = select.args.get("where")
    for part in conjuncts(where.this) if where is not None else ():
        if isinstance(part, exp.EQ) and part.this == plain and isinstance(part.expression, exp.Literal):
            found = part.expression
    return (found.is_string, found.this) if found is not None else None


def as_union_all(view: View, union: Node) -> str | None:
    """The UNION as UNION ALL; the caller knows that there are no duplicates."""
    return with_args(view, union, distinct=False)
