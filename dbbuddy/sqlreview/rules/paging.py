"""Paging, sorting and grouping."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import Node, View, conjuncts, literal, own_columns, query_of
from dbbuddy.sqlreview.schema import Table

DEEP_OFFSET = 1000
_LIMITS = ("limit", "fetch")


def _limit(query: Node) -> Node | None:
    return query.args.get("limit")


def _count(query: Node) -> str | None:
    limit = _limit(query)
    value = limit.args.get("count") or limit.expression if limit is not None else None
    return literal(value)


def deep_offset(statement: Statement, context: ReviewContext, *, deep: int = DEEP_OFFSET) -> Iterator[Found]:
    """OFFSET of more than `deep` rows, or of a parameter that a page number sets: all rows before it are read and dropped."""
    view = context.view(statement)
    deep = int(context.thresholds.get("page.deep-offset", deep))
    for offset in view.nodes(exp.Offset):
        value = literal(offset.expression)
        if value is not None and value.isdigit():
            if int(value) > deep:
                yield at("page.deep-offset", statement, offset, offset=value)
        elif offset.find(exp.Parameter, exp.Placeholder):
            yield at("page.deep-offset", statement, offset, severity="low", offset=sql(offset.expression, statement))


def limit_order(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """LIMIT, TOP or FETCH FIRST without ORDER BY: which rows come is chance. And paging by an order that is not unique."""
    view = context.view(statement)
    for select in view.selects:
        limit = _limit(select)
        if limit is None or isinstance(select.parent, exp.Exists) or not select.args.get("from_"):
            continue
        order = select.args.get("order")
        if order is None:
            one_row = all(isinstance(item.unalias(), exp.AggFunc) for item in select.expressions) and not select.args.get("group")
            constant = all(isinstance(item.unalias(), exp.Literal) for item in select.expressions)
            if not one_row and not constant and _count(select) != "0" and not _by_key(view, select):
                yield at("page.limit-no-order", statement, limit, severity="low" if _count(select) == "1" else None)
        elif select.args.get("offset") is not None or _is_keyset(select, order):
            table = _only_table(view, select)
            names = [ordered.this.name.lower() for ordered in order.expressions if isinstance(ordered.this, exp.Column)]
            if table is not None and table.indexes and not has_key(table, set(names)):
                key = table.primary_key
                yield at(
                    "page.nonunique-order",
                    statement,
                    order,
                    order=sql(order, statement),
                    table=table.name,
                    key=", ".join(filter(None, key.columns)) if key else "a unique column",
                )


def _is_keyset(select: exp.Select, order: Node) -> bool:
    where = select.args.get("where")
    first = order.expressions[0].this
    parts = conjuncts(where.this) if where is not None else []
    return any(isinstance(part, exp.GT | exp.LT) and part.this == first for part in parts)


def _only_table(view: View, select: exp.Select) -> Table | None:
    sources = list(view.sources(select).values())
    return view.base_table(sources[0]) if len(sources) == 1 else None


def has_key(table: Table, names: set[str]) -> bool:
    """True if the names hold all columns of a primary or unique key."""
    return any(index.unique or index.primary for index in table.indexes) and any(
        {(name or "?").lower() for name in index.columns} <= names for index in table.indexes if index.unique or index.primary
    )


def _by_key(view: View, select: exp.Select) -> bool:
    """True if equalities on a unique key allow one row at most."""
    table = _only_table(view, select)
    where = select.args.get("where")
    if table is None or where is None:
        return False
    equal = {
        part.this.name.lower() for part in conjuncts(where.this) if isinstance(part, exp.EQ) and isinstance(part.this, exp.Column)
    }
    return has_key(table, equal)


def rownum_with_order(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Oracle numbers rows before it sorts them: ROWNUM and ORDER BY at one level give any rows, then sorted."""
    view = context.view(statement)
    if context.engine not in ("oracle", None):
        return
    for column in [*view.nodes(exp.Column), *view.nodes(exp.Pseudocolumn)]:
        select = query_of(column)
        if (
            column.name.upper() == "ROWNUM"
            and column.find_ancestor(exp.Where)
            and isinstance(select, exp.Select)
            and select.args.get("order")
        ):
            yield at("page.rownum-with-order", statement, column)


