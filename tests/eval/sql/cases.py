"""The labelled cases, where they lie beside the repository; and what the review's rules find in one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dbbuddy.context import Engine
from dbbuddy.severity import Severity, at_least
from dbbuddy.sqlreview.review import review

FOLDER = Path(__file__).parents[3].parent / "shared" / "sql"
needs_corpus = pytest.mark.skipif(not FOLDER.is_dir(), reason="the labelled SQL cases are not there")


def load(name: str) -> Any:
    return json.loads((FOLDER / name).read_text(encoding="utf-8"))


def rules_found(
    sql: str,
    engine: Engine | None,
    schema: str | None = None,
    *,
    level: Severity = "info",
    thresholds: dict[str, float] | None = None,
) -> set[str]:
    """The ids of the rules that find something of that level or worse."""
    result = review(sql, engine=engine, schema=schema, thresholds=thresholds or {}, advise_indexes=False)
    return {finding.rule for finding in result.findings if at_least(finding.severity, level)}
