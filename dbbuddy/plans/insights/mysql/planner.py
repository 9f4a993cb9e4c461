"""Rules about the whole statement: paging, planning, reading from disk, what writes lock, and notes of the server."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.mysql.access import FULL, accesses
from dbbuddy.plans.insights.mysql.conditions import wants
from dbbuddy.plans.insights.mysql.facts import (
    MANY_ROWS,
    MATTERS,
    base_table,
    basis,
    count,
    create_index,
    portion,
    severity,
    told,
    work,
)
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.mysql.values import number

OFFSET = 1_000.0
PLANNING_MS = 50.0
DOMINANT_MS = 100.0
READ_SHARE = 0.25
PAGES_READ = 1_000.0
FILTER_PASSES = 50.0
_OFFSET = re2.compile(r"(?i)\blimit\s+(\d{1,15})\s*,\s*(\d{1,15})|\blimit\s+(\d{1,15})\s+offset\s+(\d{1,15})")
_TREE_OFFSET = re2.compile(r"(\d{1,15})/(\d{1,15}) row")
_WRITES = re2.compile(r"(?i)^\W*(?:explain\s+(?:\w+=?\w*\s+)?|analyze\s+(?:format=json\s+)?)?(update|delete|select)\b")
_LOCKING = re2.compile(r"(?i)\bfor\s+(?:update|share)\b|\block\s+in\s+share\s+mode\b")
_EMPTY = ("Impossible", "no matching", "No matching", "Zero rows", "Zero input", "Select tables optimized away")


def deep_offset(view: PlanView, *, offset: float = OFFSET) -> Iterator[Found]:
    """LIMIT with a large OFFSET: the rows before it are read and thrown away."""
    limit = skipped = 0
    node = None
    for candidate in view.nodes:
        found = _TREE_OFFSET.match(str(candidate.details.get("Limit") or "")) if candidate.type.startswith("Limit/Offset") else None
        if found:
            node, limit, skipped = candidate, int(found.group(1)), int(found.group(2))
            break
    if node is None:
        stated = _OFFSET.search(view.plan.statement or "")
        if stated is None:
            return
        first, second, third, fourth = stated.groups()
        skipped, limit = (int(first), int(second)) if first else (int(fourth), int(third))
    if skipped < offset or skipped < 10 * limit:
        return
    share = skipped / (skipped + limit)
    yield Found(
        "deep-offset",
        node,
        (f"LIMIT {limit} OFFSET {skipped}",),
        share,
        severity(view, share) if view.ran or skipped >= 10 * offset else "low",
        basis(view),
        {"limit": count(limit), "offset": count(skipped)},
    )


def planning_time(view: PlanView, *, milliseconds: float = PLANNING_MS) -> Iterator[Found]:
    """MariaDB's query_optimization takes longer than the execution."""
    planned, ran = view.plan.totals.get("planning_ms", 0.0), view.total_ms
    if planned < milliseconds or planned < ran:
        return
    share = planned / (planned + ran)
    yield Found(
        "planning-time",
        None,
        (f"query_optimization r_total_time_ms: {planned:.1f}", f"query_block r_total_time_ms: {ran:.1f}"),
        share,
        severity(view, share) if planned + ran >= 100 else "low",
        "measured",
        {"planning": f"{planned:.1f}", "execution": f"{ran:.1f}"},
    )


def cold_cache(view: PlanView, *, share: float = READ_SHARE, pages: float = PAGES_READ) -> Iterator[Found]:
    """InnoDB read many pages from disk, and waiting for them took much of the time (MariaDB's r_engine_stats)."""
    if not view.measured:
        return
    read = waited = accessed = 0.0
    worst, longest = None, 0.0
    for node in view.nodes:
        stats = node.details.get("r_engine_stats")
        if not isinstance(stats, dict):
            continue
        mine = number(stats.get("pages_read_time_ms")) or 0.0
        read += number(stats.get("pages_read_count")) or 0.0
        accessed += number(stats.get("pages_accessed")) or 0.0
        waited += mine
        if mine > longest:
            worst, longest = node, mine
    part = min(1.0, waited / view.total_ms)
    if worst is None or read < pages or part < share:
        return
    yield Found(
        "cold-cache",
        worst,
        (f"pages_read_count: {count(read)} of {count(accessed)} pages", f"pages_read_time_ms: {waited:.1f}", portion(view, part)),
        part,
        severity(view, part),
        "measured",
        {"read": count(read), "accessed": count(accessed)},
    )


