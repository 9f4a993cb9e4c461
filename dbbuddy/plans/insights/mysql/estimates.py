"""Rules about the optimizer's estimates of rows."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.mysql.access import Access, accesses
from dbbuddy.plans.insights.mysql.conditions import wants
from dbbuddy.plans.insights.mysql.facts import MATTERS, base_table, count, quoted, severity, told, work_below
from dbbuddy.plans.insights.view import PlanView, misestimate
from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.mysql.values import number

FACTOR = 10.0
"""How far an estimate may be off, per loop (ora-viz's and pev2's first level)."""
FEW_ROWS = 100.0
"""Neither rows expected nor rows found above this: no other plan would be much better."""


def row_misestimate(view: PlanView, *, factor: float = FACTOR, rows: float = FEW_ROWS) -> Iterator[Found]:
    """The lowest nodes from which on the estimate is off by the factor, with the tables' statistics if those are why."""
    if not view.ran:
        return
    wrong: set[int] = set()
    for node in reversed(view.nodes):
        below = any(id(child) in wrong for child in node.children)
        off = 1.0 if below else _off(view, node, rows)
        if below or off >= factor or off <= 1 / factor:
            wrong.add(id(node))
        if below or not (off >= factor or off <= 1 / factor):
            continue
        if _stops_early(view, node, off):
            continue
        found = _found(view, node, off)
        if found is not None:
            yield found


def _off(view: PlanView, node: PlanNode, rows: float) -> float:
    """How many times too low (over 1) the estimate is, of rows read or, where that is right, of rows kept, which
    matters to what is joined afterwards only.
    """
    off = misestimate(node)
    most = max((node.rows_actual or 0.0), (node.rows_estimated or 0.0)) * (node.loops or 1.0)
    if off is None or most < rows or node.type == "nested_loop" or node.loops == 0:
        return 1.0
    estimated, actual = number(node.details.get("filtered")), number(node.details.get("r_filtered"))
    if len(accesses(view).all) < 2:
        return off
    if FACTOR > off > 1 / FACTOR and estimated is not None and actual is not None:
        kept = max(1.0, (node.rows_actual or 0.0) * actual / 100)
        expected = max(1.0, (node.rows_estimated or 0.0) * estimated / 100)
        return kept / expected
    return off


def _stops_early(view: PlanView, node: PlanNode, off: float) -> bool:
    """True if fewer rows were read because a limit or a semi-join needed no more."""
    if off >= 1:
        return False
    return any(
        "Limit" in above.type or "semijoin" in above.type or "antijoin" in above.type for above in islice(view.ancestors(node), 50)
    )


def _found(view: PlanView, node: PlanNode, off: float) -> Found | None:
    access = accesses(view).by_node.get(id(node))
    share = max(work_below(view, node), *(work_below(view, above) for above in islice(view.ancestors(node), 2)), 0.0)
    if share < MATTERS:
        return None
    grave = severity(view, share / 2)
    said = (
        told(access) if access is not None else str(node.details.get("Operation") or node.type),
        f"estimated rows={count(node.rows_estimated or 0.0)}, actual rows={count(node.rows_actual or 0.0)}"
        + _shares(node)
        + f": {count(round(max(off, 1 / off)))} times too {'low' if off > 1 else 'high'}",
    )
    plain = access is not None and not access.condition and access.kind in ("ALL", "index") and not access.is_intermediate
    values = {"table": access.table if access else node.type, "columns": "", "factor": count(round(max(off, 1 / off)))}
    if access is not None and plain and not (number(node.details.get("r_filtered")) or 100.0) < 100:
        return Found("stale-statistics", node, said, None, grave, "measured", values, _refresh(view, access))
    of = access or _scanned(view, node)
    sql = ""
    if of is not None and not of.is_intermediate:
        columns = wants(_condition(of, node), of.name).columns
        values["table"], values["columns"] = of.table, ", ".join(columns)
        sql = _histogram(view, of, columns)
    return Found("row-misestimate", node, said, None, "low" if grave == "low" else "medium", "measured", values, sql)


def _condition(access: Access, node: PlanNode) -> str:
    return access.condition or str(node.details.get("Filter") or "")


def _scanned(view: PlanView, node: PlanNode) -> Access | None:
    """The table right below a filter."""
    return accesses(view).by_node.get(id(node.children[0])) if node.type == "Filter" and node.children else None


def _shares(node: PlanNode) -> str:
    estimated, actual = node.details.get("filtered"), node.details.get("r_filtered")
    return "" if actual is None else f", filtered={estimated}, r_filtered={actual}"


def _refresh(view: PlanView, access: Access) -> str:
    """Fresh statistics of a table; MariaDB's own ones are refreshed only if they are named."""
    return f"ANALYZE TABLE {base_table(view, access)}" + (" PERSISTENT FOR ALL;" if view.engine == "mariadb" else ";")


def _histogram(view: PlanView, access: Access, columns: list[str]) -> str:
    """Statistics about the values of columns, as each of the two engines collects them."""
    table = base_table(view, access)
    if not columns:
        return f"ANALYZE TABLE {table};"
    listed = ", ".join(quoted(column) for column in columns)
    if view.engine == "mariadb":
        return f"ANALYZE TABLE {table} PERSISTENT FOR COLUMNS ({listed}) INDEXES ALL;"
    return f"ANALYZE TABLE {table} UPDATE HISTOGRAM ON {listed} WITH 100 BUCKETS;"


def estimate_only(view: PlanView) -> Iterator[Found]:
    """A plan that was not executed."""
    if view.ran or not accesses(view).all:
        return
    yield Found(
        "estimate-only",
        None,
        (f"format: {view.plan.format}, no actual rows",),
        None,
        "info",
        "estimated",
        {"format": view.plan.format},
    )
