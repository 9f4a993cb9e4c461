"""What the rules for SQL Server ask of a node or a plan, whichever format it was read from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

import re2

from dbbuddy.plans.insights.find import CRITICAL_SHARE, HIGH_SHARE, MEDIUM_SHARE
from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.sqlserver.names import create_index, table_name, without_suffix
from dbbuddy.plans.insights.sqlserver.predicates import Owner, Predicate, read_predicate
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import Plan, PlanNode
from dbbuddy.severity import SEVERITIES, Severity

_NOT_CODE = re2.compile(r"(?s)N?'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/")
_PASSING_ON = {"Compute Scalar", "Parallelism", "Segment", "Sequence Project", "Top", "Filter", "Bitmap"}
_BOUNDS: tuple[tuple[float, Severity], ...] = ((CRITICAL_SHARE, "critical"), (HIGH_SHARE, "high"), (MEDIUM_SHARE, "medium"))
SHORT = 200
"""Characters of a predicate that evidence quotes."""


def amount(source: PlanNode | dict[str, Any], name: str) -> float:
    """A count that the plan tells, 0 if it does not."""
    value = (source.details if isinstance(source, PlanNode) else source).get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def is_set(source: PlanNode | dict[str, Any], name: str) -> bool:
    """Whether a truth value is there and true (`1` and `true` are both printed)."""
    return (source.details if isinstance(source, PlanNode) else source).get(name) in (True, 1, "1", "true")


def words(node: PlanNode, *names: str) -> str:
    """The first of these details that is there, as one text."""
    for name in names:
        value = node.details.get(name)
        if value:
            return value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return ""


def predicate_text(node: PlanNode) -> str:
    """What the operator filters by, whichever format tells it."""
    return words(node, "Predicate", "WHERE")


def operation(node: PlanNode) -> str:
    """The logical operation (`Inner Join`, `Lazy Spool`, `Top N Sort`), empty if the format does not tell it."""
    return str(node.details.get("LogicalOp", "")).replace("TopN", "Top N")


def shortened(text: str) -> str:
    """A text on one line, cut to what evidence quotes."""
    text = " ".join(text.split())
    return text if len(text) <= SHORT else text[: SHORT - 1] + "…"


def owner(node: PlanNode) -> Owner:
    """The table whose columns are the node's own."""
    return Owner(without_suffix(node.relation or ""), node.alias)


_PREDICATES: WeakKeyDictionary[PlanView, dict[int, Predicate]] = WeakKeyDictionary()


def predicate(view: PlanView, node: PlanNode) -> Predicate:
    """The node's predicate taken apart; kept as long as the view, as several rules ask for it."""
    kept = _PREDICATES.setdefault(view, {})
    if id(node) not in kept:
        kept[id(node)] = read_predicate(predicate_text(node), owner(node))
    return kept[id(node)]


def table(node: PlanNode) -> str:
    """The table as SQL names it; the operator where no table is read."""
    return table_name(node.schema, node.relation) if node.relation else node.type


def named(node: PlanNode) -> str:
    """The operator with its table, as evidence names it."""
    return f"{node.type} on {node.relation}" if node.relation else node.type


def is_system(node: PlanNode) -> bool:
    """Whether the table is the engine's own, which nobody can index."""
    return (node.schema or "").lower() == "sys" or ((node.relation or "").upper().startswith("SYS") and node.schema is None)


def is_columnstore(node: PlanNode) -> bool:
    """Whether rows come from a columnstore."""
    return "Columnstore" in node.type or node.details.get("Storage") == "ColumnStore"


def is_scan(node: PlanNode) -> bool:
    """Whether the operator reads a whole table or index of rows."""
    return (
        node.relation is not None
        and "Scan" in node.type
        and "Constant" not in node.type
        and "Remote" not in node.type
        and not is_columnstore(node)
    )


def is_lookup(node: PlanNode) -> bool:
    """Whether the operator fetches single rows that an index found."""
    return is_set(node, "Lookup") or "Lookup" in node.type or "LOOKUP" in words(node, "Flags")


def is_exchange(node: PlanNode) -> bool:
    """Whether the operator moves rows between threads."""
    return node.type == "Parallelism"


def is_join(node: PlanNode) -> bool:
    """Whether the operator joins, by any method."""
    return "Join" in operation(node) or node.type in {"Nested Loops", "Merge Join", "Adaptive Join"}


def is_batch(node: PlanNode) -> bool:
    """Whether the operator works on batches of rows."""
    return node.details.get("ActualExecutionMode", node.details.get("EstimatedExecutionMode")) == "Batch"


def did_run(node: PlanNode) -> bool | None:
    """Whether the operator was executed; `None` if the plan is an estimate."""
    return None if node.loops is None else node.loops > 0


