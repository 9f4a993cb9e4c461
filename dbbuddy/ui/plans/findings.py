"""The findings, the most worthwhile first: what it costs, the evidence, why, what to do, and the way to the step."""

from __future__ import annotations

import streamlit as st

from dbbuddy.plans.describe import percent, shortened, step
from dbbuddy.plans.insights import Insight
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.rendering import code_span
from dbbuddy.severity import Severity
from dbbuddy.ui.plans import session
from dbbuddy.ui.plans.session import Shown
from dbbuddy.ui.text import plain

SEVERITY_BADGES: dict[Severity, str] = {
    "critical": ":red-badge[critical]",
    "high": ":orange-badge[high]",
    "medium": ":yellow-badge[medium]",
    "low": ":blue-badge[low]",
    "info": ":gray-badge[info]",
}
_FIRST = 5


def draw(shown: Shown) -> None:
    """The first findings, the others on demand."""
    found = shown.findings
    if not found:
        st.success("Nothing in this plan calls for a change.", icon=":material/check_circle:")
        return
    serious = sum(finding.severity in ("critical", "high") for finding in found)
    st.subheader(
        f"{len(found)} finding{'s' * (len(found) != 1)}" + (f", {serious} of weight" if serious and serious < len(found) else ""),
        anchor=False,
    )
    for position, finding in enumerate(found[:_FIRST]):
        _draw_one(shown, finding, position)
    rest = found[_FIRST:]
    if rest and st.toggle(f"Show the other {len(rest)}", key=f"plans-all-findings-{shown.moment}"):
        for position, finding in enumerate(rest, _FIRST):
            _draw_one(shown, finding, position)


def label(shown: Shown, finding: Insight) -> str:
    """A finding in one line of Markdown."""
    saves = f" · up to **{percent(finding.saving_share)}**" if finding.saving_share and finding.saving_share >= 0.001 else ""
    where = f" · {plain(shortened(step(finding.node, shown.plan.engine), 60))}" if finding.node is not None else ""
    return f"{SEVERITY_BADGES[finding.severity]} **{plain(finding.title)}**{where}{saves}"


def _draw_one(shown: Shown, finding: Insight, position: int) -> None:
    with st.expander(label(shown, finding), expanded=position == 0, key=f"plans-finding-{shown.moment}-{position}"):
        draw_body(finding)
        if finding.number is not None and finding.node is not None:
            st.button(
                f"Step {finding.number + 1}: {plain(shortened(step(finding.node, shown.plan.engine), 60))}",
                icon=":material/my_location:",
                key=f"plans-goto-{shown.moment}-{position}",
                on_click=session.look_at_in_tree,
                args=(shown, finding.number),
            )


def draw_body(finding: Insight) -> None:
    """Evidence, why, advice, SQL and where the rule is from."""
    if finding.evidence:
        st.markdown("Seen in the plan: " + " · ".join(code_span(shortened(quote, 300)) for quote in finding.evidence))
    st.markdown(safe_markdown(finding.why))
    st.markdown(f"**What to do.** {safe_markdown(finding.advice)}")
    for block in finding.blocks:
        st.code(block.code, language=block.language, wrap_lines=True)
    basis = "Measured by running the statement" if finding.confidence == "measured" else "From the planner's estimates"
    st.caption(f"{basis}. {plain(finding.source)}")
