"""Choices that stay when one goes from one dashboard to the next, though they came with the address.

On the way to another page Streamlit takes from the address what is bound to the page that is left, and values that nobody
changed in this session are lost. A value set here before its widget is drawn goes into the address again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

_KEPT = "dashboard-choices"
_PAGE = "dashboard-page"
_ARRIVING = "dashboard-arriving"


def arrive(page: str) -> None:
    """Note which dashboard is drawn, before any widget."""
    st.session_state[_ARRIVING] = st.session_state.get(_PAGE) != page
    st.session_state[_PAGE] = page


def recall(key: str, usual: Any, fits: Callable[[Sequence[str]], bool]) -> None:
    """Give the bound widget of this key, before it is drawn, the value it had on the dashboard before, or else the usual one.

    A value in the address comes first, if it fits. Once the widget has a value on this page nothing is done.
    """
    if key in st.session_state and not st.session_state.get(_ARRIVING):
        return
    given = st.query_params.get_all(key)
    if given and fits(given):
        return
    value, words = st.session_state.get(_KEPT, {}).get(key, (usual, ()))
    if value is not None:
        st.session_state[key] = value
    if words:
        st.query_params[key] = list(words)


def keep(key: str, value: Any, words: Sequence[str]) -> None:
    """Remember a value for the next dashboard, and how the address says it; nothing where the address does not name it."""
    st.session_state.setdefault(_KEPT, {})[key] = (value, tuple(words))
