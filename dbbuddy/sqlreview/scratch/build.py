"""Fills a scratch database: tables from the schema as it was read, existing and candidate indexes, statistics, file sizes."""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg

from dbbuddy.sqlreview.indexes.assumptions import distinct_of, rows_of
from dbbuddy.sqlreview.indexes.size import PAGE, index_bytes, share_held
from dbbuddy.sqlreview.schema import Index, Schema, Table
from dbbuddy.sqlreview.scratch.database import PLANNER, Database
from dbbuddy.sqlreview.scratch.model import TableAssumption
from dbbuddy.sqlreview.scratch.normal import index_sql, name
from dbbuddy.sqlreview.scratch.statistics import heap_pages, restore
from dbbuddy.sqlreview.scratch.types import scratch_type


@dataclass
class Built:
    """What was made. `labels` are the candidates' names in the database, in order, `None` for those that could not be made."""

    labels: list[str | None] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    existing: dict[str, str] = field(default_factory=dict)
    """The existing indexes' names in the database, and as the user knows them."""
    _pages: dict[str, int] = field(default_factory=dict)


def build(
    scratch: Database,
    tables: list[Table],
    schema: Schema,
    assumptions: tuple[TableAssumption, ...],
    candidates: list[Index],
    literals: dict[tuple[str, str], list[str]],
) -> Built:
    """Make all that the planner looks at; the files get their size last, as an index build would read them."""
    built = Built()
    for table in tables:
        _table(scratch, table, built)
    existing = [(table, index) for table in tables for index in table.indexes]
    for number, (table, index) in enumerate(existing):
        built.existing[f"old_{number}"] = index.name or f"{table.name}_{'pkey' if index.primary else 'key'}"
        reason = _index(scratch, index, f"old_{number}", table, schema, built)
        if reason:
            built.notes.append(f"The existing index {index.name or table.name} is left out: {reason}.")
    _trigrams(scratch, candidates)
    for number, index in enumerate(candidates):
        known = schema.table(index.table)
        reason = _index(scratch, index, f"new_{number}", known, schema, built) if known else "its table is not known"
        built.labels.append(None if reason else f"new_{number}")
        if reason:
            built.refused[index.name or ""] = reason
    scratch.owner.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {PLANNER}")
    for assumption in assumptions:
        restore(scratch.owner, assumption, literals)
        built._pages[assumption.table.lower()[:63]] = heap_pages(assumption)
    scratch.resize(built._pages)
    return built


def _table(scratch: Database, table: Table, built: Built) -> None:
    columns = []
    for column in table.columns.values():
        kind, known = scratch_type(column.type)
        if not known:
            built.notes.append(f"{table.name}.{column.name} ({column.type or 'no type'}) is planned as text.")
        columns.append(f"{name(column.name)} {kind}{'' if column.nullable else ' NOT NULL'}")
    scratch.owner.execute(f"CREATE TABLE {name(table.name)} ({', '.join(columns)})".encode())


def _trigrams(scratch: Database, candidates: list[Index]) -> None:
    wanted = any(key.operator_class == "gin_trgm_ops" for index in candidates for key in index.keys)
    row = scratch.owner.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone() if wanted else None
    if row:
        scratch.owner.execute("CREATE EXTENSION pg_trgm")


def _index(scratch: Database, index: Index, label: str, table: Table, schema: Schema, built: Built) -> str | None:
    """Make an index; the reason if it cannot be made."""
    text = index_sql(index, label, table.name)
    if text is None:
        return "a part of it is not known to be harmless"
    try:
        scratch.owner.execute(text.encode())
    except psycopg.Error as error:
        message = (error.diag.message_primary or type(error).__name__).replace('"', "")
        return "the scratch server lacks the extension pg_trgm" if "gin_trgm_ops" in message else message
    pages = max(2, int(index_bytes(index, table, schema, "postgresql") / PAGE) + 1)
    built._pages[label] = pages
    rows = rows_of(table) * share_held(index, table, schema)
    scratch.owner.execute(
        "SELECT pg_restore_relation_stats('schemaname', 'public', 'relname', %s::text,"
        " 'relpages', %s::integer, 'reltuples', %s::real)",
        (label, pages, rows),
    )
    for position, key in enumerate(index.keys, 1):
        if key.column is None:
            _expression(scratch, label, position, key.expression or "", table, schema)
    return None


def _expression(scratch: Database, label: str, position: int, expression: str, table: Table, schema: Schema) -> None:
    """An expression is taken to have as many values as the most varied column in it."""
    lowered = expression.lower()
    named = [column for column in table.columns if column.lower() in lowered]
    distinct = max((distinct_of(column, table, schema) for column in named), default=rows_of(table) / 20)
    unique = distinct >= rows_of(table) * 0.9
    scratch.owner.execute(
        "SELECT pg_restore_attribute_stats('schemaname', 'public', 'relname', %s::text, 'attnum', %s::smallint, 'inherited', false,"
        " 'null_frac', 0::real, 'avg_width', 16::integer, 'n_distinct', %s::real)",
        (label, position, -0.9 if unique else distinct),
    )
