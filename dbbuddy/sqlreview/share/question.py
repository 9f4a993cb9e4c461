"""A review as a question to the chat, which reviews the same SQL again; a long script goes as its worst findings."""

from __future__ import annotations

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.plans.describe import shortened
from dbbuddy.sqlreview.review import Review

# The chat reads only the start and the telling lines of longer texts.
LONGEST = 20_000
_FINDINGS = 6


def question_about(review: Review, sql: str, schema: str = "") -> str:
    """The question. `sql` and `schema` are the reviewed texts; they must be redacted."""
    engine = f" {ENGINE_NAMES[review.engine]}" if review.engine else ""
    asked = f"Please review this{engine} SQL. What should I change, and in which order?"
    told = "\n\n".join(filter(None, [sql.strip(), schema.strip()]))
    if len(told) <= LONGEST:
        return f"{asked}\n\n{told}"
    worst = "\n".join(
        f"- {finding.title} (line {finding.span.line}: {shortened(finding.evidence, 160)})"
        for finding in review.findings[:_FINDINGS]
    )
    quoted = [review.statements[finding.statement].text for finding in review.findings[:_FINDINGS]]
    short = "\n\n".join(dict.fromkeys(text for text in quoted if len(text) <= LONGEST // _FINDINGS))
    return "\n\n".join(filter(None, [asked, f"Findings:\n{worst}" if worst else "", short]))
