"""Knowledge: browse the playbooks, see why a text was matched, check a new or edited playbook."""

import streamlit as st

from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.ui import health, match_explanation, playbook_browser, playbook_editor, resources
from dbbuddy.ui.page import open_page

TABS = ["Browse", "Why this answer", "Write and check"]


def edit(playbook: Playbook) -> None:
    """Open a playbook in the editor."""
    playbook_editor.edit(playbook)
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

browse, why, write = st.tabs(TABS, key="knowledge-tab", on_change="rerun")
with browse:
    playbook_browser.draw(advisor, edit)
with why:
    match_explanation.draw(advisor)
with write:
    playbook_editor.draw(advisor)
