"""Tickets from a file or a pasted table: which column is what, which word means which category, and what comes of it."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import streamlit as st

from dbbuddy.analytics import wording
from dbbuddy.analytics.roi import reading
from dbbuddy.analytics.roi.reading import Columns, TimeUnit, Usual, Weeks
from dbbuddy.analytics.tables import safe_text
from dbbuddy.context import CATEGORIES, CATEGORY_NAMES
from dbbuddy.intake.text import InputError
from dbbuddy.store.baselines import MOST_DEVELOPERS, MOST_MINUTES, TicketWeek
from dbbuddy.ui.text import plain, show_error

_GENERATION = "roi-upload-generation"
_NONE = "(none)"
_IGNORED = "(do not count)"
_PREVIEWED = 200
_EXAMPLE = "week,category,tickets,minutes,developers\n2026-01-05,Troubleshooting,14,55,120\n2026-01-05,Query optimization,12,70,120"


def forget() -> None:
    """Empty what was pasted and uploaded, after it was kept."""
    st.session_state[_GENERATION] = st.session_state.get(_GENERATION, 0) + 1


def draw() -> tuple[TicketWeek, ...]:
    """The weeks to keep, once the user says so; empty before."""
    try:
        table = _input()
        if table is None:
            return ()
        columns, usual = _columns(table)
        found = reading.weeks(table, columns, _meanings(table, columns), usual)
    except InputError as error:
        show_error(error)
        return ()
    _preview(found)
    if st.button("Record these weeks", icon=":material/save:", type="primary", key="roi-upload-save"):
        return found.rows
    return ()


def _input() -> pd.DataFrame | None:
    number = st.session_state.get(_GENERATION, 0)
    file = st.file_uploader(
        "CSV, TSV or Excel from the ticket system", type=["csv", "tsv", "txt", "xlsx"], key=f"roi-file-{number}"
    )
    pasted = st.text_area(
        "Or paste it here",
        key=f"roi-paste-{number}",
        placeholder=_EXAMPLE,
        height=120,
        max_chars=2_000_000,
        help="Counts by week, or one ticket a line with its date, kind and the time worked on it.",
    )
    if file is not None:
        return reading.read_table(file.name, file.getvalue())
    return reading.read_table("The text", pasted) if pasted.strip() else None


def _columns(table: pd.DataFrame) -> tuple[Columns, Usual]:
    guessed = reading.guess(table)
    names = [str(name) for name in table.columns]
    key = abs(hash(tuple(names)))
    st.markdown("**Which column is what**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.selectbox("Date", names, index=names.index(guessed.date), key=f"roi-date-{key}", width=180)
        kind = _optional("Kind", names, guessed.kind, key)
        tickets = _optional("Tickets", names, guessed.tickets, key, "Without it every line is one ticket.")
        minutes = _optional("Time worked", names, guessed.minutes, key, "Hands on, not the time from opening to closing.")
        unit: TimeUnit = guessed.unit
        if minutes:
            units = list(get_args(TimeUnit))
            unit = st.selectbox("in", units, index=units.index(guessed.unit), key=f"roi-unit-{key}", width=130)
        developers = _optional("Developers", names, guessed.developers, key)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        heads = 50 if developers else st.number_input("Developers then", 1, MOST_DEVELOPERS, 50, key="roi-heads", width=180)
        usual = st.number_input(
            "Minutes where none are told", 0.0, MOST_MINUTES, 0.0, key="roi-minutes", width=240, help="0: such lines are left out."
        )
    return Columns(day, kind, tickets, minutes, developers, unit), Usual(int(heads), float(usual) or None)


def _optional(label: str, names: list[str], guessed: str, key: int, tip: str | None = None) -> str:
    options = [_NONE, *names]
    place = options.index(guessed) if guessed else 0
    chosen = st.selectbox(label, options, index=place, key=f"roi-{label}-{key}", width=180, help=tip)
    return "" if chosen == _NONE else chosen


def _meanings(table: pd.DataFrame, columns: Columns) -> dict[str, str]:
    """The category of each kind, corrected by the user."""
    options = [CATEGORY_NAMES[category] for category in CATEGORIES]
    by_name = dict(zip(options, CATEGORIES, strict=True))
    if not columns.kind:
        return {"": by_name[st.selectbox("All of them are", options, key="roi-one-kind", width=260)]}
    found = reading.kinds(table, columns)
    st.markdown("**Which word means which category**")
    edited = st.data_editor(
        pd.DataFrame({"Word": [safe_text(kind) for kind in found], "Counts as": [wording.name(one) for one in found.values()]}),
        hide_index=True,
        disabled=["Word"],
        column_config={"Counts as": st.column_config.SelectboxColumn(options=[*options, _IGNORED], required=True)},
        key=f"roi-kinds-{abs(hash(tuple(found)))}",
        height=min(300, 36 * len(found) + 40),
    )
    return {kind: by_name.get(str(name), "") for kind, name in zip(found, edited["Counts as"], strict=True)}


def _preview(found: Weeks) -> None:
    tickets = sum(row.tickets for row in found.rows)
    weeks = {row.week for row in found.rows}
    st.markdown(f"**{tickets:,} tickets in {len(weeks):,} weeks, from {min(weeks)} to {max(weeks)}**")
    for reason, count in found.left_out.items():
        st.caption(f":material/warning: {count:,} lines with {plain(reason)} are left out.")
    st.dataframe(
        pd.DataFrame(
            {
                "Week from": [row.week for row in found.rows[:_PREVIEWED]],
                "Category": [wording.name(row.category) for row in found.rows[:_PREVIEWED]],
                "Tickets": [row.tickets for row in found.rows[:_PREVIEWED]],
                "Minutes, median": [row.minutes for row in found.rows[:_PREVIEWED]],
                "Developers": [row.developers for row in found.rows[:_PREVIEWED]],
            }
        ),
        hide_index=True,
        height=min(320, 36 * min(len(found.rows), _PREVIEWED) + 40),
    )
