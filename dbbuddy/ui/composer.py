"""The input of the chat page: text and files in, one message out; bad input is explained and the text given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from dbbuddy.context import Category
from dbbuddy.intake.text import FILE_TYPES, MAX_BYTES, InputError, decode_file
from dbbuddy.ui.text import show_error

_KEY = "chat"
_PROBLEM = "message-problem"
_RETURNED = "message-returned"
_LONGEST_RETURNED = 20_000


@dataclass(frozen=True)
class Message:
    """What the user asks. `afresh`: the last question again, after its context was corrected."""

    text: str
    category: Category | None = None
    afresh: bool = False


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
        file_type=list(FILE_TYPES),
        max_upload_size=MAX_BYTES // 1024**2,
        submit_mode="disable",
    )
    if not submitted:
        return None
    try:
        return Message(_one_text(submitted.text, submitted.files))
    except InputError as error:
        refuse(error, submitted.text)
        return None


def refuse(reason: object, text: str = "") -> None:
    """Say what is wrong with a message and give its text back for correction. Ends the run."""
    st.session_state[_PROBLEM] = str(reason)
    if text.strip() and len(text) <= _LONGEST_RETURNED:
        st.session_state[_RETURNED] = text
    st.rerun()


def _one_text(text: str, files: Sequence[UploadedFile]) -> str:
    """A typed text and its files as one text.

    Raises:
        InputError: a file cannot be read, or there is nothing to read.
    """
    parts = [text.strip()] if text.strip() else []
    parts += [f"File {file.name}:\n{decode_file(file.name, file.getvalue())}" for file in files]
    if not parts:
        raise InputError("There is no text. Describe the problem, or paste an error, a query, a plan or a log.")
    return "\n\n".join(parts)
