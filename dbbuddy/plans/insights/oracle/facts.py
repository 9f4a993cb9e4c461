"""What rules ask of an Oracle operation: its share of the work, rows and starts, names for people and for SQL."""

from __future__ import annotations

from typing import Literal
from weakref import WeakKeyDictionary

import re2

from dbbuddy.plans.describe import duration, percent, shortened
from dbbuddy.plans.insights.find import HIGH_SHARE
from dbbuddy.plans.insights.insight import Basis
from dbbuddy.plans.insights.view import PlanView, rows_out
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

SMALL_MS = 20.0
"""A statement that takes less gains nothing that a user would notice; A-Time is printed in steps of 10 ms."""
SMALL_COST = 100.0
"""The same for a plan without times; a cost of 1 is one single-block read."""
MATTERS = 0.05
"""An operation with a smaller share of the whole is left alone."""
_PLAIN_NAME = re2.compile(r"^[A-Z][A-Z0-9_$#]{0,127}$")
_RESERVED_WORDS = (
    "ACCESS ADD ALL ALTER AND ANY AS ASC AUDIT BETWEEN BY CHAR CHECK CLUSTER COLUMN COMMENT COMPRESS CONNECT CREATE CURRENT "
    "DATE DECIMAL DEFAULT DELETE DESC DISTINCT DROP ELSE EXCLUSIVE EXISTS FILE FLOAT FOR FROM GRANT GROUP HAVING IDENTIFIED "
    "IMMEDIATE IN INCREMENT INDEX INITIAL INSERT INTEGER INTERSECT INTO IS LEVEL LIKE LOCK LONG MAXEXTENTS MINUS MLSLABEL "
    "MODE MODIFY NOAUDIT NOCOMPRESS NOT NOWAIT NULL NUMBER OF OFFLINE ON ONLINE OPTION OR ORDER PCTFREE PRIOR PUBLIC RAW "
    "RENAME RESOURCE REVOKE ROW ROWID ROWNUM ROWS SELECT SESSION SET SHARE SIZE SMALLINT START SUCCESSFUL SYNONYM SYSDATE "
    "TABLE THEN TO TRIGGER UID UNION UNIQUE UPDATE USER VALIDATE VALUES VARCHAR VARCHAR2 VIEW WHENEVER WHERE WITH"
)
_RESERVED = frozenset(_RESERVED_WORDS.split())

Measure = Literal["time", "rows", "cost"]


class Work:
    """Each operation's part of the whole: of the time where that is known; else, of a plan that ran, of the rows that were
    handled and the starts; else of the estimated cost. Linear in the number of operations.
    """

    def __init__(self, view: PlanView) -> None:
        self.measure: Measure = "time" if view.measured else "rows" if view.ran else "cost"
        if self.measure == "time":
            own = {id(node): node.self_ms or 0.0 for node in view.nodes}
            whole = view.total_ms
        else:
            own = _handled(view) if self.measure == "rows" else _costs(view)
            whole = sum(own.values())
        self._own = {number: min(1.0, value / whole) if whole else 0.0 for number, value in own.items()}
        self._below: dict[int, float] = {}
        for node in reversed(view.nodes):
            self._below[id(node)] = min(1.0, self._own[id(node)] + sum(self._below[id(child)] for child in node.children))

    def share(self, node: PlanNode) -> float:
        return self._own[id(node)]

    def below(self, node: PlanNode) -> float:
        return self._below[id(node)]


def _handled(view: PlanView) -> dict[int, float]:
    return {
        id(node): (node.loops or 0.0) + (rows_out(node) or 0.0) + sum(rows_out(child) or 0.0 for child in node.children)
        for node in view.nodes
    }


def _costs(view: PlanView) -> dict[int, float]:
    """Own costs; an operation without one (PX COORDINATOR) costs what is below it, an inner side as often as it starts.

    Costs are printed rounded, so what a nested loop costs beyond its outer side is its inner side's.
    """
    told: dict[int, float] = {}
    for node in reversed(view.nodes):
        told[id(node)] = sum(told[id(child)] for child in node.children) if node.total_cost is None else node.total_cost
    whole = {id(view.plan.root): told[id(view.plan.root)]}
    own: dict[int, float] = {}
    for node in view.nodes:
        mine = whole[id(node)]
        below = [told[id(child)] * _starts(node, child) for child in node.children]
        scale = min(1.0, mine / sum(below)) if sum(below) > 0 else 0.0
        for child, cost in zip(node.children, below, strict=True):
            whole[id(child)] = cost * scale
        own[id(node)] = max(0.0, mine - sum(below) * scale)
        if node.type.startswith("NESTED LOOPS") and len(node.children) > 1:
            whole[id(node.children[1])] += own[id(node)]
            own[id(node)] = 0.0
    return own


def _starts(node: PlanNode, child: PlanNode) -> float:
    if child is node.children[0] or not (node.type.startswith("NESTED LOOPS") or node.type == "FILTER"):
        return 1.0
    return max(1.0, node.children[0].rows_estimated or 1.0)


_WORK: WeakKeyDictionary[PlanView, Work] = WeakKeyDictionary()


def work(view: PlanView) -> Work:
    """The shares of the plan's operations, computed once."""
    found = _WORK.get(view)
    if found is None:
        found = _WORK[view] = Work(view)
    return found


def share(view: PlanView, node: PlanNode) -> float:
    """The operation's own part of the whole, 0 to 1."""
    return work(view).share(node)


def below(view: PlanView, node: PlanNode) -> float:
    """The part of the operation with all that is below it."""
    return work(view).below(node)


