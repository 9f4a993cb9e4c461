"""What a query returns."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import projection as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import Node, View, own_columns
from dbbuddy.sqlreview.schema import Index, Table

LARGE_TABLE = 100_000
_LOBS: tuple[str, ...] = (
    "text",
    "mediumtext",
    "longtext",
    "blob",
    "mediumblob",
    "longblob",
    "bytea",
    "json",
    "jsonb",
    "xml",
    "clob",
    "nclob",
    "image",
    "ntext",
)
_LOBS += ("varchar(max)", "nvarchar(max)", "varbinary(max)")


def select_star(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """SELECT *: more is read and sent than needed, no index covers it, and a new column changes the result."""
    view = context.view(statement)
    for select in view.selects:
        if isinstance(select.parent, exp.Exists) or not select.args.get("from_"):
            continue
        stars = [item for item in select.expressions if _is_star(item)]
        if stars and not _passes_on(view, select):
            yield at(
                "proj.select-star", statement, stars[0], rewrite=rewrites.named_columns(view, select), columns=_wide(view, select)
            )
        yield from _aliased_star(statement, select)


def _is_star(item: Node) -> bool:
    return isinstance(item, exp.Star) or (isinstance(item, exp.Column) and isinstance(item.this, exp.Star))


def _aliased_star(statement: Statement, select: exp.Select) -> Iterator[Found]:
    for item in select.expressions:
        if isinstance(item, exp.Alias) and _is_star(item.this):
            yield at("proj.star-alias", statement, item, alias=item.alias)


def _passes_on(view: View, select: exp.Select) -> bool:
    """True if all that is selected comes from a derived table or CTE that names its columns."""
    return all(not isinstance(source, exp.Table) or view.is_cte(source) for source in view.sources(select).values())


def _wide(view: View, select: exp.Select) -> str:
    tables = [table for source in view.sources(select).values() if (table := view.base_table(source)) is not None]
    count = sum(len(table.columns) for table in tables)
    return f"all {count} columns" if count else "all columns"


def wide_values(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A large value (LOB, JSON, text without limit) in a query that lists or sorts rows."""
    view = context.view(statement)
    for select in view.selects:
        if select.parent is not None or not (select.args.get("limit") or select.args.get("order")):
            continue
        for item in select.expressions:
            column = item.unalias()
            if not isinstance(column, exp.Column) or isinstance(column.this, exp.Star):
                continue
            table = view.table_of(column)
            known = table.column(column.name) if table else None
            if known is not None and known.type in _LOBS:
                yield at("proj.wide-lob", statement, column, column=column.name, type=known.type)


def needless_distinct(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """DISTINCT over rows that a key already makes different, or over every column of one table."""
    view = context.view(statement)
    for select in view.selects:
        distinct = select.args.get("distinct")
        sources = list(view.sources(select).values())
        if distinct is None or distinct.args.get("on") is not None or len(sources) != 1 or select.args.get("group"):
            continue
        table = view.base_table(sources[0])
        star = any(_is_star(item) for item in select.expressions)
        names = {item.unalias().name.lower() for item in select.expressions if isinstance(item.unalias(), exp.Column)}
        if table is not None and table.indexes:
            keys = [index for index in table.indexes if _is_key(table, index) and index.where is None]
            if not any(star or {(name or "?").lower() for name in index.columns} <= names for index in keys):
                continue
            yield at("proj.distinct-redundant", statement, select.expressions[0], rewrite=rewrites.without_distinct(view, select))
        elif table is None and isinstance(sources[0], exp.Table) and star and not view.is_cte(sources[0]):
            yield at("proj.distinct-redundant", statement, select.expressions[0], severity="info")
    for count in view.nodes(exp.Count):
        if isinstance(count.this, exp.Distinct) and any(_is_star(item) for item in count.this.expressions):
            yield at("proj.distinct-redundant", statement, count, severity="info")


def _is_key(table: Table, index: Index) -> bool:
    """True if no two rows agree in the index's columns: a primary key, or a unique index over columns that are never NULL."""
    if index.primary:
        return True
    columns = [table.column(name or "") for name in index.columns]
    return index.unique and all(column is not None and not column.nullable for column in columns)


def unfiltered(statement: Statement, context: ReviewContext, *, large: int = LARGE_TABLE) -> Iterator[Found]:
    """A query without WHERE, GROUP BY or LIMIT over a table: all rows. Worse than a hint where the table has `large` rows."""
    view = context.view(statement)
    for select in view.selects:
        sources = list(view.sources(select).values())
        tables = [
            source
            for source in sources
            if isinstance(source, exp.Table) and not view.is_cte(source) and source.name.lower() != "dual"
        ]
        filtered = any(select.args.get(name) for name in ("where", "limit", "having", "connect"))
        if not tables or filtered or any(join.args.get("on") for join in select.args.get("joins") or ()):
            continue
        rows = max((table.rows or 0 for source in tables if (table := view.base_table(source)) is not None), default=0)
        severity: Severity = "medium" if rows >= large else "info"
        yield at("proj.no-where", statement, tables[0], severity=severity, table=tables[0].name)


def null_concatenation(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """`a || b` with a column that may be NULL: the whole is NULL (in MySQL `||` is OR)."""
    view = context.view(statement)
    for node in [*view.nodes(exp.DPipe), *(view.nodes(exp.Or) if context.mysql else ())]:
        if isinstance(node.parent, exp.DPipe) or (
            node.find_ancestor(exp.Where, exp.Having, exp.Join) is not None and _is_filter(node)
        ):
            continue
        if own_columns(node) and "||" in statement.words and not node.find(exp.Coalesce):
            yield at("proj.null-concatenation", statement, node, expression=sql(node, statement))


def _is_filter(node: Node) -> bool:
    select = node.find_ancestor(exp.Select)
    return select is None or (
        node.find_ancestor(exp.Where, exp.Having, exp.Join) is not None
        and not any(node is part for item in select.expressions for part in item.walk())
    )


def scalar_udf(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A user's own scalar function in SQL Server, called once for every row and forbidding parallel plans before 2019."""
    view = context.view(statement)
    if context.engine != "sqlserver":
        return
    for dot in view.nodes(exp.Dot):
        called = dot.expression
        if (
            (
                isinstance(called, exp.Anonymous)
                and own_columns(called)
                and not isinstance(dot.parent, exp.From | exp.Join | exp.Lateral | exp.Dot)
            )
            and dot.find_ancestor(exp.Select, exp.Where)
            and not called.find_ancestor(exp.Table)
        ):
            yield at("proj.scalar-udf", statement, dot, function=f"{dot.this.sql()}.{called.name}")


RULES = (select_star, wide_values, needless_distinct, unfiltered, null_concatenation, scalar_udf)
