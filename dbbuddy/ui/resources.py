"""The parts of the app that all sessions share: the advisor and the store."""

from __future__ import annotations

import streamlit as st

from dbbuddy.advisor import Advisor
from dbbuddy.diagnosis.library import folders
from dbbuddy.diagnosis.reload import Reloading
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store

_PROBLEM = "store-problem"


def advisor() -> Advisor:
    """The advisor over the built-in playbooks and the operator's own, as their files are now; unfit ones are left out."""
    return _advisors().current()


@st.cache_resource(show_spinner="Loading the playbooks")
def _advisors() -> Reloading[Advisor]:
    advisors = Reloading(folders(settings().playbook_folder), Advisor)
    advisors.current()
    return advisors


def store() -> Store | None:
    """The store; `None` if it cannot be opened now. It is tried again at the next call."""
    try:
        opened = opened_store()
    except StoreError as error:
        st.session_state[_PROBLEM] = str(error)
        return None
    st.session_state.pop(_PROBLEM, None)
    return opened


def store_problem() -> str:
    """Why the store could not be opened; empty if it is open."""
    return str(st.session_state.get(_PROBLEM, ""))


@st.cache_resource(show_spinner=False)
def opened_store() -> Store:
    """The store, opened once for all sessions.

    Raises:
        StoreError: it cannot be opened now.
    """
    return Store(settings().database_url)
