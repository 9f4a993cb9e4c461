"""The rows of the history as this session last read them, so that a run that changes nothing does not ask the store again."""

from __future__ import annotations

import time
from dataclasses import dataclass

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.store.history import ConversationSummary, conversations
from dbbuddy.store.sharing import SharedConversation, shared_with
from dbbuddy.store.store import Store

_KEY = "history-rows"
# What another tab or a colleague changed shows after so long at the latest.
_SECONDS = 20


@dataclass(frozen=True)
class Rows:
    """A user's own conversations, and those that others share with them."""

    own: list[ConversationSummary]
    shared: list[SharedConversation]


def rows(opened: Store, user: User, place: str, limit: int) -> Rows:
    """The rows; read anew if the conversation has moved on from `place`, something was changed here, or they are old.

    Raises:
        StoreError: they cannot be read.
    """
    asked = (user.id, place, limit, time.monotonic() // _SECONDS)
    held: tuple[object, Rows] | None = st.session_state.get(_KEY)
    if held is None or held[0] != asked:
        held = st.session_state[_KEY] = (asked, Rows(conversations(opened, user, limit), shared_with(opened, user, limit)))
    return held[1]


def changed() -> None:
    """Read the rows again on the next run."""
    st.session_state.pop(_KEY, None)
