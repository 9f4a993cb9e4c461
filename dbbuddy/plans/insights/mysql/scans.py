"""Rules about how single tables are read, and what keeps an index from serving."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.plans.insights.insight import Found
from dbbuddy.plans.insights.mysql.access import FULL, Access, accesses
from dbbuddy.plans.insights.mysql.conditions import Wants, is_conversion, wants
from dbbuddy.plans.insights.mysql.facts import (
    MANY_ROWS,
    MATTERS,
    base_table,
    basis,
    count,
    create_index,
    portion,
    quoted,
    severity,
    short_statement,
    told,
    work_with_filter,
)
from dbbuddy.plans.insights.mysql.joins import is_join_scan
from dbbuddy.plans.insights.view import PlanView

WASTED = 0.8
"""From which share of the rows read a condition throws away much: `filtered` under 20 %."""
GUESSED = frozenset({100.0, 50.0, 33.33, 11.11, 10.0, 5.0, 1.11, 3.33})
"""Values of `filtered` that the optimizer guesses without statistics (MySQL manual, 10.2.1.13 Condition Filtering)."""
LARGE_ROWS = 100_000.0
LARGE_SHARE = 0.2


def scan_discards_rows(view: PlanView, *, rows: float = MANY_ROWS, wasted: float = WASTED) -> Iterator[Found]:
    """A full scan with a condition that an index could serve (type ALL with `filtered` under 20 %, or rows measured so)."""
    for access in _full_scans(view, rows):
        asked = _wants(view, access)
        if _hinders(asked) or not _throws_away(access, asked, wasted):
            continue
        share = work_with_filter(view, access.node) * (access.wasted if access.measured else max(access.wasted, 0.5))
        if share < MATTERS:
            continue
        table = base_table(view, access)
        unused = [key for key in access.possible if key]
        yield Found(
            "index-not-used" if unused and not access.node.index else "scan-discards-rows",
            access.node,
            (*_evidence(access), portion(view, work_with_filter(view, access.node))),
            share,
            severity(view, share),
            basis(view),
            {
                "table": access.table,
                "columns": ", ".join(asked.columns) or "the columns that its condition compares",
                "indexes": ", ".join(unused),
                "read": count(access.read),
                "kept": count(access.kept) if access.measured or access.wasted >= wasted else "an unknown part",
            },
            f"ANALYZE TABLE {table};" if unused else create_index(table, asked.columns) or f"SHOW INDEX FROM {table};",
        )


def _full_scans(view: PlanView, rows: float) -> list[Access]:
    return [
        access
        for access in accesses(view).all
        if access.kind == FULL and not access.is_intermediate and access.read >= rows and not is_join_scan(view, access)
    ]


def _throws_away(access: Access, asked: Wants, wasted: float) -> bool:
    if access.measured:
        return access.wasted >= wasted
    if access.wasted >= wasted:
        return True
    has_condition = bool(access.condition or "Using where" in access.extra)
    share = access.node.details.get("filtered")
    guessed = share is None or round(float(share), 2) in GUESSED if _is_number(share) else True
    return has_condition and guessed and (bool(asked.columns) or not access.condition)


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return value is None
    return True


def _wants(view: PlanView, access: Access) -> Wants:
    """What the table's condition asks for; read out of the statement where the plan prints no condition."""
    if access.condition:
        return wants(access.condition, access.name, alone=False)
    statement = short_statement(view)
    place = statement.lower().find(" where ")
    only = accesses(view).is_one_table
    return wants(statement[place + 7 :], access.name, alone=only) if place >= 0 else Wants()


def _hinders(asked: Wants) -> bool:
    """True if the condition itself keeps an index from serving, which is another finding."""
    return (not asked.columns and bool(asked.wrapped or asked.wildcards)) or len(asked.either) > 1


def _evidence(access: Access) -> tuple[str, ...]:
    said = [told(access)]
    if access.condition:
        said.append(f"condition: {access.condition}")
    elif access.extra:
        said.append(f"Extra: {access.extra}")
    if any(access.possible):
        said.append(f"possible_keys: {', '.join(access.possible)}, key: {access.node.index or 'NULL'}")
    if access.measured:
        said.append(f"{count(access.read)} rows read, {count(access.kept)} kept")
    return tuple(said)


