"""Select lists put otherwise: columns by name, no DISTINCT that a key makes needless."""

from __future__ import annotations

from sqlglot import exp

from dbbuddy.sqlreview.rewrites.splice import with_args
from dbbuddy.sqlreview.rules.view import Node, View


def named_columns(view: View, select: exp.Select) -> str | None:
    """`*` as the columns that the DDL names, where every table of the query is known."""
    if select is not view.tree or any(join.args.get("using") or join.method for join in select.args.get("joins") or ()):
        return None
    sources = view.sources(select)
    names: list[Node] = []
    for item in select.expressions:
        if not isinstance(item, exp.Star) and not (isinstance(item, exp.Column) and isinstance(item.this, exp.Star)):
            names.append(item.copy())
            continue
        wanted = (
            [sources[item.table.lower()]]
            if isinstance(item, exp.Column) and item.table.lower() in sources
            else list(sources.values())
        )
        for source in wanted:
            table = view.base_table(source)
            if table is None or not table.columns:
                return None
            names += [exp.column(name, table=source.alias_or_name if len(sources) > 1 else None) for name in table.columns]
    return with_args(view, select, expressions=names)


def without_distinct(view: View, select: exp.Select) -> str | None:
    """The query without DISTINCT; the caller knows that a key is among its columns."""
    return with_args(view, select, distinct=None)
