"""A conversation on the page: each question with its answer, the newest ones first to be seen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.privacy.redact import placeholders_in
from dbbuddy.ui import answer_card, feedback
from dbbuddy.ui import conversation as talk
from dbbuddy.ui.conversation import Conversation, Message
from dbbuddy.ui.text import plain, show_user_text

SHOWN = 10


def draw(conversation: Conversation, user: User) -> None:
    """The exchanges so far; of a long conversation the last ones, the others on demand."""
    hidden = max(len(conversation.exchanges) - SHOWN, 0)
    if hidden and st.toggle(f"Show the {hidden} before", key="show-earlier"):
        hidden = 0
    for position, exchange in enumerate(conversation.exchanges):
        if position >= hidden:
            with _place(position, exchange.question):
                answer_card.draw(exchange.advice)
                feedback.draw(exchange, user)


def answer(conversation: Conversation, user: User, message: Message) -> None:
    """Answer a message below the others."""
    message = talk.redacted(conversation, message)
    with _place(len(conversation.exchanges), message.text) as waiting:
        with waiting, st.spinner("Reading your text and looking for the cause"):
            exchange = talk.ask(conversation, user, message.text, message.category, afresh=message.afresh)
        answer_card.draw(exchange.advice)
        feedback.draw(exchange, user)


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
