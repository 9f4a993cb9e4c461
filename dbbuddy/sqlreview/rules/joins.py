"""Joins: without a condition, needless, turned into others, hidden by DISTINCT."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import joins as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import Node, View, conjuncts, is_null, leaves, own_columns, query_of

TOO_MANY_TABLES = 8
_QUERIES = (exp.Select, exp.Update, exp.Delete)


def missing_predicate(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A table that no condition links to the others: each of its rows meets each of theirs."""
    view = context.view(statement)
    for query in view.nodes(*_QUERIES):
        sources = view.sources(query)
        joins = [join for join in _joins(query) if isinstance(join.this, exp.Table)]
        if len(sources) < 2 or not joins or any(join.args.get("using") or join.method for join in _joins(query)):
            continue
        linked = _linked(view, query, sources)
        for join in joins:
            name = join.this.alias_or_name.lower()
            if name in linked or _harmless(view, join, query):
                continue
            if (name in sources and any(own in linked for own in sources)) or not linked:
                explicit = (join.kind or "").upper() == "CROSS"
                yield at("join.missing-predicate", statement, join.this, severity="low" if explicit else None, table=join.this.name)


def _joins(query: Node) -> Iterator[exp.Join]:
    for join in query.find_all(exp.Join):
        if query_of(join) is query:
            yield join


def _linked(view: View, query: Node, sources: dict[str, Node]) -> set[str]:
    """The names that a comparison links to another; all, if a column in one cannot be told to belong to a table."""
    linked: set[str] = set()
    conditions = [join.args["on"] for join in _joins(query) if join.args.get("on") is not None]
    where = query.args.get("where")
    for condition in [*conditions, *([where.this] if where is not None else [])]:
        for part in leaves(condition):
            names = set()
            unknown = 0
            for column in own_columns(part):
                source = view.source(column)
                name = column.table.lower() or (source.alias_or_name.lower() if source is not None else "")
                names.add(name)
                unknown += not name or name not in sources
            if unknown and len(own_columns(part)) > 1:
                return set(sources)
            if len(names) > 1 or part.find(exp.Select):
                linked |= names
    return linked


def _harmless(view: View, join: exp.Join, query: Node) -> bool:
    """A table of one row (`dual`), a function, a CTE (often one row), or an expansion of the query's own arrays."""
    table = join.this
    if not table.name or table.name.lower() in ("dual", "generate_series", "unnest") or isinstance(table.this, exp.Func):
        return True
    return view.is_cte(table) or bool(join.args.get("laterals"))


