"""Conditions that mean something else than they seem to: NULL, always true, never true, chains, lists."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import logic as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.truth import truth
from dbbuddy.sqlreview.rules.view import COMPARISONS, Node, View, conjuncts, disjuncts, is_constant, is_null, literal, own_columns

HUGE_IN_LIST = 500
_OPTIONAL = (exp.Parameter, exp.Placeholder)


def null_comparison(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """`= NULL`, `<> NULL` and in Oracle `= ''`: unknown for every row."""
    view = context.view(statement)
    for predicate in view.nodes(exp.EQ, exp.NEQ, exp.GT, exp.LT, exp.GTE, exp.LTE):
        if not _is_condition(predicate):
            continue
        empty = context.engine == "oracle" and any(literal(side) == "" for side in (predicate.this, predicate.expression))
        if is_null(predicate.this) or is_null(predicate.expression) or empty:
            yield at("pred.null-comparison", statement, predicate, predicate=sql(predicate, statement))
    for within in view.nodes(exp.In):
        if any(is_null(item) for item in within.expressions):
            negated = isinstance(within.parent, exp.Not)
            yield at("pred.in-null", statement, within, severity="high" if negated else "medium", predicate=sql(within, statement))


def _is_condition(predicate: Node) -> bool:
    """False for the assignments of SET, which sqlglot reads as equalities."""
    parent = predicate.parent
    if isinstance(parent, exp.Update | exp.Set | exp.SetItem | exp.OnConflict | exp.Property | exp.Insert | exp.Select):
        return False
    return not isinstance(parent, exp.Tuple | exp.Alias | exp.Parameter | exp.When | exp.Kwarg | exp.Command)


def not_in_nullable(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """NOT IN (subquery): one NULL in the subquery, and no row qualifies; nor can it be planned as an anti-join."""
    view = context.view(statement)
    for negation in view.nodes(exp.Not):
        within = negation.this.unnest()
        query = within.args.get("query") if isinstance(within, exp.In) else None
        if query is None:
            continue
        select = query.unnest() if isinstance(query, exp.Subquery) else query
        item = select.expressions[0].unalias() if isinstance(select, exp.Select) and len(select.expressions) == 1 else None
        known = _nullable(view, item)
        if known is False and _nullable(view, within.this) is False:
            yield at(
                "pred.not-in-subquery",
                statement,
                within,
                rewrite=rewrites.not_exists(view, negation, within),
                predicate=sql(within, statement),
            )
        else:
            severity: Severity = "high" if known else "medium"
            yield at(
                "pred.not-in-nullable",
                statement,
                within,
                severity=severity,
                column=sql(item, statement) or "the column",
                predicate=sql(within, statement),
            )


def _nullable(view: View, item: Node | None) -> bool | None:
    """Whether a column may be NULL; `None` if it is not known. A key is not; the nullable side of an outer join is."""
    if isinstance(item, exp.Literal):
        return False
    if not isinstance(item, exp.Column):
        return None
    table = view.table_of(item)
    column = table.column(item.name) if table else None
    source = view.source(item)
    if source is not None and isinstance(source.parent, exp.Join) and (source.parent.side or "").upper() in ("LEFT", "FULL"):
        return True
    if column is None or table is None:
        return None
    key = table.primary_key
    return column.nullable and not (key is not None and column.name in key.columns)


def constant_condition(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A condition whose truth no row changes: always true (everything qualifies) or never true."""
    view = context.view(statement)
    for condition in view.conditions():
        yield from _constant_parts(condition, statement, view)


