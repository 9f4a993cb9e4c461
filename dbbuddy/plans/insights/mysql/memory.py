"""Rules about sorts, temporary tables and derived tables."""

from __future__ import annotations

from collections.abc import Iterator

import re2

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.mysql.access import Access, accesses
from dbbuddy.plans.insights.mysql.facts import (
    MATTERS,
    base_table,
    basis,
    count,
    create_index,
    is_small,
    portion,
    severity,
    told,
    work,
    work_below,
)
from dbbuddy.plans.insights.view import PlanView
from dbbuddy.plans.model import PlanNode
from dbbuddy.plans.mysql.values import number

SORTED_ROWS = 10_000.0
TEMPORARY_ROWS = 10_000.0
DERIVED_ROWS = 10_000.0
NEAR = 50
"""How many nodes below another are looked at."""
_COLUMN = re2.compile(r"^(?:(?:`?[\w$]+`?\.)?`?([\w$]+)`?\.)?`?([\w$]+)`?( desc)?$")
_MAKES_TEMPORARY = (
    "temporary_table",
    "Temporary table",
    "Temporary table with deduplication",
    "Aggregate using temporary table",
)
_TEMPORARY = ("Temporary table", "Aggregate using temporary table", "temporary_table", "Materialize")


def sort_spills(view: PlanView) -> Iterator[Found]:
    """MariaDB's filesort with merge passes: the rows did not fit into sort_buffer_size."""
    for node in view.of_type("filesort"):
        passes = number(node.details.get("r_sort_passes")) or 0.0
        share = _sort_share(view, node)
        if passes < 1 or share < MATTERS:
            continue
        size = str(node.details.get("r_buffer_size") or "")
        yield Found(
            "sort-spills",
            node,
            (f"r_sort_passes: {count(passes)}", f"r_buffer_size: {size}", f"sort_key: {node.details.get('sort_key')}"),
            share / 2,
            severity(view, share / 2),
            basis(view),
            {"passes": count(passes), "size": size, "rows": count(node.rows_actual or 0.0)},
        )


def avoidable_sort(view: PlanView, *, rows: float = SORTED_ROWS) -> Iterator[Found]:
    """A large sort of rows of a single table by its own columns, whose order an index could give."""
    for node, keys, access in _sorts(view):
        share = _sort_share(view, node)
        sorted_rows = _sorted_rows(node, access)
        if sorted_rows < rows or share < MATTERS:
            continue
        columns = _columns(keys, access)
        limit = node.details.get("r_limit")
        said = [f"{node.type if node.type != 'nested_loop' else 'Using filesort'}: {keys}" if keys else "Extra: Using filesort"]
        said += [f"{count(sorted_rows)} rows sorted", portion(view, share)]
        if limit is not None and node.details.get("r_used_priority_queue") is False:
            said.append(f"r_limit: {limit}, r_used_priority_queue: false")
        table = base_table(view, access)
        yield Found(
            "avoidable-sort",
            node,
            tuple(said),
            share,
            severity(view, share),
            basis(view),
            {"table": access.table, "columns": ", ".join(columns) or "the columns of ORDER BY", "rows": count(sorted_rows)},
            create_index(table, columns) or f"SHOW INDEX FROM {table};",
        )


def _sort_share(view: PlanView, node: PlanNode) -> float:
    """The sort's share. MariaDB counts putting rows into the sort as time of the table, so that all but reading them is the
    sort's at most; where no times are known it is half of what is below.
    """
    if not view.measured:
        return work_below(view, node) / 2
    if node.type != "filesort":
        return work(view, node)
    reading = sum(number(inner.details.get("r_table_time_ms")) or 0.0 for inner in _under(view, node))
    return min(1.0, max(work(view, node), ((node.total_ms or 0.0) - reading) / view.total_ms))


def _sorted_rows(node: PlanNode, access: Access) -> float:
    given = (node.rows_actual if access.measured else node.rows_estimated) if node is not access.node else None
    return max(given or 0.0, access.kept)


def _sorts(view: PlanView) -> Iterator[tuple[PlanNode, str, Access]]:
    """Each sort, what it sorts by, and the only table that it reads."""
    found = accesses(view)
    for node in view.nodes:
        access = found.by_node.get(id(node))
        if access is not None and "Using filesort" in access.extra:
            alone = "Using temporary" not in access.extra and (view.parent(node) is None or node.role != "")
            if alone and not access.is_intermediate:
                yield node, "", access
            continue
        key = node.details.get("sort_key") if node.type == "filesort" else node.details.get("Sort Key")
        sorts = key is not None or (node.type == "ordering_operation" and node.details.get("using_filesort"))
        if not sorts:
            continue
        below = [found.by_node[id(inner)] for inner in _under(view, node) if id(inner) in found.by_node]
        if len(below) == 1 and not below[0].is_intermediate and not _has_temporary(view, node):
            yield node, str(key or ""), below[0]


