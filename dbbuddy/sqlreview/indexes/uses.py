"""What a statement asks of each of its tables: conditions, joins, order, grouping, and the columns it reads."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import Scope

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.assumptions import is_key
from dbbuddy.sqlreview.indexes.model import Key
from dbbuddy.sqlreview.indexes.operands import is_constant, operand_of
from dbbuddy.sqlreview.indexes.places import Places, TableUse, places_of
from dbbuddy.sqlreview.indexes.predicates import Reader
from dbbuddy.sqlreview.indexes.queries import finding_query
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.schema import Schema

_WRITING = ("update", "delete", "merge")
# Null order that an engine gives without being told, for ascending keys; descending is the reverse.
_NULLS_FIRST: dict[Engine, bool] = {"postgresql": False, "oracle": False, "mysql": True, "mariadb": True, "sqlserver": True}


def uses_of(statement: Statement, schema: Schema, views: dict[str, exp.Query], engine: Engine | None) -> list[TableUse]:
    """The tables of a statement; none if it looks for no rows or was not understood."""
    return read_uses(statement, schema, views, engine)[0]


def read_uses(
    statement: Statement, schema: Schema, views: dict[str, exp.Query], engine: Engine | None
) -> tuple[list[TableUse], list[str]]:
    """The tables of a statement, and the columns of which it is not known whose they are."""
    query = finding_query(statement, views)
    if query is None:
        return [], []
    try:
        places = places_of(query, statement.index, schema, statement.kind in _WRITING)
    except (SqlglotError, RecursionError, KeyError, AttributeError):
        return [], []
    for scope in places.scopes:
        Reader(scope, places, engine).read()
        _columns(scope, places)
        _order(scope, places, engine)
    return places.uses, list(dict.fromkeys(places.homeless))


def _columns(scope: Scope, places: Places) -> None:
    """Which columns the scope reads; a star reads them all."""
    aliases = {part.alias.lower() for part in scope.expression.expressions if isinstance(part, exp.Alias)}
    for column in scope.find_all(exp.Column):
        if not column.table and column.name.lower() in aliases and column.find_ancestor(exp.Order, exp.Group, exp.Having):
            continue
        place = places.resolve(column, scope, anyhow=True)
        if place is not None and place[1] not in place[0].used:
            place[0].used.append(place[1])
    handed_on = [inner for _, inner in scope.selected_sources.values() if isinstance(inner, Scope)]
    exists = isinstance(scope.expression.parent, exp.Exists)
    for projection in scope.expression.expressions:
        star = isinstance(projection, exp.Star) or (isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star))
        if not star or exists:
            continue
        wanted = projection.table.lower() if isinstance(projection, exp.Column) else ""
        for use in places.uses_in(scope):
            use.star = use.star or not wanted or use.reference.alias_or_name.lower() == wanted
        for inner in handed_on:
            for use in places.uses_in(inner):
                use.star = use.star or any(part.is_star for part in inner.expression.expressions)


def _order(scope: Scope, places: Places, engine: Engine | None) -> None:
    select = scope.expression
    limited = any(select.args.get(key) is not None for key in ("limit", "offset")) or _by_rownum(select)
    group = select.args.get("group")
    distinct = select.args.get("distinct")
    grouped = list(_items(group.expressions, select)) if group is not None and group.expressions else []
    if grouped and select.args.get("where") and not any(use.predicates or use.joins for use in places.uses_in(scope)):
        grouped = []
    if distinct is not None and not grouped:
        chosen = distinct.args.get("on")
        grouped = chosen.expressions if chosen is not None else [projection.unalias() for projection in select.expressions]
    ordered = select.args["order"].expressions if select.args.get("order") else []
    if not ordered and not grouped:
        ordered = _extreme(select)
        limited = limited or bool(ordered)
    for use in {use.number: use for use in places.uses_in(scope)}.values():
        use.limited = limited
    _give(list(_items([item.this for item in ordered], select)), ordered, scope, places, engine)
    found = _of_one_table(grouped, scope, places, engine)
    if found is not None:
        found[0].group = found[1]


def _give(nodes: list[exp.Expr], ordered: list[exp.Ordered], scope: Scope, places: Places, engine: Engine | None) -> None:
    found = _of_one_table(nodes, scope, places, engine)
    if found is None or len(found[1]) != len(ordered):
        return
    use, keys = found
    select = scope.expression
    aggregated = any(part.find(exp.AggFunc) and not part.find(exp.Window) for part in select.expressions)
    if aggregated and not select.args.get("group") and not isinstance(ordered[0].parent, (exp.Max, exp.Min)):
        return
    use.order = [_directed(key, item, use, engine) for key, item in zip(keys, ordered, strict=True)]
    use.limited = use.limited or bool(select.args.get("limit"))


def _directed(key: Key, item: exp.Ordered, use: TableUse, engine: Engine | None) -> Key:
    descending = bool(item.args.get("desc"))
    nulls_first = item.args.get("nulls_first")
    column = use.table.column(key.column) if use.table and key.column else None
    usual = _NULLS_FIRST.get(engine, False) if engine else False
    special = engine in ("postgresql", "oracle") and nulls_first is not None and bool(nulls_first) != (usual != descending)
    if special and (column is None or column.nullable):
        return Key(key.column, key.expression, descending, bool(nulls_first))
    return Key(key.column, key.expression, descending)


def _of_one_table(nodes: list[exp.Expr], scope: Scope, places: Places, engine: Engine | None) -> tuple[TableUse, list[Key]] | None:
    """The keys, if all nodes are columns or indexable expressions of one table; constants among them are passed over."""
    operands = [operand_of(node, scope, places, engine) for node in nodes if not is_constant(node)]
    held = [operand for operand in operands if operand is not None]
    if not held or len(held) != len(operands) or len({operand.use.number for operand in held}) != 1:
        return None
    if not all(is_key(column, operand.use.table, engine) for operand in held for column in operand.plain):
        return None
    return held[0].use, list(dict.fromkeys(operand.key for operand in held))


def _items(nodes: list[exp.Expr], select: exp.Expr) -> Iterator[exp.Expr]:
    """What ORDER BY and GROUP BY name by position or alias; a position over a star stays a number."""
    named = {part.alias.lower(): part.unalias() for part in select.expressions if isinstance(part, exp.Alias)}
    for node in nodes:
        if (
            isinstance(node, exp.Literal)
            and not node.is_string
            and node.this.isdigit()
            and 0 < int(node.this) <= len(select.expressions)
        ):
            yield select.expressions[int(node.this) - 1].unalias()
        elif isinstance(node, exp.Column) and not node.table and node.name.lower() in named:
            yield named[node.name.lower()]
        else:
            yield node


def _extreme(select: exp.Expr) -> list[exp.Ordered]:
    """A lone MAX(x) or MIN(x) is the first row of an order."""
    parts = [part.unalias() for part in select.expressions]
    if len(parts) != 1 or not isinstance(parts[0], (exp.Max, exp.Min)) or not isinstance(parts[0].this, exp.Column):
        return []
    ordered = exp.Ordered(this=parts[0].this.copy(), desc=isinstance(parts[0], exp.Max))
    ordered.parent = parts[0]
    return [ordered]


def _by_rownum(select: exp.Expr) -> bool:
    where = select.args.get("where")
    return where is not None and any(column.name.upper() == "ROWNUM" for column in where.find_all(exp.Column))
