"""Any statement as the query that finds its rows, with views replaced by what they select."""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from dbbuddy.sqlreview.reading import Script, Statement

_MAX_VIEW_DEPTH = 5


def finding_query(statement: Statement, views: dict[str, exp.Query]) -> exp.Query | None:
    """The SELECT by which a statement finds its rows: itself, the search of an UPDATE, DELETE or MERGE, the source of an INSERT."""
    tree = statement.tree
    if isinstance(tree, (exp.Insert, exp.Create)):
        of_view = isinstance(tree, exp.Create) and (tree.kind or "").upper() != "TABLE"
        tree = None if of_view else tree.expression
    if isinstance(tree, exp.Query):
        return _with_views(tree.copy(), views)
    if isinstance(tree, (exp.Update, exp.Delete, exp.Merge)):
        return _with_views(_search(tree.copy()), views)
    return None


def view_queries(script: Script | None) -> dict[str, exp.Query]:
    """The queries of the plain views that a script creates, by lower-case name; a materialized view is a table of its own."""
    views: dict[str, exp.Query] = {}
    if script is None:
        return views
    for statement in script.statements:
        tree = statement.tree if statement.kind == "create_other" else None
        if not isinstance(tree, exp.Create) or (tree.kind or "").upper() != "VIEW" or not isinstance(tree.expression, exp.Query):
            continue
        properties = tree.args.get("properties")
        if properties is None or not properties.find(exp.MaterializedProperty):
            views[tree.this.find(exp.Table).name.lower()] = tree.expression
    return views


def table_kinds(*scripts: Script | None) -> tuple[set[str], set[str]]:
    """The foreign and the partitioned tables (PostgreSQL) that the scripts create, by lower-case name."""
    foreign: set[str] = set()
    partitioned: set[str] = set()
    for statement in (statement for script in scripts if script for statement in script.statements):
        words = statement.words
        if words[:1] != ["CREATE"] or "TABLE" not in words[:4]:
            continue
        names = [word for word in words[words.index("TABLE") + 1 : words.index("TABLE") + 8] if word not in ("IF", "NOT", "EXISTS")]
        name = next((part for part, behind in zip(names, [*names[1:], ""], strict=True) if part != "." and behind != "."), "")
        if "FOREIGN" in words[:2]:
            foreign.add(name.strip('"`[]').lower())
        elif "PARTITION" in words and words[words.index("PARTITION") + 1 :][:1] == ["BY"]:
            partitioned.add(name.strip('"`[]').lower())
    return foreign, partitioned


def _with_views(query: exp.Query, views: dict[str, exp.Query]) -> exp.Query:
    for _ in range(_MAX_VIEW_DEPTH if views else 0):
        names = {cte.alias.lower() for cte in query.find_all(exp.CTE)}
        found = [table for table in query.find_all(exp.Table) if table.name.lower() in views.keys() - names]
        for table in found:
            definition = exp.Subquery(
                this=views[table.name.lower()].copy(), alias=exp.TableAlias(this=exp.to_identifier(table.alias_or_name))
            )
            for key in ("joins", "laterals"):
                definition.set(key, table.args.get(key))
            table.replace(definition)
        if not found:
            break
    return query


def _search(tree: exp.Expr) -> exp.Select:
    """The rows that an UPDATE, DELETE or MERGE looks at, as a SELECT of everything (they need the row itself)."""
    sources: list[exp.Expr] = []
    using = tree.args.get("using")
    origin = tree.args.get("from_")
    sources += using if isinstance(using, list) else [using] if isinstance(using, exp.Expr) else []
    sources += [origin.this] if origin is not None else []
    aliases = {source.alias_or_name.lower() for source in _with_joined(sources)}
    if isinstance(tree.this, exp.Expr) and tree.this.alias_or_name.lower() not in aliases:
        sources.insert(0, tree.this)
    select = exp.Select(expressions=[exp.Star()], from_=exp.From(this=sources[0]) if sources else None)
    joins = [exp.Join(this=source) for source in sources[1:]]
    condition = tree.args.get("on")
    if condition is not None and joins:
        sources[0], joins = sources[1], [exp.Join(this=sources[0], on=condition, side="LEFT")]
        select.set("from_", exp.From(this=sources[0]))
    select.set("joins", [*(sources[0].args.pop("joins", None) or [] if sources else []), *joins])
    for key in ("where", "order", "limit", "with_"):
        if tree.args.get(key) is not None:
            select.set(key, tree.args[key])
    return select


def _with_joined(sources: Iterable[exp.Expr]) -> list[exp.Expr]:
    found = []
    for source in sources:
        found += [source, *(join.this for join in source.args.get("joins") or [])]
    return found
