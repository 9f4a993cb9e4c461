"""The list of earlier conversations in the sidebar."""

from __future__ import annotations

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import conversations
from dbbuddy.ui import conversation as talk
from dbbuddy.ui import resources
from dbbuddy.ui.text import plain, show_warning


def draw(user: User, open_id: str) -> None:
    """A button for a new question, and one for each stored conversation."""
    with st.sidebar:
        st.button("New question", icon=":material/add_comment:", width="stretch", key="new-question", on_click=talk.start_new)
        opened = resources.store()
        if opened is None:
            return
        try:
            stored = conversations(opened, user)
        except StoreError as error:
            show_warning(error)
            return
        if not stored:
            st.caption("Your conversations will be listed here.")
            return
        st.caption("History")
        with st.container(gap=None):
            for row in stored:
                title = plain(row.title)
                st.button(
                    f"**{title}**" if row.id == open_id else title,
                    key=f"resume-{row.id}",
                    type="tertiary",
                    help=f"{row.updated_at:%Y-%m-%d %H:%M} UTC, {row.exchanges} question(s)",
                    on_click=talk.resume,
                    args=(row.id,),
                    wrap=False,
                )
