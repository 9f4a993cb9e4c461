"""The conversation of a session: asking, keeping, resuming. Its id stands in the URL, so that a reload keeps it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dbbuddy.context import Category, SystemContext
from dbbuddy.diagnosis.dialogue import Turn
from dbbuddy.identity import User
from dbbuddy.intake.text import InputError, decode_file
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Exchange, Outcome, new_id, utc_now
from dbbuddy.ui import resources

_KEY = "conversation"
_PARAMETER = "c"


@dataclass
class Conversation:
    """What the chat page shows. `chosen` is the context that the user set by hand."""

    id: str = field(default_factory=new_id)
    exchanges: list[Exchange] = field(default_factory=list)
    chosen: SystemContext = field(default_factory=SystemContext)

    @property
    def context(self) -> SystemContext:
        """The context that the next answer will be for."""
        known = self.exchanges[-1].advice.context if self.exchanges else SystemContext()
        set_by_hand = {name: value for name, value in self.chosen.model_dump().items() if value}
        return known.updated(**set_by_hand) if set_by_hand else known


def current(user: User) -> Conversation:
    """The session's conversation: the one named in the URL, else the one at hand, else a new one."""
    wanted = st.query_params.get(_PARAMETER)
    held: Conversation | None = st.session_state.get(_KEY)
    if wanted and (held is None or held.id != wanted):
        held = _load(wanted, user) or Conversation()
        st.session_state[_KEY] = held
    elif held is None:
        held = st.session_state[_KEY] = Conversation()
    return held


def start_new() -> None:
    """Leave the conversation; the next message begins another."""
    st.session_state[_KEY] = Conversation()
    st.query_params.pop(_PARAMETER, None)


def resume(conversation_id: str) -> None:
    """Open a stored conversation on the next run."""
    st.query_params[_PARAMETER] = conversation_id


def _load(conversation_id: str, user: User) -> Conversation | None:
    opened = resources.store()
    if opened is None:
        return None
    try:
        exchanges = opened.exchanges(conversation_id, user.id)
    except StoreError as error:
        st.warning(str(error), icon=":material/warning:")
        return None
    if not exchanges:
        st.query_params.pop(_PARAMETER, None)
        st.info("This conversation does not exist, or it is not yours. Here is a new one.", icon=":material/info:")
        return None
    return Conversation(conversation_id, exchanges)


def message_of(text: str, files: Sequence[UploadedFile]) -> str:
    """A typed text and its files as one text.

    Raises:
        InputError: a file cannot be read.
    """
    parts = [text.strip()] if text.strip() else []
    parts += [f"File {file.name}:\n{decode_file(file.name, file.getvalue())}" for file in files]
    return "\n\n".join(parts)


def ask(
    conversation: Conversation, user: User, text: str, category: Category | None = None, *, afresh: bool = False
) -> Exchange | None:
    """Answer a message, keep the exchange, and add it to the conversation; `None` after a message to the user.

    `afresh` answers the text as a first question again, after its context was corrected.
    """
    started = time.perf_counter()
    turns = [Turn(exchange.question, exchange.advice) for exchange in conversation.exchanges]
    chosen = conversation.context if conversation.chosen != SystemContext() else None
    advisor = resources.advisor()
    try:
        advice = advisor.follow_up(turns, text, chosen) if turns and not afresh else advisor.ask(text, chosen, category)
    except InputError as error:
        st.error(str(error), icon=":material/error:")
        return None
    exchange = Exchange(
        id=new_id(),
        conversation_id=conversation.id,
        user_id=user.id,
        position=len(conversation.exchanges),
        asked_at=utc_now(),
        question=text,
        advice=advice,
        provider="rules",
        latency_ms=(time.perf_counter() - started) * 1000,
    )
    _keep(exchange)
    conversation.exchanges.append(exchange)
    conversation.chosen = SystemContext()
    st.query_params[_PARAMETER] = conversation.id
    return exchange


def _keep(exchange: Exchange) -> None:
    opened = resources.store()
    if opened is None:
        return
    try:
        opened.record_exchange(exchange)
    except StoreError as error:
        st.warning(f"This answer is shown but was not saved. {error}", icon=":material/warning:")


def give_feedback(exchange: Exchange, stars: int | None = None, outcome: Outcome | None = None) -> bool:
    """Keep a rating or outcome; says so to the user if it could not be kept."""
    opened = resources.store()
    if opened is None:
        return False
    try:
        opened.record_feedback(exchange.id, exchange.user_id, stars, outcome)
    except StoreError as error:
        st.warning(f"Your feedback was not saved. {error}", icon=":material/warning:")
        return False
    return True
