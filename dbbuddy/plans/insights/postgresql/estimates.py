"""Rules about estimates: where one goes wrong first, and why."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.conditions import Comparison, columns_of, comparison, conjuncts
from dbbuddy.plans.insights.postgresql.facts import (
    JOINS,
    can_be_indexed,
    count,
    is_small,
    loops,
    number,
    quoted,
    severity,
    table,
    text,
    title,
    with_workers,
)
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

FACTOR = 10.0
"""Estimates off by less do little harm (pev2 marks 10, 100 and 1000)."""
ROWS = 1000.0
"""A difference of fewer rows over all loops does not matter."""
MOST = 50
"""Only the worst are told."""
_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Heap Scan", "Tid Scan", "Tid Range Scan", "Foreign Scan")
_FUNCTIONS = ("Function Scan", "Table Function Scan", "ProjectSet")
_PASS_ON = (
    "Hash", "Materialize", "Memoize", "Gather", "Gather Merge", "Sort", "Incremental Sort", "LockRows", "Limit", "BitmapAnd",
    "BitmapOr", "Bitmap Index Scan", "ModifyTable", "Subquery Scan", "Append", "Merge Append", "Result", "CTE Scan",
    "WorkTable Scan",
)  # fmt: skip
_BLOCKING = ("Sort", "Incremental Sort", "Hash", "Aggregate", "Materialize", "WindowAgg", "SetOp")
_BUILT_IN = ("generate_series", "unnest", "json", "jsonb", "regexp", "string_to_table", "pg_", "xmltable")


def row_misestimates(view: PlanView) -> Iterator[Found]:
    """The lowest nodes whose estimate is 10 times off, each with its likeliest cause."""
    if not view.ran:
        return
    early = _ended_early(view)
    wrong: set[int] = set()
    found: list[tuple[PlanNode, float]] = []
    for node in reversed(view.nodes):
        if any(id(child) in wrong for child in node.children):
            wrong.add(id(node))
            continue
        factor = misestimate(node)
        if factor is None or 1 / FACTOR < factor < FACTOR or node.type in _PASS_ON:
            continue
        difference = abs((node.rows_actual or 0.0) - (node.rows_estimated or 0.0)) * loops(node)
        if difference < ROWS or (factor < 1 and id(node) in early):
            continue
        wrong.add(id(node))
        found.append((node, factor))
    found.sort(key=lambda one: max(one[1], 1 / one[1]), reverse=True)
    for node, factor in found[:MOST]:
        yield _explained(view, node, factor)


def _ended_early(view: PlanView) -> set[int]:
    """Nodes that may give fewer rows than there are, since what is above them had enough."""
    early: set[int] = set()
    for node in view.nodes:
        if node.type in _BLOCKING and node.type != "Materialize":
            continue
        stops = node.type in ("Limit", "Merge Join") or id(node) in early
        for number_, child in enumerate(node.children):
            semi = number_ == 1 and node.details.get("Join Type") in ("Semi", "Anti", "Right Semi", "Right Anti")
            unique = number_ == 1 and node.details.get("Inner Unique") is True
            if stops or semi or unique or (node.type == "Nested Loop" and semi) or child.role in ("InitPlan", "SubPlan"):
                early.add(id(child))
    return early


def _explained(view: PlanView, node: PlanNode, factor: float) -> Found:
    harm = _harm(view, node, factor)
    level = severity(view, harm) if harm is not None else "low"
    if harm is not None and level is None:
        level = _by_factor(view, factor)
    said = [f"{title(node)}: rows={count(node.rows_estimated or 0.0)} estimated, {count(node.rows_actual or 0.0)} actual"]
    said.extend(
        f"{key}: {text(node, key)}" for key in ("Index Cond", "Recheck Cond", "Filter", "Hash Cond", "Group Key") if text(node, key)
    )
    times = f"{count(max(factor, 1 / factor))} times too {'low' if factor > 1 else 'high'}"
    values = {"table": node.relation or "", "node": title(node), "times": times}
    name, sql = _cause(node, factor, values)
    return Found(name, node, tuple(said), None, level, values=values, sql=sql)


def _by_factor(view: PlanView, factor: float) -> Severity:
    off = max(factor, 1 / factor)
    return "low" if off < 100 or is_small(view) else "medium"


def _harm(view: PlanView, node: PlanNode, factor: float) -> float | None:
    """The share of a node above that the error may have misled: a join, or a sort or hash that spilled."""
    if factor < 1:
        return None
    misled = [
        view.share(above)
        for above in islice(view.ancestors(node), 50)
        if above.type in JOINS or text(above, "Sort Space Type") == "Disk" or number(above, "Hash Batches") > 1
    ]
    return sum(misled) if misled else None


def _cause(node: PlanNode, factor: float, values: dict[str, str]) -> tuple[str, str]:
    if node.type in _FUNCTIONS:
        function = text(node, "Function Name")
        known = bool(function) and not function.startswith(_BUILT_IN)
        values["function"] = function or "the function"
        rows = max(1.0, round(node.rows_actual or 0.0))
        return "default-estimate", f"ALTER FUNCTION {quoted(function)} ROWS {rows:.0f};" if known else ""
    if node.type not in _SCANS or not can_be_indexed(node):
        return "row-misestimate", ""
    conditions = [text(node, key) for key in ("Index Cond", "Recheck Cond", "Filter")]
    terms = [term for condition in conditions if condition for term in conjuncts(condition)]
    compared = [found for found in (comparison(term) for term in dict.fromkeys(terms)) if found is not None]
    equal = list(dict.fromkeys(_equal_column(found) for found in compared if _equal_column(found)))
    if len(equal) >= 2 and factor > 1:
        columns = ", ".join(str(column) for column in equal[:8])
        values["columns"] = columns
        return (
            "correlated-columns",
            f"CREATE STATISTICS (dependencies, mcv) ON {columns} FROM {table(node)};\nANALYZE {table(node)};",
        )
    if len(compared) < len(set(terms)) or any(not found.left.bare for found in compared) or _against_columns(compared):
        return "row-misestimate", f"ANALYZE {table(node)};"
    return "stale-statistics", f"ANALYZE {table(node)};"


def _equal_column(compared: Comparison) -> str | None:
    constant = compared.right is not None and compared.right.constant
    return (
        compared.left.column.name if compared.operator == "=" and compared.left.bare and compared.left.column and constant else None
    )


def _against_columns(compared: list[Comparison]) -> bool:
    """True for a value that is not known when the plan is made: another column, a parameter, a subquery's result."""
    values = [found.right.text for found in compared if found.right is not None]
    return any(columns_of(value) or "$" in value.partition("'")[0] or "InitPlan" in value for value in values)


