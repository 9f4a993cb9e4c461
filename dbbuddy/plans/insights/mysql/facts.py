"""What rules say and ask: shares of the work, severities, numbers for people, names for SQL."""

from __future__ import annotations

import re2

from dbbuddy.plans.insights.find import CRITICAL_SHARE, HIGH_SHARE, MEDIUM_SHARE
from dbbuddy.plans.insights.insight import Basis
from dbbuddy.plans.insights.mysql.access import Access, accesses
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode
from dbbuddy.severity import Severity

MATTERS = 0.05
"""A node with a smaller share of the whole is left alone."""
SMALL_MS = 10.0
"""A statement that takes less gains nothing that a user would notice: its findings are of low severity."""
SHORT_MS = 100.0
"""Nothing is critical in a statement that takes less."""
SMALL_ROWS = 10_000.0
"""The same, in rows read, where no times are known."""
MANY_ROWS = 1_000.0
"""Tables of fewer rows are left alone: a full scan of them takes a millisecond."""
LONGEST_STATEMENT = 20_000
_PLAIN = re2.compile(r"^[A-Za-z_][A-Za-z0-9_$]*$")
_RESERVED_TEXT = """
accessible add all alter analyze and as asc before between both by call cascade case change character check collate
column condition constraint continue convert create cross current_date cursor database databases day_hour dec decimal
declare default delayed delete desc describe distinct div double drop dual each else elseif enclosed escaped except
exists exit explain false fetch float for force foreign from fulltext function generated grant group groups having if
ignore in index infile inner inout insert int integer intersect interval into is iterate join key keys kill lag lead
leading leave left like limit linear lines load lock long loop match mod modifies natural not null numeric of offset on
optimize option or order out outer over partition precision primary procedure range rank read reads real recursive
references regexp release rename repeat replace require resignal restrict return returning revoke right rlike row
row_number rows schema schemas select sensitive separator set show signal spatial sql ssl starting stored straight_join
system table terminated then to trailing trigger true undo union unique unlock unsigned update usage use using values
varchar virtual when where while window with write xor zerofill
"""
_RESERVED = frozenset(_RESERVED_TEXT.split())


def work(view: PlanView, node: PlanNode) -> float:
    """The node's own share of the whole: of the time, of the cost, or else of the rows read."""
    if view.measured or view.plan.root.total_cost:
        return view.share(node)
    found = accesses(view)
    access = found.by_node.get(id(node))
    return access.read / found.rows_read if access is not None and found.rows_read else 0.0


def work_with_filter(view: PlanView, node: PlanNode) -> float:
    """The share of a table and of the filter that stands above it."""
    parent = view.parent(node)
    filters = parent is not None and parent.type == "Filter" and parent.children[0] is node
    return min(1.0, work(view, node) + (work(view, parent) if filters and parent is not None else 0.0))


def work_below(view: PlanView, node: PlanNode) -> float:
    """The share of the node and all below it."""
    if view.measured or view.plan.root.total_cost:
        return view.share_below(node)
    return min(1.0, accesses(view).read_between(view.number(node), view.end(node)))


def basis(view: PlanView) -> Basis:
    """Whether the plan was executed."""
    return "measured" if view.ran else "estimated"


def severity(view: PlanView, share: float) -> Severity:
    """By the share that could be saved; low where the whole statement is too small to matter."""
    if share < MEDIUM_SHARE or is_small(view):
        return "low"
    if share < HIGH_SHARE or not view.ran:
        return "medium" if share < CRITICAL_SHARE else "high"
    short = view.total_ms < SHORT_MS if view.measured else True
    return "high" if share < CRITICAL_SHARE or short else "critical"


def is_small(view: PlanView) -> bool:
    """True if the whole statement is done in no time."""
    return view.total_ms < SMALL_MS if view.measured else accesses(view).rows_read < SMALL_ROWS


def count(value: float) -> str:
    """A number for people: thousands apart, no false digits."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:,.2f}" if abs(value) < 100 else f"{value:,.0f}"


def portion(view: PlanView, share: float) -> str:
    """What part of the statement a share is."""
    if view.measured:
        return f"{share * 100:.0f} % of {count(round(view.total_ms, 2))} ms"
    what = "of the estimated cost" if view.plan.root.total_cost else "of the rows that are read"
    return f"{share * 100:.0f} % {what}"


def told(access: Access) -> str:
    """How the plan reads the table, in its own words and numbers."""
    node = access.node
    words = node.details.get("Operation") or f"{access.kind} on {access.table}" + (f" using {node.index}" if node.index else "")
    rows = f"{'r_rows' if 'r_filtered' in node.details or node.rows_actual is not None else 'rows'}="
    value = node.rows_actual if access.measured else node.rows_estimated
    if node.details.get("Operation"):
        rows = "actual rows=" if access.measured else "rows="
    loops = f", loops={count(access.loops)}" if access.loops != 1 else ""
    share = node.details.get("r_filtered" if access.measured else "filtered")
    passing = f", {'r_filtered' if access.measured else 'filtered'}={share}" if share is not None else ""
    return f"{words}: {rows}{count(value or 0.0)}{passing}{loops}"


def quoted(name: str) -> str:
    """The name as SQL needs it."""
    if _PLAIN.match(name) and name.lower() not in _RESERVED:
        return name
    return "`" + name.replace("`", "``") + "`"


def short_statement(view: PlanView) -> str:
    """The statement, to look names up in; nothing where it is so long that doing so for each table would take too long."""
    statement = view.plan.statement or ""
    return statement if len(statement) <= LONGEST_STATEMENT else ""


def base_table(view: PlanView, access: Access) -> str:
    """The table's own name for SQL: plans print its alias, which the statement, where it is known, explains."""
    node = access.node
    if node.alias is not None:
        return f"{quoted(node.schema)}.{quoted(access.table)}" if node.schema else quoted(access.table)
    statement = short_statement(view)
    if statement and access.table and not access.is_intermediate:
        alias = re2.escape(access.table)
        found = re2.search(rf"(?i)(?:\bfrom|join|[,(])\s*((?:[`\w$]+\.)?[`\w$]+)\s+(?:as\s+)?`?{alias}`?(?:\W|$)", statement)
        if found and found.group(1).strip("`").lower() not in _RESERVED:
            return ".".join(quoted(part.strip("`")) for part in found.group(1).split("."))
    return quoted(access.table)


def index_name(table: str, columns: list[str]) -> str:
    """A name for a new index."""
    words = [table.split(".")[-1].strip("`"), *columns, "idx"]
    return quoted(re2.sub(r"\W+", "_", "_".join(words))[:64])


def create_index(table: str, columns: list[str]) -> str:
    """The statement that creates an index; nothing without columns."""
    if not columns or table.startswith(("<", "`<")):
        return ""
    listed = ", ".join(quoted(column) for column in columns)
    return f"CREATE INDEX {index_name(table, columns)} ON {table} ({listed});"
