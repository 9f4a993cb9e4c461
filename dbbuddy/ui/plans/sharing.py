"""What can be done with a plan: ask about it in the chat, or take it along as a file."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dbbuddy.plans.figures import Measures
from dbbuddy.plans.insights import find_insights
from dbbuddy.plans.question import question_about
from dbbuddy.plans.share import anonymised, to_html, to_markdown
from dbbuddy.ui import conversation
from dbbuddy.ui.plans.session import Opened, Shown

_HIDE = "plans-hide-names"


def draw(opened: Opened, shown: Shown) -> None:
    """The two buttons in a row."""
    with st.container(horizontal=True, gap="small", key="plans-actions"):
        if st.button("Ask about this plan", icon=":material/forum:", type="primary", key="plans-ask"):
            conversation.carry(question_about(shown.measures, shown.findings, opened.paste.text))
            st.switch_page("pages/chat.py")
        with st.popover("Share", icon=":material/share:", key="plans-share"):
            _share(opened, shown)


@st.fragment
def _share(opened: Opened, shown: Shown) -> None:
    hide = st.checkbox("Hide names and literals", key=_HIDE, help="The same name gets the same token: orders becomes table_1.")
    if hide:
        st.caption("Tables, indexes, columns and values become tokens; the pasted text is left out. Functions and settings stay.")
    for name, kind, make in (("HTML", "html", _html), ("Markdown", "md", _markdown)):
        st.download_button(
            f"Download {name}",
            data=make(opened, shown, hide=hide),
            file_name=f"plan-{shown.plan.engine}.{kind}",
            mime="text/html" if kind == "html" else "text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key=f"plans-download-{kind}",
            width="stretch",
        )
    st.caption("The HTML file is complete: it opens without a network, in light and dark, and prints.")


def _html(opened: Opened, shown: Shown, *, hide: bool) -> Callable[[], str]:
    """Makes the file when it is asked for."""

    def made() -> str:
        if not hide:
            return to_html(shown.measures, shown.findings, opened.paste.text)
        plan = anonymised(shown.plan)
        return to_html(Measures(plan), find_insights(plan))

    return made


def _markdown(opened: Opened, shown: Shown, *, hide: bool) -> Callable[[], str]:
    def made() -> str:
        if not hide:
            return to_markdown(shown.measures, shown.findings)
        plan = anonymised(shown.plan)
        return to_markdown(Measures(plan), find_insights(plan))

    return made