def estimate_only(view: PlanView) -> Iterator[Found]:
    """The statement was not run: all that is said rests on estimates."""
    if not view.ran:
        root = view.plan.root
        cost = f"{title(root)}: cost={count(root.total_cost)}" if root.total_cost is not None else title(root)
        statement = (view.plan.statement or "").strip().rstrip(";")
        sql = f"EXPLAIN (ANALYZE, BUFFERS)\n{statement};" if _reads(statement) else ""
        yield Found("estimate-only", None, (f"{cost}, without actual rows and times",), None, "info", "estimated", sql=sql)


def _reads(statement: str) -> bool:
    return statement[:6].upper() == "SELECT" and "$" not in statement


def never_executed(view: PlanView) -> Iterator[Found]:
    """Parts of the plan that did not run, each named by its top node, in one finding."""
    tops = [node for node in view.nodes if node.loops == 0 and (view.parent(node) is None or _ran(view, node))]
    if tops and view.ran:
        said = [f"{title(node)}: never executed" for node in tops[:5]]
        if len(tops) > 5:
            said.append(f"and {len(tops) - 5} more")
        yield Found("never-executed", tops[0], tuple(said), None, "info", values={"count": str(len(tops))})


def _ran(view: PlanView, node: PlanNode) -> bool:
    parent = view.parent(node)
    return parent is not None and parent.loops != 0 and with_workers(node, "Actual Loops") == 0