def _under(view: PlanView, node: PlanNode) -> tuple[PlanNode, ...]:
    start = view.number(node) + 1
    return view.nodes[start : min(view.end(node), start + NEAR)]


def _has_temporary(view: PlanView, node: PlanNode) -> bool:
    return any(
        inner.type.startswith(_TEMPORARY) or inner.type in ("grouping_operation", "windowing") for inner in _under(view, node)
    )


def _columns(keys: str, access: Access) -> list[str]:
    """The sort's columns, if all are plain columns of the table sorted the same way."""
    columns, ways = [], set()
    for part in keys.partition(", limit input")[0].split(", "):
        match = _COLUMN.match(part.strip().replace(" DESC", " desc"))
        if match is None or (match.group(1) or access.name) != access.name:
            return []
        columns.append(match.group(2))
        ways.add(bool(match.group(3)))
    return columns if len(ways) == 1 else []


def temporary_table(view: PlanView, *, rows: float = TEMPORARY_ROWS) -> Iterator[Found]:
    """Grouping, DISTINCT or ordering that puts many rows into a temporary table."""
    found = accesses(view)
    for node in view.nodes:
        access = found.by_node.get(id(node))
        tabular = access is not None and "Using temporary" in access.extra
        group = node.type == "grouping_operation" and node.details.get("using_temporary_table")
        if not (tabular or group or node.type in _MAKES_TEMPORARY):
            continue
        source = view.parent(node) if tabular and view.parent(node) is not None else node
        put = _put(view, node if source is None else source, access)
        share = work(view, node) if view.measured else work_below(view, node) / 2
        if view.measured and node.type == "temporary_table":
            share = _below_of_temporary(view, node)
        if put < rows or share < MATTERS or (is_small(view) and view.measured):
            continue
        words = access.extra if access is not None and tabular else str(node.details.get("Operation") or node.type)
        yield Found(
            "temporary-table",
            node,
            (words, f"{count(put)} rows go into it", portion(view, share)),
            None,
            "medium" if share >= 0.25 and put >= 10 * rows else "low",
            basis(view),
            {"rows": count(put)},
        )
        return


def _below_of_temporary(view: PlanView, node: PlanNode) -> float:
    """MariaDB counts the time of filling a temporary table as time of the last table read for it."""
    last = [inner for inner in _under(view, node) if id(inner) in accesses(view).by_node]
    other = number(last[-1].details.get("r_other_time_ms")) if last else None
    return min(1.0, (other or 0.0) / view.total_ms) if view.total_ms else 0.0


def _put(view: PlanView, node: PlanNode, access: Access | None) -> float:
    """Rows that go into the temporary table: those the join or the table below gives."""
    if access is not None and node is access.node:
        return access.kept
    for inner in (node, *_under(view, node)):
        below = accesses(view).by_node.get(id(inner))
        if inner.type in ("nested_loop",) or "join" in inner.type:
            return ((inner.rows_actual if view.ran else inner.rows_estimated) or 0.0) * (inner.loops or 1.0)
        if below is not None:
            return below.kept
    return 0.0


def derived_table(view: PlanView, *, rows: float = DERIVED_ROWS) -> Iterator[Found]:
    """A derived table, CTE or view computed in full, of many rows, whose making takes much of the time."""
    for access in accesses(view).all:
        parts = [child for child in access.node.children if _is_materialized(child)]
        if not parts or (not access.table.startswith("<derived") and not any("aterialize" in part.type for part in parts)):
            continue
        if access.table.startswith(("<subquery", "<union", "<temp")):
            continue
        share = work_below(view, access.node)
        made = max(_made(view, part) for part in parts)
        if max(made, access.read) < rows or share < 0.2:
            continue
        kept = access.kept if access.kind == "ALL" else access.read
        is_cte = any(" CTE" in part.type for part in parts)
        late = access.measured and access.loops <= 1 and made > 0 and kept <= 0.1 * made and access.condition
        yield Found(
            "materialized-cte" if is_cte and late else "derived-table",
            access.node,
            (told(access), f"{count(made)} rows read to make it", portion(view, share)),
            share / 2,
            severity(view, share / 2),
            basis(view),
            {"table": access.table, "rows": count(made), "condition": access.condition or "the outer condition"},
        )


def _is_materialized(child: PlanNode) -> bool:
    told_so = "aterialize" in child.type or child.role.startswith(("DERIVED", "materialized"))
    return told_so and not child.role.startswith("LATERAL")


def _made(view: PlanView, node: PlanNode) -> float:
    inner = [accesses(view).by_node[id(below)] for below in (node, *_under(view, node)) if id(below) in accesses(view).by_node]
    return max((access.read for access in inner), default=0.0)