def orders(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """ORDER BY a random number, an expression, a position, a constant, mixed directions, or columns of several tables."""
    view = context.view(statement)
    for order in view.nodes(exp.Order):
        select = order.parent
        if not isinstance(select, exp.Select | exp.Union | exp.Update | exp.Delete):
            continue
        items = [ordered.this for ordered in order.expressions]
        yield from _each_order(statement, view, order, select, items)
        directions = {bool(ordered.args.get("desc")) for ordered in order.expressions if isinstance(ordered.this, exp.Column)}
        if len(directions) > 1 and not _index_in_order(view, select, order):
            yield at("sort.mixed-direction", statement, order, order=sql(order, statement))
        if len({name for item in items if (name := table_name(view, item))}) > 1:
            yield at("sort.several-tables", statement, order, order=sql(order, statement))


def _each_order(statement: Statement, view: View, order: Node, select: Node, items: list[Node]) -> Iterator[Found]:
    computed = (
        {item.alias.lower() for item in select.expressions if isinstance(item, exp.Alias) and computes(item.this)}
        if isinstance(select, exp.Select) and not select.args.get("group")
        else set()
    )
    where = select.args.get("where")
    fixed = {part.this.name.lower() for part in conjuncts(where.this if where is not None else None) if one_value(part)}
    for item in items:
        if isinstance(item, exp.Rand | exp.Uuid) or (isinstance(item, exp.Anonymous) and item.name.upper() in ("NEWID", "RANDOM")):
            yield at("sort.random", statement, item, expression=sql(item, statement))
        elif isinstance(item, exp.Literal):
            yield at("sort.ordinal", statement, item, position=item.this)
            if isinstance(select, exp.Select) and item.this.isdigit() and 0 < int(item.this) <= len(select.expressions):
                selected = select.expressions[int(item.this) - 1].unalias()
                if isinstance(selected, exp.Column) and selected.name.lower() in fixed:
                    yield at("sort.constant", statement, item, column=selected.name)
        elif isinstance(item, exp.Column) and item.name.lower() in fixed:
            yield at("sort.constant", statement, item, column=item.name)
        elif (own_columns(item) and computes(item)) or (
            isinstance(item, exp.Column) and not item.table and item.name.lower() in computed
        ):
            yield at("sort.expression", statement, item, expression=sql(item, statement))


def one_value(part: Node) -> bool:
    """True if a condition lets its column have one value only."""
    if isinstance(part, exp.In) and isinstance(part.this, exp.Column):
        return len(part.expressions) == 1 and isinstance(part.expressions[0], exp.Literal)
    return isinstance(part, exp.EQ) and isinstance(part.this, exp.Column) and isinstance(part.expression, exp.Literal)


def computes(item: Node) -> bool:
    """True for an expression over columns that is no aggregate, window or CASE."""
    plain = item.unnest()
    return (
        isinstance(plain, exp.Func | exp.Binary)
        and not isinstance(plain, exp.AggFunc | exp.Window | exp.Dot | exp.Case)
        and bool(own_columns(plain))
        and plain.find(exp.AggFunc) is None
    )


def _index_in_order(view: View, select: Node, order: Node) -> bool:
    """True if an index has just these columns in just these directions, or all of them reversed."""
    wanted = [(ordered.this.name.lower(), bool(ordered.args.get("desc"))) for ordered in order.expressions]
    for source in view.sources(select).values() if isinstance(select, exp.Select) else ():
        table = view.base_table(source)
        for index in table.indexes if table else ():
            keys = [((key.column or "").lower(), key.descending) for key in index.keys]
            for offset in range(len(keys)):
                part = keys[offset : offset + len(wanted)]
                if part == wanted or part == [(name, not descending) for name, descending in wanted]:
                    return True
    return False


def table_name(view: View, item: Node) -> str:
    """The name under which a column's table stands in the query; empty if it cannot be told."""
    if not isinstance(item, exp.Column):
        return ""
    source = view.source(item)
    return item.table.lower() or (source.alias_or_name.lower() if source is not None else "")


RULES = (deep_offset, limit_order, rownum_with_order, orders)
