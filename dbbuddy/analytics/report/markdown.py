"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from dbbuddy.analytics import wording
from dbbuddy.analytics.report.content import Line, Report
from dbbuddy.analytics.tables import Table, shown


def markdown(report: Report) -> str:
    """Headings, one table of the figures, and the tables behind them."""
    lines = ["# DB-Buddy: adoption, quality and return", ""]
    lines += [f"- {name}: {_cell(value)}" for name, value in report.origin.lines(report.used)]
    lines += [f"- Compared with: {wording.period(report.origin.filter.before().period)}", ""]
    if report.notice:
        return "\n".join([*lines, f"**{report.notice}**", ""])
    lines += [_row(("Figure", "Value", "95 % sure", "n", "vs before", "Target", "Verdict")), _row(["---"] * 7)]
    lines += [_row(_figure(line)) for line in report.lines]
    lines += ["", *map(_cell, report.remarks)]
    for table in report.tables:
        lines += ["", f"## {table.title}", "", *_table(table)]
    return "\n".join([*lines, ""])


def _figure(line: Line) -> tuple[str, ...]:
    figure = line.figure
    change, verdict = wording.difference(figure, line.before), wording.verdict(figure) or ""
    value, between = wording.figure_value(figure), wording.interval(figure)
    return (line.name, value, between, f"{figure.n:,}", change, wording.target(figure), verdict)


def _table(table: Table) -> list[str]:
    rows = [_row([shown(cell, column) for cell, column in zip(row, table.columns, strict=True)]) for row in table.rows]
    return [_row([column.name for column in table.columns]), _row(["---"] * len(table.columns)), *rows]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Text that stays in its cell and is no markup."""
    for sign in "\\|`*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
