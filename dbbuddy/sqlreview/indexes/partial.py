"""Partial (PostgreSQL) and filtered (SQL Server) indexes: over the rows only that a constant condition keeps."""

from __future__ import annotations

from dataclasses import replace

import re2

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.assumptions import is_few, is_moment, is_reference
from dbbuddy.sqlreview.indexes.model import Candidate, Key
from dbbuddy.sqlreview.indexes.places import Predicate, TableUse

_MAX_CONDITIONS = 2
# SQL Server allows simple comparisons only in the condition of a filtered index.
_SIMPLE = re2.compile(r"(?i)^\[?\w+\]? (=|<>|IS|IN) ")
_GONE = re2.compile(r"(?i)(delet|remov|archiv|cancel|expire|revoke|discard|disabled)")
FILTERED_NOTE = "a statement with a parameter in place of the constant cannot use a filtered index"


def partial(candidate: Candidate, use: TableUse, engine: Engine | None) -> Candidate | None:
    """The partial form of a candidate, which keeps the whole one as `whole`; the same candidate if none is worth it.

    `None` if the statement asks only for the rows that are not deleted, which are nearly all.
    """
    if engine not in ("postgresql", "sqlserver"):
        return candidate
    conditions = [predicate for predicate in use.predicates if _constant(predicate, use, engine)][:_MAX_CONDITIONS]
    if not conditions:
        return candidate
    by_equality = {predicate.key.identity for predicate in use.predicates if predicate.kind in ("equal", "list", "null")}
    by_equality |= {join.key.identity for join in use.joins}
    dropped = {predicate.key.identity for predicate in conditions if predicate.kind in ("equal", "null")}
    blocks = [[key for key in block if key.identity not in dropped] for block in candidate.blocks]
    blocks = [block for block in blocks if block]
    if not blocks:
        if all(_GONE.search(predicate.key.column or "") for predicate in conditions):
            return None
        blocks = [[_identifier(use, candidate)]]
    held = {key.identity for block in blocks for key in block}
    include = [name for name in candidate.include if name.lower() not in held | dropped]
    where = list(dict.fromkeys(predicate.literal for predicate in conditions if predicate.literal))
    notes = [*candidate.notes, *([FILTERED_NOTE] if engine == "sqlserver" else [])]
    whole = candidate if candidate.keys else None
    anchored = bool(held & (by_equality - dropped))
    return replace(candidate, blocks=blocks, include=include, where=where, notes=notes, whole=whole, anchored=anchored)


def _constant(predicate: Predicate, use: TableUse, engine: Engine | None) -> bool:
    """True for a comparison with a constant of a column that holds a handful of states, and for IS NULL of a moment.

    One of a few customers or shops is no state: the next statement asks for another.
    """
    if predicate.literal is None or predicate.key.column is None:
        return False
    if engine == "sqlserver" and not _SIMPLE.search(predicate.literal):
        return False
    if predicate.kind == "null":
        return is_moment(predicate.key.column) or is_few(predicate.key.column, use.table)
    return (
        predicate.kind in ("equal", "filter") and is_few(predicate.key.column, use.table) and not is_reference(predicate.key.column)
    )


def _identifier(use: TableUse, candidate: Candidate) -> Key:
    """What a partial index holds when its condition says all: what is read, else the primary key, else the condition's column."""
    if candidate.include:
        return Key(candidate.include[0])
    primary = use.table.primary_key if use.table else None
    first = primary.columns[0] if primary and primary.columns else None
    return Key(first) if first else candidate.keys[0].plain
