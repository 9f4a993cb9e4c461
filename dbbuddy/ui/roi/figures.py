"""The ROI figures, computed once for each filter, state of the data and assumptions, whoever looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dbbuddy.analytics import overview
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.queries import queries
from dbbuddy.analytics.roi.assess import Assessment, assess
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.ledger import Ledger, read_ledger
from dbbuddy.analytics.roi.solver import Answer, solve
from dbbuddy.analytics.suppression import fewest_for
from dbbuddy.analytics.view import look
from dbbuddy.identity import User, require
from dbbuddy.ui.analytics.source import Source

_MOST = 64
Read = tuple[Ledger, overview.Basis]


def ledger(source: Source, user: User, chosen: Filter) -> Read:
    """What there is to credit, and what it rests on.

    Raises:
        NotAllowedError: the user is no manager.
        StoreError: the store cannot be read.
    """
    require(user, "manager")
    revision = tuple(queries("roi")["revision"].read(source.store, {}))
    key = (*source.key, source.today, chosen, tuple(sorted(source.heads.items())), fewest_for(user), revision)
    return _ledger(key, lambda: _read(source, user, chosen))


def _read(source: Source, user: User, chosen: Filter) -> Read:
    view = look(source.store, source.viewer(user), chosen, source.heads)
    return read_ledger(view), overview.basis(view)


@st.cache_data(max_entries=_MOST, show_spinner="Reading what there is to credit")
def _ledger(key: tuple[Any, ...], _compute: Callable[[], Read]) -> Read:
    return _compute()


def assessment(read: Ledger, assumptions: Assumptions, *, waiting: bool) -> Assessment:
    """The result for a ledger."""
    return _assessment(repr(read), assumptions.stored(), waiting, lambda: assess(read, assumptions, waiting=waiting))


@st.cache_data(max_entries=_MOST, show_spinner="Computing the range")
def _assessment(ledger_key: str, assumed: str, waiting: bool, _compute: Callable[[], Assessment]) -> Assessment:
    return _compute()


def answer(read: Ledger, assumptions: Assumptions, target: float, *, waiting: bool) -> Answer | None:
    """What the target takes."""
    key = (repr(read), assumptions.stored(), target, waiting)
    return _answer(key, lambda: solve(read, assumptions, target, waiting=waiting))


@st.cache_data(max_entries=_MOST, show_spinner="Trying what it would take")
def _answer(key: tuple[Any, ...], _compute: Callable[[], Answer | None]) -> Answer | None:
    return _compute()
