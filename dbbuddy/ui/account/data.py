"""What is kept about the user: shown, taken along, erased."""

from __future__ import annotations

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store import accounts
from dbbuddy.store.errors import StoreError
from dbbuddy.ui import conversation as talk
from dbbuddy.ui import resources
from dbbuddy.ui.text import show_error, show_warning

_MODES = {
    "full": "Texts are kept with secrets and personal data taken out.",
    "metadata": "No texts are kept: only which problem it was, when, for which system, and how you rated the answer.",
    "off": "Nothing of your conversations is kept.",
}
_ERASED = "erased-now"
_PREPARED = "export-of-own-data"
_WORD = "erase"


def draw(user: User) -> None:
    """The counts of all that is held, the export, and the erasure."""
    st.subheader("Your data", anchor=False)
    if st.session_state.pop(_ERASED, False):
        st.success("All that was kept about you is erased.", icon=":material/check_circle:")
    st.markdown(_MODES[settings().storage_mode] + f" Conversations are kept for {settings().keep_conversations_days} days.")
    opened = resources.store()
    if opened is None:
        show_warning(resources.store_problem())
        return
    try:
        held = accounts.held(opened, user)
    except StoreError as error:
        show_warning(error)
        return
    rows = [{"What": accounts.NAMES[name], "How many": f"{count:,}"} for name, count in held.items() if count]
    if rows:
        st.table(rows, hide_index=True)
    else:
        st.caption("Nothing is kept about you.")
    with st.container(horizontal=True, vertical_alignment="center"):
        _export(user)
        if st.button("Erase all of it", icon=":material/delete_forever:", key="erase"):
            _erase(user)


def _export(user: User) -> None:
    """Prepared on request, since it reads everything."""
    prepared: tuple[str, bytes] | None = st.session_state.get(_PREPARED)
    if prepared and prepared[0] == user.id:
        st.download_button(
            "Save the file",
            prepared[1],
            file_name="dbbuddy-my-data.zip",
            mime="application/zip",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            key="export-save",
        )
        return
    if st.button("Take all of it along", icon=":material/folder_zip:", key="export", help="A zip with JSON and Markdown."):
        opened = resources.store()
        try:
            if opened is None:
                raise StoreError(resources.store_problem())
            with st.spinner("Collecting your data"):
                st.session_state[_PREPARED] = (user.id, accounts.export(opened, user))
        except StoreError as error:
            show_error(error)
            return
        st.rerun()


@st.dialog("Erase all that is kept about you")
def _erase(user: User) -> None:
    st.markdown(
        "Your conversations, ratings, tickets, visits and projections are erased, in the files too. In the audit log one entry "
        "stays that says that somebody was erased; nobody can tell who. **This cannot be undone.** Backups of the operator hold "
        "the data until they are deleted."
    )
    with st.form("erase-form", border=False):
        word = st.text_input(f"Write “{_WORD}” to go on", key="erase-word")
        sure = st.form_submit_button("Erase", type="primary", icon=":material/delete_forever:")
    if not sure:
        return
    if (word or "").strip().lower() != _WORD:
        show_warning(f"Nothing was erased: write “{_WORD}” first.")
        return
    opened = resources.store()
    try:
        if opened is None:
            raise StoreError(resources.store_problem())
        with st.spinner("Erasing, and writing the store anew"):
            accounts.erase(opened, user.id, user)
    except StoreError as error:
        show_error(error)
        return
    talk.forget()
    st.session_state.pop(_PREPARED, None)
    st.session_state[_ERASED] = True
    st.rerun()