def large_scan(view: PlanView, *, rows: float = LARGE_ROWS, share: float = LARGE_SHARE) -> Iterator[Found]:
    """A large table read in full without any condition that an index could serve."""
    for access in _full_scans(view, rows):
        mine = work_with_filter(view, access.node)
        asked = _wants(view, access)
        if mine < share or _throws_away(access, asked, WASTED) or asked.either or _hinders(asked):
            continue
        yield Found(
            "large-scan",
            access.node,
            (*_evidence(access), portion(view, mine)),
            None,
            "low",
            basis(view),
            {"table": access.table, "read": count(access.read)},
        )


def full_index_scan(view: PlanView, *, rows: float = MANY_ROWS, share: float = LARGE_SHARE) -> Iterator[Found]:
    """A whole index read (type index), with a condition that throws rows away."""
    for access in accesses(view).all:
        mine = work_with_filter(view, access.node)
        if access.kind != "index" or access.read < rows or mine < share or is_join_scan(view, access):
            continue
        asked = _wants(view, access)
        if access.wasted < WASTED and not (asked.columns and not access.measured):
            continue
        table = base_table(view, access)
        values = {
            "table": access.table,
            "index": access.node.index or "",
            "columns": ", ".join(asked.columns) or "the columns that its condition compares",
        }
        yield Found(
            "full-index-scan" if access.covering else "index-read-for-its-order",
            access.node,
            (*_evidence(access), portion(view, mine)),
            mine * max(access.wasted, 0.5),
            severity(view, mine * max(access.wasted, 0.5)),
            basis(view),
            values,
            create_index(table, asked.columns) or f"SHOW INDEX FROM {table};",
        )


def index_discards_rows(view: PlanView, *, rows: float = MANY_ROWS, wasted: float = WASTED) -> Iterator[Found]:
    """An index that finds many rows of which a further condition keeps few."""
    for access in accesses(view).all:
        share = work_with_filter(view, access.node) * access.wasted
        if access.kind not in ("ref", "range", "ref_or_null") or access.read < rows or access.wasted < wasted or share < MATTERS:
            continue
        if access.is_intermediate or ("MRR" in access.extra and not access.measured):
            continue
        asked = _wants(view, access)
        used = access.node.details.get("used_key_parts") or ()
        columns = [*dict.fromkeys([*(str(part) for part in used), *asked.equal, *asked.ranged[:1]])]
        table = base_table(view, access)
        yield Found(
            "index-discards-rows",
            access.node,
            (*_evidence(access), portion(view, work_with_filter(view, access.node))),
            share,
            severity(view, share),
            basis(view),
            {"table": access.table, "index": access.node.index or "", "read": count(access.read), "kept": count(access.kept)},
            create_index(table, columns if len(columns) > len(used) else []) or f"SHOW INDEX FROM {table};",
        )


def several_indexes_combined(view: PlanView, *, rows: float = MANY_ROWS) -> Iterator[Found]:
    """index_merge, or rows of several indexes intersected or united by row id."""
    starts = ("Intersect rows sorted by row ID", "Sort-deduplicate by row ID", "Deduplicate rows sorted by row ID")
    for node in view.nodes:
        access = accesses(view).by_node.get(id(node))
        merged = access is not None and access.kind == "index_merge"
        if not merged and not node.type.startswith(starts):
            continue
        read = access.read if access is not None else max((node.rows_actual or node.rows_estimated or 0.0), 0.0)
        below = [child.index or "" for child in node.children]
        indexes = ", ".join(name for name in ([node.index or ""] if merged else below) if name)
        share = work_with_filter(view, node) + sum(work_with_filter(view, child) for child in node.children)
        if read < rows or share < MATTERS:
            continue
        inner = next((accesses(view).by_node[id(child)] for child in node.children if id(child) in accesses(view).by_node), None)
        of = access or inner
        asked = _wants(view, of) if of is not None else Wants()
        columns = asked.columns if not asked.either else []
        table = base_table(view, of) if of is not None else ""
        yield Found(
            "several-indexes-combined",
            node,
            (told(access) if access is not None else str(node.details.get("Operation")), portion(view, min(1.0, share))),
            min(1.0, share) / 2,
            severity(view, min(1.0, share) / 2),
            basis(view),
            {"table": of.table if of is not None else "", "indexes": indexes},
            create_index(table, columns if len(columns) > 1 else []) or (f"SHOW INDEX FROM {table};" if table else ""),
        )


