"""The roadmap as Markdown, CSV and a self-contained HTML page that prints well."""

from __future__ import annotations

import csv
import html
import io

from dbbuddy.capacity.roadmap import KIND_NAMES, Roadmap, Step

_COLUMNS = ("order by", "done by", "possible by", "lead days", "kind", "step", "what to do", "why", "trigger", "gain", "late")
# A cell that begins with one of these is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --late: #b3261e; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; } .wide { overflow-x: auto; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem; border-bottom: 1px solid var(--line); }
th { font-weight: 600; } .day { white-space: nowrap; } .late { color: var(--late); font-weight: 600; } small { opacity: .75; }
@media (prefers-color-scheme: dark) { :root { --late: #ff8a80; } }
@media screen and (max-width: 45rem) {
  thead { display: none; } tr { display: block; padding: .6rem 0; border-bottom: 1px solid var(--line); }
  td { display: block; border: 0; padding: .1rem 0; } td::before { content: attr(data-name) ": "; opacity: .75; }
}
@media print { body { margin: 0; max-width: none; font-size: 11px; } tr { break-inside: avoid; } .wide { overflow: visible; } }
"""


def as_markdown(plan: Roadmap, title: str = "Capacity roadmap") -> str:
    """A table of steps, the alerts and what needs nothing."""
    lines = [f"# {_cell(title)}", "", f"Made on {plan.made_on.isoformat()}.", ""]
    if plan.steps:
        lines += ["| order by | done by | step | why | trigger |", "| --- | --- | --- | --- | --- |"]
        for step in plan.steps:
            when = "**today (late)**" if step.late else step.order_by.isoformat()
            what = f"**{KIND_NAMES[step.kind]}: {_cell(step.title)}.** {_cell(step.do)} Gain: {_cell(step.buys)}."
            lines.append(f"| {when} | {_done(step)} | {what} | {_cell(step.why)} | {_cell(step.trigger)} |")
    else:
        lines.append("No limit is reached within the horizon: no step is needed.")
    if plan.alerts:
        lines += [
            "",
            "## Alerts",
            "",
            *(f"- {alert.severity}: {_cell(alert.reason)} = {_amount(alert.threshold)} {alert.unit}" for alert in plan.alerts),
        ]
    if plan.quiet:
        lines += ["", "## Not reached within the horizon", "", *(f"- {_cell(text)}" for text in plan.quiet)]
    return "\n".join(lines) + "\n"


def as_csv(plan: Roadmap) -> str:
    """One row a step."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(_COLUMNS)
    for step in plan.steps:
        table.writerow([_harmless(str(value)) for value in _row(step)])
    return out.getvalue()


def as_html(plan: Roadmap, title: str = "Capacity roadmap") -> str:
    """A page that needs nothing from elsewhere; light, dark and print."""
    rows = "".join(_html_row(step) for step in plan.steps)
    head = "".join(f"<th scope='col'>{name}</th>" for name in ("Order by", "Done by", "Step", "Why", "Trigger"))
    steps = f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    if not plan.steps:
        steps = "<p>No limit is reached within the horizon: no step is needed.</p>"
    alerts = "".join(
        f"<li>{alert.severity}: {html.escape(alert.reason)} = {_amount(alert.threshold)} {html.escape(alert.unit)}</li>"
        for alert in plan.alerts
    )
    quiet = "".join(f"<li>{html.escape(text)}</li>" for text in plan.quiet)
    sections = (f"<h2>Alerts</h2><ul>{alerts}</ul>" if alerts else "") + (
        f"<h2>Not reached within the horizon</h2><ul>{quiet}</ul>" if quiet else ""
    )
    name = html.escape(title)
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><title>{name}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{name}</h1><p>Made on {plan.made_on.isoformat()}.</p>{steps}{sections}</body></html>\n"
    )


def _row(step: Step) -> tuple[object, ...]:
    return (
        step.order_by.isoformat(),
        step.done_by.isoformat(),
        step.ready_on.isoformat(),
        step.lead_days,
        KIND_NAMES[step.kind],
        step.title,
        step.do,
        step.why,
        step.trigger,
        step.buys,
        "yes" if step.late else "no",
    )


def _html_row(step: Step) -> str:
    when = "<span class='late'>today (late)</span>" if step.late else step.order_by.isoformat()
    what = f"<strong>{KIND_NAMES[step.kind]}: {html.escape(step.title)}</strong><br>{html.escape(step.do)}"
    gain = f"<br><small>Gain: {html.escape(step.buys)}. Takes {step.lead_days} days.</small>"
    cells = (
        ("Order by", when, " class='day'"),
        ("Done by", _done(step).replace(" (", "<br>("), " class='day'"),
        ("Step", what + gain, ""),
        ("Why", html.escape(step.why), ""),
        ("Trigger", html.escape(step.trigger), ""),
    )
    return "<tr>" + "".join(f"<td data-name='{name}'{more}>{text}</td>" for name, text, more in cells) + "</tr>"


def _done(step: Step) -> str:
    """The day to be done by, and the day that is possible if that is later."""
    late = f" (possible: {step.ready_on.isoformat()})" if step.ready_on > step.done_by else ""
    return step.done_by.isoformat() + late


def _cell(text: str) -> str:
    """Text in a Markdown table: no line ends, no cell borders, no tags, no images."""
    flat = " ".join(text.split()).replace("\\", "\\\\").replace("|", "\\|")
    return flat.replace("<", "&lt;").replace("![", "!\\[")


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def _amount(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:,.2f}"
