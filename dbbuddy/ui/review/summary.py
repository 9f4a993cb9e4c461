"""The head of the page: the verdict, the counts, and what the reader should know of the reading."""

from __future__ import annotations

import streamlit as st

from dbbuddy.context import ENGINE_NAMES
from dbbuddy.sqlreview.share.markdown import counts
from dbbuddy.ui.review.session import Opened
from dbbuddy.ui.text import plain, show_warning

_NAMED = 20


def draw_headline(opened: Opened | None) -> None:
    """What this page is for or, once something was reviewed, how it stands."""
    if opened is None:
        text = "What is wrong with this SQL?"
    else:
        found = counts(opened.review)
        text = found[:1].upper() + found[1:]
    st.header(plain(text), anchor=False)


def draw(opened: Opened) -> None:
    """Engine and statements, notes, what was taken out and what was not read."""
    made = opened.review
    engine = ENGINE_NAMES[made.engine] if made.engine else "engine not known"
    version = f" {opened.asked.version}" if opened.asked.version and made.engine else ""
    number = len(made.statements)
    tables = len(opened.asked.stats)
    parts = [
        f"{engine}{version}",
        f"{number:,} statement{'s' * (number != 1)}",
        f"row counts of {tables} table{'s' * (tables != 1)}" if tables else "no row counts given",
    ]
    line = ", ".join(parts)
    st.caption(plain(f"{line[:1].upper()}{line[1:]}."))
    if made.notes:
        st.info("\n\n".join(map(plain, made.notes)), icon=":material/info:")
    _not_read(opened)
    if opened.removed:
        st.caption(f"Taken out before anything was read: {', '.join(map(plain, opened.removed[:12]))}.")


def _not_read(opened: Opened) -> None:
    missing = opened.review.not_read
    if not missing:
        return
    places = "1 place was" if len(missing) == 1 else f"{len(missing):,} places were"
    show_warning(f"{places} not read fully. No finding there is no promise.")
    with st.expander("What was not read", icon=":material/visibility_off:"):
        st.markdown("\n".join(f"- {plain(line)}" for line in missing[:_NAMED]))
        if len(missing) > _NAMED:
            st.caption(f"And {len(missing) - _NAMED:,} more.")
