"""Rules about reading rows: whole tables for few rows, indexes that find too many, functions around columns, partitions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.oracle import facts
from dbbuddy.plans.insights.oracle.estimates import MOST_ANCESTORS
from dbbuddy.plans.insights.oracle.facts import amount, below, line, own_amount, portion, predicates, share
from dbbuddy.plans.insights.oracle.joins import scanned
from dbbuddy.plans.insights.oracle.predicates import (
    access_text,
    alternatives,
    compared,
    create_index,
    filter_text,
    is_own,
    key_columns,
    wildcards,
    wrapped,
)
from dbbuddy.plans.insights.view import PlanView, rows_out
from dbbuddy.plans.model import PlanNode

GETS_PER_START = 10_000.0
ROWS_PER_START = 1000.0
"""A full scan of over 10,000 blocks that keeps at most 1000 rows (ora-explain-plan-viz's fallback without table sizes)."""
BLOCK_BYTES = 8192.0
LEAST_COST = 500.0
"""A full scan that was not run is worth an index from this cost on, and if it keeps few rows."""
DISCARD_FACTOR = 10.0
LEAST_FOUND = 10_000.0
MANY_LOOKUPS = 100_000.0


def blocks_read(node: PlanNode) -> float:
    """Blocks that the operation read itself; worked out of the bytes where a report tells no buffers."""
    return own_amount(node, "Buffers") or amount(node, "Consistent gets") or amount(node, "Read Bytes") / BLOCK_BYTES


def keeps_little(view: PlanView, node: PlanNode, *, gets: float = GETS_PER_START, rows: float = ROWS_PER_START) -> bool:
    """Whether a full scan reads much to give little: measured by its blocks, else by the estimates."""
    if not facts.is_full_scan(node) or facts.inactive(node):
        return False
    if view.ran and blocks_read(node):
        return (
            bool(node.loops)
            and blocks_read(node) / facts.starts(node) >= gets
            and (rows_out(node) or 0.0) / facts.starts(node) <= rows
        )
    kept = node.rows_actual if view.ran else node.rows_estimated
    return (node.total_cost or 0.0) >= LEAST_COST and kept is not None and kept * node.loops_per_estimate <= rows


def _is_inner(view: PlanView, node: PlanNode) -> bool:
    """True for the full scan that is the inner side of a nested loop: `join-without-index` tells of that."""
    child, above = node, view.parent(node)
    while above is not None and len(above.children) == 1 and not above.type.startswith(("TABLE", "VIEW", "BUFFER")):
        child, above = above, view.parent(above)
    return above is not None and above.type.startswith("NESTED LOOPS") and child is not above.children[0] and scanned(child) is node


def scan_discards_rows(view: PlanView) -> Iterator[Found]:
    """A full scan that keeps few rows of a large table; what stands in the way of an index decides which finding it is."""
    for node in view.nodes:
        text = filter_text(node)
        part = share(view, node)
        if not text or part < facts.MATTERS or not keeps_little(view, node) or _is_inner(view, node):
            continue
        columns = key_columns(view, node, text)
        if not columns and (wrapped(text) or wildcards(text)):
            continue
        name = "or-over-columns" if alternatives(text) else "scan-discards-rows"
        sql = create_index(view, node, columns) if facts.can_be_indexed(view, node) and name == "scan-discards-rows" else ""
        if name == "or-over-columns" and facts.can_be_indexed(view, node):
            own = list(dict.fromkeys(one.column for one in compared(text) if is_own(view, node, one)))[:4]
            sql = "\n".join(create_index(view, node, [column]) for column in own)
        values = {
            "table": facts.table_of(view, node),
            "columns": ", ".join(columns) or "the filter's columns",
            "rows": f"{facts.expected(view, node):,.0f}",
        }
        said = (line(node), *predicates(node), portion(view, part))
        yield Found(name, node, said, part, facts.severity(view, part), facts.basis(view), values, sql)


def many_blocks_per_row(view: PlanView) -> Iterator[Found]:
    """A full scan without a filter that reads over 10,000 blocks for at most 1000 rows: the table is mostly empty."""
    for node in view.nodes:
        part = share(view, node)
        if predicates(node) or not view.ran or part < facts.MATTERS or not blocks_read(node) or not keeps_little(view, node):
            continue
        if any(above.type.startswith(("COUNT STOPKEY", "WINDOW NOSORT")) for above in islice(view.ancestors(node), MOST_ANCESTORS)):
            continue
        table = facts.sql_name(view, node)
        values = {"table": facts.table_of(view, node), "blocks": f"{blocks_read(node):,.0f}", "rows": f"{rows_out(node) or 0:,.0f}"}
        sql = f"ALTER TABLE {table} ENABLE ROW MOVEMENT;\nALTER TABLE {table} SHRINK SPACE CASCADE;" if table else ""
        yield Found(
            "many-blocks-per-row", node, (line(node), portion(view, part)), part, facts.severity(view, part), values=values, sql=sql
        )


def large_scan(view: PlanView, *, least_share: float = 0.25, least_ms: float = 500) -> Iterator[Found]:
    """A full scan that takes a quarter of the time, at least half a second, and keeps many of its rows."""
    for node in view.nodes:
        part = share(view, node)
        if not facts.is_full_scan(node) or facts.inactive(node) or part < least_share or (node.self_ms or 0.0) < least_ms:
            continue
        if keeps_little(view, node) or _is_inner(view, node) or wrapped(filter_text(node)) or not view.measured:
            continue
        values = {"table": facts.table_of(view, node)}
        said = (line(node), *predicates(node), portion(view, part))
        yield Found("large-scan", node, said, part, "medium" if part >= 0.5 else "low", values=values)


def full_index_scan(view: PlanView, *, least_share: float = 0.25) -> Iterator[Found]:
    """An index read from end to end, or skipped through, for a quarter of the time."""
    for node in view.nodes:
        kind = node.type.startswith(("INDEX FULL SCAN", "INDEX FAST FULL SCAN", "INDEX SKIP SCAN", "INDEX STORAGE FAST FULL"))
        part = share(view, node)
        if not kind or "MIN/MAX" in node.type or facts.inactive(node) or part < least_share:
            continue
        if _left_to_filter(node) and node.type.startswith(("INDEX FULL SCAN", "INDEX SKIP SCAN")):
            continue
        values = {"index": node.index or "", "operation": facts.title(node)}
        said = (line(node), *predicates(node), portion(view, part))
        yield Found("full-index-scan", node, said, part, facts.severity(view, part, "medium"), facts.basis(view), values)


def _left_to_filter(node: PlanNode) -> list[str]:
    """Columns that an index scan checks but does not search by; Oracle repeats some searched ones in the filter."""
    searched = {one.column for one in compared(access_text(node))}
    return [one.column for one in compared(filter_text(node)) if one.column not in searched]


def index_discards_rows(view: PlanView, *, factor: float = DISCARD_FACTOR, found: float = LEAST_FOUND) -> Iterator[Found]:
    """A table access that keeps a tenth of what its index finds, or an index that filters where it should search."""
    for node in view.nodes:
        if facts.inactive(node):
            continue
        if facts.is_rowid_access(node) and len(node.children) == 1:
            yield from _table_discards(view, node, factor, found)
        elif node.type.startswith("INDEX") and "UNIQUE" not in node.type:
            yield from _index_filters(view, node)


def _table_discards(view: PlanView, node: PlanNode, factor: float, least: float) -> Iterator[Found]:
    index = node.children[0]
    given, came = facts.expected(view, node), facts.expected(view, index)
    part = share(view, node)
    if not filter_text(node) or came < least or came < factor * max(given, 1.0) or part < facts.MATTERS:
        return
    columns = list(dict.fromkeys([*key_columns(view, node, access_text(index)), *key_columns(view, node, filter_text(node))]))
    saved = part * (1 - given / came)
    yield _discards(view, node, index, columns, saved, (line(index), *predicates(index), line(node), *predicates(node)), given)


def _index_filters(view: PlanView, node: PlanNode, *, gets: float = 1000, per_row: float = 1.0) -> Iterator[Found]:
    part = share(view, node)
    columns = _left_to_filter(node) if part >= facts.MATTERS * 2 else []
    if not columns:
        return
    given = facts.expected(view, node)
    blocks = own_amount(node, "Buffers")
    if blocks < max(gets, per_row * given) if blocks else not node.type.startswith(("INDEX FULL SCAN", "INDEX SKIP SCAN")):
        return
    keys = list(dict.fromkeys([*(one.column for one in compared(access_text(node)) if one.sign == "="), *columns]))
    yield _discards(view, node, node, keys, part, (line(node), *predicates(node)), given)


def _discards(
    view: PlanView, node: PlanNode, index: PlanNode, columns: list[str], saved: float, said: tuple[str, ...], given: float
) -> Found:
    values = {
        "index": index.index or "the index",
        "columns": ", ".join(columns) or "the filter's columns",
        "found": f"{facts.expected(view, index):,.0f}",
        "rows": f"{given:,.0f}",
    }
    sql = create_index(view, node, columns) if facts.can_be_indexed(view, node) else ""
    said = (*said, portion(view, share(view, node)))
    return Found("index-discards-rows", node, said, saved, facts.severity(view, saved), facts.basis(view), values, sql)


def row_lookup(view: PlanView, *, rows: float = MANY_LOOKUPS, least_share: float = 0.25) -> Iterator[Found]:
    """Over 100,000 rows fetched from the table one by one, nearly each from another block, for a quarter of the time."""
    for node in view.nodes:
        part = share(view, node)
        if not facts.is_rowid_access(node) or facts.inactive(node) or part < least_share or not view.ran:
            continue
        fetched = rows_out(node.children[0]) if len(node.children) == 1 else facts.starts(node)
        given = rows_out(node) or 0.0
        if fetched is None or fetched < rows or (filter_text(node) and fetched >= DISCARD_FACTOR * max(given, 1.0)):
            continue
        blocks = own_amount(node, "Buffers")
        if blocks and blocks < 0.3 * fetched:
            continue
        values = {"table": facts.table_of(view, node), "rows": f"{fetched:,.0f}"}
        said = (line(node), portion(view, part))
        yield Found("row-lookup", node, said, part, facts.severity(view, part, "medium"), values=values)


def partitions_not_pruned(view: PlanView, *, least: float = 4) -> Iterator[Found]:
    """All partitions are read although the table has a condition."""
    for node in view.nodes:
        if "PARTITION" not in node.type or not node.type.startswith(("PARTITION", "PX PARTITION")) or facts.inactive(node):
            continue
        first, last = str(node.details.get("Pstart", "")), str(node.details.get("Pstop", ""))
        if " ALL" not in node.type or not _many(first, last, least):
            continue
        part = below(view, node)
        accessed = next((one for one in node.walk() if one.relation), None)
        if part < 2 * facts.MATTERS or accessed is None or not (filter_text(accessed) or any(map(access_text, accessed.children))):
            continue
        said = (
            f"{line(node)}, Pstart {first or '1'}, Pstop {last or 'last'}",
            line(accessed),
            *predicates(accessed),
            portion(view, part),
        )
        values = {"table": accessed.relation or "", "partitions": _partitions(last)}
        yield Found("partitions-not-pruned", node, said, part, facts.severity(view, part, "medium"), facts.basis(view), values)


def _many(first: str, last: str, least: float) -> bool:
    try:
        return float(last) - float(first) + 1 >= least
    except ValueError:
        return True


def _partitions(last: str) -> str:
    return f"all {float(last):,.0f} partitions" if last.replace(".", "", 1).isdecimal() else "all partitions"