def hindered_index(view: PlanView, *, rows: float = MANY_ROWS) -> Iterator[Found]:
    """A full scan whose condition hides its column: in a function, behind a wildcard, or by OR with another column."""
    for access in accesses(view).all:
        share = work_with_filter(view, access.node) * max(access.wasted, 0.5)
        if access.kind not in (FULL, "index") or access.read < rows or share < MATTERS or is_join_scan(view, access):
            continue
        asked = _wants(view, access)
        if not _hinders(asked) or (access.measured and access.wasted < WASTED):
            continue
        table = base_table(view, access)
        values = {"table": access.table, "condition": access.condition}
        sql = f"SHOW INDEX FROM {table};"
        if asked.wrapped and not asked.columns:
            function, column = asked.wrapped[0]
            id_ = "implicit-conversion" if is_conversion(function) else "not-sargable"
            values |= {"function": function, "column": column}
            sql = f"SHOW COLUMNS FROM {table} LIKE '{column}';" if is_conversion(function) else create_index(table, [column]) or sql
        elif asked.wildcards and not asked.columns:
            id_ = "leading-wildcard"
            column, pattern = asked.wildcards[0]
            values |= {"column": column, "pattern": pattern}
            sql = f"ALTER TABLE {table} ADD FULLTEXT INDEX ({quoted(column)});"
        else:
            id_ = "or-over-columns"
            values |= {"columns": ", ".join(asked.either)}
            sql = "\n".join(create_index(table, [column]) for column in asked.either[:4]) or sql
        yield Found(
            id_, access.node, (*_evidence(access), portion(view, share)), share, severity(view, share), basis(view), values, sql
        )


def converted_by_warning(view: PlanView) -> Iterator[Found]:
    """The server's own warning 1739 or 3170: an index cannot be used due to a conversion of type or collation."""
    for warning in view.plan.details.get("Warnings", ()):
        if " 1739" in warning or "due to type or collation conversion" in warning:
            parts = warning.split("'")
            column = parts[3] if len(parts) > 3 else ""
            share = max((work_with_filter(view, access.node) for access in accesses(view).all if access.kind == FULL), default=0.0)
            yield Found(
                "implicit-conversion",
                next((access.node for access in accesses(view).all if access.kind in (FULL, "index")), view.plan.root),
                (warning,),
                share,
                severity(view, share),
                basis(view),
                {"column": column, "function": "a conversion", "table": "", "condition": warning},
                "SHOW WARNINGS;",
            )
            return


def partitions_not_pruned(view: PlanView, *, many: int = 8) -> Iterator[Found]:
    """A table of many partitions of which all, or nearly all, are read although it has a condition."""
    for access in accesses(view).all:
        listed = access.node.details.get("partitions") or ()
        names = listed.split(",") if isinstance(listed, str) else list(listed)
        share = work_with_filter(view, access.node)
        if len(names) < many or share < MATTERS or not (access.condition or "Using where" in access.extra):
            continue
        yield Found(
            "partitions-not-pruned",
            access.node,
            (told(access), f"partitions: {', '.join(str(name) for name in names[:12])}{' ...' if len(names) > 12 else ''}"),
            share / 2,
            severity(view, share / 2),
            basis(view),
            {"table": access.table, "partitions": str(len(names))},
            "SELECT partition_name, partition_expression, partition_description, table_rows\nFROM information_schema.partitions\n"
            f"WHERE table_schema = DATABASE() AND table_name = '{base_table(view, access).split('.')[-1].strip('`')}';",
        )
