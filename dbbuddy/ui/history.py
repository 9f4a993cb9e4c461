"""The list of earlier conversations in the sidebar."""

from __future__ import annotations

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.ui import conversation as talk
from dbbuddy.ui import resources
from dbbuddy.ui.text import plain


def draw(user: User, open_id: str) -> None:
    """A button for a new question, and one for each stored conversation."""
    with st.sidebar:
        st.button("New question", icon=":material/add_comment:", width="stretch", key="new-question", on_click=talk.start_new)
        opened = resources.store()
        if opened is None:
            return
        try:
            stored = opened.conversations(user.id)
        except StoreError as error:
            st.warning(str(error), icon=":material/warning:")
            return
        if not stored:
            st.caption("Your conversations will be listed here.")
            return
        st.caption("History")
        for row in stored:
            st.button(
                plain(row.title),
                key=f"resume-{row.id}",
                type="secondary" if row.id == open_id else "tertiary",
                help=f"{row.updated_at:%Y-%m-%d %H:%M} UTC, {row.exchanges} question(s)",
                on_click=talk.resume,
                args=(row.id,),
            )
