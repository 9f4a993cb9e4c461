"""The study as one HTML page that needs nothing from elsewhere: charts as SVG, light, dark and print."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence

from dbbuddy.capacity.fan_svg import fan_svg
from dbbuddy.capacity.plan import CapacityPlan
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.report import Report
from dbbuddy.capacity.roadmap import KIND_NAMES, Roadmap
from dbbuddy.capacity.sentence import day, figure, odds, percent, sentence, wall_told
from dbbuddy.capacity.study import Reached, series_title

_STYLE = """
:root { color-scheme: light dark; --ink: #182326; --soft: #8888; --paper: #fff; }
body {
  font: 15px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
}
h1 { font-size: 1.7rem; line-height: 1.25; } h2 { margin-top: 2.2rem; font-size: 1.2rem; } .lead { font-size: 1.05rem; }
table { border-collapse: collapse; width: 100%; } .wide { overflow-x: auto; }
pre { overflow-x: auto; padding: .8rem; border: 1px solid var(--soft); border-radius: .5rem; font-size: 12px; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem; border-bottom: 1px solid var(--soft); }
svg { width: 100%; height: auto; } svg text { fill: currentColor; font-size: 12px; } small { opacity: .75; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4ecec; --paper: #10181a; } }
@media print {
  body { margin: 0; max-width: none; font-size: 11px; } tr, svg { break-inside: avoid; }
  .wide { overflow: visible; } pre { white-space: pre-wrap; }
}
"""
_MOST_ROWS = 13


def to_html(report: Report) -> str:
    """The whole page."""
    told = sentence(report.answer)
    body = "".join(
        (
            f"<h1>{_t(told.headline)}</h1><p class='lead'>{_t(told.below)}</p>",
            f"<p><small>{_t(report.title)}. Made on {report.roadmap.made_on} for {_t(report.context.label())}.</small></p>",
            *(
                _series(made, [each for each in report.answer.reached if each.projection is made])
                for made in report.answer.projections
            ),
            _when(report.answer.reached),
            _supposed(report),
            *(_sizing(report.plan) if report.plan else ()),
            _roadmap(report.roadmap),
            *(_alerts(report.plan) if report.plan else ()),
        )
    )
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><title>{_t(report.title)}</title>"
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _series(made: Projection, own: Sequence[Reached]) -> str:
    unit = made.history.unit
    low, high = figure(float(made.lo80[-1])), figure(float(made.hi80[-1]), unit)
    end = f"{figure(float(made.mean[-1]), unit)} by {day(made.dates[-1])}, {low} to {high} with 80 %"
    parts = [f"<h2>{_t(series_title(made.history))}: {_t(end)}</h2>", fan_svg(made, own)]
    every = max(1, -(-len(made.dates) // _MOST_ROWS))
    rows = (
        [made.dates[i].isoformat(), *(figure(float(band[i])) for band in (made.mean, made.lo80, made.hi80, made.lo95, made.hi95))]
        for i in range((len(made.dates) - 1) % every, len(made.dates), every)
    )
    parts.append(_table(("Date", f"Expected ({unit})", "80 % from", "to", "95 % from", "to"), rows))
    if made.backtest:
        parts.append(
            f"<p><strong>Back-test.</strong> {_t(made.backtest.told())} "
            f"{percent(made.backtest.cover80)} inside the 80 % interval.</p>"
        )
    notes = [f"{one.date or 'throughout'}: {one.why}; {one.effect}" for one in made.adjustments] + list(made.warnings)
    if notes:
        parts.append(f"<ul>{''.join(f'<li>{_t(note)}</li>' for note in notes)}</ul>")
    parts.append(f"<p><small>{_t(made.method.told())} Seed {made.method.seed}, {made.method.paths:,} paths.</small></p>")
    return "".join(parts)


def _when(reached: Sequence[Reached]) -> str:
    if not reached:
        return ""
    rows = (
        [
            series_title(each.projection.history),
            each.wall.limit.name,
            figure(each.wall.value, each.wall.limit.unit),
            each.wall.limit.level,
            wall_told(each.wall),
            odds(each.wall.probability),
        ]
        for each in reached
    )
    return "<h2>When</h2>" + _table(("Series", "Limit", "At", "Level", "When", "Probability"), rows)


def _supposed(report: Report) -> str:
    lines = [f"{series_title(one.history)}: {event}" for one in report.asked for event in one.events]
    lines += [f"{series_title(one.history)}: {key} taken as it is" for one in report.asked for key in sorted(one.undone)]
    return f"<h2>What was supposed</h2><ul>{''.join(f'<li>{_t(line)}</li>' for line in lines)}</ul>" if lines else ""


def _sizing(plan: CapacityPlan) -> Iterator[str]:
    yield f"<h2>Take {_t(plan.target.name)}: {plan.target.vcpu} vCPU, {plan.target.ram_gib:g} GiB</h2>"
    yield _table(("Topic", "Working", "Source"), ([one.topic, one.line, one.source] for one in plan.reasons))
    yield "".join(f"<p>{_t(text)}</p>" for text in plan.warnings)
    yield f"<h2>Parameters</h2><pre>{_t(plan.configuration.text)}</pre>"
    first, last = plan.costs[0], plan.costs[-1]
    totals = ", ".join(
        f"{name} {month.total.text(month.currency)}"
        for name, month in (("first month", first), ("last month", last))
        if month.total
    )
    yield f"<h2>Cost: {_t(totals or 'no price known')}</h2>"
    yield _table(
        ("What", "A month", "Price"),
        ([line.item.name, line.monthly.text(first.currency) if line.monthly else "no price", line.note] for line in first.lines),
    )


def _roadmap(plan: Roadmap) -> str:
    if not plan.steps:
        return "<h2>Roadmap</h2><p>No limit is reached within the horizon: no step is needed.</p>"
    rows = (
        [
            "today (late)" if step.late else step.order_by.isoformat(),
            step.done_by.isoformat(),
            f"{KIND_NAMES[step.kind]}: {step.title}. {step.do}",
            step.why,
            step.trigger,
        ]
        for step in plan.steps
    )
    return "<h2>Roadmap</h2>" + _table(("Order by", "Done by", "Step", "Why", "At the latest when"), rows)


def _alerts(plan: CapacityPlan) -> Iterator[str]:
    for code in plan.alert_code:
        yield f"<h2>Alerts: {_t(code.system)}</h2><pre>{_t(code.text)}</pre>"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    names = "".join(f"<th scope='col'>{_t(name)}</th>" for name in head)
    body = "".join(f"<tr>{''.join(f'<td>{_t(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<div class='wide'><table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table></div>"


def _t(text: str) -> str:
    return html.escape(text)
