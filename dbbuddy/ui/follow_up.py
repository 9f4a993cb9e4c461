"""A day after an answer solved its problem, and only once: did it hold?"""

from __future__ import annotations

from datetime import datetime
from functools import partial

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.store.outcomes import FollowUp, record_feedback, to_follow_up
from dbbuddy.store.store import utc_now
from dbbuddy.ui import conversation as talk
from dbbuddy.ui import resources
from dbbuddy.ui.text import plain, show_warning

_LATER = "follow-up-later"


def draw(user: User) -> None:
    """A line with the question, where there is one to ask; it can be put off for this session."""
    opened = resources.store()
    if opened is None or st.session_state.get(_LATER):
        return
    try:
        found = to_follow_up(opened, user, utc_now())
    except StoreError:
        return  # the page says elsewhere what is wrong with the store; this question can wait
    if found is None:
        return
    answer = partial(_answer, user, found)
    with st.container(border=True, key="follow-up"):
        st.markdown(f"{_when(found.solved_at)} **{plain(found.title)}** was solved. Did it hold?")
        with st.container(horizontal=True, gap="small"):
            st.button("It held", icon=":material/check:", key="held", on_click=answer, kwargs={"held": True})
            st.button("It came back", icon=":material/undo:", key="came-back", on_click=answer, kwargs={"held": False})
            st.button("Later", type="tertiary", key="held-later", on_click=_put_off)


def _answer(user: User, found: FollowUp, *, held: bool) -> None:
    """Keep the answer; a problem that came back is opened again."""
    opened = resources.store()
    if opened is None:
        return
    try:
        record_feedback(opened, user, found.exchange_id, held=held)
    except StoreError as error:
        show_warning(f"That was not saved. {error}")
        return
    if not held:
        talk.resume(found.conversation_id)


def _put_off() -> None:
    st.session_state[_LATER] = True


def _when(solved_at: datetime) -> str:
    days = (utc_now() - solved_at).days
    return "Yesterday" if days <= 1 else f"{days} days ago"
