"""How a history comes in: two numbers, a table, a file, a paste, or an example."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import streamlit as st

from dbbuddy.capacity.history.model import HistoryError, from_numbers
from dbbuddy.capacity.history.read import histories, load_file, load_text
from dbbuddy.capacity.metric import FACTS, METRICS, Metric
from dbbuddy.capacity.queries import history_queries
from dbbuddy.capacity.samples import samples
from dbbuddy.intake.text import InputError
from dbbuddy.ui.capacity import mapping, session, table
from dbbuddy.ui.capacity.session import MODE, Opened
from dbbuddy.ui.text import show_error

MODES = ("Two numbers", "Table", "File", "Paste")
MAX_MB = 50
DAYS_A_MONTH = 365.25 / 12
_PROBLEM = "capacity-problem"
_EXAMPLE = "capacity-example"
_FILE = "capacity-file"
_TEXT = "capacity-text"
SIZES = ("GB", "TB", "MB")
# The largest paste that is kept in its field: a larger one would be sent back and forth with every click.
_KEPT = 200_000
_MONOSPACE = (
    "<style>.st-key-capacity-text textarea "
    "{font-family: var(--st-code-font, monospace); font-size: 0.8rem; white-space: pre}</style>"
)


def draw() -> Opened | None:
    """The inputs; returns the study that they make, `None` while there is none."""
    _examples()
    st.session_state.setdefault(MODE, MODES[0])
    mode = st.segmented_control("History", MODES, required=True, key=MODE, persist_state="session") or MODES[0]
    opened = _numbers() if mode == MODES[0] else _read(mode)
    if _PROBLEM in st.session_state:
        show_error(st.session_state.pop(_PROBLEM))
    return opened if opened and opened.histories else None


def _read(mode: str) -> Opened | None:
    if mode == "Table":
        return table.draw()
    if mode == "File":
        st.file_uploader(
            f"CSV, TSV, Excel or JSON, up to {MAX_MB} MB: a date and one or more values on each line",
            key=_FILE,
            on_change=_read_file,
            max_upload_size=MAX_MB,
        )
    else:
        _paste()
    opened = session.opened()
    if opened and opened.table is not None:
        mapping.draw(opened)
    how_to_get_one()
    return opened


def _numbers() -> Opened | None:
    """Everything on one line; the projection is there as soon as the second number is."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="capacity-numbers"):
        metric: Metric = st.selectbox(
            "What",
            METRICS,
            format_func=lambda name: FACTS[name].title,
            key="metric",
            bind="query-params",
            filter_mode=None,
            width=170,
        )
        unit = FACTS[metric].unit
        if unit == "GB":
            unit = st.selectbox("Unit", SIZES, key="unit", bind="query-params", filter_mode=None, width=90)
        size = _amount(f"Today, {unit}" if unit else "Today", "today", "800")
        growth = _amount("Growth a month", "growth", "40")
        _amount("Full at (if known)", "full", "1000")
    if size is None or growth is None:
        st.caption("Two numbers are enough: what it is today, and how much it grows in a month.")
        return None
    try:
        history = from_numbers(size, growth, DAYS_A_MONTH, metric, unit, session.today())
    except HistoryError as error:
        show_error(error)
        return None
    return session.of_numbers(history)


def _amount(label: str, key: str, example: str) -> float | None:
    return st.number_input(
        label, value=None, step=1.0, format="%.10g", placeholder=example, key=key, bind="query-params", width=170
    )


def _paste() -> None:
    st.html(_MONOSPACE)
    st.text_area(
        "Output of a query or of a cloud's command",
        key=_TEXT,
        height=200,
        placeholder="day,size_gb\n2026-10-01,780\n2026-11-01,815",
        persist_state="page",
    )
    st.button("Read the history", type="primary", icon=":material/query_stats:", key="capacity-read", on_click=_read_text)


def how_to_get_one() -> None:
    """The copyable queries."""
    with st.expander("How to get a history", icon=":material/help:", key="capacity-queries"):
        places = history_queries()
        place = st.pills("From", list(places), default=next(iter(places)), required=True, key="capacity-queries-of", wrap=True)
        for query in places[place or next(iter(places))]:
            st.markdown(f"**{query.title}**  \n{query.about} [Source]({query.source})")
            st.code(query.code, language=query.language, wrap_lines=True)


def _examples() -> None:
    found = samples(session.today())
    st.pills(
        "Examples",
        range(len(found)),
        format_func=lambda place: found[place].title,
        key=_EXAMPLE,
        on_change=_open_example,
        wrap=True,
    )


def _open_example() -> None:
    """Open the example and release it, so that it can be opened again."""
    place = st.session_state[_EXAMPLE]
    st.session_state[_EXAMPLE] = None
    if place is None:
        return
    sample = samples(session.today())[place]
    session.open_histories([sample.history], title=sample.title, about=sample.about, limits=[sample.limits], context=sample.context)
    st.session_state[MODE] = "Table"


def _read_file() -> None:
    file = st.session_state.get(_FILE)
    if file is not None:
        _take(file.name, lambda: load_file(file.name[:80], file.getvalue()))


def _read_text() -> None:
    text = st.session_state.get(_TEXT) or ""
    _take("", lambda: load_text(text))
    if len(text) > _KEPT:
        st.session_state[_TEXT] = ""


def _take(title: str, load: Callable[[], pd.DataFrame]) -> None:
    """Read a table and show its series. What is no table leaves what is open; one of unclear columns can be put right."""
    try:
        loaded = load()
    except InputError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    try:
        reading = histories(loaded)
    except InputError as error:
        st.session_state[_PROBLEM] = str(error)
        session.open_histories((), title=title, table=loaded)
        return
    session.open_histories(reading.histories, title=title, table=loaded, reading=reading)
