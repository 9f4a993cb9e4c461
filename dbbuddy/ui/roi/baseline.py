"""The baseline wizard: tickets and handling times by category and week, typed, uploaded or pasted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from dbbuddy.analytics.queries import queries
from dbbuddy.analytics.roi import tables
from dbbuddy.analytics.tables import Origin
from dbbuddy.context import CATEGORIES, CATEGORY_NAMES
from dbbuddy.identity import User
from dbbuddy.store import baselines
from dbbuddy.store.baselines import Recorded, TicketWeek
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.analytics import table
from dbbuddy.ui.analytics.source import Source
from dbbuddy.ui.refusals import refusals_shown
from dbbuddy.ui.roi import upload
from dbbuddy.ui.text import plain, show_error

_TOLD = "roi-baseline-told"
_MOST_WEEKS = 260
_USUAL_WEEKS = 12


def draw(source: Source, user: User, origin: Origin) -> None:
    """What is recorded, and the ways to record more."""
    try:
        rows = baselines.recorded(source.store)
        launch = queries("quality")["launched"].read(source.store, {})[0][0]
    except StoreError as error:
        show_error(error)
        return
    st.markdown(f"##### {_finding(rows, launch)}")
    st.caption(
        "Weeks before the launch say how long a ticket takes and how many there were. Go on recording the weeks after it: their "
        "fall is the strongest evidence there is, here and on the Quality page."
    )
    told = st.session_state.pop(_TOLD, "")
    if told:
        st.success(plain(told), icon=":material/check:")
    if not source.own:
        st.info("These are the weeks of the sample data. Switch it off to record your own.", icon=":material/science:")
    else:
        way = st.segmented_control("How", ["Type", "Upload or paste"], default="Type", key="roi-baseline-way", required=True)
        found = _typed(launch, source.today) if way == "Type" else upload.draw()
        if found:
            _keep(source, user, found)
    if rows:
        table.draw(tables.recorded(rows), origin)
        if source.own:
            _removal(source, user, rows)


def _finding(rows: tuple[Recorded, ...], launch: date | None) -> str:
    if not rows:
        return "No tickets are recorded yet"
    weeks = {row.row.week for row in rows}
    before = len(weeks) if launch is None else sum(week + timedelta(days=6) < launch for week in weeks)
    if launch is None:
        return f"{before} weeks before the launch are recorded"
    return f"{before} weeks before the launch and {len(weeks) - before} after it are recorded"


def _typed(launch: date | None, today: date) -> tuple[TicketWeek, ...]:
    """The usual week of each category, for a span of weeks."""
    end = (launch or today) - timedelta(days=1)
    last = end - timedelta(days=(end.weekday() + 1) % 7)
    with st.form("roi-baseline-typed", border=False):
        with st.container(horizontal=True, vertical_alignment="bottom"):
            span: Any = st.date_input(
                "Weeks from and to",
                value=(last - timedelta(days=7 * _USUAL_WEEKS - 1), last),
                max_value=today,
                format="YYYY-MM-DD",
                width=260,
                help="Whole weeks from Monday to Sunday; days of a week begun count the whole week.",
            )
            developers = st.number_input("Developers", min_value=1, max_value=baselines.MOST_DEVELOPERS, value=50, width=160)
        usual = st.data_editor(
            pd.DataFrame(
                {
                    "Category": [CATEGORY_NAMES[category] for category in CATEGORIES],
                    "Tickets a week": [None] * len(CATEGORIES),
                    "Minutes a ticket": [None] * len(CATEGORIES),
                }
            ),
            hide_index=True,
            disabled=["Category"],
            key="roi-baseline-editor",
            column_config={
                "Tickets a week": st.column_config.NumberColumn(min_value=0, max_value=baselines.MOST_TICKETS, step=1),
                "Minutes a ticket": st.column_config.NumberColumn(min_value=1, max_value=baselines.MOST_MINUTES),
            },
        )
        if not st.form_submit_button("Record these weeks", icon=":material/save:", type="primary", key="roi-baseline-save"):
            return ()
    days = [day for day in span if isinstance(day, date)] if isinstance(span, tuple) else []
    return _weeks(days, usual, int(developers))


def _weeks(days: list[date], usual: pd.DataFrame, developers: int) -> tuple[TicketWeek, ...]:
    if len(days) != 2:
        show_error("Choose the first and the last week.")
        return ()
    first = days[0] - timedelta(days=days[0].weekday())
    count = (days[1] - first).days // 7 + 1
    if count > _MOST_WEEKS:
        show_error(f"At most {_MOST_WEEKS} weeks at once.")
        return ()
    filled = [
        (category, int(tickets), float(minutes))
        for category, tickets, minutes in zip(CATEGORIES, usual["Tickets a week"], usual["Minutes a ticket"], strict=True)
        if pd.notna(tickets) and pd.notna(minutes)
    ]
    if not filled:
        show_error("Fill in tickets and minutes of at least one category.")
        return ()
    starts = [first + timedelta(weeks=place) for place in range(count)]
    return tuple(
        TicketWeek(category, week, tickets, minutes, developers) for week in starts for category, tickets, minutes in filled
    )


def _keep(source: Source, user: User, found: tuple[TicketWeek, ...]) -> None:
    try:
        with refusals_shown():
            count = baselines.record(source.store, user, found)
            st.session_state[_TOLD] = f"Recorded: {count} rows. Rows of the same week and category were replaced."
            upload.forget()
    except (StoreError, ValueError) as error:
        show_error(error)
        return
    st.rerun()


def _removal(source: Source, user: User, rows: tuple[Recorded, ...]) -> None:
    with st.popover("Delete recorded weeks", icon=":material/delete:"):
        chosen = st.multiselect(
            "Categories",
            sorted({row.row.category for row in rows}),
            format_func=lambda name: CATEGORY_NAMES.get(name, name),
            key="roi-baseline-delete-categories",
        )
        keys = [(row.row.category, row.row.week) for row in rows if row.row.category in chosen]
        st.button(
            f"Delete {len(keys)} rows",
            icon=":material/delete_forever:",
            key="roi-baseline-delete",
            disabled=not keys,
            on_click=_delete,
            args=(source, user, keys),
        )


def _delete(source: Source, user: User, keys: list[tuple[str, date]]) -> None:
    try:
        baselines.remove(source.store, user, keys)
        st.session_state[_TOLD] = f"Deleted: {len(keys)} rows."
    except StoreError as error:
        show_error(error)
