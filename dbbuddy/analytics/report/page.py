"""The report as one HTML file that loads nothing: to be opened, printed or sent."""

from __future__ import annotations

from functools import cache
from html import escape

from dbbuddy.analytics import wording
from dbbuddy.analytics.definitions import definitions
from dbbuddy.analytics.report.content import Line, Report
from dbbuddy.analytics.report.svg import bars
from dbbuddy.analytics.tables import Table, shown
from dbbuddy.data_files import DATA

_NARROW = 8
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html(report: Report) -> str:
    """The report as HTML."""
    parts = ["<h1>DB-Buddy: adoption, quality and return</h1>", _about(report)]
    if report.origin.sample:
        parts.append('<p class="sample">Sample data, made up. Nothing here is about anybody.</p>')
    if report.notice:
        parts.append(f"<p><strong>{escape(report.notice)}</strong></p>")
    else:
        parts.append(f'<div class="tiles">{"".join(map(_tile, report.lines))}</div>')
        parts += [f"<p><strong>{escape(remark)}</strong></p>" for remark in report.remarks]
        parts.append(
            f'<div class="charts">{"".join(f"<div><h2>{escape(s.title)}</h2>{bars(s)}</div>" for s in report.series)}</div>'
        )
        parts.append(f'<div class="tables">{"".join(map(_table, report.tables))}</div>')
        parts.append(_definitions(report))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>DB-Buddy report, {escape(wording.period(report.origin.filter.period))}</title><style>{_style()}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


@cache
def _style() -> str:
    return (DATA / "analytics" / "report.css").read_text(encoding="utf-8")


def _about(report: Report) -> str:
    lines = report.origin.lines(())
    said = " · ".join(f"{escape(name)}: {escape(value)}" for name, value in lines)
    return f'<p class="quiet">{said} · compared with {escape(wording.period(report.origin.filter.before().period))}</p>'


def _tile(line: Line) -> str:
    figure = line.figure
    found = wording.verdict(figure)
    grey = " grey" if figure.suppressed or figure.few else ""
    between = wording.interval(figure)
    change = wording.difference(figure, line.before)
    details = [
        f"95 % sure: {between}" if between else "",
        wording.observations(figure) if figure.n else "",
        f"{change} vs before" if change else "",
    ]
    small = "<br>".join(escape(detail) for detail in details if detail)
    verdict = f'<br><span class="{found.replace(" ", "-")}">Target {wording.target(figure)}: {found}</span>' if found else ""
    return (
        f'<div class="tile{grey}"><span>{escape(line.name)}</span><b>{escape(wording.figure_value(figure))}</b>'
        f'<span class="quiet">{small}{verdict}</span></div>'
    )


def _table(table: Table) -> str:
    """A table without its empty columns; a wide one goes across the printed page."""
    places = [place for place in range(len(table.columns)) if any(row[place] not in (None, "") for row in table.rows)]
    columns = [table.columns[place] for place in places]
    head = "".join(f"<th{_align(column.unit)}>{escape(column.name)}</th>" for column in columns)
    rows = (
        "".join(
            f"<td{_align(column.unit)}>{escape(shown(row[place], column))}</td>"
            for place, column in zip(places, columns, strict=True)
        )
        for row in table.rows
    )
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    across = ' class="across"' if len(columns) > _NARROW else ""
    grid = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    return f"<div{across}><h2>{escape(table.title)}</h2>{grid}</div>"


def _align(unit: str | None) -> str:
    return ' class="number"' if unit else ""


def _definitions(report: Report) -> str:
    known = definitions()
    said = "".join(
        f"<dt>{escape(known[name].title)} (version {known[name].version})</dt><dd>{escape(known[name].text)}</dd>"
        for name in report.used
    )
    short = ", ".join(f"{name} {known[name].version}" for name in report.used)
    meaning = f"<details open><summary>What the figures mean</summary><dl>{said}</dl></details>"
    return f'<p class="quiet">Definitions and versions: {escape(short)}</p>{meaning}'
