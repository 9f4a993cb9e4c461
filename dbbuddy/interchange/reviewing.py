"""SQL with its schema and statistics in, a review out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dbbuddy.context import Engine
from dbbuddy.intake.text import InputError
from dbbuddy.interchange.rows import engine_of, text_of
from dbbuddy.sqlreview.inputs import require_sql, stats_of
from dbbuddy.sqlreview.review import Review, review


@dataclass(frozen=True)
class Defaults:
    """What counts where a row does not say."""

    engine: Engine | None = None
    version: str | None = None
    schema: str | None = None
    stats: Mapping[str, Any] | None = None
    verify: bool = False


def reviewed(row: dict[str, Any], defaults: Defaults) -> Review:
    """The review of one object; its own fields count before the defaults.

    Raises:
        InputError: a field does not fit, or there is no SQL.
    """
    version = row.get("version") or defaults.version
    made = review(
        text_of(row, "text" if "text" in row and "sql" not in row else "sql"),
        engine=engine_of(row.get("engine") or defaults.engine),
        version=None if version is None else str(version),
        schema=text_of(row, "schema") if row.get("schema") else defaults.schema,
        stats=_stats(row["stats"]) if row.get("stats") else defaults.stats,
        verify=bool(row.get("verify", defaults.verify)),
    )
    require_sql(made)
    return made


def _stats(told: object) -> Mapping[str, Any]:
    if isinstance(told, str):
        return stats_of(told)
    if not isinstance(told, dict):
        raise InputError("stats is no JSON object")
    return told
