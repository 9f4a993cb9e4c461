"""A conversation on the page: each question with its answer, the newest ones first to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dbbuddy.elaboration.restoring import restored_advice
from dbbuddy.identity import User
from dbbuddy.privacy.redact import placeholders_in
from dbbuddy.rendering import code_span
from dbbuddy.store.history import Exchange
from dbbuddy.ui import answer_card, elaboration, feedback
from dbbuddy.ui import conversation as talk
from dbbuddy.ui.capacity import link
from dbbuddy.ui.conversation import Conversation, Message
from dbbuddy.ui.text import plain, show_user_text

SHOWN = 10
# An answer has dozens of elements, and every run of the page sends them all again: older ones are drawn when they are opened.
FULL = 2


def draw(conversation: Conversation, user: User, *, coming: bool) -> None:
    """The exchanges so far: the last ones in full, older ones by their title, of a long conversation the first on demand.

    `coming`: another answer is drawn below.
    """
    if conversation.shared_by:
        whose = f"A conversation of {code_span(conversation.shared_by)}, shared with you to read."
        st.info(f"{whose} To ask further, start from one of its answers.", icon=":material/group:")
    if conversation.seed:
        with st.expander(f"Goes on from: {plain(conversation.seed.advice.title)}", icon=":material/call_split:"):
            show_user_text(conversation.seed.question)
            answer_card.draw(conversation.seed.advice)
    hidden = max(len(conversation.exchanges) - SHOWN, 0)
    if hidden and st.toggle(f"Show the {hidden} before", key="show-earlier"):
        hidden = 0
    for position, exchange in enumerate(conversation.exchanges):
        if position >= hidden:
            with _place(position, exchange.question):
                if position >= len(conversation.exchanges) + coming - FULL or _opened(exchange):
                    _answer(conversation, user, exchange)


def _opened(exchange: Exchange) -> bool:
    """A line for an older answer; whether the user wants to see it again."""
    return st.toggle(f"Show the answer: {plain(exchange.advice.title)}", key=f"earlier-{exchange.id}")


def answer(conversation: Conversation, user: User, message: Message) -> None:
    """Answer a message below the others."""
    message = talk.redacted(conversation, message)
    with _place(len(conversation.exchanges), message.text) as waiting:
        with waiting, st.spinner("Reading your text and looking for the cause"):
            exchange = talk.ask(conversation, user, message.text, message.category, afresh=message.afresh)
        elaboration.begin(conversation, user, exchange)
        _answer(conversation, user, exchange)


def _answer(conversation: Conversation, user: User, exchange: Exchange) -> None:
    """The checked answer, what the user makes of it, and what a model adds."""
    elaboration.announce(conversation, exchange)
    answer_card.draw(restored_advice(exchange.advice, conversation.vault))
    link.draw(exchange.question, exchange.advice, user)
    if conversation.shared_by:
        feedback.draw_for_reader(exchange)
    else:
        feedback.draw(conversation, exchange, user)
    elaboration.draw(conversation, user, exchange)


def key(position: int) -> str:
    """The key of the container that holds an exchange."""
    return f"exchange-{position}"


@contextmanager
def _place(position: int, question: str) -> Iterator[st.delta_generator.DeltaGenerator]:
    """Where an exchange stands: the same elements while it is answered and ever after, so that nothing jumps."""
    with st.container(key=key(position)):
        with st.chat_message("user", avatar=":material/person:"):
            show_user_text(question)
            removed = placeholders_in(question)
            if removed:
                st.caption(f"Taken out before anything was kept: {', '.join(map(plain, removed))}.")
        with st.chat_message("assistant", avatar=":material/database:"):
            yield st.empty()
