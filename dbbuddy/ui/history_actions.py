"""What can be done with a conversation of the list: rename, share, export, delete; each in a dialog of its own."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.view import RedactionError
from dbbuddy.store import audit
from dbbuddy.store.conversation_export import as_json, as_markdown
from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import delete, exchanges, rename, title
from dbbuddy.store.sharing import SharingError, colleagues, share, withdraw
from dbbuddy.store.store import Store
from dbbuddy.store.titles import LONGEST
from dbbuddy.ui import conversation as talk
from dbbuddy.ui import history_list
from dbbuddy.ui.text import plain, show_error, show_warning

PIN, UNPIN = ":material/keep: Pin", ":material/keep_off: Unpin"
RENAME, SHARE = ":material/edit: Rename", ":material/group_add: Share"
EXPORT, DELETE = ":material/download: Export", ":material/delete: Delete"
_OPENED = "history-action"


def open_for(action: str, conversation_id: str) -> None:
    """Open the dialog of an action on the next run."""
    st.session_state[_OPENED] = (action, conversation_id)


def draw_opened(store: Store, user: User) -> None:
    """The dialog that was asked for, once."""
    action, conversation_id = st.session_state.pop(_OPENED, ("", ""))
    dialogs: dict[str, Callable[[Store, User, str], None]] = {RENAME: _rename, SHARE: _share, EXPORT: _export, DELETE: _delete}
    if action in dialogs:
        dialogs[action](store, user, conversation_id)


@st.dialog("Rename")
def _rename(store: Store, user: User, conversation_id: str) -> None:
    try:
        with st.form("rename", border=False):
            new = st.text_input("Title", title(store, user, conversation_id), max_chars=LONGEST)
            if st.form_submit_button("Save", type="primary"):
                rename(store, user, conversation_id, redact(new or "").text)
                history_list.changed()
                st.rerun()
    except (StoreError, ValueError, RedactionError) as error:
        show_error(error)


@st.dialog("Share to read")
def _share(store: Store, user: User, conversation_id: str) -> None:
    st.markdown("A colleague whom you name can read this conversation, now and as it grows. Every reading is recorded.")
    try:
        with st.form("share", border=False, clear_on_submit=True):
            colleague = st.text_input("User id of the colleague", max_chars=200, help="It stands on the colleague's account page.")
            if st.form_submit_button("Share", type="primary", icon=":material/group_add:"):
                share(store, user, conversation_id, colleague or "")
                history_list.changed()
        for name in colleagues(store, user, conversation_id):
            with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
                st.markdown(plain(name))
                if st.button("No longer", key=f"unshare-{name}", type="tertiary", icon=":material/person_remove:"):
                    withdraw(store, user, conversation_id, name)
                    history_list.changed()
                    st.rerun(scope="fragment")
        st.caption("The address to send them:")
        st.code(f"{_address()}chat?c={conversation_id}", language=None)
    except (SharingError, StoreError) as error:
        show_error(error)


def _address() -> str:
    """Where this app is, as the browser names it."""
    url = (st.context.url or "").partition("?")[0]
    return url.rsplit("/", 1)[0] + "/" if "://" in url else ""


@st.dialog("Export")
def _export(store: Store, user: User, conversation_id: str) -> None:
    try:
        told, talked = title(store, user, conversation_id), exchanges(store, user, conversation_id)
    except StoreError as error:
        show_error(error)
        return
    st.markdown(f"**{plain(told)}**, {len(talked)} question{'s' * (len(talked) != 1)} with answers.")
    with st.container(horizontal=True):
        for name, ending, mime, written in (
            ("Markdown", "md", "text/markdown", as_markdown),
            ("JSON", "json", "application/json", as_json),
        ):
            st.download_button(
                name,
                data=written(told, talked),
                file_name=f"dbbuddy-conversation.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click=_note_export,
                args=(store, user, conversation_id),
                key=f"export-{ending}",
            )


def _note_export(store: Store, user: User, conversation_id: str) -> None:
    try:
        audit.record(store, user, "exported", conversation_id)
    except StoreError as error:
        show_warning(error)


@st.dialog("Delete")
def _delete(store: Store, user: User, conversation_id: str) -> None:
    try:
        st.markdown(
            f"Delete **{plain(title(store, user, conversation_id))}** with all its answers, ratings and tickets? It is gone then."
        )
        with st.container(horizontal=True):
            if st.button("Delete", type="primary", icon=":material/delete:", key="delete-surely"):
                delete(store, user, conversation_id)
                history_list.changed()
                talk.forget(conversation_id)
                st.rerun()
            if st.button("Keep it", key="delete-not"):
                st.rerun()
    except StoreError as error:
        show_error(error)