def _constant_parts(condition: Node, statement: Statement, view: View) -> Iterator[Found]:
    plain = condition.unnest()
    known = truth(plain)
    if known is None:
        if isinstance(plain, exp.And | exp.Or):
            for side in conjuncts(plain) if isinstance(plain, exp.And) else disjuncts(plain):
                yield from _constant_parts(side, statement, view)
        elif isinstance(plain, exp.Not):
            yield from _constant_parts(plain.this, statement, view)
        return
    if isinstance(condition.parent, exp.Join) and known:
        return
    if isinstance(plain, exp.Or) and known:
        yield at("pred.tautology", statement, plain, severity="high", predicate=sql(plain, statement))
    elif known:
        harmless = isinstance(plain.parent, exp.And) and plain.parent is not None
        severity: Severity = "info" if harmless else "medium"
        rewrite = rewrites.without_true(view, plain)
        yield at("pred.tautology", statement, plain, severity=severity, rewrite=rewrite, predicate=sql(plain, statement))
    else:
        severity = "info" if _is_literal_false(plain) else "medium"
        yield at("pred.impossible", statement, plain, severity=severity, predicate=sql(plain, statement))


def _is_literal_false(node: Node) -> bool:
    """`WHERE 1 = 0` and `WHERE false` are written on purpose: the columns without rows."""
    return own_columns(node) == []


