"""Saved projections: opened again, compared with what came true, renamed, deleted."""

from __future__ import annotations

import datetime as dt
from typing import cast

import streamlit as st

from dbbuddy.capacity.adjustment import Adjustment, What
from dbbuddy.capacity.history.model import History, HistoryError, from_points
from dbbuddy.capacity.outcome import Outcome, outcome
from dbbuddy.capacity.saved import SavedError, SavedStudy, read_saved
from dbbuddy.capacity.sentence import day
from dbbuddy.capacity.study import Asked
from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.store.projections import (
    NAME_LENGTH,
    ProjectionError,
    SavedProjection,
    delete_projection,
    rename_projection,
    saved_content,
    saved_projections,
)
from dbbuddy.ui import charts, resources
from dbbuddy.ui.capacity import answer, figures, session
from dbbuddy.ui.capacity.entry import DAYS_A_MONTH, MODES, SIZES
from dbbuddy.ui.capacity.session import MODE, Opened
from dbbuddy.ui.text import plain, show_error, show_warning

_PARAMETER = "saved"
_LINKED = "capacity-linked"
_COMPARED = "capacity-compared"


def open_linked(user: User) -> None:
    """Open the projection that the address names, once."""
    wanted = st.query_params.get(_PARAMETER)
    if wanted and st.session_state.get(_LINKED) != wanted:
        st.session_state[_LINKED] = wanted
        if not _open(user, wanted):
            st.query_params.pop(_PARAMETER, None)
            st.info("This projection does not exist, or it is not yours.", icon=":material/info:")


def draw(user: User, opened: Opened | None) -> None:
    """The list; nothing where nothing is saved and nothing is open."""
    store = resources.store()
    if store is None:
        show_error(resources.store_problem())
        return
    try:
        found = saved_projections(store, user)
    except StoreError as error:
        show_error(error)
        return
    if not found:
        if opened is not None:
            st.info(
                "Nothing is saved yet. “Save” above keeps this projection, to compare it later with what came true.",
                icon=":material/bookmark:",
            )
        return
    st.markdown("##### Saved projections")
    for one in found:
        _draw(user, one, opened)


def _draw(user: User, one: SavedProjection, opened: Opened | None) -> None:
    with st.container(border=True, key=f"capacity-saved-{one.id}"):
        st.markdown(f"**{plain(one.name)}** :gray[{day(one.saved_at.date())}]")
        with st.container(horizontal=True, gap="small"):
            st.button(
                "Open",
                icon=":material/folder_open:",
                key=f"capacity-open-{one.id}",
                on_click=open_saved,
                args=(user, one.id),
            )
            st.button(
                "What came true?",
                icon=":material/fact_check:",
                key=f"capacity-compare-{one.id}",
                on_click=_look_back,
                args=(one.id,),
            )
            with st.popover("More", icon=":material/more_horiz:", key=f"capacity-more-{one.id}"):
                key = f"capacity-name-{one.id}"
                st.text_input("Name", value=one.name, max_chars=NAME_LENGTH, key=key)
                st.button("Rename", key=f"capacity-rename-{one.id}", on_click=_rename, args=(user, one.id, key))
                st.button(
                    "Delete for good",
                    icon=":material/delete:",
                    key=f"capacity-delete-{one.id}",
                    on_click=_delete,
                    args=(user, one.id),
                )
        if st.session_state.get(_COMPARED) == one.id:
            _compare(user, one, opened)


