"""A plan as a question to the chat, which finds in a plan what the plans page finds; a large one goes as findings and outline."""

from __future__ import annotations

from collections.abc import Sequence

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.plans.describe import percent, shortened, step
from dbbuddy.plans.figures.measures import Measures
from dbbuddy.plans.insights import Insight
from dbbuddy.plans.outline import as_text, outline
from dbbuddy.plans.share.markdown import totals_line

# The chat reads only the start and the telling lines of longer texts.
LONGEST = 30_000
_FINDINGS = 6
_STEPS = 60


def question_about(measures: Measures, findings: Sequence[Insight], text: str) -> str:
    """The question. `text` is the pasted plan; it must be redacted."""
    plan = measures.plan
    asked = f"Why is this {ENGINE_NAMES[plan.engine]} query slow, and what should I change?"
    if len(text) <= LONGEST:
        return f"{asked}\n\n{text.strip(chr(10))}"
    parts = [f"{asked} {totals_line(measures)}"]
    if findings:
        parts.append("Findings in the plan:\n" + "\n".join(_line(measures, finding) for finding in findings[:_FINDINGS]))
    if plan.statement:
        parts.append(shortened(plan.statement, 2_000))
    return "\n\n".join([*parts, as_text(outline(measures, findings, most=_STEPS))[:LONGEST]])


def _line(measures: Measures, finding: Insight) -> str:
    where = f" at {shortened(step(finding.node, measures.plan.engine), 80)}" if finding.node is not None else ""
    saves = f", up to {percent(finding.saving_share)} of {measures.noun}" if finding.saving_share else ""
    quotes = "; ".join(shortened(quote, 160) for quote in finding.evidence[:3])
    return f"- {finding.title}{where}{saves}" + (f" ({quotes})" if quotes else "")
