"""The page from its question to its answer: inputs first, then everything that follows from them."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dbbuddy.capacity.history.model import HistoryError
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.sentence import figure
from dbbuddy.capacity.study import Answer, Asked, gathered, series_title
from dbbuddy.identity import User
from dbbuddy.ui.capacity import answer as answers
from dbbuddy.ui.capacity import costing, entry, found, keeping, limits, planning, session, sharing, what_if
from dbbuddy.ui.capacity.session import SERIES, Opened
from dbbuddy.ui.text import plain, show_error

TABS = ("When", "Back-test", "Sizing", "Parameters", "Cost", "Roadmap", "Figures", "Saved")
_TAB = "capacity-tab"


def draw(user: User) -> None:
    """The whole page."""
    session.take_linked_system()
    keeping.open_linked(user)
    top = st.container()
    opened = entry.draw()
    if opened is None:
        with top:
            answers.draw_question()
        keeping.draw(user, None)
        return
    days = answers.horizon()
    index = _choose(opened)
    chart = st.container()
    limits.draw(opened, index)
    what_if.draw(opened, index)
    below = st.container()
    asked = [_asked(opened, place) for place in range(len(opened.histories))]
    made = _projected(opened, asked, days)
    if made is None:
        with top:
            answers.draw_question()
        return
    known = gathered(made, session.context(), session.today())
    with top:
        answers.draw_headline(known)
    with chart:
        answers.draw_fan(opened, index, made[index], known.reached, _before(opened, index, asked[index], days))
    with below:
        found.draw(opened, index, made[index])
        sharing.draw(known, opened, asked, days, user)
    _tabs(opened, index, known, user, asked, days)


def _choose(opened: Opened) -> int:
    """Which of the series is shown."""
    if len(opened.histories) == 1:
        return 0
    if not 0 <= (st.session_state.get(SERIES) or 0) < len(opened.histories) or st.session_state.get(SERIES) is None:
        st.session_state[SERIES] = 0

    def name(place: int) -> str:
        history = opened.histories[place]
        return f"{plain(series_title(history))} :gray[{plain(figure(float(history.values[-1]), history.unit))}]"

    chosen = st.pills(
        f"{len(opened.histories)} series",
        range(len(opened.histories)),
        format_func=name,
        required=True,
        key=SERIES,
        wrap=True,
    )
    return chosen or 0


def _asked(opened: Opened, index: int) -> Asked:
    events = what_if.of(opened, index)
    undone = frozenset(opened.undone.get(index, ()))
    return Asked(opened.histories[index], limits.of(opened, index), events, undone)


def _projected(opened: Opened, asked: list[Asked], days: float) -> list[Projection] | None:
    """Every series, or `None` where one cannot be projected, which is said."""
    made = []
    with st.spinner("Projecting"):
        for index, one in enumerate(asked):
            try:
                made.append(session.projected(opened, index, one, days))
            except HistoryError as error:
                name = f"{series_title(one.history)}: " if len(asked) > 1 else ""
                show_error(f"{name}{error}")
                return None
    return made


def _before(opened: Opened, index: int, one: Asked, days: float) -> Projection | None:
    """The projection without what if, for comparison."""
    if not one.events:
        return None
    return session.projected(opened, index, Asked(one.history, one.limits, (), one.undone), days, with_backtest=False)


def _tabs(opened: Opened, index: int, known: Answer, user: User, asked: list[Asked], days: float) -> None:
    made = known.projections[index]
    parts: dict[str, Callable[[], None]] = {
        "When": lambda: answers.draw_when(opened, index, known),
        "Back-test": lambda: answers.draw_backtest(opened, index, made),
        "Sizing": lambda: planning.draw_sizing(opened, known),
        "Parameters": lambda: planning.draw_parameters(opened, known),
        "Cost": lambda: costing.draw(opened, known),
        "Roadmap": lambda: planning.draw_roadmap(opened, known),
        "Figures": lambda: answers.draw_figures(made),
        "Saved": lambda: keeping.draw(user, opened),
    }
    for name, side in zip(TABS, st.tabs(TABS, key=_TAB, on_change="rerun"), strict=True):
        if side.open:
            with side:
                parts[name]()
