"""A plan with its findings as Markdown, for tickets, pull requests and e-mail."""

from __future__ import annotations

from collections.abc import Sequence

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.plans.describe import count, duration, percent, shortened, step
from dbbuddy.plans.figures.measures import Measures
from dbbuddy.plans.insights import Insight
from dbbuddy.plans.outline import as_text, outline
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.rendering import block_markdown, code_span

_MOST_STEPS = 120
_MOST_FINDINGS = 30


def to_markdown(measures: Measures, findings: Sequence[Insight]) -> str:
    """Totals, findings with their SQL, and the outline of the plan; no HTML, and no name can act as Markdown."""
    plan = measures.plan
    parts = [f"## {ENGINE_NAMES[plan.engine]} plan: {headline(measures, findings)}", totals_line(measures)]
    if plan.statement:
        parts.append(_fenced("sql", plan.statement[:10_000]))
    parts += [_finding(measures, number, finding) for number, finding in enumerate(findings[:_MOST_FINDINGS], 1)]
    if not findings:
        parts.append("Nothing in this plan calls for a change.")
    parts += ["### Steps", _fenced("text", as_text(outline(measures, findings, most=_MOST_STEPS)))]
    return "\n\n".join(parts) + "\n"


def headline(measures: Measures, findings: Sequence[Insight]) -> str:
    """The first finding, or that there is none, with the time it is about."""
    told = measures.plan.totals.get("execution_ms") or measures.plan.root.total_ms
    lead = findings[0].title if findings else "no findings"
    return f"{lead} ({duration(told)})" if told else lead


def totals_line(measures: Measures) -> str:
    """Time or cost, rows and steps in one line."""
    plan = measures.plan
    told = plan.totals.get("execution_ms") or (plan.root.total_ms if measures.view.measured else None)
    parts = [f"execution {duration(told)}"] if told else []
    if plan.totals.get("planning_ms"):
        parts.append(f"planning {duration(plan.totals['planning_ms'])}")
    if plan.root.total_cost:
        parts.append(f"estimated cost {count(plan.root.total_cost)}")
    rows = measures.rows(0)
    if rows is not None:
        parts.append(f"{count(rows)} row{'s' * (rows != 1)}{'' if measures.view.ran else ' estimated'}")
    parts.append(f"{len(measures.nodes):,} steps")
    if measures.sum_check:
        summed, total = measures.sum_check
        parts.append(f"self times add up to {100 * summed / total:.1f} % of the total")
    line = ", ".join(parts)
    return line[:1].upper() + line[1:] + "."


def _finding(measures: Measures, place: int, finding: Insight) -> str:
    saves = f", could save up to {percent(finding.saving_share)} of {measures.noun}" if finding.saving_share else ""
    lines = [f"### {place}. {finding.title}", f"**{finding.severity}**, {finding.confidence}{saves}"]
    if finding.node is not None and finding.number is not None:
        lines[-1] += f", step {finding.number + 1}: {code_span(shortened(step(finding.node, measures.plan.engine)))}"
    lines[-1] += "."
    if finding.evidence:
        lines.append("Seen in the plan: " + " · ".join(code_span(shortened(quote, 300)) for quote in finding.evidence))
    lines += [safe_markdown(finding.why), f"**What to do.** {safe_markdown(finding.advice)}"]
    lines += [block_markdown(block) for block in finding.blocks]
    return "\n\n".join(lines)


def _fenced(language: str, text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"
