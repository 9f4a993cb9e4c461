"""A whole study as Markdown and as CSV: the answer, the figures, the plan and the inputs, to attach to a ticket."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dbbuddy.capacity.plan import CapacityPlan
from dbbuddy.capacity.roadmap import Roadmap
from dbbuddy.capacity.roadmap_export import as_markdown as roadmap_markdown
from dbbuddy.capacity.sentence import sentence, wall_told
from dbbuddy.capacity.share import to_markdown
from dbbuddy.capacity.study import Answer, Asked, series_title
from dbbuddy.context import SystemContext

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS = ("series", "metric", "unit", "kind", "date", "value", "lo50", "hi50", "lo80", "hi80", "lo95", "hi95", "straight line")


@dataclass(frozen=True)
class Report:
    """What is written down. `plan` is there where the engine is known."""

    title: str
    answer: Answer
    asked: tuple[Asked, ...]
    context: SystemContext
    roadmap: Roadmap
    plan: CapacityPlan | None = None


def to_csv(report: Report) -> str:
    """History and projection of all series, one row a date."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_COLUMNS)
    for made in report.answer.projections:
        history = made.history
        name = [_harmless(series_title(history)), history.metric, _harmless(history.unit)]
        for date, value in zip(made.history_dates, made.values, strict=True):
            table.writerow([*name, "history", date.isoformat(), _number(value), *[""] * 7])
        bands = (made.mean, made.lo50, made.hi50, made.lo80, made.hi80, made.lo95, made.hi95, made.line)
        for i, date in enumerate(made.dates):
            table.writerow([*name, "projection", date.isoformat(), *(_number(band[i]) for band in bands)])
    return out.getvalue()


def to_markdown_report(report: Report) -> str:
    """Everything, to read."""
    return "\n".join(_lines(report)).rstrip() + "\n"


def _lines(report: Report) -> Iterator[str]:
    told = sentence(report.answer)
    yield f"# {cell(report.title)}\n\n**{cell(told.headline)}.** {cell(told.below)}\n"
    yield f"Made on {report.roadmap.made_on.isoformat()} for {cell(report.context.label())}.\n"
    if report.answer.reached:
        yield "## When\n\n| series | limit | at | level | when |\n| --- | --- | ---: | --- | --- |"
        for each in report.answer.reached:
            limit = each.wall.limit
            name = cell(series_title(each.projection.history))
            value = f"{limit.value:,.6g} {cell(limit.unit)}"
            yield f"| {name} | {cell(limit.name)} | {value} | {limit.level} | {wall_told(each.wall)} |"
        yield ""
    for made in report.answer.projections:
        yield _deeper(to_markdown(made))
    yield from _inputs(report.asked)
    if report.plan:
        yield from _plan(report.plan)
    yield _deeper(roadmap_markdown(report.roadmap))


def _inputs(asked: Sequence[Asked]) -> Iterator[str]:
    """What was supposed and taken back, so that it can be computed again."""
    lines = [f"- {cell(series_title(one.history))}: {event}" for one in asked for event in one.events]
    lines += [f"- {cell(series_title(one.history))}: {key} taken as it is" for one in asked for key in sorted(one.undone)]
    if lines:
        yield "## What was supposed\n"
        yield from lines
        yield ""


def _plan(plan: CapacityPlan) -> Iterator[str]:
    yield f"## Sizing\n\nTake {plan.target.name}: {plan.target.vcpu} vCPU, {plan.target.ram_gib:g} GiB.\n"
    yield "| topic | working | source |\n| --- | --- | --- |"
    yield from (f"| {reason.topic} | {cell(reason.line)} | {cell(reason.source)} |" for reason in plan.reasons)
    if plan.warnings:
        yield "\n" + "\n".join(f"- {cell(text)}" for text in plan.warnings)
    made = plan.configuration
    yield f"\n## Parameters\n\n```{made.text_kind}\n{made.text}\n```\n"
    first, last = plan.costs[0], plan.costs[-1]
    yield "## Cost\n"
    for name, month in (("First month", first), ("Last month", last)):
        total = month.total.text(month.currency) if month.total else "no price known"
        yield f"- {name}: {total}"
    yield from (
        f"- {cell(line.item.name)}: {line.monthly.text(first.currency) if line.monthly else 'no price'} ({cell(line.note)})"
        for line in first.lines
    )
    yield ""
    for code in plan.alert_code:
        yield f"## Alerts: {code.system}\n\n```{code.kind}\n{code.text}\n```\n"


def cell(text: str) -> str:
    """User text inside Markdown: one line, no cell borders, no tags, no images, no links."""
    flat = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|").replace("`", "'")
    return flat.replace("<", "&lt;").replace("[", "\\[")


def _deeper(markdown: str) -> str:
    """Headings one level down, outside of blocks of code."""
    lines, fenced = [], False
    for line in markdown.splitlines():
        fenced ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("#") and not fenced else line)
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    return f"{value:.10g}"


def _harmless(text: str) -> str:
    """A cell that a spreadsheet would run as a formula is kept as text."""
    return f"'{text}" if text.startswith(_FORMULA) else text
