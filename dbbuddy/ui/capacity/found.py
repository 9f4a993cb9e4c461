"""What was found in the data and put right: each with what was done about it, and taken back where a user knows better."""

from __future__ import annotations

import streamlit as st

from dbbuddy.capacity.adjustment import Adjustment
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.sentence import day
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.text import plain

_NAMES = {
    "outlier": "Outlier",
    "step": "Step",
    "purge": "Regular purge",
    "gap": "Gap",
    "duplicate": "Duplicates",
    "unit": "Units",
    "partial": "Unfinished",
    "negative": "Negative",
    "unreadable": "Unreadable",
    "time_zone": "Time zones",
    "shortened": "Shortened",
}
_MOST = 40


def draw(opened: Opened, index: int, made: Projection) -> None:
    """The list with its switches; those taken back stay in it."""
    back = opened.undone.setdefault(index, {})
    found = [*made.adjustments, *(one for key, one in back.items() if key not in {a.id for a in made.adjustments})]
    if not found:
        st.caption(":material/check: Nothing in the data had to be put right: no gaps, duplicates, outliers or jumps.")
        return
    found.sort(key=lambda one: (one.date is None, one.date or made.history_dates[0]))
    told = "1 thing" if len(found) == 1 else f"{len(found)} things"
    with st.expander(
        f"Found in the data: {told}", icon=":material/cleaning_services:", key=f"capacity-found-{opened.place(index)}"
    ):
        st.caption("Switch off what should count as it is. The projection follows at once.")
        for one in found[:_MOST]:
            _draw(opened, index, one, undone=one.id in back)
        if len(found) > _MOST:
            st.caption(f"… and {len(found) - _MOST} more of the same kinds.")


def _draw(opened: Opened, index: int, one: Adjustment, *, undone: bool) -> None:
    when = day(one.date) if one.date else "all of it"
    kind = _NAMES.get(one.what, one.what)
    text = f"**{kind}**, {when}: {plain(one.why)}; {'taken as it is' if undone else plain(one.effect)}"
    if not one.undoable:
        st.markdown(f":material/info: {text}")
        return
    key = f"capacity-adjust-{opened.place(index)}-{one.id}"
    st.toggle(text, value=not undone, key=key, on_change=_switch, args=(opened, index, one, key))


def _switch(opened: Opened, index: int, one: Adjustment, key: str) -> None:
    back = opened.undone.setdefault(index, {})
    if st.session_state[key]:
        back.pop(one.id, None)
    else:
        back[one.id] = one
