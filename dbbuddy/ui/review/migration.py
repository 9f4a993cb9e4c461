"""What each step of a migration locks, and the sequence that does the same safely."""

from __future__ import annotations

import streamlit as st

from dbbuddy.plans.describe import shortened
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.severity import at_least
from dbbuddy.sqlreview.finding import Finding
from dbbuddy.sqlreview.share import change_of
from dbbuddy.ui.plans.findings import SEVERITY_BADGES
from dbbuddy.ui.review.session import Opened
from dbbuddy.ui.text import plain

_STEPS = ("create_index", "alter_table", "alter_other", "create_other", "create_table", "drop", "truncate", "rename", "other")
_MOST = 50


def draw(opened: Opened) -> None:
    """The statements that change the schema and for which a safer sequence is known or weight was found."""
    steps = _steps(opened)
    if not steps:
        return
    st.subheader("Migration, step by step", anchor=False)
    st.caption(
        "Run the sequences one after the other. Steps for which no better form is known are not named; "
        "what was found on them stands above."
    )
    for number, found in list(steps.items())[:_MOST]:
        _draw_step(opened, number, found)
    if len(steps) > _MOST:
        st.caption(f"{len(steps) - _MOST:,} more steps have findings; the list above the SQL names them all.")


def _steps(opened: Opened) -> dict[int, list[Finding]]:
    """By statement in the order of the text, what was found on it, the worst first."""
    found: dict[int, list[Finding]] = {}
    for finding in opened.review.findings:
        if opened.review.statements[finding.statement].kind in _STEPS and at_least(finding.severity, "low"):
            found.setdefault(finding.statement, []).append(finding)
    changing = {number: some for number, some in found.items() if any(finding.rewrite for finding in some)}
    return dict(sorted(changing.items()))


def _draw_step(opened: Opened, number: int, found: list[Finding]) -> None:
    statement = opened.review.statements[number]
    worst = found[0]
    label = f"{SEVERITY_BADGES[worst.severity]} **Line {statement.span.line}** · {plain(shortened(statement.text, 70))}"
    with st.expander(label, expanded=at_least(worst.severity, "high"), key=f"review-step-{opened.moment}-{number}"):
        st.markdown("\n".join(f"- **{plain(finding.title)}.** {safe_markdown(finding.why)}" for finding in found))
        change = next(filter(None, (change_of(finding, opened.review) for finding in found)))
        st.markdown(f"**{change.name}**")
        st.code(change.sql, language="sql", wrap_lines=True)
