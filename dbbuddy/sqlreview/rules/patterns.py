"""LIKE and regular expressions."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import expressions as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import Node, View, conjuncts, literal, own_columns


def leading_wildcard(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """LIKE with a pattern that begins with a wildcard: an ordered index has no place to start."""
    view = context.view(statement)
    for like in view.nodes(exp.Like, exp.ILike):
        pattern = _pattern(like.expression)
        if pattern and pattern[0] in "%_" and own_columns(like.this) and not _has_trigram(view, like):
            severity: Severity = "low" if pattern.strip("%_") == "" else "medium"
            yield at("pred.leading-wildcard", statement, like, severity=severity, pattern=pattern, column=sql(like.this, statement))


def _pattern(node: Node) -> str | None:
    """The beginning of a pattern; also of one put together: '%' || :x, CONCAT('%', :x), '%' + @x."""
    plain = node.unnest()
    while isinstance(plain, exp.DPipe | exp.Add):
        plain = plain.this.unnest()
    if isinstance(plain, exp.Concat):
        plain = plain.expressions[0] if plain.expressions else plain
    if isinstance(plain, exp.Escape):
        plain = plain.this
    return literal(plain)


def _has_trigram(view: View, like: Node) -> bool:
    names = {column.name.lower() for column in own_columns(like.this)}
    tables = [table for column in own_columns(like.this) if (table := view.table_of(column)) is not None]
    return any(
        index.method in ("gin", "gist") and names & {(column or "").lower() for column in index.columns}
        for table in tables
        for index in table.indexes
    )


def like_without_wildcard(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """LIKE with a literal that has no wildcard: an equality is meant."""
    view = context.view(statement)
    for like in view.nodes(exp.Like):
        pattern = literal(like.expression)
        if (
            pattern is None
            or any(sign in pattern for sign in "%_\\[")
            or isinstance(like.parent, exp.Escape)
            or not own_columns(like.this)
        ):
            continue
        if like.expression.unnest().is_string:
            yield at(
                "pred.like-no-wildcard",
                statement,
                like,
                rewrite=rewrites.like_to_equal(view, like),
                column=sql(like.this, statement),
                pattern=pattern,
            )


def prefix_like_collation(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A prefix search in PostgreSQL whose index was built without a pattern operator class: only the C collation serves it."""
    view = context.view(statement)
    if context.engine != "postgresql":
        return
    for like in view.nodes(exp.Like):
        pattern, column = literal(like.expression), like.this
        if not pattern or pattern[0] in "%_" or not pattern.endswith("%") or not isinstance(column, exp.Column):
            continue
        table = view.table_of(column)
        indexes = [index for index in table.indexes if (index.columns[:1] or [None])[0] == column.name] if table else []
        if table and indexes and not any("pattern_ops" in (index.keys[0].operator_class or "") for index in indexes):
            collation = (known.collation or "") if (known := table.column(column.name)) else ""
            if collation.strip('"').upper() not in ("C", "POSIX", "C.UTF-8", "C.UTF8"):
                yield at(
                    "pred.like-nonC-collation",
                    statement,
                    like,
                    column=column.name,
                    table=table.name,
                    index=indexes[0].name or "the key",
                )


def regex_filter(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A regular expression is the filter: every row is matched against it."""
    view = context.view(statement)
    for where in view.nodes(exp.Where):
        parts = conjuncts(where.this)
        found = [part for part in parts if _is_regex(part)]
        if found and not any(isinstance(part, exp.EQ | exp.In) and not _is_regex(part) for part in parts):
            yield at("pred.regex-filter", statement, found[0], predicate=sql(found[0], statement))


def values_in_a_string(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A value is searched within a list that is kept as one string: FIND_IN_SET, word boundaries, commas around a value."""
    view = context.view(statement)
    for node in view.nodes(exp.RegexpLike, exp.Like, exp.Anonymous):
        if isinstance(node, exp.RegexpLike):
            pattern = literal(node.expression) or ""
            found = any(sign in pattern for sign in ("[[:<:]]", "\\b", "\\y", "(^|,)", "\\m"))
        elif isinstance(node, exp.Like):
            pattern = _pattern(node.expression) or ""
            found = pattern.startswith("%,") and (pattern == "%," or pattern.endswith(",%"))
        else:
            found = node.name.upper() == "FIND_IN_SET"
        if found and own_columns(node):
            yield at("pred.list-column", statement, node, column=own_columns(node)[-1].name, predicate=sql(node, statement))


def _is_regex(part: Node) -> bool:
    plain = part.this.unnest() if isinstance(part, exp.Not) else part
    return isinstance(plain, exp.RegexpLike | exp.RegexpILike | exp.SimilarTo) and bool(own_columns(plain))


RULES = (leading_wildcard, like_without_wildcard, prefix_like_collation, regex_filter, values_in_a_string)
