"""The input of the chat page: text and files in, one message out; bad input is explained and the text given back."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from dbbuddy.intake.text import InputError
from dbbuddy.ui import conversation as talk
from dbbuddy.ui.conversation import Message
from dbbuddy.ui.text import show_error

_KEY = "chat"
_PROBLEM = "message-problem"
_RETURNED = "message-returned"
_LONGEST_RETURNED = 20_000
# Any file may be sent, also a large one: the widget would refuse it with a mark only, here it is refused with a reason.
_MAX_UPLOAD_MB = 20


def draw() -> Message | None:
    """The input and, above it, what was wrong with the last message; returns a message that can be asked."""
    if _RETURNED in st.session_state:
        st.session_state[_KEY] = st.session_state.pop(_RETURNED)
    if _PROBLEM in st.session_state:
        show_error(st.session_state.pop(_PROBLEM))
    submitted = st.chat_input(
        "Ask, or paste an error, query, plan, log …",
        key=_KEY,
        accept_file="multiple",
        max_upload_size=_MAX_UPLOAD_MB,
        submit_mode="disable",
    )
    if not submitted:
        return None
    try:
        return Message(talk.message_of(submitted.text, submitted.files))
    except InputError as error:
        refuse(error, submitted.text)


def refuse(reason: object, text: str) -> NoReturn:
    """Say what is wrong with a message and give its text back for correction. Ends the run."""
    st.session_state[_PROBLEM] = str(reason)
    if text.strip() and len(text) <= _LONGEST_RETURNED:
        st.session_state[_RETURNED] = text
    st.rerun()
