"""Rules about estimates: the lowest operation where one is far off, and what Oracle did not know about a table."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.oracle.facts import line, portion, predicates, quoted, table_of
from dbbuddy.plans.insights.oracle.predicates import access_text, compared, filter_text, wrapped
from dbbuddy.plans.insights.view import PlanView, rows_out
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

BAD_FACTOR = 10.0
"""ora-explain-plan-viz warns from 3 and calls 10 bad; only bad ones are shown."""
TRACE_FACTOR = 3.0
"""An operation whose input is off by as much in the same direction is not where the error starts."""
LEAST_ROWS = 1000.0
MOST_ANCESTORS = 100
"""How far rules look up and down a plan from one operation."""
PIPELINED_GUESS = 8168.0
"""The estimate of a table function in a database with blocks of 8 kB (Database SQL Tuning Guide, table functions)."""
_STOPS_EARLY = ("COUNT STOPKEY", "WINDOW NOSORT STOPKEY", "NESTED LOOPS SEMI", "NESTED LOOPS ANTI", "FILTER", "FIRST ROW")
_READ_AGAIN = ("SORT JOIN", "BUFFER SORT", "RESULT CACHE", "PX ", "COUNT", "FIRST ROW", "STATISTICS COLLECTOR", "SORT AGGREGATE")
_FUNCTION = "COLLECTION ITERATOR"


def factor_of(view: PlanView, node: PlanNode) -> float | None:
    """A-Rows over E-Rows times Starts; `None` where the two do not speak of the same thing."""
    if node.rows_estimated is None or node.rows_actual is None or not node.loops or facts.inactive(node):
        return None
    above = view.parent(node)
    if facts.is_rowid_access(node) and not node.children:
        return None
    shared = node.loops_per_estimate
    if above is not None and above.type.startswith("INLIST ITERATOR"):
        shared = max(shared, node.loops)
    return max(node.rows_actual * shared, 1.0) / max(node.rows_estimated, 1.0)


def row_misestimate(view: PlanView, *, bad: float = BAD_FACTOR, least_rows: float = LEAST_ROWS) -> Iterator[Found]:
    """Operations that gave ten times more or fewer rows than expected, while their inputs were right."""
    cut_off = _cut_off(view)
    seen: set[tuple[str, str]] = set()
    for node in view.nodes:
        factor = factor_of(view, node)
        if factor is None or bad > factor > 1 / bad or node.type.startswith((*_READ_AGAIN, _FUNCTION)):
            continue
        rows = max(rows_out(node) or 0.0, (node.rows_estimated or 0.0) * (node.loops or 1) / node.loops_per_estimate)
        if (
            rows < least_rows
            or (factor < 1 and (id(node) in cut_off or _is_thinned(view, node)))
            or _starts_below(view, node, factor)
        ):
            continue
        source = (table_of(view, node), " ".join(predicates(node)))
        if source[0].startswith("SYS_TEMP"):
            continue
        if source[0] and source in seen:
            continue
        seen.add(source)
        yield _misestimate(view, node, factor)


def _cut_off(view: PlanView) -> set[int]:
    """Operations that were not asked for all their rows: fewer came for that reason alone."""
    if facts.is_running(view):
        return {id(node) for node in view.nodes}
    found: set[int] = set()
    for node in view.nodes:
        above = view.parent(node)
        if above is None:
            continue
        empty_build = above.type.startswith("HASH JOIN") and node is not above.children[0] and not rows_out(above.children[0])
        if id(above) in found or above.type.startswith(_STOPS_EARLY) or empty_build:
            found.add(id(node))
    return found


def _is_thinned(view: PlanView, node: PlanNode) -> bool:
    """True where rows are left out that the estimate counts: Bloom filters, zone maps, aggregation in the storage or in memory,
    ranks that are cut off; and of groups, of which too many are expected without any harm.
    """
    if node.type.startswith(("WINDOW", "HASH GROUP BY", "SORT GROUP BY", "HASH UNIQUE", "SORT UNIQUE")):
        return True
    above = view.parent(node)
    if above is not None and above.type.startswith("JOIN FILTER USE"):
        return True
    own = " ".join(predicates(node))
    return "STORAGE" in node.type or "INMEMORY" in node.type or "SYS_OP_BLOOM_FILTER" in own or "SYS_ZMAP_FILTER" in own


def _starts_below(view: PlanView, node: PlanNode, factor: float) -> bool:
    """Whether an input is off in the same direction already; what has no estimate of its own is looked through."""
    for child in node.children:
        factors = (factor_of(view, below) for below in islice(child.walk(), MOST_ANCESTORS))
        of_child = next((found for found in factors if found is not None), None)
        if of_child is not None and (of_child >= TRACE_FACTOR if factor > 1 else of_child <= 1 / TRACE_FACTOR):
            return True
    return False


def _misestimate(view: PlanView, node: PlanNode, factor: float) -> Found:
    harmed = _harmed(view, node) if factor > 1 else []
    saved = min(1.0, sum(facts.below(view, one) for one in harmed)) if harmed else None
    said = [line(node), *predicates(node)]
    said.extend(f"{line(one)}: {portion(view, facts.below(view, one))}" for one in harmed[:3])
    values = {
        "operation": facts.title(node),
        "estimated": f"{node.rows_estimated or 0:,.0f}",
        "times": f"{max(factor, 1 / factor):,.0f} times too {'low' if factor > 1 else 'high'}",
        "table": table_of(view, node) or "the tables below it",
        "columns": "",
    }
    name, sql = _cause(view, node, factor, values)
    level: Severity | None = facts.severity(view, saved) if saved is not None else _by_factor(view, factor)
    return Found(name, node, tuple(said), saved, level, values=values, sql=sql)


def _by_factor(view: PlanView, factor: float) -> Severity:
    """Too many rows expected costs little but memory; too few can make any plan above wrong."""
    return "low" if facts.is_small(view) or factor < 100 else "medium"


def _harmed(view: PlanView, node: PlanNode) -> list[PlanNode]:
    """The inner sides of nested loops that ran far more often than planned, as the node is on their outer side."""
    found: list[PlanNode] = []
    came_from = node
    for above in islice(view.ancestors(node), MOST_ANCESTORS):
        if above.type.startswith("NESTED LOOPS") and above.children and came_from is above.children[0]:
            found.extend(child for child in above.children[1:] if facts.below(view, child) >= facts.MATTERS)
        came_from = above
        if above.type.startswith(("SORT AGGREGATE", "HASH GROUP BY", "SORT GROUP BY")):
            break
    return found


def gather(view: PlanView, node: PlanNode, method: str = "") -> str:
    """A call that gathers the statistics of the node's table; empty if it is not told."""
    table = table_of(view, node)
    if not table or not facts.can_be_indexed(view, node):
        return ""
    owner = f"'{_literal(node.schema)}'" if node.schema else "USER"
    options = f", method_opt => '{method}'" if method else ""
    return f"BEGIN\n  DBMS_STATS.GATHER_TABLE_STATS(ownname => {owner}, tabname => '{_literal(table)}'{options});\nEND;\n/"


