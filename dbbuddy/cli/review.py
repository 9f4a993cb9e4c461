"""`python -m dbbuddy review`: SQL in; findings, rewrites and index advice out."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from dbbuddy.cli.inputs import for_each_line, input_text, json_text, text_of
from dbbuddy.context import ENGINES, Engine
from dbbuddy.intake.text import InputError
from dbbuddy.severity import Severity, at_least
from dbbuddy.sqlreview.inputs import require_sql, stats_of
from dbbuddy.sqlreview.review import Review, review
from dbbuddy.sqlreview.share import as_object, to_markdown


def run(options: argparse.Namespace) -> int:
    """Review one text, or one object a line; 1 if a finding reaches `--fail-on`."""
    schema = input_text(options.schema) if options.schema else None
    stats = stats_of(input_text(options.stats)) if options.stats else None
    if options.jsonl:
        fails: list[bool] = []
        status = for_each_line(options.file, lambda row: _line(row, options, schema, stats, fails))
        return status or int(any(fails))
    made = review(
        input_text(options.file),
        engine=options.engine,
        version=options.version,
        schema=schema,
        stats=stats,
        verify=options.verify,
    )
    require_sql(made)
    print(json_text(as_object(made)) if options.json else to_markdown(made), end="\n" if options.json else "")
    return int(_fails(made, options.fail_on))


def _line(
    row: dict[str, Any], options: argparse.Namespace, schema: str | None, stats: Mapping[str, Any] | None, fails: list[bool]
) -> str:
    """The review of one object; its own fields count before the flags."""
    made = review(
        text_of(row, "text" if "text" in row and "sql" not in row else "sql"),
        engine=_engine(row.get("engine") or options.engine),
        version=_version(row.get("version") or options.version),
        schema=text_of(row, "schema") if row.get("schema") else schema,
        stats=_stats(row["stats"]) if row.get("stats") else stats,
        verify=bool(row.get("verify", options.verify)),
    )
    require_sql(made)
    fails.append(_fails(made, options.fail_on))
    return json_text(as_object(made, row.get("id")))


def _engine(told: object) -> Engine | None:
    if told is None:
        return None
    engine = next((name for name in ENGINES if name == told), None)
    if engine is None:
        raise InputError(f"engine is none of {', '.join(ENGINES)}")
    return engine


def _version(told: object) -> str | None:
    return None if told is None else str(told)


def _stats(told: object) -> Mapping[str, Any]:
    if isinstance(told, str):
        return stats_of(told)
    if not isinstance(told, dict):
        raise InputError("stats is no JSON object")
    return told


def _fails(made: Review, level: Severity | None) -> bool:
    worst = made.worst()
    return level is not None and worst is not None and at_least(worst, level)
