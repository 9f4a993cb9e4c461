"""Knowledge: browse the playbooks, see why a text was matched, check a new or edited playbook."""

import streamlit as st

from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.ui import gaps, health, match_explanation, playbook_browser, playbook_editor, resources
from dbbuddy.ui.page import open_page
from dbbuddy.ui.roi import grading

TABS = ["Browse", "Why this answer", "Write and check", "Gaps", "Review answers"]


def edit(playbook: Playbook) -> None:
    """Open a playbook in the editor."""
    edit_text(playbook.text)


def edit_text(text: str) -> None:
    """Open a playbook file's text in the editor."""
    playbook_editor.edit_text(text)
    st.session_state["knowledge-tab"] = TABS[2]


user = open_page("Knowledge", role="dba", wide=True)
advisor = resources.advisor()
own = len(advisor.library.own())

st.header("Knowledge")
st.markdown(
    f"{len(advisor.library.playbooks)} playbooks answer the questions"
    + (f", {own} of them from your folder." if own else ".")
    + " Changes to their files are picked up while DB-Buddy runs."
)
health.draw(user)

browse, why, write, lacking, sampled = st.tabs(TABS, key="knowledge-tab", on_change="rerun")
with browse:
    playbook_browser.draw(advisor, edit)
with why:
    match_explanation.draw(advisor)
with write:
    playbook_editor.draw(advisor)
if lacking.open:
    with lacking:
        gaps.draw(user, advisor, edit_text)
if sampled.open:
    with sampled:
        grading.draw(user)