def is_small(view: PlanView) -> bool:
    """True if nobody would notice a faster statement; a plan without time and cost is never small."""
    if view.measured or view.plan.totals.get("execution_ms"):
        return view.total_ms < SMALL_MS
    costs = [node.total_cost for node in view.nodes[:2] if node.total_cost is not None]
    return bool(costs) and max(costs) < SMALL_COST


def severity(view: PlanView, saved: float | None, most: Severity | None = None) -> Severity | None:
    """Where the share alone would say too much: a small statement, or a share that is not one of time. `most` is the cap."""
    if is_small(view):
        return "low"
    if saved is None or saved < HIGH_SHARE:
        return None
    if most is not None:
        return most
    return "high" if work(view).measure != "time" else None


def basis(view: PlanView) -> Basis:
    """Whether the evidence was measured."""
    return "measured" if view.ran else "estimated"


def portion(view: PlanView, part: float) -> str:
    """The part with what it is a part of."""
    measure = work(view).measure
    if measure == "time":
        return f"{percent(part)} of the time ({duration(part * view.total_ms)} of {duration(view.total_ms)})"
    return f"{percent(part)} of {'the rows and starts' if measure == 'rows' else 'the estimated cost'}"


def inactive(node: PlanNode) -> bool:
    """True for a line of an adaptive plan that was not chosen."""
    return bool(node.details.get("Inactive"))


def is_running(view: PlanView) -> bool:
    """True for a report of a statement that had not ended."""
    status = str(view.plan.details.get("Status") or view.plan.details.get("status") or "")
    return status.startswith(("EXECUTING", "QUEUED"))


def starts(node: PlanNode) -> float:
    """How often the operation ran; 1 where that is not told."""
    return 1.0 if node.loops is None else node.loops


def expected(view: PlanView, node: PlanNode) -> float:
    """Rows of all starts: counted, or as estimated (of one start) where the statement was not run."""
    return (rows_out(node) or 0.0) if view.ran else (node.rows_estimated or 0.0)


def amount(node: PlanNode, *names: str) -> float:
    """The first of the counts that the plan tells of the operation; 0 if none."""
    for name in names:
        value = node.details.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
    return 0.0


def own_amount(node: PlanNode, name: str) -> float:
    """A count (`Buffers`, `Reads`) without its children's; the plan counts them in."""
    return max(0.0, amount(node, name) - sum(amount(child, name) for child in node.children))


def words(node: PlanNode, name: str) -> str:
    """A text that the plan tells of the operation; empty where it does not."""
    value = node.details.get(name)
    return value if isinstance(value, str) else ""


def predicates(node: PlanNode) -> tuple[str, ...]:
    """The predicates as the plan prints them: `filter("STATUS"='OPEN')`."""
    kinds = ("access", "filter", "storage")
    told = [(kind, words(node, f"{kind.capitalize()} Predicates")) for kind in kinds]
    return tuple(f"{kind}({shortened(text, 300)})" for kind, text in told if text)


def title(node: PlanNode) -> str:
    """The operation as a reader finds it: `4 TABLE ACCESS FULL ORDERS`."""
    number = node.details.get("Id")
    name = node.relation or node.index or node.details.get("Name")
    return " ".join(str(part) for part in (number, node.type, name) if part not in (None, ""))


def counts(node: PlanNode) -> str:
    """Starts and rows, estimated and counted, under the plan's own names."""
    told = []
    if node.loops is not None:
        told.append(f"Starts {node.loops:,.0f}")
    if node.rows_estimated is not None:
        told.append(f"E-Rows {node.rows_estimated:,.0f}")
    rows = rows_out(node)
    if rows is not None:
        told.append(f"A-Rows {rows:,.0f}")
    for name in ("Buffers", "Reads"):
        if amount(node, name):
            told.append(f"{name} {amount(node, name):,.0f}")
    return ", ".join(told)


def line(node: PlanNode) -> str:
    """An operation with its counts, as evidence."""
    told = counts(node)
    return f"{title(node)}: {told}" if told else title(node)


def quoted(name: str) -> str:
    """The name as SQL needs it."""
    if _PLAIN_NAME.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', "") + '"'


def table_of(view: PlanView, node: PlanNode) -> str:
    """The name of the table that a table or index access reads; empty if only the index is told."""
    if node.relation:
        return node.relation
    above = view.parent(node)
    while above is not None and above.type.startswith(("BITMAP", "PARTITION", "INLIST", "INDEX")):
        above = view.parent(above)
    return above.relation or "" if above is not None and above.type.startswith("TABLE ACCESS BY") else ""


def sql_name(view: PlanView, node: PlanNode) -> str:
    """The table, ready for SQL; empty if it is not told."""
    name, schema = table_of(view, node), node.schema
    return (f"{quoted(schema)}." if schema and name else "") + (quoted(name) if name else "")


def can_be_indexed(view: PlanView, node: PlanNode) -> bool:
    """True for a table of the user: not a fixed table, an intermediate result, or the dictionary's own."""
    name = table_of(view, node)
    return bool(name) and not name.startswith(("SYS_TEMP_", "X$", "VW_")) and node.schema not in ("SYS", "SYSTEM")


def is_full_scan(node: PlanNode) -> bool:
    """A table read from end to end, from disk, from a storage cell or out of memory."""
    return node.type.startswith(("TABLE ACCESS FULL", "TABLE ACCESS STORAGE FULL", "MAT_VIEW ACCESS FULL"))


def is_rowid_access(node: PlanNode) -> bool:
    """A table read through an index."""
    return node.type.startswith("TABLE ACCESS BY") and "ROWID" in node.type
