"""Row counts and distinct values as the user states them.

`{"orders": 5000000, "customers": {"rows": 200000, "visible_share": 0.9, "columns": {"status": {"distinct": 5, "null_share": 0.0,
"correlation": 0.1}}}}`
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from dbbuddy.sqlreview.schema import Schema, Table


@dataclass(frozen=True)
class Overrides:
    """What the planner alone is told, by lower-case table and column: the share of all-visible pages, the correlation."""

    visible: dict[str, float] = field(default_factory=dict)
    correlation: dict[tuple[str, str], float] = field(default_factory=dict)


def apply_stats(schema: Schema, stats: Mapping[str, object] | None) -> tuple[Overrides, list[str]]:
    """Put the statistics into the schema; returns the rest of them and what could not be used, a sentence each.

    A table that the schema does not have is added without columns, so that its row count counts.
    """
    overrides, problems = Overrides(), []
    for name, value in (stats or {}).items():
        table = schema.table(name)
        if table is None:
            table = Table(name.rpartition(".")[2])
            schema.add(table)
        entry = value if isinstance(value, Mapping) else {"rows": value}
        rows = _number(entry.get("rows"))
        if rows is not None:
            table.rows = rows
        elif entry.get("rows") is not None:
            problems.append(f"The row count of {name} is no number.")
        visible = _number(entry.get("visible_share"))
        if visible is not None:
            overrides.visible[table.name.lower()] = min(1.0, visible)
        columns = entry.get("columns")
        for column, facts in columns.items() if isinstance(columns, Mapping) else ():
            _column(table, str(column), facts, overrides, problems)
    return overrides, problems


def _column(table: Table, column: str, facts: object, overrides: Overrides, problems: list[str]) -> None:
    if not isinstance(facts, Mapping):
        problems.append(f"The statistics of {table.name}.{column} are not understood.")
        return
    distinct, null_share = _number(facts.get("distinct")), _number(facts.get("null_share"))
    correlation = facts.get("correlation")
    if distinct is not None:
        table.distinct[column] = distinct
    if null_share is not None:
        table.null_share[column] = min(1.0, null_share)
    if isinstance(correlation, (int, float)) and not isinstance(correlation, bool) and -1 <= correlation <= 1:
        overrides.correlation[table.name.lower(), column.lower()] = float(correlation)


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if math.isfinite(value) and value >= 0 else None