def useless_rowid_filter(view: PlanView, *, passes: float = FILTER_PASSES) -> Iterator[Found]:
    """MariaDB's rowid filter that lets most rows pass, or takes long to fill."""
    for node in view.nodes:
        told_filter = node.details.get("rowid_filter")
        if not isinstance(told_filter, dict) or not view.measured:
            continue
        passing = number(told_filter.get("r_selectivity_pct"))
        filling = number(told_filter.get("r_filling_time_ms")) or 0.0
        part = min(1.0, filling / view.total_ms)
        lookups = number(told_filter.get("r_lookups")) or 0.0
        if part < MATTERS or not ((passing is not None and passing >= passes) or part >= 0.25 or lookups == 0):
            continue
        inner = told_filter.get("range")
        key = inner.get("key") if isinstance(inner, dict) else ""
        yield Found(
            "rowid-filter",
            node,
            (
                f"rowid_filter by {key}: r_selectivity_pct {passing or 0:g}, r_lookups {count(lookups)}",
                f"r_filling_time_ms {filling:.1f}",
            ),
            part,
            severity(view, part),
            "measured",
            {"index": str(key or ""), "passing": f"{passing or 0:g}"},
        )


def locks_rows_read(view: PlanView, *, rows: float = MANY_ROWS) -> Iterator[Found]:
    """A write, or a locking read, that scans a table: InnoDB locks each row it reads, not only those it changes."""
    statement = view.plan.statement or ""
    verb = _WRITES.match(statement)
    locking = verb is not None and (verb.group(1).lower() != "select" or _LOCKING.search(statement) is not None)
    writes = view.plan.root.type.startswith(("Update", "Delete"))
    for access in accesses(view).all:
        kind = str(access.node.details.get("select_type") or "").upper()
        told_so = kind in ("UPDATE", "DELETE") or any(access.node.details.get(word) for word in ("update", "delete"))
        if not (locking or told_so or writes) or access.kind not in (FULL, "index") or access.read < rows or access.is_intermediate:
            continue
        condition = access.condition or statement[max(0, statement.lower().find(" where ")) :]
        table = base_table(view, access)
        asked = wants(condition, access.name, alone=True)
        yield Found(
            "locks-rows-read",
            access.node,
            (told(access), f"{count(access.read)} rows are read and locked"),
            None,
            "high" if access.read >= 100 * rows else "medium",
            basis(view),
            {"table": access.table, "rows": count(access.read)},
            create_index(table, asked.columns) or f"SHOW INDEX FROM {table};",
        )
        return


def empty_result(view: PlanView) -> Iterator[Found]:
    """What the server found out while planning: no row can come, or the answer needs no table."""
    for node in view.nodes:
        words = str(node.details.get("Operation") or node.details.get("Extra") or node.details.get("message") or node.type)
        if not words.startswith(_EMPTY):
            continue
        yield Found("plan-note", node, (words,), None, "info", basis(view), {"note": words})
        return


def never_executed(view: PlanView) -> Iterator[Found]:
    """A part of an executed plan that never ran."""
    if not view.ran:
        return
    for node in view.nodes:
        parent = view.parent(node)
        if node.loops == 0 and parent is not None and parent.loops != 0 and (node.relation or node.children):
            words = node.details.get("Operation") or f"{node.type} {node.relation or ''}".strip()
            yield Found("never-executed", node, (f"{words}: never executed",), None, "info", "measured", {"part": str(words)})
            return


def dominant_node(view: PlanView, *, share: float = 0.5) -> Iterator[Found]:
    """One step that takes most of the measured time; not a table's or a join's, whose own rules tell more."""
    if not view.measured or view.total_ms < DOMINANT_MS:
        return
    node = max(view.nodes, key=lambda candidate: work(view, candidate))
    mine = work(view, node)
    is_told = id(node) in accesses(view).by_node or "join" in node.type.lower() or node.type in ("nested_loop", "filesort")
    if mine < share or len(view.nodes) < 3 or is_told:
        return
    words = str(node.details.get("Operation") or node.type)
    yield Found("dominant-node", node, (words, portion(view, mine)), None, "info", "measured", {"step": words})
