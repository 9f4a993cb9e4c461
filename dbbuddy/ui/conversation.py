"""The conversation of a session: asking, keeping, resuming. Its id stands in the URL, so that a reload keeps it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dbbuddy import telemetry
from dbbuddy.context import Category, SystemContext
from dbbuddy.diagnosis.dialogue import Turn
from dbbuddy.elaboration.desk import Desk
from dbbuddy.identity import User
from dbbuddy.intake.text import InputError, decode_file
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError
from dbbuddy.settings import settings
from dbbuddy.store.elaborations import elaborations, elaborations_of
from dbbuddy.store.errors import DelayedError, StoreError
from dbbuddy.store.history import Exchange, begun_from, record_exchange
from dbbuddy.store.history import exchanges as stored_exchanges
from dbbuddy.store.sharing import read_shared, readable_exchange
from dbbuddy.store.store import Store, new_id, utc_now
from dbbuddy.ui import resources
from dbbuddy.ui.text import show_warning

_KEY = "conversation"
_AGAIN = "answer-again"
_CARRIED = "question-carried"
_PARAMETER = "c"


@dataclass(frozen=True)
class Message:
    """What the user asks. `afresh`: the last question again, after its context was corrected."""

    text: str
    category: Category | None = None
    afresh: bool = False


@dataclass
class Conversation:
    """What the chat page shows. `chosen` is the context that the user set by hand for the next answer.

    `seed` is the answer that it goes on from; `shared_by` is the colleague whose it is, empty for the user's own.
    """

    id: str = field(default_factory=new_id)
    exchanges: list[Exchange] = field(default_factory=list)
    chosen: SystemContext | None = None
    unsaved: list[Exchange] = field(default_factory=list)
    vault: Vault = field(default_factory=Vault)
    desk: Desk = field(default_factory=Desk)
    seed: Exchange | None = None
    shared_by: str = ""

    @property
    def context(self) -> SystemContext:
        """The context that the next answer will be for."""
        if self.chosen is not None:
            return self.chosen
        last = self.exchanges[-1] if self.exchanges else self.seed
        return last.advice.context if last else SystemContext()

    @property
    def place(self) -> str:
        """A name for this moment of the conversation; it changes with every answer and correction."""
        return f"{self.id}-{len(self.exchanges)}"

    def turns(self) -> list[Turn]:
        """What was said. An answer that was asked for again, for a corrected context, does not count; nor do texts not kept."""
        said = [*([self.seed] if self.seed else []), *self.exchanges]
        questions = [exchange.question for exchange in said]
        return [
            Turn(exchange.question, exchange.advice)
            for exchange, following in zip(said, [*questions[1:], None], strict=False)
            if exchange.question and following != exchange.question
        ]


def current(user: User) -> Conversation:
    """The session's conversation: the one named in the URL, else the one at hand, else a new one."""
    wanted = st.query_params.get(_PARAMETER)
    held: Conversation | None = st.session_state.get(_KEY)
    if wanted and (held is None or held.id != wanted):
        held = _load(wanted, user) or Conversation()
        st.session_state[_KEY] = held
    elif held is None:
        held = st.session_state[_KEY] = Conversation()
    if held.exchanges and not wanted:
        st.query_params[_PARAMETER] = held.id
    return held


def start_new() -> None:
    """Leave the conversation; the next message begins another."""
    st.session_state[_KEY] = Conversation()
    st.query_params.pop(_PARAMETER, None)


def resume(conversation_id: str) -> None:
    """Open a stored conversation on the next run."""
    st.query_params[_PARAMETER] = conversation_id


def start_from(exchange: Exchange) -> None:
    """Begin a new conversation that knows this answer."""
    st.session_state[_KEY] = Conversation(seed=exchange)
    st.query_params.pop(_PARAMETER, None)


def forget(conversation_id: str | None = None) -> None:
    """Leave a conversation that was deleted, if it is the one at hand; without a name, whichever it is."""
    held: Conversation | None = st.session_state.get(_KEY)
    if conversation_id is None or (held and held.id == conversation_id):
        start_new()
        st.session_state.pop(_AGAIN, None)
        st.session_state.pop(_CARRIED, None)


def carry(question: str) -> None:
    """Ask this in a new conversation when the chat page opens next."""
    start_new()
    st.session_state[_CARRIED] = question


def carried() -> Message | None:
    """The question that another page carried here, once."""
    question: str | None = st.session_state.pop(_CARRIED, None)
    return Message(question) if question else None