def old_syntax(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Tables joined by commas, Oracle's `(+)`, NATURAL JOIN: the condition stands elsewhere, or nowhere."""
    view = context.view(statement)
    for join in view.nodes(exp.Join):
        if join.method.upper() == "NATURAL":
            yield at("join.natural", statement, join.this, table=join.this.alias_or_name)
        elif _is_comma(join, statement) and isinstance(join.this, exp.Table) and isinstance(join.parent, exp.Select):
            yield at("join.comma-syntax", statement, join.this, table=join.this.name)
    for column in view.nodes(exp.Column):
        if column.args.get("join_mark"):
            yield at("join.outer-mark", statement, column, column=sql(column, statement))


def _is_comma(join: exp.Join, statement: Statement) -> bool:
    return not (join.kind or join.side or join.method or join.args.get("on") is not None or join.args.get("using"))


def left_turned_inner(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A WHERE on the optional side of a LEFT JOIN that NULL cannot pass: the rows without a partner go again."""
    view = context.view(statement)
    for select in view.selects:
        where = select.args.get("where")
        optional = {join.this.alias_or_name.lower(): join for join in select.args.get("joins") or () if join.side.upper() == "LEFT"}
        if where is None or not optional:
            continue
        done: set[str] = set()
        for part in conjuncts(where.this):
            names = {name for column in own_columns(part) if (name := _owner(view, column)) in optional}
            if len(names) == 1 and isinstance(part, exp.Is) and is_null(part.expression):
                yield at("join.anti-by-null", statement, part, table=optional[next(iter(names))].this.alias_or_name)
            if not names or not _rejects_null(part):
                continue
            name = names.pop()
            if name in done or len(names) > 0:
                continue
            done.add(name)
            rule = "join.outer-for-existence" if _is_not_null(part) else "join.left-turned-inner"
            yield at(
                rule,
                statement,
                part,
                rewrite=rewrites.as_inner(view, optional[name]),
                table=optional[name].this.alias_or_name,
                predicate=sql(part, statement),
            )


def _owner(view: View, column: exp.Column) -> str:
    source = view.source(column)
    return column.table.lower() or (source.alias_or_name.lower() if source is not None else "")


def _rejects_null(part: Node) -> bool:
    """True if a condition cannot be true for NULL in its columns."""
    if part.find(exp.Coalesce, exp.Case, exp.Or, exp.Anonymous, exp.NullSafeEQ, exp.Select, exp.Exists, exp.If, exp.Nvl2):
        return False
    if isinstance(part, exp.Is):
        return not isinstance(part.expression, exp.Null)
    if isinstance(part, exp.Not):
        inner = part.this.unnest()
        return (isinstance(inner, exp.Is) and isinstance(inner.expression, exp.Null)) or isinstance(
            inner, exp.Like | exp.In | exp.Between
        )
    return isinstance(part, exp.EQ | exp.NEQ | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.Like | exp.ILike | exp.In | exp.Between)


def _is_not_null(part: Node) -> bool:
    return isinstance(part, exp.Not) and isinstance(part.this.unnest(), exp.Is)


def too_many(statement: Statement, context: ReviewContext, *, most: int = TOO_MANY_TABLES) -> Iterator[Found]:
    """More than `most` tables in one query: planners stop trying every order of joins."""
    view = context.view(statement)
    most = int(context.thresholds.get("join.too-many", most))
    for select in view.selects:
        count = len(view.sources(select))
        if count > most:
            yield at("join.too-many", statement, select.args.get("from_"), count=count)


def fanout_hidden(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """DISTINCT while a table is joined of which nothing is selected: the join multiplies, DISTINCT hides it."""
    view = context.view(statement)
    for select in view.selects:
        joins = [join for join in select.args.get("joins") or () if isinstance(join.this, exp.Table)]
        if not select.args.get("distinct") or select.args["distinct"].args.get("on") or not joins or select.args.get("group"):
            continue
        columns = [column for item in select.expressions for column in own_columns(item)]
        used = {_owner(view, column) for column in columns}
        if "" in used or not used or any(isinstance(item, exp.Star) for item in select.expressions):
            continue
        silent = [join for join in joins if join.this.alias_or_name.lower() not in used]
        if silent:
            yield at(
                "join.distinct-to-hide-fanout",
                statement,
                silent[0].this,
                rewrite=rewrites.as_exists(view, select, silent),
                table=silent[0].this.alias_or_name,
            )


def needless(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A joined table of which nothing is used but the column that joins it."""
    view = context.view(statement)
    for select in view.selects:
        joins = [
            join for join in select.args.get("joins") or () if isinstance(join.this, exp.Table) and join.args.get("on") is not None
        ]
        if any(isinstance(item, exp.Star) for item in select.expressions) or any(join.this.args.get("joins") for join in joins):
            continue
        candidates = [(join, join.this, join.args["on"]) for join in joins]
        from_ = select.args.get("from_")
        first = from_.this if from_ is not None else None
        if isinstance(first, exp.Table) and joins and not joins[0].side and not first.args.get("joins"):
            candidates.append((joins[0], first, joins[0].args["on"]))
        for join, table, condition in candidates:
            yield from _needless(statement, view, select, (join, table, condition))


def _needless(statement: Statement, view: View, select: exp.Select, candidate: tuple[exp.Join, exp.Table, Node]) -> Iterator[Found]:
    join, table, condition = candidate
    name = table.alias_or_name.lower()
    inside = {id(column) for column in condition.find_all(exp.Column)}
    link = _link(view, condition, name)
    if link is None:
        return
    others = [column for column in select.find_all(exp.Column) if id(column) not in inside and column.table.lower() in (name, "")]
    if any(not column.table and view.source(column) in (None, table) for column in others):
        return
    rest = [column for column in others if column.table.lower() == name]
    known = view.base_table(table)
    unique = known is not None and any(
        index.unique and [c.lower() for c in index.columns if c] == [link] for index in known.indexes
    )
    if join.side.upper() == "LEFT" and table is join.this:
        if not rest and (unique or (known is None and link == "id")):
            yield at(
                "join.unused-left", statement, table, rewrite=rewrites.dropped(view, select, join) if unique else None, table=name
            )
    elif not join.side and (join.kind or "").upper() != "CROSS" and all(column.name.lower() == link for column in rest):
        key = link == "id" or unique
        yield from [at("join.unused-inner", statement, table, table=name, column=link)] if key else []


def _link(view: View, condition: Node, name: str) -> str | None:
    """The table's column if the condition is one equality of it with a column of another table, else `None`."""
    parts = conjuncts(condition)
    if len(parts) != 1 or not isinstance(parts[0], exp.EQ):
        return None
    sides = [side for side in (parts[0].this, parts[0].expression) if isinstance(side, exp.Column)]
    own = [side.name.lower() for side in sides if side.table.lower() == name]
    return own[0] if len(sides) == 2 and len(own) == 1 else None


def twice(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """The same table twice in one FROM without aliases to tell the two apart, or a join over databases or servers."""
    view = context.view(statement)
    for query in view.nodes(exp.Select):
        tables = [source for source in _tables(query) if source.name and not view.is_cte(source)]
        names: dict[str, int] = {}
        for table in tables:
            key = table.sql(comments=False).partition(" ")[0].lower()
            names[key] = names.get(key, 0) + 1
            if names[key] == 2:
                yield at("join.same-table", statement, table, table=table.name)
        databases = {(table.catalog or (table.db if context.mysql else "")).lower() for table in tables} - {""}
        if len(databases) > 1:
            yield at("join.cross-database", statement, tables[-1], databases=", ".join(sorted(databases)))


def _tables(query: Node) -> Iterator[exp.Table]:
    from_ = query.args.get("from_")
    for part in (from_, *(query.args.get("joins") or ())):
        for table in part.find_all(exp.Table) if part is not None else ():
            if query_of(table) is query:
                yield table


RULES = (missing_predicate, old_syntax, left_turned_inner, too_many, fanout_hidden, needless, twice)
