"""What only PostgreSQL knows."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at

LARGE_COUNT = 1_000_000


def self_update(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """UPDATE t ... FROM t: the target is joined with itself a second time, without a condition every row with every row."""
    tree = statement.tree
    if context.engine != "postgresql" or not isinstance(tree, exp.Update) or not isinstance(tree.this, exp.Table):
        return
    from_ = tree.args.get("from_")
    source = from_.this if from_ is not None else None
    if isinstance(source, exp.Table) and source.name.lower() == tree.this.name.lower() and source.db == tree.this.db:
        yield at("pg.update-from-self", statement, source, table=source.name)


def counting(statement: Statement, context: ReviewContext, *, large: int = LARGE_COUNT) -> Iterator[Found]:
    """count(*) without a filter over a table of `large` rows: every row is visited."""
    view = context.view(statement)
    if context.engine != "postgresql":
        return
    for count in view.nodes(exp.Count):
        select = count.parent_select
        if (
            not isinstance(select, exp.Select)
            or select.args.get("where")
            or select.args.get("joins")
            or not isinstance(count.this, exp.Star)
        ):
            continue
        from_ = select.args.get("from_")
        table = view.base_table(from_.this) if from_ is not None else None
        if table is not None and (table.rows or 0) >= large:
            yield at("pg.count-large", statement, count, table=table.name, rows=f"{table.rows:,.0f}")


def upper_case_names(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A quoted name with capitals in a definition: every later use needs the quotes too."""
    if context.engine != "postgresql" or statement.kind != "create_table":
        return
    for token in statement.tokens:
        if token.kind == "quoted" and token.name != token.name.lower() and token.name.isascii():
            yield at("pg.upper-case-name", statement, token, name=token.name)
            return


RULES = (self_update, counting, upper_case_names)
