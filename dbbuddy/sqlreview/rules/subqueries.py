"""Subqueries that run once a row, read a table twice, count where a look would do, or sort for nobody."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import subqueries as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import Node, View, literal, own_columns, query_of

# MySQL before 5.6 ran an IN subquery once for every outer row.
_SEMIJOIN_SINCE = 5.6
DEEPEST = 4


def correlated_scalar(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A subquery in the select list that refers to the outer row: it runs once for each."""
    view = context.view(statement)
    for subquery in view.nodes(exp.Subquery):
        select = subquery.this
        if not isinstance(select, exp.Select) or isinstance(subquery.parent, exp.From | exp.Join | exp.In | exp.Lateral):
            continue
        outer = query_of(subquery.parent)
        if isinstance(outer, exp.Select) and _in_select_list(subquery, outer) and _correlated(view, select):
            yield at("sub.correlated-scalar-select", statement, subquery, subquery=sql(subquery, statement))


def _in_select_list(node: Node, select: exp.Select) -> bool:
    child: Node = node
    while child.parent is not None and child.parent is not select:
        child = child.parent
    return bool(child.arg_key == "expressions")


def _correlated(view: View, select: exp.Select) -> bool:
    own = {id(source) for inner in select.find_all(exp.Select) for source in view.sources(inner).values()}
    return any(
        source is not None and id(source) not in own for column in select.find_all(exp.Column) if (source := view.source(column))
    )


