"""How large an index gets, and how wide the rows of a table are.

PostgreSQL: 8 bytes of index tuple header, 4 of line pointer, keys aligned to 8, pages 90 % full; equal keys are stored once since
version 13, 6 bytes a row. InnoDB: about 5 bytes of record header and the primary key, pages 15/16 full. SQL Server: about 3 bytes
and the clustered key or an 8 byte row locator. Oracle: 3 bytes and a rowid of 6, a length byte a column, blocks 90 % full.
"""

from __future__ import annotations

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.assumptions import distinct_of, rows_of, width_of
from dbbuddy.sqlreview.schema import Index, Schema, Table

PAGE = 8192
"""Bytes of a page of PostgreSQL."""
_PARTIAL_SHARE = 0.1
"""Share of rows that a partial index is assumed to hold when its condition's column tells nothing."""
_GIN_ENTRIES_PER_ROW = 10
_GIN_ENTRY_BYTES = 6


def share_held(index: Index, table: Table | None, schema: Schema) -> float:
    """The share of the table's rows, from 0 to 1, that an index holds."""
    if not index.where:
        return 1.0
    if "is null" in index.where.lower() or "is not null" in index.where.lower() or "<>" in index.where:
        return 0.5
    name = index.where.split()[0].strip('"[]`(')
    if table is not None and table.column(name) is None and not table.distinct:
        return _PARTIAL_SHARE
    return min(1.0, max(0.001, 1 / distinct_of(name, table, schema)))


def index_bytes(index: Index, table: Table | None, schema: Schema, engine: Engine | None) -> float:
    """The estimated size of an index in bytes."""
    rows = rows_of(table) * share_held(index, table, schema)
    if index.method in ("gin", "fulltext", "context"):
        return max(PAGE, rows * _GIN_ENTRIES_PER_ROW * _GIN_ENTRY_BYTES)
    names = [*(key.column or "" for key in index.keys), *index.include]
    width = sum(min(width_of(name, table), 100.0) for name in names)
    if engine in ("mysql", "mariadb", "sqlserver"):
        primary = table.primary_key if table else None
        locator = sum(width_of(column or "", table) for column in primary.columns) if primary else 8
        return max(PAGE, rows * (width + locator + 5) / 0.8)
    if engine == "oracle":
        return max(PAGE, rows * (width + len(names) + 9) / 0.9)
    entry = 12 + 8 * -(-width // 8)
    if not index.include and len(index.keys) == 1 and index.keys[0].column:
        distinct = min(rows, distinct_of(index.keys[0].column, table, schema))
        if rows / max(1.0, distinct) > 3:
            return max(PAGE, (rows * 6.5 + distinct * entry) / 0.9)
    return max(PAGE, rows * entry / 0.9)


def readable(size: float) -> str:
    """A size in the unit that fits: 12 MB, 3.4 GB."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TB"