def chained_comparison(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """`a < b < c` or `a = b = 'x'`: the second comparison is with the 0 or 1 of the first."""
    view = context.view(statement)
    for predicate in view.nodes(*COMPARISONS):
        if isinstance(predicate.this, COMPARISONS) and _is_condition(predicate) and not isinstance(predicate.parent, COMPARISONS):
            yield at("pred.chained-compare", statement, predicate, predicate=sql(predicate, statement))


def in_lists(statement: Statement, context: ReviewContext, *, longest: int = HUGE_IN_LIST) -> Iterator[Found]:
    """IN with more than `longest` values, or with a value twice."""
    view = context.view(statement)
    longest = int(context.thresholds.get("pred.huge-in-list", longest))
    for within in view.nodes(exp.In):
        count = len(within.expressions)
        if count > longest:
            yield at("pred.huge-in-list", statement, within.this, count=count, column=sql(within.this, statement))
        own = [item for item in within.expressions if isinstance(item, exp.Column) and isinstance(within.this, exp.Column)]
        if any(item.name.lower() == within.this.name.lower() for item in own):
            yield at("pred.column-in-list", statement, within, column=sql(within.this, statement))
        values = [(item.is_string, item.this) for item in within.expressions if isinstance(item, exp.Literal)]
        if len(set(values)) < len(values):
            yield at(
                "pred.duplicate-in",
                statement,
                within.this,
                rewrite=rewrites.without_duplicates(view, within),
                column=sql(within.this, statement),
                count=len(values) - len(set(values)),
            )


def alternatives(statement: Statement, context: ReviewContext, *, longest: int = HUGE_IN_LIST) -> Iterator[Found]:
    """OR: over one column it is an IN, over different columns no single index serves it, over a parameter it is optional."""
    view = context.view(statement)
    longest = int(context.thresholds.get("pred.huge-in-list", longest))
    for node in view.nodes(exp.Or):
        if isinstance(node.parent, exp.Or) or (isinstance(node.parent, exp.Paren) and isinstance(node.parent.parent, exp.Or)):
            continue
        if not node.find_ancestor(exp.Where, exp.Join) or node.find_ancestor(exp.Case, exp.Having):
            continue
        arms = disjuncts(node)
        if any(_asks_for_parameter(arm) for arm in arms):
            yield at("pred.optional-param", statement, node, predicate=sql(node, statement))
            continue
        columns = {_equal_column(arm) for arm in arms}
        if len(columns) == 1 and None not in columns:
            rule = "pred.huge-in-list" if len(arms) > longest else "pred.or-same-column"
            yield at(
                rule,
                statement,
                node,
                rewrite=rewrites.as_in(view, node, arms),
                column=columns.pop(),
                count=len(arms),
                predicate=sql(node, statement),
            )
        elif _needs_several_indexes(view, arms):
            yield at(
                "pred.or-different-columns",
                statement,
                node,
                rewrite=rewrites.as_union(view, node, arms),
                predicate=sql(node, statement),
            )
    for predicate in view.nodes(exp.EQ):
        for side, other in ((predicate.this, predicate.expression), (predicate.expression, predicate.this)):
            if isinstance(side, exp.Coalesce) and isinstance(side.this, _OPTIONAL) and side.expressions[-1:] == [other]:
                yield at("pred.optional-param", statement, predicate, predicate=sql(predicate, statement))


def _asks_for_parameter(arm: Node) -> bool:
    """True for `@p IS NULL` and `:p = ''`."""
    if isinstance(arm, exp.Is | exp.EQ):
        subject = arm.this.unnest()
        return isinstance(subject, _OPTIONAL) and (is_null(arm.expression) or isinstance(arm.expression, exp.Literal))
    return False


def _equal_column(arm: Node) -> str | None:
    if isinstance(arm, exp.EQ) and isinstance(arm.this, exp.Column) and is_constant(arm.expression):
        return str(arm.this.sql().lower())
    if isinstance(arm, exp.In) and isinstance(arm.this, exp.Column) and arm.expressions and not arm.args.get("query"):
        return str(arm.this.sql().lower())
    return None


def _needs_several_indexes(view: View, arms: list[Node]) -> bool:
    """True if each arm chooses rows by columns of its own, so that no one index (and no one table) serves all."""
    sets = [_searchable(arm) for arm in arms]
    if any(not names for names in sets) or len(sets) > 8:
        return False
    if frozenset.intersection(*sets) and not _different_leads(sets):
        return False
    tables = {(column.table.lower() or str(id(view.source(column)))) for arm in arms for column in own_columns(arm)}
    return len(tables) > 1 or not frozenset.intersection(*sets) or _different_leads(sets)


def _different_leads(sets: list[frozenset[str]]) -> bool:
    shared = frozenset.intersection(*sets)
    return all(names - shared for names in sets) and any(len(names - shared) > 1 for names in sets)


def _searchable(arm: Node) -> frozenset[str]:
    """The columns that an arm compares in a way that an index serves."""
    if isinstance(arm, exp.And):
        return frozenset().union(*(_searchable(part) for part in conjuncts(arm)))
    if isinstance(arm, exp.EQ | exp.In | exp.GT | exp.GTE | exp.LT | exp.LTE | exp.Between | exp.Like):
        return frozenset(side.sql().lower() for side in (arm.this, arm.args.get("expression")) if isinstance(side, exp.Column))
    return frozenset()


def unquoted_date(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """`created < 2024-05-01`: a subtraction that gives 2018, not a date; and a date with blanks inside of its quotes."""
    view = context.view(statement)
    for node in view.nodes(exp.Sub):
        digits = [
            literal(part)
            for part in (node.this.this if isinstance(node.this, exp.Sub) else None, _right(node.this), node.expression)
        ]
        if (
            (
                all(part is not None and part.isdigit() for part in digits)
                and len(digits[0] or "") in (2, 4)
                and not isinstance(node.parent, exp.Sub)
            )
            and int(digits[1] or 0) <= 12
            and int(digits[2] or 0) <= 31
            and node.find(exp.Paren) is None
        ):
            yield at("pred.unquoted-date", statement, node, value="-".join(part or "" for part in digits))
    for node in view.nodes(exp.Literal):
        text = node.this
        if node.is_string and isinstance(node.parent, COMPARISONS) and text != text.strip() and _like_date(text.strip()):
            yield at("pred.unquoted-date", statement, node, severity="low", value=text)


def _right(node: Node) -> Node | None:
    return node.expression if isinstance(node, exp.Sub) else None


def _like_date(text: str) -> bool:
    return len(text) >= 8 and text[:2].isdigit() and text.count("-") == 2


RULES = (null_comparison, not_in_nullable, constant_condition, chained_comparison, in_lists, alternatives, unquoted_date)
