"""Changes of data put otherwise."""

from __future__ import annotations

from sqlglot import exp

from dbbuddy.sqlreview.rewrites.splice import with_args
from dbbuddy.sqlreview.rules.view import Node, View


def with_columns(view: View, insert: Node) -> str | None:
    """INSERT with the columns that the DDL names, where there are as many values as columns."""
    table = view.base_table(insert.this)
    source: Node = insert.expression
    if table is None or insert.parent is not None:
        return None
    names = [column.name for column in table.columns.values() if column.generated is None]
    rows = source.expressions if isinstance(source, exp.Values) else [source] if isinstance(source, exp.Select) else []
    if len(names) != len(table.columns) or not rows or any(len(row.expressions) != len(names) for row in rows):
        return None
    if any(isinstance(item, exp.Star) for row in rows for item in row.expressions):
        return None
    target = exp.Schema(this=insert.this.copy(), expressions=[exp.to_identifier(name) for name in names])
    return with_args(view, insert, this=target)


def without_order(view: View) -> str | None:
    """UPDATE or DELETE without an ORDER BY that no LIMIT needs. A unique key that an UPDATE shifts needs the order: then not."""
    if not isinstance(view.tree, exp.Delete):
        return None
    return with_args(view, view.tree, order=None)
