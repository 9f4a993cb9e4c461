"""The study at hand: which history, and what was computed of it. All in the session's memory."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import streamlit as st

from dbbuddy.capacity.adjustment import Adjustment
from dbbuddy.capacity.events import Event
from dbbuddy.capacity.history.model import History
from dbbuddy.capacity.history.read import Reading
from dbbuddy.capacity.limit import LEVELS, Level, Limit
from dbbuddy.capacity.project import Projection, project
from dbbuddy.capacity.sentence import UNNAMED
from dbbuddy.capacity.study import Asked
from dbbuddy.context import ContextError, SystemContext
from dbbuddy.ui import context_fields

_OPENED = "capacity-opened"
_MOMENT = "capacity-moment"
_MEMO = "capacity-memo"
_MOST_KEPT = 60
CONTEXT = "capacity-system"
_TYPED = ("typed in", "sample", "")
MODE = "capacity-mode"
SERIES = "capacity-series"
NUMBERS = "numbers"


@dataclass
class Opened:
    """A history that was read. `moment` tells one reading from another, for the keys of what is drawn of it.

    By series: `events` that came with it, `names` of the limits that stand in the inputs, `given` limits that do not, and the
    adjustments that the user took back (`undone`). `table` and `reading` are there to correct the columns.
    """

    moment: str
    histories: tuple[History, ...]
    title: str = ""
    table: pd.DataFrame | None = None
    reading: Reading | None = None
    about: str = ""
    events: dict[int, tuple[Event, ...]] = field(default_factory=dict)
    given: dict[int, tuple[Limit, ...]] = field(default_factory=dict)
    names: dict[tuple[int, Level], Limit] = field(default_factory=dict)
    undone: dict[int, dict[str, Adjustment]] = field(default_factory=dict)

    def place(self, index: int) -> str:
        """A name for one of the series, for keys."""
        return f"{self.moment}-{index}"


def open_histories(
    histories: Sequence[History],
    *,
    title: str = "",
    about: str = "",
    limits: Sequence[Sequence[Limit]] = (),
    table: pd.DataFrame | None = None,
    reading: Reading | None = None,
    context: SystemContext | None = None,
) -> Opened:
    """Show these series from now on, with the limits that came with them filled in."""
    st.session_state[_MOMENT] = moment = st.session_state.get(_MOMENT, 0) + 1
    opened = Opened(str(moment), tuple(histories), title, table, reading, about)
    for index, own in enumerate(limits):
        for limit in own:
            if limit.source in _TYPED and (index, limit.level) not in opened.names:
                opened.names[index, limit.level] = limit
                st.session_state[limit_key(opened, index, limit.level)] = limit.value
            else:
                opened.given[index] = (*opened.given.get(index, ()), limit)
    st.session_state[_OPENED] = opened
    st.session_state[SERIES] = 0
    if context is not None:
        context_fields.fill(CONTEXT, context)
    return opened


def blank() -> Opened:
    """A study that has no values yet."""
    return open_histories(())


def replace_histories(opened: Opened, histories: Sequence[History], reading: Reading | None = None) -> None:
    """Other values for the same study: a corrected table or mapping. Limits typed so far stay."""
    opened.histories = tuple(histories)
    opened.reading = reading
    opened.undone.clear()
    if st.session_state.get(SERIES, 0) >= len(histories):
        st.session_state[SERIES] = 0


def opened() -> Opened | None:
    """What was read last, if anything."""
    held: Opened | None = st.session_state.get(_OPENED)
    return held


def of_numbers(history: History) -> Opened:
    """The study of two numbers, which the inputs hold."""
    held: Opened | None = st.session_state.get(f"{_OPENED}-{NUMBERS}")
    if held is None:
        held = st.session_state[f"{_OPENED}-{NUMBERS}"] = Opened(NUMBERS, (history,))
    held.histories = (history,)
    return held


def limit_key(opened: Opened, index: int, level: Level) -> str:
    """The key of the input for a limit."""
    if opened.moment == NUMBERS and level == "full":
        return "full"
    return f"capacity-limit-{opened.place(index)}-{level}"


def typed_limits(opened: Opened, index: int) -> list[Limit]:
    """The limits that stand in the inputs, with the names that came with them."""
    history = opened.histories[index]
    found = []
    for level in LEVELS:
        value = st.session_state.get(limit_key(opened, index, level))
        if value is None:
            continue
        given = opened.names.get((index, level))
        if given and given.value == value:
            found.append(given)
        else:
            found.append(Limit(history.metric, _NAMES[level], float(value), history.unit, level, "typed in"))
    return found


_NAMES: dict[Level, str] = {"warning": "warning level", "critical": "critical level", "full": UNNAMED}


def take_linked_system() -> None:
    """The system that the address names, once: a link from the chat carries it."""
    if not context_fields.filled(CONTEXT):
        named = {name: st.query_params.get(name) for name in ("service", "engine", "environment", "version")}
        with suppress(ContextError):
            context_fields.fill(
                CONTEXT, SystemContext.of(**{name: value[:40] for name, value in named.items() if value}).completed()
            )


def context() -> SystemContext:
    """The system that the inputs say."""
    return context_fields.value(CONTEXT).completed()


def today() -> dt.date:
    """Today (UTC), as the histories count."""
    return dt.datetime.now(dt.UTC).date()


def projected(opened: Opened, index: int, asked: Asked, horizon_days: float, *, with_backtest: bool = True) -> Projection:
    """The projection of one series, computed once for the same question.

    Raises:
        HistoryError: it cannot be projected; the message says why.
    """
    memo: OrderedDict[Any, Projection] = st.session_state.setdefault(_MEMO, OrderedDict())
    history = asked.history
    points = hash((history.times.tobytes(), history.values.tobytes()))
    same = (opened.place(index), history.metric, history.unit, history.kind, history.growth_per_day, points)
    key = (same, asked.limits, asked.events, asked.undone, horizon_days, with_backtest)
    if key not in memo:
        memo[key] = project(history, asked.limits, horizon_days, asked.events, asked.undone, with_backtest=with_backtest)
    memo.move_to_end(key)
    while len(memo) > _MOST_KEPT:
        memo.popitem(last=False)
    return memo[key]
