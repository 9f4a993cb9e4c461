"""The parts of the app that all sessions share: the advisor and the store."""

from __future__ import annotations

import logging

import streamlit as st

from dbbuddy.advisor import Advisor
from dbbuddy.diagnosis.library import BUILT_IN, load_library
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store

_log = logging.getLogger(__name__)


@st.cache_resource(show_spinner="Loading the playbooks")
def advisor() -> Advisor:
    """The advisor over the built-in playbooks and the operator's own."""
    folder = settings().playbook_folder
    library = load_library([BUILT_IN, folder] if folder else [BUILT_IN])
    for problem in library.problems:
        _log.warning("playbook left out: %s", problem)
    return Advisor(library)


@st.cache_resource(show_spinner="Opening the store")
def _open_store() -> Store:
    return Store(settings().database_url)


def store() -> Store | None:
    """The store; `None` if it cannot be opened now, with the reason in `store_problem`."""
    try:
        return _open_store()
    except StoreError as error:
        st.session_state["store_problem"] = str(error)
        return None
