"""Which store the dashboards show: the app's own, or sample data in one of its own that never mixes with it."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import streamlit as st

from dbbuddy.analytics.refresh import version
from dbbuddy.analytics.sample.filling import HEADS, fill
from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from dbbuddy.ui import demonstration, entrance, resources
from dbbuddy.ui.analytics.recall import arrive, keep, recall
from dbbuddy.ui.text import show_error

_SHOWN = "sample"
_ROLES = frozenset({"manager", "dba"})
_HELP = "Made-up data in a store of its own. Only you see it, it is labelled, and it never mixes with real data."


@dataclass(frozen=True)
class Source:
    """What a dashboard shows. `heads` are the eligible developers by team, `version` grows when its figures may change.

    `own` says that it is the app's own store, which takes annotations and the like; it may be a demonstration store, too.
    """

    store: Store
    own: bool
    heads: Mapping[str, int]
    version: int
    today: date

    def viewer(self, user: User) -> User:
        """As whom a user looks: at sample data as one of many, so that small groups are hidden as they would be."""
        return user if self.own else replace(user, id=f"sample-viewer-{user.id}")

    @property
    def key(self) -> tuple[str, int]:
        """What results may be cached under, beside the filter."""
        return ("own" if self.own else "sample", self.version)


def opened(user: User, title: str) -> Source:
    """The page's heading, and the store to show; sample data is labelled. If it cannot be read the page ends with the reason."""
    arrive(title)
    with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
        st.header(title, width="content")
        sample = bool(user.roles & _ROLES) and _sample_toggle()
    try:
        source = _sample() if sample else _own()
    except StoreError as error:
        show_error(error)
        st.stop()
    if not source.own:
        st.warning("**Sample data, made up.** Nothing here is about your developers.", icon=":material/science:")
    return source


def offer_sample(user: User, source: Source, what_appears: str) -> None:
    """An empty page: what will appear on it, and the way to see it with sample data."""
    with st.container(border=True):
        st.markdown(f"**Nothing to show for this choice yet.** {what_appears}")
        if user.roles & _ROLES and source.own:
            st.button("Show it with sample data", key="sample-show", icon=":material/science:", on_click=_show_sample, help=_HELP)


def _sample_toggle() -> bool:
    recall(_SHOWN, None, lambda given: given[0] in ("true", "false"))
    shown = st.toggle("Sample data", key=_SHOWN, bind="query-params", help=_HELP)
    keep(_SHOWN, shown, ["true"] if shown else [])
    return shown


def _show_sample() -> None:
    st.session_state[_SHOWN] = True


def _own() -> Source:
    store = resources.store()
    if store is None:
        raise StoreError(resources.store_problem())
    if demonstration.shown(store):
        return Source(store, True, HEADS, version(store), _today(settings().time_zone))
    access = entrance.access_watch().current() if settings().access_file else None
    heads = {team.name: team.developers for team in access.teams} if access else {}
    return Source(store, True, heads, version(store), _today(settings().time_zone))


def _sample() -> Source:
    store = _sample_store(_today("UTC"))
    return Source(store, False, HEADS, version(store), _today("UTC"))


def _today(zone: str) -> date:
    return datetime.now(UTC).astimezone(ZoneInfo(zone)).date()


@dataclass(frozen=True)
class _Temporary:
    store: Store
    folder: tempfile.TemporaryDirectory[str]


def _sample_store(today: date) -> Store:
    return _made(today).store


def _release(made: _Temporary) -> None:
    made.store.close()
    made.folder.cleanup()


@st.cache_resource(max_entries=1, show_spinner="Making up sample data", on_release=_release)
def _made(today: date) -> _Temporary:
    """A store of sample data that ends yesterday, in a folder that goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="dbbuddy-sample-", ignore_cleanup_errors=True)
    store = Store(f"duckdb:///{Path(folder.name) / 'sample.duckdb'}")
    try:
        fill(store, today)
    except StoreError:
        _release(_Temporary(store, folder))
        raise
    return _Temporary(store, folder)
