"""Which column is what: shown as it was guessed, and to be put right."""

from __future__ import annotations

from typing import Any, get_args

import streamlit as st

from dbbuddy.capacity.history.dates import DateOrder
from dbbuddy.capacity.history.read import Mapping, histories
from dbbuddy.capacity.metric import FACTS, METRICS
from dbbuddy.intake.text import InputError
from dbbuddy.ui.capacity import session
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.text import plain, show_warning

_PROBLEM = "capacity-mapping-problem"
_ORDERS: dict[DateOrder, str] = {"day_first": "day first (31/01)", "month_first": "month first (01/31)"}
_PREVIEW_ROWS = 5


def draw(opened: Opened) -> None:
    """The columns, folded away while all is clear."""
    table, reading = opened.table, opened.reading
    if table is None:
        return
    columns = [str(name) for name in table.columns]
    unclear = reading is None or bool(reading.questions) or _PROBLEM in st.session_state
    rows = f"{len(table):,} rows"
    told = f"{rows}, not read yet: choose the columns" if reading is None else f"{rows}, {_told(reading.mapping)}"
    with st.expander(
        f"Columns: {plain(told)}", icon=":material/view_column:", expanded=unclear, key=f"capacity-mapping-{opened.moment}"
    ):
        _fields(opened, columns)
        st.dataframe(
            table.head(_PREVIEW_ROWS).map(lambda cell: str(cell)[:80]), hide_index=True, height="content", alt="First rows"
        )
    if reading:
        for text in (*reading.questions, *reading.notes):
            show_warning(text)
    if _PROBLEM in st.session_state:
        show_warning(st.session_state.pop(_PROBLEM))


def _told(mapping: Mapping) -> str:
    values = ", ".join(mapping.values[:3]) + (" …" if len(mapping.values) > 3 else "")
    return f"time from {mapping.time}, values from {values}" + (f", one series for each {mapping.key}" if mapping.key else "")


def _fields(opened: Opened, columns: list[str]) -> None:
    now = opened.reading.mapping if opened.reading else Mapping(columns[0], tuple(columns[1:2]))
    key, changed = f"capacity-map-{opened.moment}", _changed(opened)
    first, second, third = st.columns(3)
    with first:
        _choice("Time", columns, now.time, f"{key}-time", changed)
        _choice(
            "Date order",
            [None, *get_args(DateOrder)],
            now.date_order,
            f"{key}-order",
            changed,
            lambda o: _ORDERS[o] if o else "as found",
        )
    with second:
        st.multiselect("Values", columns, default=list(now.values), key=f"{key}-values", **changed)
        _choice("Series by", [None, *columns], now.key, f"{key}-key", changed, lambda c: c or "one series a column")
    with third:
        metric_name = lambda name: FACTS[name].title if name else "as the names tell"  # noqa: E731
        _choice("Metric", [None, *METRICS], now.metric, f"{key}-metric", changed, metric_name)
        st.text_input("Unit", value=now.unit or "", key=f"{key}-unit", placeholder="as the names tell", max_chars=20, **changed)
        if opened.reading and opened.reading.questions:
            st.number_input(
                "Allotted in all (if the values count what is free)", value=now.total, key=f"{key}-total", format="%.10g", **changed
            )


def _changed(opened: Opened) -> dict[str, Any]:
    """What each input does when it changes."""
    return {"on_change": _apply, "args": (opened,)}


def _choice(label: str, options: list[Any], value: Any, key: str, changed: dict[str, Any], name: Any = str) -> None:
    index = options.index(value) if value in options else 0
    st.selectbox(label, options, index=index, key=key, format_func=name, filter_mode=None, **changed)


def _apply(opened: Opened) -> None:
    """Read the table again with the columns that are chosen now."""
    key, state = f"capacity-map-{opened.moment}", st.session_state
    if opened.table is None:
        return
    chosen = Mapping(
        time=state[f"{key}-time"],
        values=tuple(name for name in state[f"{key}-values"] if name != state[f"{key}-time"]),
        key=state[f"{key}-key"],
        unit=state[f"{key}-unit"].strip() or None,
        metric=state[f"{key}-metric"],
        date_order=state[f"{key}-order"],
        total=state.get(f"{key}-total"),
    )
    if not chosen.values:
        state[_PROBLEM] = "Choose at least one column of values."
        return
    try:
        reading = histories(opened.table, chosen)
    except InputError as error:
        state[_PROBLEM] = str(error)
        return
    session.replace_histories(opened, reading.histories, reading)