def correct(context: SystemContext) -> None:
    """Set the context by hand. What was answered for another one is answered again on this run."""
    held: Conversation = st.session_state[_KEY]
    held.chosen = context
    st.session_state[_AGAIN] = held.place


def question_again(conversation: Conversation) -> Message | None:
    """The last question, if its context was corrected since."""
    if st.session_state.pop(_AGAIN, None) != conversation.place or not conversation.exchanges:
        return None
    return Message(conversation.exchanges[-1].question, afresh=True)


def _load(conversation_id: str, user: User) -> Conversation | None:
    opened = resources.store()
    if opened is None:
        return None
    try:
        found = _own(opened, user, conversation_id) or _colleagues(opened, user, conversation_id)
    except StoreError as error:
        show_warning(error)
        return None
    if not found:
        st.query_params.pop(_PARAMETER, None)
        st.info("This conversation does not exist, or it is not yours. Here is a new one.", icon=":material/info:")
    return found


def _own(opened: Store, user: User, conversation_id: str) -> Conversation | None:
    exchanges = stored_exchanges(opened, user, conversation_id)
    if not exchanges:
        return None
    source = begun_from(opened, user, conversation_id)
    seed = readable_exchange(opened, user, source) if source else None
    return Conversation(conversation_id, exchanges, desk=Desk(elaborations(opened, user, conversation_id)), seed=seed)


def _colleagues(opened: Store, user: User, conversation_id: str) -> Conversation | None:
    """One that a colleague lets the user read; the reading is recorded."""
    shared = read_shared(opened, user, conversation_id)
    if shared is None:
        return None
    told, exchanges = shared
    desk = Desk(elaborations_of(opened, told.owner_id, conversation_id))
    return Conversation(conversation_id, exchanges, desk=desk, shared_by=told.owner_id)


def message_of(text: str, files: Sequence[UploadedFile]) -> str:
    """A typed text and its files as one text.

    Raises:
        InputError: a file cannot be read, or there is nothing to read.
    """
    parts = [text.strip()] if text.strip() else []
    parts += [f"File {file.name}:\n{decode_file(file.name, file.getvalue())}" for file in files]
    if not parts:
        raise InputError("There is no text. Describe the problem, or paste an error, a query, a plan or a log.")
    return "\n\n".join(parts)


def redacted(conversation: Conversation, message: Message) -> Message:
    """The message without secrets and personal data: what is shown, answered and kept.

    Raises:
        InputError: the text could not be checked, so nothing of it may be kept.
    """
    try:
        return replace(message, text=redact(message.text, conversation.vault).text)
    except RedactionError:
        raise InputError(
            "Your text could not be checked for secrets in time, so nothing of it was kept or answered. Send a shorter part of it."
        ) from None


def ask(conversation: Conversation, user: User, text: str, category: Category | None = None, *, afresh: bool = False) -> Exchange:
    """Answer a message, keep the exchange, and add it to the conversation.

    `afresh` answers the last message again, as if the context had been right at once.

    Raises:
        InputError: the text cannot be read, or the user has asked too much.
    """
    _count(user)
    started = time.perf_counter()
    turns = conversation.turns()[:-1] if afresh else conversation.turns()
    advisor = resources.advisor()
    advice = advisor.follow_up(turns, text, conversation.chosen) if turns else advisor.ask(text, conversation.chosen, category)
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
    telemetry.answered("chat", advice, exchange.latency_ms / 1000)
    conversation.exchanges.append(exchange)
    conversation.unsaved.append(exchange)
    conversation.chosen = None
    save(conversation, user)
    st.query_params[_PARAMETER] = conversation.id
    return exchange


def _count(user: User) -> None:
    wait = resources.question_limit().wait(user.id)
    if wait:
        telemetry.refused("chat", "quota")
        amount, minutes = settings().questions_per_hour, -(-wait // 60)
        plural = "s" if amount > 1 else ""
        raise InputError(f"You have asked {amount} question{plural} within an hour. You can ask again in {minutes} min.")


def save(conversation: Conversation, user: User) -> None:
    """Keep what is not stored yet. What cannot be stored now is tried again with the next message."""
    opened = resources.store()
    if opened is None:
        return
    try:
        while conversation.unsaved:
            try:
                record_exchange(opened, user, conversation.unsaved[0], conversation.seed.id if conversation.seed else None)
            except DelayedError as error:
                show_warning(error)
            conversation.unsaved.pop(0)
    except StoreError as error:
        telemetry.unsaved("exchange")
        show_warning(f"This answer is shown but was not saved. {error}")