def _compare(user: User, one: SavedProjection, opened: Opened | None) -> None:
    """The saved projection beside the history that is open now, or a value typed in."""
    study = _read(user, one.id)
    if study is None:
        return
    st.caption(f"On {day(study.made_on)} it said: {plain(study.headline)}.")
    series = study.series[0]
    if len(study.series) > 1:
        names = [each.name for each in study.series]
        place = st.selectbox(
            "Series", range(len(names)), format_func=lambda at: plain(names[at]), key=f"capacity-compare-of-{one.id}"
        )
        series = study.series[place or 0]
    value = st.number_input(
        plain(f"What is it today? ({series.unit})"), value=None, format="%.10g", key=f"capacity-came-{one.id}", width=260,
        help="Or open a newer history of it above: all its dates are compared then.",
    )  # fmt: skip
    later: list[History] = []
    if value is not None:
        later = [from_points([session.today().isoformat()], [value], series.metric, series.unit)]
    elif opened is not None:
        same = [history for history in opened.histories if history.metric == series.metric and history.growth_per_day is None]
        later = [history for history in same if history.name == series.name] or same
    if not later:
        st.info("Type today's value, or read a newer history of the same metric above.", icon=":material/info:")
        return
    try:
        found = outcome(series, study.made_on, later[0])
    except HistoryError as error:
        show_warning(error)
        return
    if found is None:
        st.info(
            f"The history ends on {day(later[0].last_date)}, before the first date of this projection. Come back later.",
            icon=":material/hourglass:",
        )
        return
    _draw_outcome(one, found)


def _draw_outcome(one: SavedProjection, found: Outcome) -> None:
    st.markdown(plain(found.told()))
    if len(found.dates) > 1:
        st.plotly_chart(
            figures.looked_back(found, found.unit), key=f"capacity-outcome-{one.id}", alt=found.told(), config=charts.CONFIG
        )


def _read(user: User, projection_id: str) -> SavedStudy | None:
    store = resources.store()
    if store is None:
        return None
    try:
        content = saved_content(store, user, projection_id)
        return read_saved(content) if content else None
    except (StoreError, SavedError) as error:
        show_error(error)
        return None


def _open(user: User, projection_id: str) -> bool:
    """Show a saved study as it was asked; its limits, changes and horizon with it."""
    study = _read(user, projection_id)
    if study is None:
        return False
    asked = study.asked()
    if asked[0].history.growth_per_day is not None:
        _fill_numbers(asked[0])
    else:
        _open_series(study, asked)
    horizon = next((name for name, days in answer.HORIZONS.items() if days == study.horizon_days), None)
    if horizon:
        st.session_state["horizon"] = horizon
    return True


def _fill_numbers(one: Asked) -> None:
    """Two numbers go back into their fields."""
    history, state = one.history, st.session_state
    opened = session.of_numbers(history)
    opened.events[0] = one.events
    state["metric"], state["today"] = history.metric, float(history.values[-1])
    state["growth"] = float(f"{(history.growth_per_day or 0.0) * DAYS_A_MONTH:.8g}")
    if history.unit in SIZES:
        state["unit"] = history.unit
    for limit in one.limits:
        state[session.limit_key(opened, 0, limit.level)] = limit.value
    state[MODE] = MODES[0]


def _open_series(study: SavedStudy, asked: tuple[Asked, ...]) -> None:
    opened = session.open_histories(
        [one.history for one in asked],
        title=study.headline,
        about=f"Saved on {day(study.made_on)}.",
        limits=[one.limits for one in asked],
        context=study.context,
    )
    for index, one in enumerate(asked):
        opened.events[index] = one.events
        opened.undone[index] = {key: _taken_back(key) for key in one.undone}
    st.session_state[MODE] = MODES[1]


def _taken_back(key: str) -> Adjustment:
    """An adjustment of which only the id was kept."""
    what, _, when = key.partition(":")
    date = None if when == "all" else dt.date.fromisoformat(when)
    return Adjustment(key, cast(What, what), date, "found when it was saved", "put right again")


def open_saved(user: User, projection_id: str) -> None:
    """Open one of the list."""
    _open(user, projection_id)


def _look_back(projection_id: str) -> None:
    st.session_state[_COMPARED] = None if st.session_state.get(_COMPARED) == projection_id else projection_id


def _rename(user: User, projection_id: str, key: str) -> None:
    store = resources.store()
    if store is None:
        return
    try:
        rename_projection(store, user, projection_id, st.session_state[key] or "")
    except (ProjectionError, StoreError) as error:
        show_error(error)


def _delete(user: User, projection_id: str) -> None:
    store = resources.store()
    if store is None:
        return
    try:
        delete_projection(store, user, projection_id)
    except StoreError as error:
        show_error(error)
    if st.session_state.get(_COMPARED) == projection_id:
        st.session_state[_COMPARED] = None
