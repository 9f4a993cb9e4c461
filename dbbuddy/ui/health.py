"""What does not work right now, said where the user looks, with what to do."""

from __future__ import annotations

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.store.store import Health
from dbbuddy.ui import resources
from dbbuddy.ui.text import plain, show_warning


def _draw_store(health: Health, user: User) -> None:
    """What is not saved yet, for everyone; what could become a trouble, for those who run the app."""
    if health.state == "delayed":
        waiting = f" {health.waiting} of them wait now." if health.waiting else ""
        show_warning(f"New answers are shown, and saved as soon as the store works again.{waiting} {health.message}")
    if "admin" in user.roles:
        for note in health.notes:
            show_warning(note)


def draw(user: User) -> None:
    """A store that cannot be opened, for everyone; playbooks that were left out, for those who keep them."""
    store = resources.store()
    if store is None:
        show_warning(f"Answers work, but nothing is saved. {resources.store_problem()}")
    else:
        _draw_store(store.health(), user)
    problems = resources.advisor().library.problems
    if problems and "dba" in user.roles:
        count = "1 playbook is" if len(problems) == 1 else f"{len(problems)} playbooks are"
        with st.expander(f"{count} left out of the answers", icon=":material/warning:"):
            st.markdown("\n".join(f"- {plain(problem)}" for problem in problems))
            st.caption("Correct the file and save it: it is taken in within seconds. All other playbooks are in use.")
