"""The parts of the app that all sessions share: the advisor and the store."""

from __future__ import annotations

import hashlib

import streamlit as st

from dbbuddy import duties
from dbbuddy.advisor import Advisor
from dbbuddy.diagnosis.library import Library, folders
from dbbuddy.diagnosis.reload import Reloading
from dbbuddy.rate_limit import RateLimit
from dbbuddy.settings import settings
from dbbuddy.store import audit
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from dbbuddy.ui.background import later

_PROBLEM = "store-problem"
_libraries: dict[str, Library] = {}


def advisor() -> Advisor:
    """The advisor over the built-in playbooks and the operator's own, as their files are now; unfit ones are left out."""
    current = _advisors().current()
    _libraries["in use"] = current.library
    return current


def _note_playbooks(opened: Store) -> None:
    """Have the audit log tell which of the operator's own playbooks are not as they were; the page does not wait for it."""
    library = _libraries.get("in use")
    if library is None or library is _libraries.get("noted"):
        return
    _libraries["noted"] = library
    own = {slug: hashlib.sha256(library.playbooks[slug].text.encode()).hexdigest() for slug in library.own()}
    later("playbooks", lambda: audit.note_versions(opened, "playbook_changed", own))


@st.cache_resource(show_spinner="Loading the playbooks")
def _advisors() -> Reloading[Advisor]:
    advisors = Reloading(folders(settings().playbook_folder), Advisor)
    advisors.current()
    return advisors


@st.cache_resource(show_spinner=False)
def question_limit() -> RateLimit:
    """How many questions each user may ask."""
    return RateLimit(settings().questions_per_hour, 3600)


def store() -> Store | None:
    """The store; `None` if it cannot be opened now. It is tried again at the next call."""
    try:
        opened = opened_store()
    except StoreError as error:
        st.session_state[_PROBLEM] = str(error)
        return None
    st.session_state.pop(_PROBLEM, None)
    _note_playbooks(opened)
    return opened


def store_problem() -> str:
    """Why the store could not be opened; empty if it is open."""
    return str(st.session_state.get(_PROBLEM, ""))


def store_of_process() -> Store | None:
    """The store for what is no session: the machine interfaces and probes; `None` if it cannot be opened now."""
    try:
        return opened_store()
    except StoreError:
        return None


def close_store() -> None:
    """Write what is waiting and let go of the store; the process ends."""
    opened_store.clear()


def _release(opened: Store) -> None:
    duties.end(opened)
    opened.close()


@st.cache_resource(show_spinner=False, on_release=_release)
def opened_store() -> Store:
    """The store, opened once for all sessions, with what the app does for it in the background.

    Raises:
        StoreError: it cannot be opened now.
    """
    url = settings().database_url
    opened = Store(url, duties.on_open(url))
    duties.begin(opened, url)
    return opened
