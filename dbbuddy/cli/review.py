"""`python -m dbbuddy review`: SQL in; findings, rewrites and index advice out."""

from __future__ import annotations

import argparse
from typing import Any

from dbbuddy.cli.inputs import for_each_line, input_text
from dbbuddy.interchange.reviewing import Defaults, reviewed
from dbbuddy.interchange.rows import json_text
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
        defaults = Defaults(options.engine, options.version, schema, stats, verify=options.verify)
        status = for_each_line(options.file, lambda row: _line(row, options, defaults, fails))
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


def _line(row: dict[str, Any], options: argparse.Namespace, defaults: Defaults, fails: list[bool]) -> str:
    made = reviewed(row, defaults)
    fails.append(_fails(made, options.fail_on))
    return json_text(as_object(made, row.get("id")))


def _fails(made: Review, level: Severity | None) -> bool:
    worst = made.worst()
    return level is not None and worst is not None and at_least(worst, level)
