"""Refusals of the data layer, as a message instead of a failed page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dbbuddy.identity import NotAllowedError
from dbbuddy.ui.text import plain


@contextmanager
def refusals_shown() -> Iterator[None]:
    """Show a `NotAllowedError` of the block as a message; the page goes on after the block."""
    try:
        yield
    except NotAllowedError as error:
        st.error(f"{plain(str(error))} Ask an administrator of DB-Buddy for it.", icon=":material/lock:")
