"""Taking the study along as a file, asking about it in the chat, and saving it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dbbuddy.capacity.report import Report, to_csv, to_markdown_report
from dbbuddy.capacity.report_html import to_html
from dbbuddy.capacity.saved import saved
from dbbuddy.capacity.sentence import sentence
from dbbuddy.capacity.study import Answer, Asked
from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.store.projections import NAME_LENGTH, ProjectionError, save_projection
from dbbuddy.ui import conversation, resources
from dbbuddy.ui.capacity import planning, session, workload
from dbbuddy.ui.capacity.session import Opened
from dbbuddy.ui.text import show_error

_NAME = "capacity-save-name"
_SAID = "capacity-save-said"
_FORMATS: tuple[tuple[str, str, str, Callable[[Report], str]], ...] = (
    ("HTML", "html", "text/html", to_html),
    ("Markdown", "md", "text/markdown", to_markdown_report),
    ("CSV", "csv", "text/csv", to_csv),
)


def draw(known: Answer, opened: Opened, asked: Sequence[Asked], days: float, user: User) -> None:
    """The buttons in a row."""
    with st.container(horizontal=True, gap="small", key="capacity-actions"):
        with st.popover("Save", icon=":material/bookmark_add:", key="capacity-save"):
            _save(known, opened, asked, days, user)
        with st.popover("Export", icon=":material/share:", key="capacity-share", on_change="rerun") as export:
            if export.open:
                _files(known, opened, asked)
        if st.button("Ask about this", icon=":material/forum:", key="capacity-ask"):
            conversation.carry(question(known))
            st.switch_page("pages/chat.py")
    if _SAID in st.session_state:
        st.success(st.session_state.pop(_SAID), icon=":material/check:")


def _files(known: Answer, opened: Opened, asked: Sequence[Asked]) -> None:
    for name, kind, mime, write in _FORMATS:
        st.download_button(
            f"Download {name}",
            data=_made(write, known, opened, asked),
            file_name=f"capacity.{kind}",
            mime=mime,
            icon=":material/download:",
            on_click="ignore",
            key=f"capacity-download-{kind}",
            width="stretch",
        )
    st.caption("The HTML file is complete: it opens without a network, in light and dark, and prints. CSV holds every date.")


def question(known: Answer) -> str:
    """What the chat is asked."""
    told, where = sentence(known), session.context()
    system = f" It is {where.label()}." if where.engine else ""
    return f"{told.headline}. {told.below}{system} What should I clean up, archive, partition or buy, and in which order?"


def _made(write: Callable[[Report], str], known: Answer, opened: Opened, asked: Sequence[Asked]) -> Callable[[], str]:
    """Writes the file when it is asked for."""
    context, roadmap, plan = session.context(), planning.roadmap_of(known), workload.plan(known)
    return lambda: write(Report(opened.title or "Capacity projection", known, tuple(asked), context, roadmap, plan))


def _save(known: Answer, opened: Opened, asked: Sequence[Asked], days: float, user: User) -> None:
    st.caption("Saved with its history, limits and changes: open it again, or compare it later with what came true.")
    st.text_input("Name", key=_NAME, max_chars=NAME_LENGTH, placeholder="Orders database, November")
    st.button("Save the projection", type="primary", key="capacity-save-go", on_click=_keep, args=(known, asked, days, user))


def _keep(known: Answer, asked: Sequence[Asked], days: float, user: User) -> None:
    store = resources.store()
    if store is None:
        show_error(resources.store_problem())
        return
    name = st.session_state.get(_NAME) or ""
    content = saved(asked, known, session.context(), days, session.today()).model_dump_json()
    try:
        save_projection(store, user, name, content)
    except (ProjectionError, StoreError) as error:
        show_error(error)
        return
    st.session_state[_NAME] = ""
    st.session_state[_SAID] = "Saved. You find it under the tab “Saved”."
