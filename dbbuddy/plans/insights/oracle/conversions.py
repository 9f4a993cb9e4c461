"""Rules about columns that stand inside a function, or are compared with a pattern, so that their index does not serve."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.oracle.facts import line, portion, predicates, share
from dbbuddy.plans.insights.oracle.predicates import CONVERSIONS, access_text, filter_text, is_own, key_columns, wildcards, wrapped
from dbbuddy.plans.insights.oracle.scans import DISCARD_FACTOR, LEAST_COST, LEAST_FOUND, blocks_read, keeps_little
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode


def wrapped_columns(view: PlanView) -> Iterator[Found]:
    """A column inside a function, put there by Oracle for its type or by the statement, so that its index does not serve."""
    statement = (view.plan.statement or "").upper().replace(" ", "")
    seen: set[tuple[str, str, str]] = set()
    for node in sorted(view.nodes, key=lambda one: -share(view, one)):
        part = share(view, node)
        if facts.inactive(node) or part < facts.MATTERS:
            continue
        joins = node.type.startswith(("HASH JOIN", "MERGE JOIN"))
        for one in wrapped(access_text(node) if joins else filter_text(node)):
            table = facts.table_of(view, node) or one.table
            hidden = one.function in CONVERSIONS and f"{one.function}(" not in statement
            known = _reads_many(view, node) and (is_own(view, node, one) or not node.alias)
            if (table, one.column, one.function) in seen or not (known or (hidden and (joins or _may_matter(view, node)))):
                continue
            seen.add((table, one.column, one.function))
            said = (line(node), *predicates(node), portion(view, part))
            values = {
                "column": one.column,
                "function": one.function,
                "table": table or "the table",
                "remedy": _REMEDIES.get(one.function, _OTHER),
            }
            level = facts.severity(view, part) if known else "low"
            sql = "" if hidden else _expression_index(view, node, one.column, one.function)
            name = "implicit-conversion" if hidden else "not-sargable"
            yield Found(name, node, said, part if known else None, level, facts.basis(view), values, sql)
            break


def _may_matter(view: PlanView, node: PlanNode) -> bool:
    """A conversion in a plan that was not run is a mistake worth a word, however small the tables are as yet."""
    return not view.ran and (facts.is_full_scan(node) or facts.is_rowid_access(node))


def _reads_many(view: PlanView, node: PlanNode) -> bool:
    """Whether an index could save much: the node reads a table or index and throws most of it away."""
    if facts.is_full_scan(node):
        return keeps_little(view, node) or (not blocks_read(node) and view.ran and (node.total_cost or 0.0) >= LEAST_COST)
    if facts.is_rowid_access(node) and len(node.children) == 1:
        return facts.expected(view, node.children[0]) >= max(LEAST_FOUND, DISCARD_FACTOR * facts.expected(view, node))
    return node.type.startswith(("INDEX FULL SCAN", "INDEX FAST FULL SCAN", "INDEX SKIP SCAN")) and share(view, node) >= 0.1


_REMEDIES = {
    "TO_NUMBER": "The column holds text and is compared with a number: give the value as text ('42', or a VARCHAR2 bind).",
    "INTERNAL_FUNCTION": (
        "The column is a DATE and the value a TIMESTAMP: bind a DATE (in JDBC not java.sql.Timestamp), or CAST(:value AS DATE)."
    ),
    "SYS_OP_C2C": (
        "The column is VARCHAR2 and the value NVARCHAR2: bind it as VARCHAR2 "
        "(in JDBC without setNString and defaultNChar, in .NET as OracleDbType.Varchar2)."
    ),
    "NLSSORT": "NLS_SORT or NLS_COMP of the session is linguistic: compare in BINARY, or create a linguistic index.",
    "TO_CHAR": "Compare the column in its own type: give the value as a date or number, and ask for a range.",
    "TRUNC": "Ask for a range: column >= TRUNC(:day) AND column < TRUNC(:day) + 1.",
}
_OTHER = "Compare the bare column, or index the expression."


def _expression_index(view: PlanView, node: PlanNode, column: str, function: str) -> str:
    if function not in ("UPPER", "LOWER") or not facts.can_be_indexed(view, node):
        return ""
    table = facts.quoted(f"{facts.table_of(view, node)}_{function}_IX"[:30])
    return f"CREATE INDEX {table} ON {facts.sql_name(view, node)} ({function}({facts.quoted(column)})) ONLINE;"


def leading_wildcard(view: PlanView) -> Iterator[Found]:
    """LIKE '%text' on a large table, without another condition that an index could serve."""
    for node in view.nodes:
        part = share(view, node)
        patterns = wildcards(filter_text(node))
        if not patterns or facts.inactive(node) or part < facts.MATTERS or not _reads_many(view, node):
            continue
        column, pattern = patterns[0]
        if [name for name in key_columns(view, node, filter_text(node)) if name != column]:
            continue
        said = (line(node), *predicates(node), portion(view, part))
        values = {"column": column, "pattern": pattern, "table": facts.table_of(view, node)}
        table = facts.sql_name(view, node)
        name = facts.quoted(f"{facts.table_of(view, node)}_{column}_TX"[:30])
        sql = f"CREATE INDEX {name} ON {table} ({facts.quoted(column)}) INDEXTYPE IS CTXSYS.CONTEXT;" if table else ""
        yield Found("leading-wildcard", node, said, part, facts.severity(view, part), facts.basis(view), values, sql)
