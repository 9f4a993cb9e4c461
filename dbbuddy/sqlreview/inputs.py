"""What a review is asked of, as it arrives: statistics as JSON or as a table of row counts, and whether a text is SQL at all."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from dbbuddy.intake.text import InputError
from dbbuddy.sqlreview.guarding.vocabulary import vocabulary
from dbbuddy.sqlreview.review import Review, Reviewed

_EXAMPLE = '{"orders": 5000000, "customers": {"rows": 200000, "columns": {"status": {"distinct": 5}}}}'


# Beginnings of statements that the guard judges by more than their words.
_ALSO = frozenset(("ANALYZE", "COPY", "DBCC", "PREPARE", "DO", "DECLARE", "IF", "WHILE", "LOAD", "BULK", "FOR", "PERFORM"))


def stats_of(text: str) -> dict[str, Any]:
    """The statistics in a text: a JSON object, as the export queries print it, whatever a client has put around it.

    Raises:
        InputError: there is none, or it says nothing of tables.
    """
    opening, closing = text.find("{"), text.rfind("}")
    if opening < 0 or closing < opening:
        raise InputError(f"The statistics are no JSON object. Expected is, for example: {_EXAMPLE}")
    found = text[opening : closing + 1]
    try:
        stats = _loaded(found)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
        raise InputError(f"The statistics are no valid JSON{where}. Expected is, for example: {_EXAMPLE}") from None
    if not isinstance(stats, dict):
        raise InputError(f"The statistics are no JSON object. Expected is, for example: {_EXAMPLE}")
    return stats


def _loaded(text: str) -> Any:
    """Clients break long values into lines, within words too."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        try:
            return json.loads(text.replace("\r", "").replace("+\n", "\n").replace("\n", ""))
        except json.JSONDecodeError:
            raise error from None


def with_rows(stats: Mapping[str, Any], rows: Iterable[tuple[str, float | None]]) -> dict[str, Any]:
    """The statistics with row counts by table; a count that is given replaces the one in the statistics."""
    merged: dict[str, Any] = dict(stats)
    for name, count in rows:
        if not name or count is None or not math.isfinite(count) or count < 0:
            continue
        known = next((key for key in merged if key.lower() == name.lower()), name)
        entry = merged.get(known)
        merged[known] = {**entry, "rows": count} if isinstance(entry, Mapping) else count
    return merged


def require_sql(review: Review) -> None:
    """Make sure that something was reviewed.

    Raises:
        InputError: the text holds no statement of SQL.
    """
    if not review.statements:
        raise InputError("There is no SQL in the text. Paste queries, DDL or a migration.")
    if review.worst() in (None, "info") and not any(map(_is_sql, review.statements)):
        words = " ".join(review.statements[0].text[:200].split())
        raise InputError(f"No SQL statement was recognised. The text begins with: {words[:60]}")


def _is_sql(statement: Reviewed) -> bool:
    """Whether it begins like a statement of one of the engines."""
    words = statement.text[:200].upper().rstrip(";").split()[:4]
    return statement.kind != "other" or words[0] in _ALSO or vocabulary().command(words) is not None
