"""A copy of a plan in which no name and no literal of the user's stands. Types, operators, functions and settings stay."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import re2

from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.plans.share.expressions import Names, hidden

# Properties whose texts are words of the engine, in which only known names are replaced.
_ENGINE_WORDS = frozenset(
    """
    Join Type|Strategy|Partial Mode|Parent Relationship|Sort Method|Sort Space Type|Scan Direction|Command|Cache Mode|
    Storage|LogicalOp|PhysicalOp|EstimatedExecutionMode|ActualExecutionMode|IndexKind|ScanDirection|PartitioningType|access_type|
    select_type|Extra|IN-OUT|PQ Distrib|Workarea Passes|Warnings|Pstart|Pstop|TQ|join_type|type|message|Query Block|
    Custom Plan Provider|Sort Methods Used|algorithm|mrr_type|Group Count|operation|materialized_from_subquery|Statistics
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
_NUMBER_LIKE = re2.compile(r"[\d.,:/ +\-%()<>=]*(x|[kKMGTP]?i?[bB]?|ms|us|s)?")
_KEPT_OF_PLAN = frozenset(
    ("Settings", "JIT", "Planning", "Serialization", "DegreeOfParallelism", "MemoryGrantInfo", "StatementType")
)
_READ_OF_PLAN = frozenset(("Triggers", "MissingIndexes", "ParameterList"))
_NAME_LISTS = ("possible_keys", "key", "used_key_parts", "ref", "Database", "Schema", "Table", "Index", "Name")


def anonymised(plan: Plan) -> Plan:
    """The plan with tables, indexes, columns, parameters and literals as tokens: the same name, the same token.

    What is told outside the plan (session, program, outline, notes) is left out, but for settings, waits, triggers, parameters
    and indexes that the optimizer asks for.
    """
    names = Names()
    nodes = [*plan.root.walk()]
    for node in nodes:
        _register(node, names)
    copies = [_copied(node, names) for node in nodes]
    of = {id(node): mine for node, mine in zip(nodes, copies, strict=True)}
    for node, mine in zip(nodes, copies, strict=True):
        mine.children = [of[id(child)] for child in node.children]
    details = {name: copy.deepcopy(value) for name, value in plan.details.items() if name in _KEPT_OF_PLAN}
    details |= {
        name: _value(value, lambda text: hidden(text, names)) for name, value in plan.details.items() if name in _READ_OF_PLAN
    }
    statement = None if plan.statement is None else hidden(plan.statement, names)
    return Plan(plan.engine, plan.format, of[id(plan.root)], dict(plan.totals), statement, details)


def _register(node: PlanNode, names: Names) -> None:
    """Give the names that a node tells their tokens, before conditions are read that speak of them."""
    for name, kind in ((node.relation, "table"), (node.schema, "schema"), (node.alias, "alias")):
        if name:
            names.token(name, kind)
    for index in (node.index or "").split(","):
        if index.strip():
            names.token(index.strip(), "index")
    if node.role.startswith("CTE "):
        names.token(node.role[4:], "table")
    for key in _NAME_LISTS:
        value = node.details.get(key)
        for name in value if isinstance(value, list) else [value]:
            if isinstance(name, str) and name.replace("_", "").isalnum():
                names.token(name, "index" if "key" in key.lower() and "part" not in key else "column")


def _copied(node: PlanNode, names: Names) -> PlanNode:
    def named(name: str | None, kind: str) -> str | None:
        return None if name is None else names.token(name, kind)

    mine = copy.copy(node)
    mine.type = names.in_prose(node.type)
    mine.role = f"CTE {names.token(node.role[4:], 'table')}" if node.role.startswith("CTE ") else names.in_prose(node.role)
    mine.relation, mine.schema, mine.alias = (
        named(node.relation, "table"),
        named(node.schema, "schema"),
        named(node.alias, "alias"),
    )
    if node.index is not None:
        mine.index = ",".join(names.token(part.strip(), "index") for part in node.index.split(","))
    mine.details = {key: _property(key, value, names) for key, value in node.details.items()}
    mine.lines = ()
    return mine


def _property(key: str, value: Any, names: Names) -> Any:
    if key == "Operation":
        return _value(value, lambda text: _operation(text, names))
    if key in _ENGINE_WORDS:
        return _value(value, names.in_prose)
    return _value(value, lambda text: text if _NUMBER_LIKE.fullmatch(text) else hidden(text, names))


def _operation(text: str, names: Names) -> str:
    """A line of MySQL's tree: the engine's words up to a colon or a bracket, conditions and lists behind it."""
    ends = [place for place in (text.find(": "), text.find(" (")) if place >= 0]
    head = min(ends, default=len(text))
    return names.in_prose(text[:head]) + hidden(text[head:], names)


def _value(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every text in it changed, in lists and dictionaries too; names of properties stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_value(inner, change) for inner in value]
    if isinstance(value, dict):
        return {name: _value(inner, change) for name, inner in value.items()}
    return value
