"""What is known to come, and what if: sliders for the usual changes, lines for all others."""

from __future__ import annotations

import datetime as dt

import streamlit as st

from dbbuddy.capacity.events import HOW, Change, Event, Growth, Purge, Retention, Scaled, parse_event
from dbbuddy.capacity.history.model import History
from dbbuddy.capacity.units import UnitError
from dbbuddy.ui.capacity import session
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.text import plain, show_error

_PILES_UP = ("storage", "rows", "sequence", "other")
_MOST_LINES = 40


def draw(opened: Opened, index: int) -> None:
    """The inputs."""
    history, place = opened.histories[index], opened.place(index)
    events, problems = _read(opened, index)
    told = "nothing changed" if not events else "1 change" if len(events) == 1 else f"{len(events)} changes"
    with st.expander(f"What if: {told}", icon=":material/tune:", key=f"capacity-what-if-{place}"):
        left, right = st.columns(2, gap="large")
        with left:
            st.slider("Growth from now on, times", 0.0, 4.0, 1.0, 0.1, key=_key(place, "growth"), persist_state="page")
            _dated("Once more (or less), ", "amount", history, place)
            if history.metric in _PILES_UP:
                st.slider("Compression: what is left, %", 10, 100, 100, 5, key=_key(place, "left"), persist_state="page")
        with right:
            if history.metric in _PILES_UP:
                st.number_input(
                    "Keep only the last … days (purge or archive)",
                    value=None, min_value=1, max_value=36_500, key=_key(place, "keep"), persist_state="page",
                )  # fmt: skip
                st.slider("… of this share of the data, %", 5, 100, 100, 5, key=_key(place, "share"), persist_state="page")
                _dropped(history, place)
        st.text_area(
            "Other known events, one on each line",
            key=_key(place, "lines"),
            placeholder=HOW.replace(" · ", "\n"),
            height=90,
            persist_state="page",
        )
        for problem in problems:
            show_error(problem)
        st.button("Forget all of these", key=_key(place, "forget"), type="tertiary", on_click=_forget, args=(opened, index))


def of(opened: Opened, index: int) -> tuple[Event, ...]:
    """The events that the inputs say; lines that are none are left out."""
    return _read(opened, index)[0]


def _read(opened: Opened, index: int) -> tuple[tuple[Event, ...], list[str]]:
    place, state = opened.place(index), st.session_state
    tomorrow = session.today() + dt.timedelta(days=1)
    found: list[Event] = list(opened.events.get(index, ()))
    if (factor := state.get(_key(place, "growth"), 1.0)) != 1.0:
        found.append(Growth(tomorrow, factor))
    if amount := state.get(_key(place, "amount")):
        found.append(Change(state.get(_key(place, "amount-on")) or tomorrow, amount))
    if (left := state.get(_key(place, "left"), 100)) != 100:
        found.append(Scaled(tomorrow, left / 100))
    if keep := state.get(_key(place, "keep")):
        found.append(Retention(tomorrow, keep, state.get(_key(place, "share"), 100) / 100))
    if (drop := state.get(_key(place, "drop"))) and (every := state.get(_key(place, "every"))):
        found.append(Purge(tomorrow + dt.timedelta(days=every - 1), drop, every))
    problems = []
    for line in (state.get(_key(place, "lines")) or "").splitlines()[:_MOST_LINES]:
        if line.strip():
            try:
                found.append(parse_event(line, opened.histories[index].unit))
            except UnitError as error:
                problems.append(str(error))
    return tuple(found), problems


def _dated(label: str, name: str, history: History, place: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        unit = plain(history.unit)
        st.number_input(
            f"{label}{unit}".strip(", "),
            value=None,
            format="%.10g",
            key=_key(place, name),
            placeholder="300",
            width=190,
            persist_state="page",
        )
        first = session.today() + dt.timedelta(days=1)
        last = session.today() + dt.timedelta(days=3_650)
        st.date_input("on", first, min_value=first, max_value=last, key=_key(place, f"{name}-on"), width=150, persist_state="page")


def _dropped(history: History, place: str) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        st.number_input(
            f"Drop a partition of, {plain(history.unit)}".strip(", "),
            value=None, min_value=0.0, format="%.10g", key=_key(place, "drop"), placeholder="50", width=190, persist_state="page",
        )  # fmt: skip
        st.number_input(
            "every … days", value=30, min_value=1, max_value=3_650, key=_key(place, "every"), width=150, persist_state="page"
        )


def _forget(opened: Opened, index: int) -> None:
    opened.events.pop(index, None)
    place = opened.place(index)
    for name, value in (
        ("growth", 1.0),
        ("amount", None),
        ("left", 100),
        ("keep", None),
        ("share", 100),
        ("drop", None),
        ("lines", ""),
    ):
        if _key(place, name) in st.session_state:
            st.session_state[_key(place, name)] = value


def _key(place: str, name: str) -> str:
    return f"capacity-if-{place}-{name}"
