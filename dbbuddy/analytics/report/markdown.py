"""The report as Markdown."""

from __future__ import annotations

from dbbuddy.analytics import wording
from dbbuddy.analytics.report.content import Report
from dbbuddy.analytics.tables import Table, shown


def markdown(report: Report) -> str:
    """Headings, one table of the figures, and the tables behind them."""
    lines = ["# DB-Buddy: adoption, quality and return", ""]
    lines += [f"- {name}: {_cell(value)}" for name, value in report.origin.lines(report.used)]
    lines += [f"- Compared with: {wording.period(report.origin.filter.before().period)}", ""]
    if report.notice:
        return "\n".join([*lines, f"**{report.notice}**", ""])
    figures, *others = report.all_tables
    lines += [*_table(figures), "", *map(_cell, report.remarks)]
    for table in others:
        lines += ["", f"## {table.title}", "", *_table(table)]
    return "\n".join([*lines, ""])


def _table(table: Table) -> list[str]:
    rows = [_row([shown(cell, column) for cell, column in zip(row, table.columns, strict=True)]) for row in table.rows]
    return [_row([column.name for column in table.columns]), _row(["---"] * len(table.columns)), *rows]


def _row(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(map(_cell, cells))} |"


def _cell(text: str) -> str:
    """Text that stays in its cell and is no markup."""
    for sign in "\\|`*_<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
