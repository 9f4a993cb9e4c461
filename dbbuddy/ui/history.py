"""The list of earlier conversations in the sidebar: found, resumed, and what can be done with each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import groupby
from zoneinfo import ZoneInfo

import streamlit as st

from dbbuddy.identity import LOCAL_USER, User
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.fields import keeps_anything, keeps_texts
from dbbuddy.store.history import ConversationSummary, local_day, pin
from dbbuddy.store.search import search
from dbbuddy.store.sharing import SharedConversation
from dbbuddy.store.store import Store, utc_now
from dbbuddy.ui import conversation as talk
from dbbuddy.ui import history_actions as actions
from dbbuddy.ui import history_list, resources
from dbbuddy.ui.conversation import Conversation
from dbbuddy.ui.text import plain, show_warning

# Every line costs two widgets at each run of the page.
SHOWN = 12
_MORE = 40
_FOUND = "history-found"
_LIMIT = "history-limit"
# A line is as high as its text; its menu is one sign, with its name for screen readers only. The empty element keeps the style
# in its place: a style alone is lost when a fragment runs.
_STYLE = """<style>
[class*="st-key-resume-"] button, [class*="st-key-shared-"] button {justify-content: flex-start; min-height: 2rem}
[class*="st-key-menu-"] button {min-height: 2rem; padding: 0}
[class*="st-key-menu-"] button p {position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)}
[class*="st-key-menu-"] button div[aria-hidden="true"] {display: none}
</style><span hidden></span>"""


def draw(user: User, conversation: Conversation) -> None:
    """A button for a new question, the search, and a line for each conversation."""
    with st.sidebar:
        st.html(_STYLE)
        st.button("New question", icon=":material/add_comment:", width="stretch", key="new-question", on_click=talk.start_new)
        opened = resources.store()
        if opened is None:
            return
        query = st.text_input(
            "Search",
            placeholder="Search your conversations",
            icon=":material/search:",
            max_chars=200,
            key="history-query",
            label_visibility="collapsed",
        )
        try:
            limit: int = st.session_state.get(_LIMIT, SHOWN)
            listed = history_list.rows(opened, user, conversation.place, limit)
            stored = _found(opened, user, query, listed.own) if query else listed.own
        except StoreError as error:
            show_warning(error)
            return
        _draw_list(opened, user, stored, conversation.id, query)
        if len(listed.own) == limit and not query:
            st.button("Show more", icon=":material/expand_more:", type="tertiary", key="history-more", on_click=_show_more)
        _draw_shared([] if query else listed.shared, conversation.id)
    actions.draw_opened(opened, user)


def _show_more() -> None:
    st.session_state[_LIMIT] = st.session_state.get(_LIMIT, SHOWN) + _MORE


def _found(opened: Store, user: User, query: str, stored: list[ConversationSummary]) -> list[ConversationSummary]:
    """What holds the query; searched again only when the query or the history has changed."""
    asked = (user.id, query, tuple(stored))
    if st.session_state.get(_FOUND, (None, None))[0] != asked:
        st.session_state[_FOUND] = (asked, search(opened, user, query, _MORE))
    found: list[ConversationSummary] = st.session_state[_FOUND][1]
    return found


def _draw_list(opened: Store, user: User, stored: list[ConversationSummary], open_id: str, query: str | None) -> None:
    if not stored:
        nothing = "Nothing is kept on this server." if not keeps_anything() else "Your conversations will be listed here."
        st.caption("No conversation holds these words." if query else nothing)
        return
    doubled = {title for title, count in Counter(row.title for row in stored).items() if count > 1}
    for heading, rows in groupby(stored, partial(_heading, today=local_day(utc_now()))):
        st.caption(heading)
        with st.container(gap=None):
            for row in rows:
                label = f"{_clock(row.updated_at)} {row.title}" if row.title in doubled else row.title
                _draw_row(opened, user, row, label, row.id == open_id)


def _draw_row(opened: Store, user: User, row: ConversationSummary, label: str, is_open: bool) -> None:
    questions = f"{row.exchanges} question{'s' * (row.exchanges != 1)}"
    shared = f", shared with {row.shared}" if row.shared else ""
    with st.container(horizontal=True, vertical_alignment="center", gap=None, wrap=False, key=f"row-{row.id}"):
        st.button(
            f"**{plain(label)}**" if is_open else plain(label),
            key=f"resume-{row.id}",
            type="tertiary",
            icon=":material/group:" if row.shared else None,
            help=f"{plain(row.title)} · {_local(row.updated_at):%Y-%m-%d %H:%M}, {questions}{shared}",
            on_click=talk.resume,
            args=(row.id,),
            wrap=False,
            width="stretch",
        )
        key = f"menu-{row.id}"
        st.menu_button(
            f"More about {plain(row.title)}",
            _choices(user, row),
            key=key,
            type="tertiary",
            icon=":material/more_vert:",
            on_click=_choose,
            args=(opened, user, row, key),
        )


def _choices(user: User, row: ConversationSummary) -> list[str]:
    pinning = actions.UNPIN if row.pinned else actions.PIN
    rename = [actions.RENAME] if keeps_texts() else []
    share = [actions.SHARE] if user.id != LOCAL_USER.id else []
    return [pinning, *rename, *share, actions.EXPORT, actions.DELETE]


def _choose(opened: Store, user: User, row: ConversationSummary, key: str) -> None:
    """Pin at once; ask first for all else."""
    choice = st.session_state.get(key)
    if choice in (actions.PIN, actions.UNPIN):
        try:
            pin(opened, user, row.id, pinned=choice == actions.PIN)
            history_list.changed()
        except StoreError as error:
            show_warning(error)
    elif choice:
        actions.open_for(choice, row.id)


def _draw_shared(shared: Iterable[SharedConversation], open_id: str) -> None:
    listed = list(shared)
    if not listed:
        return
    st.caption("Shared with you")
    with st.container(gap=None):
        for row in listed:
            st.button(
                f"**{plain(row.title)}**" if row.id == open_id else plain(row.title),
                key=f"shared-{row.id}",
                type="tertiary",
                icon=":material/group:",
                help=f"{plain(row.title)} · by {plain(row.owner_id)}",
                on_click=talk.resume,
                args=(row.id,),
                wrap=False,
                width="stretch",
            )


def _heading(row: ConversationSummary, today: date) -> str:
    """Under which heading a line stands."""
    if row.pinned:
        return "Pinned"
    day = local_day(row.updated_at)
    if day >= today:
        return "Today"
    if day == today - timedelta(days=1):
        return "Yesterday"
    return "Last 7 days" if day > today - timedelta(days=7) else "Older"


def _local(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(settings().time_zone))


def _clock(moment: datetime) -> str:
    return f"{_local(moment):%H:%M}"
