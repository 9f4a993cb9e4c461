"""Showing text that a user wrote: as text, never as Markdown or HTML."""

from __future__ import annotations

import re

import streamlit as st

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~:$@&=^\"'/])")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_LONG = 400
_SHOWN = 20_000


def plain(text: str) -> str:
    """User text for a Markdown element: every sign that Markdown could act on is escaped, control characters are left out."""
    return _MARKDOWN.sub(r"\\\1", _CONTROL.sub("", text))


def show_user_text(text: str) -> None:
    """A short sentence as prose; anything longer or with lines as a scrolling block."""
    if len(text) <= _LONG and "\n" not in text:
        st.markdown(plain(text))
        return
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "\n… (shortened here; all of it was read)"
    high = shown.count("\n") > 8 or len(shown) > 900
    st.code(_CONTROL.sub("", shown), language=None, wrap_lines=True, height=220 if high else "content")


def show_error(message: object) -> None:
    """What went wrong and what to do; the message may quote the user."""
    st.error(plain(str(message)), icon=":material/error:")


def show_warning(message: object) -> None:
    """What to know, though the app works; the message may quote the user."""
    st.warning(plain(str(message)), icon=":material/warning:")
