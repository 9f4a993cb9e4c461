"""Which index would serve a condition, and what in it no plain index can serve."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dbbuddy.plans.insights.postgresql.conditions import (
    Comparison,
    Operand,
    alternatives,
    boolean_column,
    columns_of,
    comparison,
    conjuncts,
    without_qualifiers,
)
from dbbuddy.plans.insights.postgresql.facts import table
from dbbuddy.plans.model import PlanNode

_RANGES = ("<", ">", "<=", ">=")
_CONTAINMENT = ("@>", "<@", "&&", "?", "?|", "?&", "@@")
_PATTERNS = ("~~", "~~*", "~", "~*")
_IMMUTABLE_TEXT = "lower upper abs length char_length md5 left right btrim ltrim rtrim trim coalesce substring -> ->> #>>"
_IMMUTABLE = frozenset(_IMMUTABLE_TEXT.split())
"""Functions that an index may hold whatever the types of their arguments are."""


@dataclass
class Needs:
    """A condition on one table, sorted by what an index could do for it.

    `equal` and `ranges` are index keys; `flags` conditions of boolean columns, for a partial index; `wrapped` comparisons of
    a column inside a cast or function; `patterns` are patterns that begin with a wildcard; `either` are ORs over different
    columns; `contained` are columns under operators of GIN.
    """

    equal: list[str] = field(default_factory=list)
    ranges: list[str] = field(default_factory=list)
    prefixes: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    wrapped: list[Comparison] = field(default_factory=list)
    patterns: list[Comparison] = field(default_factory=list)
    either: list[str] = field(default_factory=list)
    contained: list[str] = field(default_factory=list)

    @property
    def keys(self) -> list[str]:
        """The keys of a B-tree for it, the equalities first and one range after them."""
        return [*self.equal, *(self.ranges or self.prefixes)[:1]]

    @property
    def plain(self) -> bool:
        """True if an index on bare columns serves it."""
        return bool(self.equal or self.ranges or self.prefixes or self.contained)


def needs(node: PlanNode, *conditions: str) -> Needs:
    """What the conditions of a scan need."""
    found = Needs()
    for condition in conditions:
        for term in conjuncts(condition):
            _sort_term(node, term, found)
    return found


def _sort_term(node: PlanNode, term: str, found: Needs) -> None:
    parts = alternatives(term)
    if len(parts) > 1:
        sides = [tuple(column.name for column in columns_of(part)) for part in parts]
        if len(set(sides)) > 1 and all(sides) and all(_is_indexable(node, part) for part in parts):
            found.either.append(term)
        return
    flag = boolean_column(term)
    if flag is not None and _is_own(node, flag[0].qualifier):
        found.flags.append(flag[0].name if flag[1] else f"NOT {flag[0].name}")
        return
    compared = comparison(term)
    if compared is None or not _is_usable(node, compared):
        return
    _sort_comparison(compared, found)


def _sort_comparison(compared: Comparison, found: Needs) -> None:
    left, operator = compared.left, compared.operator
    assert left.column is not None
    name = left.column.name
    if operator in _PATTERNS:
        pattern = compared.right.literal if compared.right is not None else None
        if pattern is None:
            return
        if operator in ("~~*", "~*") or begins_open(operator, pattern):
            found.patterns.append(compared)
        elif left.bare:
            _once(found.prefixes, f"{name} text_pattern_ops")
    elif operator in ("=", "= ANY", "IS NULL"):
        if left.bare and not _is_text_of_number(compared):
            _once(found.equal, name)
        else:
            found.wrapped.append(compared)
    elif operator in _RANGES:
        if left.bare:
            _once(found.ranges, name)
        else:
            found.wrapped.append(compared)
    elif operator in _CONTAINMENT and left.bare:
        _once(found.contained, name)


def begins_open(operator: str, pattern: str) -> bool:
    """True for a pattern that says nothing of how the text begins."""
    return not pattern.startswith("^") if operator.startswith("~") and "~~" not in operator else pattern[:1] in ("%", "_")


def _once(keys: list[str], key: str) -> None:
    if key not in keys:
        keys.append(key)


def _is_own(node: PlanNode, qualifier: str) -> bool:
    return qualifier in ("", node.alias, node.relation)


def _is_usable(node: PlanNode, compared: Comparison) -> bool:
    column, right = compared.left.column, compared.right
    if column is None or not _is_own(node, column.qualifier) or len(compared.left.columns) > 1:
        return False
    if right is None:
        return compared.operator == "IS NULL"
    return "SubPlan" not in right.text and not any(_is_own(node, other.qualifier) for other in right.columns)


def _is_indexable(node: PlanNode, term: str) -> bool:
    """True if an index could serve each part of the term."""
    for part in conjuncts(term):
        compared = comparison(part)
        if (
            compared is not None
            and _is_usable(node, compared)
            and compared.left.bare
            and compared.operator in ("=", "= ANY", *_RANGES)
        ):
            return True
    return False


def _is_text_of_number(compared: Comparison) -> bool:
    """`((id)::text = '42'::text)`: a column read as text to compare it with what is no text at heart."""
    value = compared.right.literal if compared.right is not None else None
    casts = compared.left.casts
    return bool(casts) and casts[0] == "text" and value is not None and value.isdecimal()


def expression_key(operand: Operand) -> str | None:
    """A column in functions as a key of an index, if all functions may stand in one."""
    if not operand.functions or any(name not in _IMMUTABLE for name in operand.functions):
        return None
    inner = without_qualifiers(operand.text)
    return f"({inner})"


def create_index(node: PlanNode, keys: Iterable[str], where: Iterable[str] = (), method: str = "") -> str:
    """`CREATE INDEX` for the node's table; empty if there is nothing to index."""
    columns = list(dict.fromkeys(keys))
    if not columns or not node.relation:
        return ""
    using = f" USING {method}" if method else ""
    partial = " AND ".join(where)
    return f"CREATE INDEX CONCURRENTLY ON {table(node)}{using} ({', '.join(columns)}){f' WHERE {partial}' if partial else ''};"
