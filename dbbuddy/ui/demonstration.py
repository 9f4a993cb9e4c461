"""The label of a store of sample data, on every page."""

from __future__ import annotations

import streamlit as st

from dbbuddy.analytics.sample.mark import is_sample
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from dbbuddy.ui import resources


def label() -> None:
    """If the app's own store holds sample data, say so above the page."""
    store = resources.store()
    if store is not None and shown(store):
        st.markdown(":orange-badge[:material/science: Sample data, made up]")


def shown(store: Store) -> bool:
    """Whether the app's own store holds sample data; looked up once a minute."""
    return _is_sample(settings().database_url, store)


@st.cache_data(ttl=60, max_entries=4, show_spinner=False)
def _is_sample(url: str, _store: Store) -> bool:
    try:
        return is_sample(_store)
    except StoreError:  # the pages that read the store say so
        return False
