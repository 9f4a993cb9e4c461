"""Rules about conditions that no plain index can serve."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.conditions import Comparison, alternatives, without_qualifiers
from dbbuddy.plans.insights.postgresql.facts import basis, can_be_indexed, portion, severity, table, text
from dbbuddy.plans.insights.postgresql.indexes import Needs, create_index, expression_key, needs
from dbbuddy.plans.insights.postgresql.scans import INDEX_SCANS, discards, evidence
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

_SCANS = ("Seq Scan", "Sample Scan", "Bitmap Heap Scan", *INDEX_SCANS)
_DATES = ("date", "date_trunc", "EXTRACT", "date_part", "to_char")


def _scans(view: PlanView, wants: Callable[[Needs], object]) -> Iterator[tuple[PlanNode, Needs, float]]:
    """The scans that throw rows away and have a condition of the kind; one for each table and condition."""
    seen: set[tuple[str, str]] = set()
    told = [(node, wasted) for node in view.of_type(*_SCANS) if (wasted := discards(view, node))]
    for node, wasted in sorted(told, key=lambda one: view.share(one[0]), reverse=True):
        wanted = needs(node, text(node, "Filter"))
        condition = (table(node), without_qualifiers(text(node, "Filter")))
        if wants(wanted) and condition not in seen:
            seen.add(condition)
            yield node, wanted, view.share(node) * wasted


def _found(view: PlanView, name: str, node: PlanNode, share: float, values: dict[str, str], sql: str) -> Found:
    said = (*evidence(view, node), portion(view, view.share(node)))
    values = {"table": node.relation or "", **values}
    return Found(name, node, said, share, severity(view, share), basis(view), values, sql if can_be_indexed(node) else "")


def not_sargable(view: PlanView) -> Iterator[Found]:
    """A column stands in a function (`lower(email) = ..`), so an index on the column cannot be used."""
    for node, wanted, share in _scans(view, lambda wanted: any(compared.left.functions for compared in wanted.wrapped)):
        compared = next(compared for compared in wanted.wrapped if compared.left.functions)
        key = expression_key(compared.left)
        assert compared.left.column is not None
        column = compared.left.column.name
        keys = [*wanted.equal, key or column]
        sql = create_index(node, keys, wanted.flags) + (f"\nANALYZE {table(node)};" if key else "")
        yield _found(view, "not-sargable", node, share, _words(compared) | {"remedy": _remedy(compared, key)}, sql)


def implicit_conversion(view: PlanView) -> Iterator[Found]:
    """A column is cast to another type for the comparison (`(id)::numeric = 5.0`)."""
    for node, wanted, share in _scans(view, lambda wanted: any(_is_cast(compared) for compared in wanted.wrapped)):
        compared = next(compared for compared in wanted.wrapped if _is_cast(compared))
        assert compared.left.column is not None
        sql = create_index(node, [*wanted.equal, compared.left.column.name], wanted.flags)
        values = _words(compared) | {"type": compared.left.casts[0], "remedy": _remedy(compared, None)}
        yield _found(view, "implicit-conversion", node, share, values, sql)


def _is_cast(compared: Comparison) -> bool:
    return bool(compared.left.casts) and not compared.left.functions


def _words(compared: Comparison) -> dict[str, str]:
    column = compared.left.column
    right = "" if compared.right is None else without_qualifiers(compared.right.text)
    name = "" if column is None else column.name
    return {"column": name, "expression": without_qualifiers(compared.left.text), "operator": compared.operator, "value": right}


def _remedy(compared: Comparison, key: str | None) -> str:
    words = _words(compared)
    column, value = words["column"], words["value"]
    wrapped_in = compared.left.functions[0] if compared.left.functions else compared.left.casts[0]
    if key is not None:
        return f"Index the expression {words['expression']} itself, as below, or compare the bare column {column}."
    if wrapped_in == "date" and compared.operator == "=":
        return (
            f"Ask for the range of that day: {column} >= {value} AND {column} < {value} + 1. Then an index on {column} serves it."
        )
    if wrapped_in in _DATES:
        return (
            f"Ask for a range of {column} instead: {column} >= <first moment> AND {column} < <first moment after it>. "
            f"Then an index on {column} serves it."
        )
    if compared.left.casts and not compared.left.functions:
        return f"Give the value in the type of {column}, so that the column stays bare; check the type that the driver binds."
    return f"Rewrite the condition so that {column} stands alone on one side, and index {column}."


def leading_wildcard(view: PlanView) -> Iterator[Found]:
    """`LIKE '%x'`, or a pattern without regard to case: a B-tree has nothing to start from."""
    for node, wanted, share in _scans(view, lambda wanted: wanted.patterns):
        compared = wanted.patterns[0]
        key = expression_key(compared.left)
        name = compared.left.column.name if compared.left.column is not None else ""
        index = create_index(node, [f"{key or name} gin_trgm_ops"], method="gin")
        pattern = compared.right.literal if compared.right is not None else ""
        values = {"column": name, "pattern": pattern or ""}
        yield _found(view, "leading-wildcard", node, share, values, f"CREATE EXTENSION IF NOT EXISTS pg_trgm;\n{index}")


def or_over_columns(view: PlanView) -> Iterator[Found]:
    """OR over several columns, of which some have no index; with one for each PostgreSQL can join bitmaps of them."""
    for node, wanted, share in _scans(view, lambda wanted: wanted.either and not wanted.equal):
        term = wanted.either[0]
        indexes = [create_index(node, needs(node, part).keys) for part in alternatives(term)]
        sql = "\n".join(dict.fromkeys(indexes))
        yield _found(view, "or-over-columns", node, share, {"condition": without_qualifiers(term)}, sql)
