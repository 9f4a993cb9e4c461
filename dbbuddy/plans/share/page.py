"""A plan as one HTML file: no script, no request to any machine, every text of the plan escaped."""

from __future__ import annotations

import html
from collections.abc import Sequence

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.plans.describe import percent, shortened, step
from dbbuddy.plans.figures.flame import title as flame_title
from dbbuddy.plans.figures.measures import Measures
from dbbuddy.plans.insights import Insight
from dbbuddy.plans.outline import Row, outline
from dbbuddy.plans.prose import to_html as prose_html
from dbbuddy.plans.share.flame_svg import flame_svg
from dbbuddy.plans.share.markdown import headline, totals_line
from dbbuddy.plans.share.style import STYLE

_MOST_STEPS = 1_000
_LONGEST_TEXT = 300_000
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def to_html(measures: Measures, findings: Sequence[Insight], text: str | None = None) -> str:
    """The file. `text` is the pasted plan, which is left out where it is `None` (names are hidden then)."""
    plan = measures.plan
    heading = f"{ENGINE_NAMES[plan.engine]} plan: {headline(measures, findings)}"
    title = flame_title(measures)
    parts = [f"<h1>{_text(heading)}</h1>", f'<p class="soft">{_text(totals_line(measures))}</p>']
    if plan.statement:
        parts.append(f"<details><summary>The statement</summary><pre>{_text(plan.statement[:_LONGEST_TEXT])}</pre></details>")
    parts.append(f"<h2>{len(findings)} finding{'s' * (len(findings) != 1)}</h2>")
    parts += [_finding(measures, finding) for finding in findings] or ["<p>Nothing in this plan calls for a change.</p>"]
    parts += [f"<h2>{_text(title)}</h2>", f'<div class="wide">{flame_svg(measures, title)}</div>']
    parts += ["<h2>Steps</h2>", _table(measures, outline(measures, findings, most=_MOST_STEPS))]
    if text is not None:
        more = "\n… (shortened)" if len(text) > _LONGEST_TEXT else ""
        parts.append(
            f"<h2>Text</h2><details><summary>The plan as pasted</summary><pre>{_text(text[:_LONGEST_TEXT])}{more}</pre></details>"
        )
    parts.append('<p class="soft">Made with DB-Buddy. This file is complete: it loads nothing and sends nothing.</p>')
    return _document(heading, "\n".join(parts))


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="referrer" content="no-referrer">\n'
        f"<title>{_text(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return html.escape(text.replace("\x00", ""))


def _finding(measures: Measures, finding: Insight) -> str:
    saves = f" · up to {percent(finding.saving_share)} of {measures.noun}" if finding.saving_share else ""
    where = ""
    if finding.node is not None and finding.number is not None:
        name = shortened(step(finding.node, measures.plan.engine))
        where = f' · <a href="#step-{finding.number + 1}">step {finding.number + 1}: {_text(name)}</a>'
    quotes = " · ".join(f"<code>{_text(shortened(quote, 300))}</code>" for quote in finding.evidence)
    blocks = "".join(f"<pre>{_text(block.code)}</pre>" for block in finding.blocks)
    return (
        f'<section class="finding {finding.severity}"><h3>{_text(finding.title)}</h3>'
        f'<p><span class="badge">{finding.severity}</span> {finding.confidence}{saves}{where}</p>'
        + (f"<p>Seen in the plan: {quotes}</p>" if quotes else "")
        + f"{prose_html(finding.why)}<p><strong>What to do.</strong></p>{prose_html(finding.advice)}{blocks}"
        f'<p class="soft">{_text(finding.source)}</p></section>'
    )


def _table(measures: Measures, rows: Sequence[Row]) -> str:
    rows_head = "Rows: plan → real" if measures.view.ran else "Rows, estimated"
    own = {"time": "Own time", "cost": "Own cost"}.get(measures.weight, "")
    head = f"<tr><th>Step</th><th>{own}</th><th>Share</th><th>{rows_head}</th><th>Estimate</th><th>Loops</th></tr>"
    return f'<div class="wide"><table><thead>{head}</thead><tbody>' + "".join(map(_line, rows)) + "</tbody></table></div>"


def _line(row: Row) -> str:
    name = f"<strong>{_text(row.operator)}</strong> {_text(row.subject)}" + (
        f" <span>({_text(row.role)})</span>" if row.role else ""
    )
    indent = min(row.depth, 20) * 0.9
    cells = (row.own, percent(row.share), row.rows, row.off, row.loops)
    hot = ' class="hot"' if row.share >= 0.25 else ""
    line = (
        f'<tr id="step-{row.number + 1}"{" class=never" if row.never else ""}>'
        f'<td style="padding-left:{indent + 0.6:.1f}rem"><span class="soft">{row.number + 1}</span> {name}</td>'
        + "".join(f"<td{hot if place < 2 else ''}>{_text(cell)}</td>" for place, cell in enumerate(cells))
        + "</tr>"
    )
    if row.hidden:
        line += (
            f'<tr class="never"><td colspan="6" style="padding-left:{indent + 2:.1f}rem">… {row.hidden:,} more steps '
            f"({percent(row.hidden_share)})</td></tr>"
        )
    return line
