"""What rules ask of a PostgreSQL node: counts over all loops, own blocks, names for people and for SQL."""

from __future__ import annotations

import re2

from dbbuddy.plans.insights.find import CRITICAL_SHARE
from dbbuddy.plans.insights.insight import Basis
from dbbuddy.plans.insights.view import PlanView, rows_out
from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.postgresql.headings import label
from dbbuddy.severity import Severity

BLOCK_BYTES = 8192
SMALL_MS = 10.0
"""A statement that takes less gains nothing that a user would notice: its findings are of low severity."""
SHORT_MS = 100.0
"""Nothing is critical in a statement that takes less."""
SMALL_COST = 1000.0
"""The same for a plan that was not executed; about 1000 pages read in sequence (`seq_page_cost` is 1)."""
MATTERS = 0.05
"""A node with a smaller share of the whole is left alone."""
_NUMBERS = (int, float)
JOINS = ("Nested Loop", "Hash Join", "Merge Join")
_PLAIN_NAME = re2.compile(r"^[a-z_][a-z0-9_$]*$")
_RESERVED_TEXT = """
all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
char character check coalesce collate collation column concurrently constraint create cross current_catalog
current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
grouping having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading
least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric
offset on only or order out outer overlaps overlay placing position precision primary real references returning right
row select session_user setof similar smallint some substring symmetric system_user table tablesample then time
timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where window with
xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlparse xmlpi xmlroot xmlserialize xmltable
"""
_RESERVED = frozenset(_RESERVED_TEXT.split())


def quoted(name: str) -> str:
    """The name as SQL needs it."""
    if _PLAIN_NAME.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def table(node: PlanNode) -> str:
    """The node's table, ready for SQL; with its schema where that is told and not `public`."""
    name = quoted(node.relation or "")
    return f"{quoted(node.schema)}.{name}" if node.schema and node.schema != "public" else name


def can_be_indexed(node: PlanNode) -> bool:
    """True for a table of the user: system catalogs take no index."""
    return bool(node.relation) and node.schema not in ("pg_catalog", "information_schema") and node.type != "Foreign Scan"


def title(node: PlanNode) -> str:
    """The node as the plan calls it: `Index Scan using i on orders o`."""
    words = [label(node)]
    if node.index:
        words.append(f"using {node.index}" if node.relation else f"on {node.index}")
    target = node.relation or node.details.get("CTE Name") or node.details.get("Function Name")
    if target:
        words.append(f"on {target}")
    if node.alias and node.alias != target and target:
        words.append(node.alias)
    return " ".join(words)


def loops(node: PlanNode) -> float:
    """How often the node ran; 1 where that is not told."""
    return 1.0 if node.loops is None else node.loops


def number(node: PlanNode, key: str) -> float:
    """A count that the plan tells of the node; 0 where it does not."""
    value = node.details.get(key)
    return float(value) if isinstance(value, _NUMBERS) else 0.0


def with_workers(node: PlanNode, key: str) -> float:
    """A count of the leader and of all workers together, where workers count for themselves."""
    workers = node.details.get("Workers")
    values = [worker.get(key) for worker in workers if isinstance(worker, dict)] if isinstance(workers, list) else []
    return number(node, key) + sum(float(value) for value in values if isinstance(value, int | float))


def text(node: PlanNode, key: str) -> str:
    """A text that the plan tells of the node; empty where it does not."""
    value = node.details.get(key)
    return value if isinstance(value, str) else ", ".join(map(str, value)) if isinstance(value, list) else ""


def removed(node: PlanNode, key: str = "Rows Removed by Filter") -> float:
    """Rows thrown away over all loops; the plan prints the mean of one loop."""
    return number(node, key) * loops(node)


def given(node: PlanNode) -> float:
    """Rows given over all loops, 0 where not measured."""
    return rows_out(node) or 0.0


def expected(node: PlanNode) -> float:
    """Rows of one loop: measured, or as estimated in a plan that was not executed."""
    measured = node.rows_actual if node.rows_actual is not None else node.rows_estimated
    return measured or 0.0


def own_blocks(node: PlanNode, *keys: str) -> float:
    """Blocks of the node without its children's; the plan counts them in."""
    return max(0.0, sum(number(node, key) - sum(number(child, key) for child in node.children) for key in keys))


def basis(view: PlanView) -> Basis:
    """Whether the evidence was measured."""
    return "measured" if view.ran else "estimated"


def is_small(view: PlanView) -> bool:
    """True if nobody would notice a faster statement."""
    if view.measured:
        return view.total_ms < SMALL_MS
    return (view.plan.root.total_cost or 0.0) < SMALL_COST


def severity(view: PlanView, share: float | None, most: Severity | None = None) -> Severity | None:
    """Where the share alone would say too much: a small or short statement, a share that is estimated, a fix that cannot do
    more than `most`.
    """
    if is_small(view):
        return "low"
    if most is not None and (share or 0.0) >= {"low": 0.1, "medium": 0.25, "high": CRITICAL_SHARE}.get(most, 2.0):
        return most
    unsure = not view.measured or view.total_ms < SHORT_MS
    return "high" if unsure and share is not None and share >= CRITICAL_SHARE else None


def count(value: float) -> str:
    """`43,746`; fractions only below 10."""
    return f"{value:,.2f}".rstrip("0").rstrip(".") if 0 < value < 10 else f"{value:,.0f}"


def milliseconds(value: float) -> str:
    """A time for people: `3.42 ms`, `1.8 s`."""
    return f"{value / 1000:,.1f} s" if value >= 10_000 else f"{value:,.1f} ms" if value >= 10 else f"{value:,.3g} ms"


def kilobytes(value: float) -> str:
    """A size, given in kB."""
    return f"{value / 1024:,.1f} MB" if value >= 1024 else f"{value:,.0f} kB"


def percent(share: float) -> str:
    """`12 %`."""
    return f"{share * 100:.0f} %"


def portion(view: PlanView, share: float) -> str:
    """The share with what it is a share of: `62 % of the time (1,234 ms)`, or of the estimated cost."""
    if view.measured:
        return f"{percent(share)} of the time ({milliseconds(share * view.total_ms)} of {milliseconds(view.total_ms)})"
    return f"{percent(share)} of the estimated cost"
