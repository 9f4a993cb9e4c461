"""The filter bar that all dashboards share. What is chosen stands in the address, so a link or a reload shows the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import streamlit as st

from dbbuddy.analytics import wording
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.queries import queries
from dbbuddy.context import CATEGORIES, ENGINES, ENVIRONMENTS
from dbbuddy.store.store import Store
from dbbuddy.ui.analytics.source import Source
from dbbuddy.ui.text import plain

# The address holds these words; a link with others falls back to the usual period.
_LENGTHS = {"Last 7 days": 7, "Last 30 days": 30, "Last 90 days": 90, "Last 400 days": 400}
_MONTH, _CUSTOM = "One month", "Custom"
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
        compare = compared and st.toggle("Compare with the period before", value=True, key="compare", bind="query-params")
    chosen = Filter(period, *values)
    before = chosen.before() if compare else None
    _say(chosen, before, source)
    return Chosen(chosen, before)


def _period(today: date) -> Period:
    kind = st.selectbox("Period", _PERIODS, index=1, key="period", bind="query-params", width=190, filter_mode=None)
    if kind == _MONTH:
        return _month(today)
    if kind == _CUSTOM:
        return _custom(today)
    return Period(today - timedelta(days=_LENGTHS[kind] - 1), today)


def _month(today: date) -> Period:
    months = [today.replace(day=1)]
    while len(months) < _MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    by_name = {f"{month:%Y-%m}": month for month in months}
    name = st.selectbox("Month", list(by_name), index=1, key="month", bind="query-params", width=150, filter_mode=None)
    first = by_name.get(name or "", months[1])
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return Period(first, min(last, today))


def _custom(today: date) -> Period:
    usual = (today - timedelta(days=29), today)
    days: Any = st.date_input(
        "From and to",
        value=usual,
        min_value=today - _OLDEST,
        max_value=today,
        format="YYYY-MM-DD",
        key="days",
        bind="query-params",
        width=260,
    )
    ends = [day for day in days if isinstance(day, date)] if isinstance(days, tuple) else []
    return Period(min(ends), max(ends)) if ends else Period(*usual)


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
    chosen = st.multiselect(
        name.capitalize(),
        options,
        key=name,
        bind="query-params",
        format_func=wording.name,
        placeholder="All",
    )
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
