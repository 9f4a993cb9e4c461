"""What stands on the chat page before the first question: examples, and the guided path."""

from __future__ import annotations

import streamlit as st

from dbbuddy.context import CATEGORY_NAMES
from dbbuddy.data_files import load_yaml
from dbbuddy.ui import guide
from dbbuddy.ui.conversation import Conversation, Message

_PRESSED = "starter-pressed"


def draw(conversation: Conversation) -> Message | None:
    """Examples and guide; returns what the user asks through them."""
    st.header("What is the database doing to you?", anchor=False)
    st.markdown("Write it as you would to a colleague. Engine, version and cloud are read from your text.")
    examples, led = st.tabs(["Examples", "Guide me"], key="ways-to-begin")
    with examples:
        chosen = _examples()
    with led:
        guided = guide.draw(conversation.context)
    if guided:
        conversation.chosen = guided.context
        if guided.issue:
            return Message(guided.issue, guided.category)
    return Message(chosen) if chosen else None


def _examples() -> str | None:
    """A row of examples for each category; returns the question of the one that was pressed."""
    for name, starters in load_yaml("samples/starters.yaml").items():
        key = f"starter-{name}"
        st.pills(CATEGORY_NAMES[name], list(starters), key=key, on_change=_press, args=(key, starters))
    pressed: str | None = st.session_state.pop(_PRESSED, None)
    return pressed


def _press(key: str, starters: dict[str, str]) -> None:
    """Take the example and release it, so that it is asked once."""
    st.session_state[_PRESSED] = starters.get(st.session_state[key])
    st.session_state[key] = None
