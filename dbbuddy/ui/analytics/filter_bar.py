"""The filter bar that all dashboards share. What is chosen stands in the address, so a link or a reload shows the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from dbbuddy.analytics import wording
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.queries import queries
from dbbuddy.context import CATEGORIES, ENGINES, ENVIRONMENTS
from dbbuddy.store.store import Store
from dbbuddy.ui.analytics.recall import keep, recall
from dbbuddy.ui.analytics.source import Source
from dbbuddy.ui.text import plain

# The address holds these words, but for the first, which is the usual period.
_LENGTHS = {"Last 30 days": 30, "Last 7 days": 7, "Last 90 days": 90, "Last 400 days": 400}
_MONTH, _CUSTOM = "One month", "Custom"
_COMPARISONS = ("The period before", "Nothing")
_PERIODS = (*_LENGTHS, _MONTH, _CUSTOM)
_MONTHS = 14
_USUAL = {"category": CATEGORIES, "engine": ENGINES, "environment": ENVIRONMENTS}
_OLDEST = timedelta(days=3660)


@dataclass(frozen=True)
class Chosen:
    """What is looked at, and what it is compared with (None: with nothing)."""

    filter: Filter
    before: Filter | None


def draw(source: Source, *, compared: bool = True) -> Chosen:
    """The bar, and in words what it says. `compared`: the page can show the period before, too."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="filter-bar"):
        period = _period(source.today)
        values = _narrowed(source)
        compare = compared and _one_of("Compared with", "compare", _COMPARISONS, 180) == _COMPARISONS[0]
    chosen = Filter(period, *values)
    before = chosen.before() if compare else None
    _say(chosen, before, source)
    return Chosen(chosen, before)


def _period(today: date) -> Period:
    kind = _one_of("Period", "period", _PERIODS, 190)
    if kind == _MONTH:
        return _month(today)
    if kind == _CUSTOM:
        return _custom(today)
    return Period(today - timedelta(days=_LENGTHS[kind] - 1), today)


def _one_of(label: str, key: str, options: Sequence[str], width: int) -> str:
    """One of the options; the first is the usual one, and the only one that the address does not name."""
    recall(key, None, lambda given: given[0] in options)
    chosen = st.selectbox(label, options, key=key, bind="query-params", width=width, filter_mode=None)
    keep(key, chosen, [chosen] if chosen != options[0] else [])
    return chosen


def _month(today: date) -> Period:
    months = [today.replace(day=1)]
    while len(months) < _MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    by_name = {f"{month:%Y-%m}": month for month in months}
    first = by_name[_one_of("Month", "month", list(by_name), 150)]
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(first, min(last, today))


def _custom(today: date) -> Period:
    ends = [_day("From", today - timedelta(days=29), today), _day("To", today, today)]
    return Period(min(ends), max(ends))


def _day(label: str, usual: date, today: date) -> date:
    key, oldest = label.lower(), today - _OLDEST
    recall(key, usual, lambda given: _is_day(given[0], oldest, today))
    day = st.date_input(label, min_value=oldest, max_value=today, format="YYYY-MM-DD", key=key, bind="query-params", width=150)
    keep(key, day, [day.isoformat()] if isinstance(day, date) else [])
    return day if isinstance(day, date) else usual


def _is_day(text: str, oldest: date, newest: date) -> bool:
    try:
        return oldest <= date.fromisoformat(text) <= newest
    except ValueError:
        return False


def _narrowed(source: Source) -> tuple[tuple[str, ...], ...]:
    """The values chosen in each dimension, in the order of `Filter`."""
    offered = _offered(source.key, source.store)
    offered["team"] = tuple(dict.fromkeys((*source.heads, *offered.get("team", ()))))
    dimensions = ("team", "category", "engine", "environment", "provider")
    count = sum(bool(st.session_state.get(name)) for name in dimensions)
    with st.popover(
        f"Filter · {count} set" if count else "Filter", icon=":material/filter_alt:", key=f"filter-popover-{bool(count)}"
    ):
        return tuple(_dimension(name, offered.get(name, ())) for name in dimensions)


def _dimension(name: str, offered: tuple[str, ...]) -> tuple[str, ...]:
    usual = _USUAL.get(name, ())
    options = [value for value in usual if value in offered] + [value for value in offered if value and value not in usual]
    if "" in offered:
        options.append(wording.UNKNOWN)
    recall(name, None, lambda _: True)
    had = st.session_state.get(name) or []
    if any(value not in options for value in had):
        st.session_state[name] = [value for value in had if value in options]
    chosen = st.multiselect(
        name.capitalize(),
        options,
        key=name,
        bind="query-params",
        format_func=wording.name,
        placeholder="All",
    )
    keep(name, chosen, [wording.name(value) for value in chosen])
    return tuple("" if value == wording.UNKNOWN else value for value in chosen)


@st.cache_data(max_entries=8, show_spinner=False)
def _offered(key: tuple[str, int], _store: Store) -> dict[str, tuple[str, ...]]:
    """The values that occur, by dimension."""
    found: dict[str, list[str]] = {}
    for dimension, value in queries("offered")["values"].read(_store, {}):
        found.setdefault(dimension, []).append(value)
    return {dimension: tuple(values) for dimension, values in found.items()}


def _say(chosen: Filter, before: Filter | None, source: Source) -> None:
    words = f"**{wording.period(chosen.period)}**"
    if chosen.period.last >= source.today:
        words += " (today is not over)"
    if before:
        words += f", compared with {wording.period(before.period)}"
    badges = [f":blue-badge[{title}: {plain(text)}]" for title, text in wording.parts(chosen)]
    st.caption(" ".join([words, *badges]))
