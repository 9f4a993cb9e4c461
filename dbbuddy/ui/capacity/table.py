"""The history as a table to type in and to correct."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from dbbuddy.capacity.history.model import History, HistoryError, from_points
from dbbuddy.capacity.metric import FACTS, METRICS, Metric
from dbbuddy.ui.capacity import session
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.text import plain, show_error

MOST_ROWS = 3_000
_DATE, _VALUE = "Date", "Value"


def draw() -> Opened:
    """The table of the series at hand; an empty one to begin with."""
    opened = session.opened()
    if opened is None or (not opened.histories and opened.table is not None):
        opened = session.blank()
    if opened.about:
        st.caption(f"**{plain(opened.title)}.** {plain(opened.about)}")
    index = min(st.session_state.get(session.SERIES) or 0, max(len(opened.histories) - 1, 0))
    history = opened.histories[index] if opened.histories else None
    if history is not None and history.values.size > MOST_ROWS:
        st.info(
            f"{history.values.size:,} points are too many to edit here. Change the file and read it again.", icon=":material/info:"
        )
        return opened
    label = "Type the history" if history is None else f"The {history.values.size:,} points, to correct"
    with st.expander(
        label,
        icon=":material/edit:",
        expanded=history is None or bool(opened.moment in st.session_state.get("capacity-typed", ())),
        key=f"capacity-points-{opened.moment}",
    ):
        _editor(opened, index, history)
    return opened


def _editor(opened: Opened, index: int, history: History | None) -> None:
    key = f"capacity-table-{opened.place(index)}"
    metric, unit = _kind(key, history)
    seed: pd.DataFrame = st.session_state.setdefault(f"{key}-seed", _rows(history))
    edited = st.data_editor(
        seed,
        key=key,
        num_rows="dynamic",
        hide_index=True,
        height=min(36 * len(seed) + 110, 320),
        column_config={
            _DATE: st.column_config.DateColumn(format="YYYY-MM-DD", required=False, width="medium"),
            _VALUE: st.column_config.NumberColumn(f"Value{f' ({unit})' if unit else ''}", format="%.10g", width="medium"),
        },
        alt="Dates and values of the history",
    )
    if history is not None and edited.equals(seed) and (metric, unit) == (history.metric, history.unit):
        return
    filled = edited.dropna(how="any")
    if filled.empty:
        if history is None:
            st.caption("Two lines are enough: a date and what it was, then today's. Paste from a spreadsheet works too.")
        return
    st.session_state.setdefault("capacity-typed", set()).add(opened.moment)
    _take(opened, index, filled, metric, unit, history)


def _take(opened: Opened, index: int, filled: pd.DataFrame, metric: Metric, unit: str, before: History | None) -> None:
    times = pd.to_datetime(filled[_DATE]).to_numpy("datetime64[s]")
    try:
        made = from_points(times, filled[_VALUE].to_numpy(float), metric, unit, None, before.name if before else "")
    except HistoryError as error:
        show_error(error)
        return
    others = list(opened.histories)
    others[index : index + 1] = [made]
    opened.histories = tuple(others)


def _kind(key: str, history: History | None) -> tuple[Metric, str]:
    """What the values are."""
    first, second = st.columns(2)
    start = METRICS.index(history.metric) if history else 0
    with first:
        metric: Metric = st.selectbox(
            "What", METRICS, index=start, format_func=lambda name: FACTS[name].title, key=f"{key}-metric", filter_mode=None
        )
    with second:
        given = history.unit if history and history.metric == metric else FACTS[metric].unit
        unit = st.text_input("Unit", value=given, key=f"{key}-unit-{metric}", max_chars=20)
    return metric, (unit or "").strip()


def _rows(history: History | None) -> pd.DataFrame:
    if history is None:
        return pd.DataFrame({_DATE: pd.Series([pd.NaT] * 3, dtype="datetime64[s]"), _VALUE: pd.Series([np.nan] * 3, dtype=float)})
    return pd.DataFrame({_DATE: history.times, _VALUE: history.values})