def scalar_comparison(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """WHERE compares a column with a subquery of one value: it fails if there are two, and a join says it better."""
    view = context.view(statement)
    for subquery in view.nodes(exp.Subquery):
        compared = isinstance(subquery.parent, exp.EQ | exp.GT | exp.LT | exp.GTE | exp.LTE)
        select = subquery.this
        if (
            not compared
            or not isinstance(select, exp.Select)
            or not subquery.find_ancestor(exp.Where)
            or not select.args.get("where")
        ):
            continue
        if select.find(exp.AggFunc) or select.args.get("limit") or not own_columns(subquery.parent):
            continue
        yield at("sub.scalar-comparison", statement, subquery, subquery=sql(subquery, statement))


def count_for_existence(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """`(SELECT COUNT(*) ...) > 0`: all rows are counted to learn whether there is one."""
    view = context.view(statement)
    for predicate in view.nodes(exp.GT, exp.GTE, exp.NEQ, exp.EQ, exp.LT):
        for side, other in ((predicate.this, predicate.expression), (predicate.expression, predicate.this)):
            wanted = _existence(type(predicate), literal(other), side is predicate.this)
            select = side.this if isinstance(side, exp.Subquery) else None
            if wanted is None or not isinstance(select, exp.Select) or len(select.expressions) != 1 or select.args.get("group"):
                continue
            if isinstance(select.expressions[0].unalias(), exp.Count):
                yield at(
                    "sub.count-for-existence",
                    statement,
                    predicate,
                    rewrite=rewrites.as_exists(view, predicate, select, wanted),
                    predicate=sql(predicate, statement),
                )


def _existence(operator: type, value: str | None, count_first: bool) -> bool | None:
    """True if the comparison asks for at least one row, false if for none."""
    asked: dict[tuple[type, str, bool], bool] = {
        (exp.GT, "0", True): True,
        (exp.GTE, "1", True): True,
        (exp.NEQ, "0", True): True,
        (exp.NEQ, "0", False): True,
        (exp.LT, "0", False): True,
        (exp.EQ, "0", True): False,
        (exp.EQ, "0", False): False,
        (exp.LT, "1", True): False,
    }
    return asked.get((operator, value or "", count_first))


def within_subquery(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """IN (subquery): over the same table, with a LIMIT that MySQL refuses, with a function, or run once a row by old MySQL."""
    view = context.view(statement)
    for within in view.nodes(exp.In):
        query = within.args.get("query")
        if query is None:
            continue
        inner = query.unnest() if isinstance(query, exp.Subquery) else query
        selects = [inner] if isinstance(inner, exp.Select) else list(inner.find_all(exp.Select))
        if context.mysql and inner.args.get("limit"):
            yield at("sub.limit-in-in", statement, within, predicate=sql(within.this, statement))
        if not selects:
            continue
        own = _self_read(view, within, selects)
        if own is not None:
            yield own_reading(statement, view, within, inner, own)
            continue
        item = selects[0].expressions[0].unalias() if selects[0].expressions else None
        if (isinstance(item, exp.Func) and not isinstance(item, exp.Cast)) or isinstance(item, exp.DPipe | exp.Binary):
            yield at("sub.function-in-in", statement, item, expression=sql(item, statement))
        old = context.mysql and context.major is not None and context.major < _SEMIJOIN_SINCE
        severity: Severity = "high" if old else "info"
        if not isinstance(within.parent, exp.Not):
            yield at("sub.in-to-exists", statement, within, severity=severity, predicate=sql(within.this, statement))


def _self_read(view: View, within: exp.In, selects: list[exp.Select]) -> Node | None:
    """The source of the column before IN if the subquery reads the same table again."""
    column = within.this
    source = view.source(column) if isinstance(column, exp.Column) else None
    if not isinstance(source, exp.Table) or not source.name:
        return None
    for select in selects:
        for inner in view.sources(select).values():
            if isinstance(inner, exp.Table) and inner.name.lower() == source.name.lower() and inner.db == source.db:
                return source
    return None


def own_reading(statement: Statement, view: View, within: exp.In, inner: Node, source: Node) -> Found:
    """The finding for a subquery over the table that the outer query reads too."""
    item = inner.expressions[0].unalias() if isinstance(inner, exp.Select) and inner.expressions else None
    if isinstance(item, exp.Max | exp.Min) and inner.args.get("group"):
        return at("sub.groupwise-max", statement, within, table=source.name)
    rewrite = rewrites.without_self_in(view, within, inner, source) if isinstance(inner, exp.Select) else None
    return at("sub.redundant-self-in", statement, within, rewrite=rewrite, table=source.name)


def derived(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """ORDER BY in a subquery without LIMIT, DISTINCT in a derived table, a CTE kept from taking the outer filter."""
    view = context.view(statement)
    for select in view.selects:
        outer = select.parent
        if not isinstance(outer, exp.Subquery | exp.In | exp.Exists | exp.CTE):
            continue
        order = select.args.get("order")
        counted = "ROWNUM" in statement.words
        if (
            order is not None
            and not counted
            and not (select.args.get("limit") or select.args.get("offset") or select.find(exp.RowNumber))
        ):
            membership = isinstance(outer, exp.In | exp.Exists) or isinstance(outer.parent, exp.In)
            rewrite = rewrites.without_order(view, select) if membership else None
            yield at("sub.orderby-in-derived", statement, order, rewrite=rewrite, order=sql(order, statement))
        joined = isinstance(outer, exp.Subquery) and isinstance(outer.parent, exp.Join | exp.From)
        if select.args.get("distinct") and joined and any(isinstance(item, exp.Star) for item in select.expressions):
            yield at("proj.distinct-redundant", statement, select.expressions[0])
    yield from _materialized(statement, context)


def _materialized(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    view = context.view(statement)
    if context.engine != "postgresql":
        return
    for cte in view.nodes(exp.CTE):
        fenced = cte.args.get("materialized") is True or (
            context.major is not None and context.major < 12 and cte.args.get("materialized") is None
        )
        inner = cte.this
        if (
            not fenced
            or not isinstance(inner, exp.Select)
            or inner.args.get("where")
            or inner.args.get("group")
            or inner.args.get("limit")
        ):
            continue
        for table in view.nodes(exp.Table):
            select = query_of(table)
            if table.name.lower() == cte.alias.lower() and isinstance(select, exp.Select) and select.args.get("where"):
                yield at("sub.cte-materialized-filter", statement, table, name=cte.alias)
                break


def unions(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """UNION where UNION ALL may do; a LIMIT over a UNION whose arms sort without one."""
    view = context.view(statement)
    for union in view.nodes(exp.Union):
        if isinstance(union.parent, exp.Union):
            continue
        if union.args.get("distinct") is not False:
            disjoint = rewrites.disjoint_arms(union)
            rewrite = rewrites.as_union_all(view, union) if disjoint else None
            yield at(
                "sub.union-vs-union-all", statement, union.expression, severity="medium" if disjoint else "info", rewrite=rewrite
            )
        if union.args.get("limit"):
            arms = [arm.unnest() for arm in (union.this, union.expression)]
            if any(arm.args.get("order") and not arm.args.get("limit") for arm in arms if isinstance(arm, exp.Select)):
                yield at("sub.union-limit", statement, union.args["limit"], limit=sql(union.args["limit"], statement))


def nested(statement: Statement, context: ReviewContext, *, deepest: int = DEEPEST) -> Iterator[Found]:
    """More than `deepest` SELECTs within each other."""
    view = context.view(statement)
    deepest = int(context.limit("sub.too-deep", deepest))
    for select in view.selects:
        depth, node = 0, select.parent_select
        while node is not None:
            depth, node = depth + 1, node.parent_select
        if depth > deepest:
            yield at("sub.too-deep", statement, select, depth=depth)
            return


RULES = (nested, correlated_scalar, scalar_comparison, count_for_existence, within_subquery, derived, unions)