def executions(node: PlanNode) -> float:
    """How often the operator ran, or is expected to run."""
    if node.loops is not None:
        return node.loops
    told = amount(node, "EstimateExecutions")
    return told or 1 + amount(node, "EstimateRebinds") + amount(node, "EstimateRewinds")


def rows_total(node: PlanNode) -> float:
    """Rows that left the operator over all executions, the estimate if it was not measured."""
    if node.rows_actual is None:
        return (node.rows_estimated or 0.0) * executions(node)
    return amount(node, "ActualRows") or node.rows_actual * (node.loops or 0)


def rows_read(node: PlanNode) -> float:
    """Rows that a scan or seek looked at, those it threw away included."""
    if node.loops is not None:
        return amount(node, "ActualRowsRead") or rows_total(node)
    per_execution = amount(node, "EstimatedRowsRead") or amount(node, "TableCardinality") or node.rows_estimated or 0.0
    return per_execution * executions(node)


def plan_warnings(plan: Plan) -> list[dict[str, Any]]:
    """The warnings of the statement, each with its name as `Warning`."""
    return _dicts(plan.details.get("Warnings"))


def node_warnings(node: PlanNode) -> list[dict[str, Any]]:
    """The warnings of the operator, each with its name as `Warning`."""
    return _dicts(node.details.get("Warnings"))


def spill_warnings(node: PlanNode) -> list[dict[str, Any]]:
    """The warnings that something went to tempdb."""
    return [warning for warning in node_warnings(node) if "Spill" in str(warning["Warning"])]


def _dicts(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, str):
        return [{"Warning": value}]
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def statement_code(plan: Plan) -> str:
    """The statement in capitals without comments and literals, to look for hints in."""
    return str(_NOT_CODE.sub(" ", plan.statement or "")).upper()


def own_columns(node: PlanNode, text: str) -> list[str]:
    """The columns of the node's own table in a list such as `[a].[Id], [a].[Name] DESC, Expr1001`."""
    mine = owner(node)
    wanted = {name.lower() for name in (mine.relation, mine.alias) if name}
    found: list[str] = []
    for part in text.replace(" DESC", "").replace(" ASC", "").split("], "):
        before, dot, column = part.rpartition(".[")
        if dot and before.rpartition("[")[2].rstrip("]").lower() in wanted:
            found.append(column.removesuffix("]").replace("]]", "]"))
    return found


def index_for(view: PlanView, node: PlanNode) -> str:
    """An index that finds the rows which the node's predicate keeps and covers what it gives; empty if none can be told."""
    found = predicate(view, node)
    keys = found.keys()
    if is_system(node):
        return ""
    return create_index(node.schema, node.relation, keys, [*found.columns(), *own_columns(node, words(node, "OutputList"))])


def receivers(view: PlanView, node: PlanNode) -> Iterator[PlanNode]:
    """The operators above, up to and with the first that does more than to pass rows on."""
    for above in view.ancestors(node):
        yield above
        if above.type not in _PASSING_ON:
            return


def totals_below(view: PlanView, name: str) -> dict[int, float]:
    """The sum of a counter over each node and all below it, by the node's id."""
    sums: dict[int, float] = {}
    for node in reversed(view.nodes):
        sums[id(node)] = amount(node, name) + sum(sums[id(child)] for child in node.children)
    return sums


def milliseconds(value: float) -> str:
    """A time as people read it."""
    return f"{value:,.0f} ms"


def counted(value: float) -> str:
    """A number of rows as people read it."""
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.2g}"


def percent(share: float) -> str:
    """A share as people read it."""
    return f"{share * 100:.0f} %" if share >= 0.01 or not share else "under 1 %"


def found(
    view: PlanView,
    name: str,
    node: PlanNode | None,
    evidence: list[str],
    share: float | None = None,
    severity: Severity | None = None,
    sql: str | None = None,
    **values: str,
) -> Found:
    """What a rule saw, with the values that every text may speak of: `operator` and `table`."""
    measured = view.ran and (node is None or did_run(node) is not None or node.self_ms is not None)
    return Found(
        id=name,
        node=node,
        evidence=tuple(line for line in evidence if line),
        saving_share=share,
        severity=severity,
        basis="measured" if measured else "estimated",
        values={"operator": node.type if node else "", "table": table(node) if node else "", **values},
        sql=sql,
    )


def at_most(severity: Severity, share: float | None) -> Severity:
    """The severity by share, but not above the one given: for what cannot be told for sure."""
    by_share: Severity = "low"
    for bound, name in _BOUNDS:
        if (share or 0.0) >= bound:
            by_share = name
            break
    return max(by_share, severity, key=SEVERITIES.index)


def at_least(severity: Severity, share: float | None) -> Severity:
    """The severity by share, but not below the one given."""
    return min(at_most("critical", share), severity, key=SEVERITIES.index)