def _literal(name: str) -> str:
    plain = quoted(name)
    return plain.replace("'", "''")


def _cause(view: PlanView, node: PlanNode, factor: float, values: dict[str, str]) -> tuple[str, str]:
    access, filters = access_text(node), filter_text(node)
    reads_table = facts.is_full_scan(node) or facts.is_rowid_access(node) or node.type.startswith("INDEX")
    if not reads_table or not table_of(view, node):
        return "row-misestimate", ""
    if facts.is_rowid_access(node):
        access = " AND ".join(text for child in node.children if (text := access_text(child)))
    if not access and not filters and facts.is_full_scan(node) and any(predicates(one) for one in view.nodes):
        return "stale-statistics", gather(view, node)
    both = f"{access} AND {filters}"
    equal = list(dict.fromkeys(one.column for one in compared(both) if one.sign == "=" and not one.join))
    if len(equal) >= 2 and factor > 1 and " OR " not in both and not wrapped(both):
        values["columns"] = ", ".join(equal[:8])
        return "correlated-columns", _extend(view, node, equal[:8])
    return "row-misestimate", gather(view, node, "FOR ALL COLUMNS SIZE SKEWONLY")


def _extend(view: PlanView, node: PlanNode, columns: list[str]) -> str:
    table = table_of(view, node)
    owner = f"'{_literal(node.schema)}'" if node.schema else "USER"
    group = ",".join(_literal(column) for column in columns)
    create = f"SELECT DBMS_STATS.CREATE_EXTENDED_STATS({owner}, '{_literal(table)}', '({group})') FROM dual;"
    return f"{create}\n{gather(view, node, 'FOR ALL COLUMNS SIZE AUTO')}"


def default_estimate(view: PlanView, *, bad: float = BAD_FACTOR) -> Iterator[Found]:
    """A table function whose rows Oracle guesses by the block size (8168), while far fewer or more came."""
    for node in view.nodes:
        if not node.type.startswith(_FUNCTION) or node.rows_estimated is None or facts.inactive(node):
            continue
        factor = factor_of(view, node)
        if factor is None and not view.ran and node.rows_estimated == PIPELINED_GUESS and len(view.nodes) > 3:
            yield _guess(node, "the block size decides", "low")
        elif factor is not None and (factor >= bad or factor <= 1 / bad):
            yield _guess(node, f"{rows_out(node) or 0:,.0f} came", "low" if facts.is_small(view) else "medium")


def _guess(node: PlanNode, came: str, level: Severity) -> Found:
    rows = max(1.0, round(node.rows_actual or 0.0))
    values = {"operation": facts.title(node), "rows": f"{rows:.0f}", "came": came}
    return Found(
        "default-estimate", node, (line(node),), None, level, "measured" if node.rows_actual is not None else "estimated", values
    )


def estimate_only(view: PlanView) -> Iterator[Found]:
    """No counts of a run: all that is said rests on estimates."""
    if not view.ran:
        root = view.plan.root
        note = next((text for text in view.plan.details.get("Notes", ()) if "statistics not available" in str(text)), "")
        cost = f"{facts.title(root)}: Cost {root.total_cost:,.0f}" if root.total_cost is not None else facts.title(root)
        said = (f"{cost}, without A-Rows and A-Time", *((f"Note: {note}",) if note else ()))
        yield Found("estimate-only", None, said, None, "info", "estimated")


def never_executed(view: PlanView) -> Iterator[Found]:
    """Parts of the plan with Starts 0, each named by its top, in one finding; lines that were not chosen do not count."""
    if not view.ran or facts.is_running(view) or any(node.type.startswith("RESULT CACHE") for node in view.nodes[:3]):
        return
    tops = [
        node
        for node in view.nodes
        if node.loops == 0 and not facts.inactive(node) and (view.parent(node) is None or _ran(view.parent(node)))
    ]
    if tops:
        said = [line(node) for node in tops[:5]]
        if len(tops) > 5:
            said.append(f"and {len(tops) - 5} more")
        yield Found("never-executed", tops[0], tuple(said), None, "info", values={"count": str(len(tops))})


def _ran(node: PlanNode | None) -> bool:
    return node is not None and bool(node.loops) and not facts.inactive(node)
