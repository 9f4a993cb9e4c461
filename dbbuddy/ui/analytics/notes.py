"""Annotations: what happened on a day, as lines in the charts; managers write and delete them."""

from __future__ import annotations

from datetime import date

import streamlit as st

from dbbuddy.analytics import wording
from dbbuddy.analytics.filter import Filter
from dbbuddy.identity import User
from dbbuddy.store.annotations import KINDS, LONGEST, Annotation, Kind, annotate, noted, remove_annotation
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.analytics.source import Source
from dbbuddy.ui.text import plain, show_error

_PROBLEM = "annotation-problem"


def read(source: Source, user: User, chosen: Filter) -> tuple[Annotation, ...]:
    """The annotations of a period; none if they cannot be read."""
    try:
        return noted(source.store, user, chosen.period.first, chosen.period.last)
    except StoreError as error:
        show_error(error)
        return ()


def draw(source: Source, user: User, marks: tuple[Annotation, ...]) -> None:
    """The list, and the form for a new one; sample data takes none."""
    with st.expander("Annotations: releases, training days", icon=":material/flag:"):
        for mark in marks:
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.markdown(f"**{wording.day(mark.day)}** · {mark.kind} · {plain(mark.label)}", width="stretch")
                if source.own:
                    st.button(
                        "Delete",
                        key=f"annotation-delete-{mark.id}",
                        icon=":material/delete:",
                        type="tertiary",
                        on_click=_remove,
                        args=(source, user, mark.id),
                    )
        if not marks:
            st.caption("None in this period. Each shows as a line in the charts over time.")
        if source.own:
            _form(source, user)
        else:
            st.caption("Sample data takes no annotations.")
        if _PROBLEM in st.session_state:
            show_error(st.session_state.pop(_PROBLEM))


def _form(source: Source, user: User) -> None:
    with st.form("annotation", clear_on_submit=True, border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input("Day", value=source.today, format="YYYY-MM-DD", width=160, key="annotation-day")
        kind = st.selectbox("Kind", KINDS, width=140, key="annotation-kind", filter_mode=None)
        label = st.text_input("What happened", max_chars=LONGEST, key="annotation-label", placeholder="Training day, team Search")
        if st.form_submit_button("Add", icon=":material/add:") and isinstance(day, date):
            _add(source, user, day, label or "", kind)


def _add(source: Source, user: User, day: date, label: str, kind: Kind) -> None:
    try:
        annotate(source.store, user, day, label, kind)
    except (ValueError, StoreError) as error:
        st.session_state[_PROBLEM] = str(error)
    st.rerun()


def _remove(source: Source, user: User, id: str) -> None:
    try:
        remove_annotation(source.store, user, id)
    except StoreError as error:
        st.session_state[_PROBLEM] = str(error)
