"""Showing text that a user wrote: as text, never as Markdown or HTML."""

from __future__ import annotations

import re

import streamlit as st

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$@&=^\"'])")
_LONG = 400


def plain(text: str) -> str:
    """User text for a Markdown element: every sign that Markdown could act on is escaped."""
    return _MARKDOWN.sub(r"\\\1", text)


def show_user_text(text: str) -> None:
    """A short sentence as prose; anything longer or with lines as a scrolling block."""
    if len(text) <= _LONG and "\n" not in text:
        st.markdown(plain(text))
        return
    shown = text if len(text) <= 20_000 else text[:20_000] + "\n… (shortened here; all of it was read)"
    st.code(shown, language=None, wrap_lines=True, height=220 if shown.count("\n") > 8 or len(shown) > 900 else "content")
