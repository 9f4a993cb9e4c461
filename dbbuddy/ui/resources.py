"""The parts of the app that all sessions share: the advisor and the store."""

from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path

import streamlit as st

from dbbuddy.advisor import Advisor
from dbbuddy.diagnosis.library import BUILT_IN, Library, load_library
from dbbuddy.diagnosis.playbook import check
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store

_log = logging.getLogger(__name__)
_PROBLEM = "store-problem"


@st.cache_resource(show_spinner="Loading the playbooks")
def advisor() -> Advisor:
    """The advisor over the built-in playbooks and the operator's own; unfit ones are left out."""
    library = _library(settings().playbook_folder)
    for problem in library.problems:
        _log.warning("playbook left out: %s", problem)
    return Advisor(library)


def _library(own: Path | None) -> Library:
    if own is None:
        return load_library()
    if not own.is_dir():
        library = load_library()
        return replace(library, problems=(*library.problems, f"DBBUDDY_PLAYBOOK_FOLDER: there is no folder {own}"))
    library = load_library([BUILT_IN, own])
    faults = {
        slug: problems
        for slug, playbook in library.playbooks.items()
        if playbook.path.is_relative_to(own) and (problems := check(playbook))
    }
    if not faults:
        return library
    usable = {**load_library().playbooks, **{slug: book for slug, book in library.playbooks.items() if slug not in faults}}
    found = (f"{library.playbooks[slug].path.name}: {'; '.join(problems)}" for slug, problems in faults.items())
    return Library(usable, (*library.problems, *found))


def store() -> Store | None:
    """The store; `None` if it cannot be opened now. It is tried again at the next call."""
    try:
        opened = _open_store()
    except StoreError as error:
        st.session_state[_PROBLEM] = str(error)
        return None
    st.session_state.pop(_PROBLEM, None)
    return opened


def store_problem() -> str:
    """Why the store could not be opened; empty if it is open."""
    return str(st.session_state.get(_PROBLEM, ""))


@st.cache_resource(show_spinner=False)
def _open_store() -> Store:
    return Store(settings().database_url)
