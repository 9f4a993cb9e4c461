"""Rules about rows read and thrown away by scans, and about what indexes are used for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.postgresql.facts import (
    MATTERS,
    basis,
    can_be_indexed,
    count,
    expected,
    given,
    kilobytes,
    loops,
    number,
    portion,
    removed,
    severity,
    table,
    text,
    title,
    with_workers,
)
from dbbuddy.plans.insights.postgresql.indexes import Needs, create_index, needs
from dbbuddy.plans.insights.postgresql.settings import set_memory
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode

REMOVED_ROWS = 10_000
REMOVED_SHARE = 0.5
"""From which share of the rows read a filter throws away much (pev2 marks it from 50 %)."""
SELECTIVE_ROWS_PER_COST = 4.0
"""A scan that was not executed is selective if it gives fewer rows per unit of cost: a page of 100 rows costs about 2.25 with
the default costs, so this is about a tenth of the rows."""
SELECTIVE = 0.9
INDEX_SCANS = ("Index Scan", "Index Only Scan")


def discards(view: PlanView, node: PlanNode, *, rows: float = REMOVED_ROWS, share: float = REMOVED_SHARE) -> float:
    """Which share of what a scan read its filter threw away; 0 if that does not matter."""
    if view.ran:
        gone = removed(node)
        if gone < rows or view.share(node) < MATTERS or not text(node, "Filter"):
            return 0.0
        kept = given(node)
        return gone / (gone + kept) if gone > share * (gone + kept) else 0.0
    if view.share(node) < MATTERS or not text(node, "Filter"):
        return 0.0
    cost = (node.total_cost or 0.0) - (node.startup_cost or 0.0)
    if node.type != "Seq Scan" or view.share(node) < 0.2 or cost < 1000:
        return 0.0
    return SELECTIVE if expected(node) <= cost * SELECTIVE_ROWS_PER_COST else 0.0


def evidence(view: PlanView, node: PlanNode, together: int = 1) -> tuple[str, ...]:
    """What the plan says of a scan that throws rows away."""
    said = [title(node)] if together == 1 else [f"{title(node)} and {together - 1} more scans like it"]
    if text(node, "Index Cond"):
        said.append(f"Index Cond: {text(node, 'Index Cond')}")
    said.append(f"Filter: {text(node, 'Filter')}")
    if view.ran:
        gone = f"Rows Removed by Filter: {count(number(node, 'Rows Removed by Filter'))}"
        said.append(f"{gone}, rows={count(node.rows_actual or 0.0)} loops={count(loops(node))}")
    else:
        said.append(f"estimated rows={count(node.rows_estimated or 0.0)}, cost={count(node.total_cost or 0.0)}")
    return tuple(said)


def scan_discards_rows(view: PlanView) -> Iterator[Found]:
    """A sequential scan whose filter an index could serve. Scans with the same want are one finding."""
    wants: dict[tuple[object, ...], list[tuple[PlanNode, float, Needs]]] = defaultdict(list)
    for node in view.of_type("Seq Scan", "Sample Scan"):
        wasted = discards(view, node) or _among_partitions(view, node)
        wanted = needs(node, text(node, "Filter")) if wasted else None
        if wanted is None or not (wanted.plain or not (wanted.wrapped or wanted.patterns or wanted.either)):
            continue
        parent = view.parent(node)
        partition = node.role == "Member" and parent is not None
        wants[(id(parent) if partition else table(node), *wanted.keys, *wanted.contained)].append((node, wasted, wanted))
    for scans in wants.values():
        share = min(1.0, sum(view.share(node) * wasted for node, wasted, _ in scans))
        if share < MATTERS * REMOVED_SHARE:
            continue
        first, _, wanted = max(scans, key=lambda scan: view.share(scan[0]))
        yield Found(
            "scan-discards-rows",
            first,
            (*evidence(view, first, len(scans)), portion(view, sum(view.share(node) for node, _, _ in scans))),
            share,
            severity(view, share),
            basis(view),
            {"table": first.relation or "", "filter": text(first, "Filter"), "columns": ", ".join(wanted.keys or wanted.contained)},
            _indexes([node for node, _, _ in scans], wanted),
        )


def _among_partitions(view: PlanView, node: PlanNode) -> float:
    """The same for a partition, of which none but all together may matter."""
    parent = view.parent(node)
    if node.role != "Member" or parent is None or not view.ran or not text(node, "Filter"):
        return 0.0
    gone, kept = removed(node), given(node)
    return gone / (gone + kept) if gone > REMOVED_SHARE * (gone + kept) and gone >= REMOVED_ROWS / 10 else 0.0


def _indexes(scans: list[PlanNode], wanted: Needs, most: int = 20) -> str:
    statements = dict.fromkeys(_index(node, wanted) for node in scans[:most] if can_be_indexed(node))
    return "\n".join(statement for statement in statements if statement)


def _index(node: PlanNode, wanted: Needs) -> str:
    if not wanted.keys and wanted.contained:
        return create_index(node, wanted.contained, method="gin")
    if not wanted.keys and wanted.flags:
        return create_index(node, [wanted.flags[0].removeprefix("NOT ")], wanted.flags)
    return create_index(node, wanted.keys, wanted.flags if wanted.keys else ())


def index_discards_rows(view: PlanView) -> Iterator[Found]:
    """An index that finds more rows than the filter after it keeps (pganalyze's inefficient index)."""
    for node in view.of_type(*INDEX_SCANS, "Bitmap Heap Scan"):
        wasted = discards(view, node, rows=1000)
        if not wasted or is_read_for_order(view, node):
            continue
        conditions = [text(node, "Index Cond") or text(node, "Recheck Cond"), text(node, "Filter")]
        wanted = needs(node, *conditions)
        share = view.share_below(node) * wasted
        gained = needs(node, conditions[1]).plain
        yield Found(
            "index-discards-rows",
            node,
            (*evidence(view, node), portion(view, view.share_below(node))),
            share,
            severity(view, share),
            basis(view),
            {"table": node.relation or "", "index": node.index or "", "filter": text(node, "Filter")},
            create_index(node, wanted.keys, wanted.flags) if gained and can_be_indexed(node) else "",
        )


def is_read_for_order(view: PlanView, node: PlanNode, *, share: float = 0.9) -> bool:
    """True for an index without condition below a LIMIT whose filter throws most rows away (pganalyze's ORDER BY index)."""
    if node.type not in INDEX_SCANS or text(node, "Index Cond") or discards(view, node, share=share) == 0.0:
        return False
    for above in view.ancestors(node):
        if above.type == "Limit":
            return True
        if above.type in ("Sort", "Hash", "Aggregate", "Materialize"):
            return False
    return False


def index_read_for_its_order(view: PlanView) -> Iterator[Found]:
    """An index was read in order, since a LIMIT promised an early end, and the filter found its rows late."""
    for node in view.of_type(*INDEX_SCANS):
        if not is_read_for_order(view, node):
            continue
        wanted = needs(node, text(node, "Filter"))
        share = view.share(node) * discards(view, node)
        yield Found(
            "index-read-for-its-order",
            node,
            (*evidence(view, node), portion(view, view.share(node))),
            share,
            severity(view, share),
            basis(view),
            {"table": node.relation or "", "index": node.index or "", "columns": ", ".join(wanted.keys) or "the filter's columns"},
            create_index(node, wanted.keys, wanted.flags) if can_be_indexed(node) else "",
        )


def several_indexes_combined(view: PlanView) -> Iterator[Found]:
    """Several indexes of one table, their results intersected."""
    for node in view.of_type("BitmapAnd"):
        share = view.share_below(node)
        scan = next((above for above in view.ancestors(node) if above.type == "Bitmap Heap Scan"), None)
        if scan is None or share < MATTERS:
            continue
        indexes = [child for child in node.children if child.type == "Bitmap Index Scan"]
        wanted = needs(scan, *(text(child, "Index Cond") for child in indexes))
        yield Found(
            "several-indexes-combined",
            node,
            (
                *(f"{title(child)}: {text(child, 'Index Cond')}, rows={count(expected(child))}" for child in indexes),
                portion(view, share),
            ),
            share,
            severity(view, share),
            basis(view),
            {"table": scan.relation or "", "indexes": ", ".join(child.index or "" for child in indexes)},
            create_index(scan, wanted.keys) if len(wanted.keys) > 1 and can_be_indexed(scan) else "",
        )


def lossy_bitmap(view: PlanView, *, entry_bytes: int = 64) -> Iterator[Found]:
    """A bitmap that kept whole pages where `work_mem` had no room for rows. A page takes about 64 bytes (tidbitmap.c)."""
    for node in view.of_type("Bitmap Heap Scan"):
        lossy, exact = with_workers(node, "Lossy Heap Blocks"), with_workers(node, "Exact Heap Blocks")
        rechecked = removed(node, "Rows Removed by Index Recheck")
        if lossy == 0 or view.share(node) < MATTERS or rechecked < 1000:
            continue
        share = view.share(node) * min(1.0, rechecked / max(1.0, rechecked + given(node)))
        memory = set_memory(view, (lossy + exact) * entry_bytes / 1024)
        yield Found(
            "lossy-bitmap",
            node,
            (
                f"{title(node)}: Heap Blocks: exact={count(exact)} lossy={count(lossy)}",
                f"Rows Removed by Index Recheck: {count(number(node, 'Rows Removed by Index Recheck'))}",
                portion(view, view.share(node)),
            ),
            share,
            severity(view, share),
            values={"table": node.relation or "", "size": kilobytes((lossy + exact) * entry_bytes / 1024)},
            sql=memory,
        )


def heap_fetches(view: PlanView, *, fetched_share: float = 0.1, rows: float = 1000) -> Iterator[Found]:
    """An index-only scan that visits the table for over a tenth of its rows (pev2 marks from any, 40 and 90 %)."""
    for node in view.of_type("Index Only Scan"):
        fetches = number(node, "Heap Fetches")
        read = given(node) + removed(node)
        if fetches < rows or fetches < fetched_share * read or view.share(node) < MATTERS:
            continue
        share = view.share(node) * min(1.0, fetches / max(1.0, read))
        yield Found(
            "heap-fetches",
            node,
            (f"{title(node)}: Heap Fetches: {count(fetches)} for {count(read)} rows", portion(view, view.share(node))),
            share,
            severity(view, share),
            values={"table": node.relation or "", "fetches": count(fetches), "name": table(node)},
        )
