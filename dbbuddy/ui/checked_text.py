"""Drawing a model's text after its check: prose, code, and what is to be said about them. Nothing else may draw it."""

from __future__ import annotations

import streamlit as st

from dbbuddy.elaboration.check import Checked, Code
from dbbuddy.elaboration.markdown import Restore, code_span, safe_markdown
from dbbuddy.elaboration.notes import Note, SafeWay

_MOST = 6


def draw(checked: Checked, restore: Restore) -> None:
    """Every segment, with its warnings above it. `restore` puts this session's values back, as text."""
    _notes(checked.notes, "", restore)
    for segment in checked.segments:
        if isinstance(segment, Code):
            _notes(segment.notes, segment.code, restore)
            st.code(restore(segment.code), language=segment.language, wrap_lines=True)
        else:
            _notes(segment.notes, "", restore)
            if segment.text:
                st.markdown(segment.markdown(restore))


def _notes(notes: tuple[Note, ...], shown: str, restore: Restore) -> None:
    """The warnings of a part, the dangers first. A quote that is all that is `shown` anyway is left out."""
    ordered = sorted(notes, key=lambda note: not note.is_danger)
    whole = " ".join(shown.split()).rstrip(" ;")
    for note in ordered[:_MOST]:
        quote = "" if note.quote == whole or note.kind == "other_engine" else note.quote
        text = f"{safe_markdown(note.text, restore)} {code_span(restore(quote))}".rstrip()
        if note.is_danger:
            st.error(text, icon=":material/dangerous:")
        else:
            st.warning(text, icon=":material/report:")
        if note.safe_way:
            _safe_way(note.safe_way, restore)
    if len(ordered) > _MOST:
        st.warning(f"There are {len(ordered) - _MOST} more warnings about the next part.", icon=":material/warning:")


def _safe_way(way: SafeWay, restore: Restore) -> None:
    with st.expander("Try it safely", icon=":material/health_and_safety:"):
        if way.preview:
            st.caption("Count first what it would reach")
            st.code(restore(way.preview), language="sql", wrap_lines=True)
        if way.transaction:
            st.caption("Then in a transaction that takes it back")
            st.code(restore(way.transaction), language="sql", wrap_lines=True)
        if way.way_back:
            st.markdown(way.way_back)
