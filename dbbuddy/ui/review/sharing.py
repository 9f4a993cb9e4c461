"""What can be done with a review: ask about it in the chat, or take it along as a file."""

from __future__ import annotations

import streamlit as st

from dbbuddy.sqlreview.share import question_about, to_markdown
from dbbuddy.ui import conversation
from dbbuddy.ui.review.session import Opened


def draw(opened: Opened) -> None:
    """The two buttons in a row."""
    with st.container(horizontal=True, gap="small", key="review-actions"):
        if st.button("Ask about this", icon=":material/forum:", type="primary", key="review-ask"):
            conversation.carry(question_about(opened.review, opened.asked.sql, opened.asked.schema))
            st.switch_page("pages/chat.py")
        st.download_button(
            "Download Markdown",
            data=lambda: to_markdown(opened.review),
            file_name="sql-review.md",
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key="review-download",
        )
