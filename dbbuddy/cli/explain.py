"""`python -m dbbuddy explain`: a pasted plan in; its tree, totals and findings out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from dbbuddy.cli.inputs import for_each_line
from dbbuddy.context import Engine
from dbbuddy.intake.text import InputError
from dbbuddy.interchange.explaining import plans_object
from dbbuddy.interchange.rows import engine_of, text_of
from dbbuddy.plans.compare import Comparison, compare_plans
from dbbuddy.plans.compare import to_markdown as comparison_markdown
from dbbuddy.plans.decoding import decode
from dbbuddy.plans.figures.measures import Measures
from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.model import ReadPlans
from dbbuddy.plans.read import read_plans
from dbbuddy.plans.share import to_markdown
from dbbuddy.severity import Severity, at_least


def run(options: argparse.Namespace) -> int:
    """Explain one text, or one object a line; 1 if a finding reaches `--fail-on` or the second plan is slower."""
    if options.jsonl:
        return for_each_line(options.file, lambda row: _line(row, options.engine))
    read = read_plans(_text(options.file), options.engine)
    findings = [find_insights(plan) for plan in read.plans]
    comparison = _comparison(read, options.compare, options.engine, options.slower_by)
    if options.json:
        print(plans_object(None, read, findings, comparison))
    elif comparison:
        print(comparison_markdown(comparison), end="")
    else:
        print(_markdown(read, findings), end="")
    return int(_fails(findings, options.fail_on) or bool(comparison and comparison.regressed))


def _text(file: Path | None) -> str:
    """The text of a file of any name, or of standard input, in whatever encoding a server or client has written the plan."""
    try:
        data = sys.stdin.buffer.read() if file is None else file.read_bytes()
    except OSError as error:
        raise InputError(f"{file}: cannot be read ({error.strerror})") from None
    return decode("standard input" if file is None else file.name, data)


def _line(row: dict[str, Any], engine: Engine | None) -> str:
    read = read_plans(text_of(row), engine_of(row.get("engine") or engine))
    return plans_object(row.get("id"), read, [find_insights(plan) for plan in read.plans], None)


def _comparison(read: ReadPlans, other: Path | None, engine: Engine | None, slower_by: float) -> Comparison | None:
    if other is None:
        return None
    return compare_plans(read.plans[0], read_plans(_text(other), engine).plans[0], slower_by=slower_by)


def _fails(findings: list[tuple[Insight, ...]], level: Severity | None) -> bool:
    return level is not None and any(at_least(insight.severity, level) for found in findings for insight in found)


def _markdown(read: ReadPlans, findings: list[tuple[Insight, ...]]) -> str:
    parts = [to_markdown(Measures(plan), found).strip() for plan, found in zip(read.plans, findings, strict=True)]
    parts += [f"Note: {note}" for note in read.notes]
    if read.unread:
        lines = "\n".join(f"    {line.number}: {line.text}" for line in read.unread)
        parts.append(f"{len(read.unread)} lines were not understood:\n\n{lines}")
    return "\n\n".join(parts) + "\n"
