"""GROUP BY, HAVING and counting."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import grouping as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.paging import computes, has_key, one_value, table_name
from dbbuddy.sqlreview.rules.view import Node, View, conjuncts, own_columns, query_of


def groups(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """GROUP BY: columns that are neither grouped nor aggregated, positions, expressions, HAVING that WHERE could do before."""
    view = context.view(statement)
    for select in view.selects:
        group = select.args.get("group")
        if group is None:
            continue
        grouped = {item.sql().lower() for item in group.expressions}
        names = {item.name.lower() for item in group.expressions if isinstance(item, exp.Column)}
        rollup = any(group.args.get(name) for name in ("rollup", "cube", "grouping_sets", "all", "totals"))
        where = select.args.get("where")
        fixed = {part.this.name.lower() for part in conjuncts(where.this if where is not None else None) if one_value(part)}
        if names and names <= fixed and len(names) == len(group.expressions):
            yield at("group.constant", statement, group, column=", ".join(sorted(names)))
        for item in group.expressions:
            if isinstance(item, exp.Literal):
                yield at("group.ordinal", statement, item, position=item.this)
        aliased = {item.alias.lower() for item in select.expressions if isinstance(item, exp.Alias) and computes(item.this)}
        for item in group.expressions:
            if computes(item) or (isinstance(item, exp.Column) and not item.table and item.name.lower() in aliased):
                yield at("group.expression", statement, item, expression=sql(item, statement))
        if len({name for item in group.expressions if (name := table_name(view, item))}) > 1:
            yield at("sort.several-tables", statement, group, order=sql(group, statement))
        having = select.args.get("having")
        if having is not None and not rollup:
            movable = [part for part in conjuncts(having.this) if _only_grouped(part, names)]
            if movable:
                rewrite = rewrites.having_to_where(view, select, movable)
                yield at("group.having-nonaggregate", statement, movable[0], rewrite=rewrite, predicate=sql(movable[0], statement))
        if context.mysql or context.engine is None:
            yield from _loose_columns(statement, view, select, grouped | names, aliased)
        if context.mysql and (context.major is None or context.major < 8) and not select.args.get("order"):
            yield at("group.no-order", statement, group)


def _only_grouped(part: Node, names: set[str]) -> bool:
    columns = own_columns(part)
    return (
        bool(columns)
        and part.find(exp.AggFunc, exp.Select, exp.Anonymous) is None
        and all(c.name.lower() in names for c in columns)
    )


def _loose_columns(statement: Statement, view: View, select: exp.Select, grouped: set[str], aliased: set[str]) -> Iterator[Found]:
    """Columns of the select list whose value is any of the group's: MySQL without ONLY_FULL_GROUP_BY picks one."""
    if "1" in grouped or any(name.isdigit() for name in grouped) or _has_grouped_key(view, select, grouped):
        for item in select.args["group"].expressions:
            if item.find(exp.AggFunc):
                yield at("group.nondeterministic", statement, item, column=sql(item, statement))
        return
    for item in [*select.expressions, *(i for i in select.args["group"].expressions if i.find(exp.AggFunc))]:
        plain = item.unalias()
        if isinstance(plain, exp.Star):
            yield at("group.nondeterministic", statement, plain, column="*")
            return
        if plain.sql().lower() in grouped or (isinstance(item, exp.Alias) and item.alias.lower() in grouped):
            continue
        if item.parent is select.args["group"]:
            yield at("group.nondeterministic", statement, item, column=sql(item, statement))
            return
        loose = [
            column for column in own_columns(plain) if not column.find_ancestor(exp.AggFunc) and column.name.lower() not in grouped
        ]
        if loose and not isinstance(plain, exp.AnyValue):
            yield at("group.nondeterministic", statement, loose[0], column=sql(loose[0], statement))
            return


def _has_grouped_key(view: View, select: exp.Select, grouped: set[str]) -> bool:
    tables = [view.base_table(source) for source in view.sources(select).values()]
    return len(tables) == 1 and tables[0] is not None and has_key(tables[0], grouped)


def counting(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """COUNT of several columns, of one column, SUM that is NULL without rows, SQL_CALC_FOUND_ROWS."""
    view = context.view(statement)
    for count in view.nodes(exp.Count):
        inner = count.this
        if isinstance(inner, exp.Distinct):
            if len(inner.expressions) > 1:
                yield at("group.count-distinct-multi", statement, count, expression=sql(count, statement))
        elif isinstance(inner, exp.Column | exp.Literal):
            table = view.table_of(inner) if isinstance(inner, exp.Column) else None
            known = table.column(inner.name) if table else None
            yield at(
                "group.count-column",
                statement,
                count,
                expression=sql(count, statement),
                column=sql(inner, statement),
                rewrite=rewrites.count_star(view, count, inner, known),
            )
    for total in view.nodes(exp.Sum):
        select = query_of(total)
        covered = total.find_ancestor(exp.Coalesce, exp.If, exp.Case, exp.Anonymous, exp.Having, exp.Window)
        if isinstance(select, exp.Select) and not select.args.get("group") and not covered:
            severity: Severity = "info"
            yield at("group.sum-null", statement, total, severity=severity, expression=sql(total, statement))
    for index, word in enumerate(statement.words):
        if word in ("SQL_CALC_FOUND_ROWS", "FOUND_ROWS") and statement.tokens[index].kind == "word":
            yield at("page.sql-calc-found-rows", statement, statement.tokens[index])
            break


RULES = (groups, counting)
