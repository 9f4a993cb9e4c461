"""The audit log, for administrators: to read and to verify, never to change."""

from __future__ import annotations

from datetime import UTC
from typing import get_args
from zoneinfo import ZoneInfo

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store import audit
from dbbuddy.store.audit_chain import Action, Entry, problems
from dbbuddy.store.audit_key import audit_key, stored_head
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from dbbuddy.ui import resources
from dbbuddy.ui.text import show_error, show_warning

_SHOWN = 50
_SHOWN_PROBLEMS = 20
_BEFORE = "audit-before"


def draw(user: User) -> None:
    """The newest entries, older ones on demand, and the verification; nothing for anybody but an administrator."""
    if "admin" not in user.roles:
        return
    st.subheader("Audit log", anchor=False)
    st.markdown("Who asked, read another's conversation, exported, erased, shared or changed what. It holds no texts of users.")
    opened = resources.store()
    if opened is None:
        show_warning(resources.store_problem())
        return
    try:
        _draw(opened, user)
    except StoreError as error:
        show_warning(error)


def _draw(opened: Store, user: User) -> None:
    action: str | None = st.selectbox(
        "Show",
        get_args(Action),
        index=None,
        format_func=lambda name: name.replace("_", " ").capitalize(),
        placeholder="Everything",
        key="audit-action",
        label_visibility="collapsed",
        on_change=_newest,
    )
    before: int | None = st.session_state.get(_BEFORE)
    entries = audit.newest(opened, user, action=action or "", before=before, limit=_SHOWN)
    names = audit.people(opened, user)
    if entries:
        st.dataframe([_row(entry, names) for entry in entries], hide_index=True, width="stretch", height=320, key="audit-entries")
    else:
        st.caption("No entries.")
    with st.container(horizontal=True, vertical_alignment="center"):
        if before is not None:
            st.button("Newest", icon=":material/first_page:", key="audit-newest", on_click=_newest)
        if len(entries) == _SHOWN:
            st.button("Older", icon=":material/navigate_next:", key="audit-older", on_click=_older, args=(entries[-1].sequence,))
        if st.button("Verify the log", icon=":material/verified_user:", key="audit-verify"):
            _verify(opened)
    waiting = audit.waiting_count(opened)
    if waiting:
        st.caption(f"{waiting:,} newer events are about to be taken into the log.")


def _verify(opened: Store) -> None:
    """Walk the whole chain."""
    url = settings().database_url
    head = stored_head(url)
    with st.spinner("Verifying every entry"):
        found = list(problems(audit.all_entries(opened), audit_key(url), head))
    for problem in found[:_SHOWN_PROBLEMS]:
        show_error(problem)
    if len(found) > _SHOWN_PROBLEMS:
        st.caption(f"The first {_SHOWN_PROBLEMS} of {len(found)} are listed; `python -m dbbuddy audit verify` prints all.")
    if not found:
        fits = "and it fits its head outside the database" if head else "it was not compared with a head, which is in the app's log"
        st.success(f"The log is whole, {fits}.", icon=":material/verified_user:")


def _row(entry: Entry, names: dict[str, str]) -> dict[str, str | int]:
    told = entry.event
    local = told.happened_at.replace(tzinfo=UTC).astimezone(ZoneInfo(settings().time_zone))
    return {
        "No.": entry.sequence,
        "When": f"{local:%Y-%m-%d %H:%M:%S}",
        "Who": names.get(told.actor, told.actor),
        "What": told.action.replace("_", " "),
        "On": names.get(told.subject, told.subject),
        "More": told.detail if told.detail != "{}" else "",
    }


def _newest() -> None:
    st.session_state.pop(_BEFORE, None)


def _older(sequence: int) -> None:
    st.session_state[_BEFORE] = sequence
