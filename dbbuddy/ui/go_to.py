"""Ctrl+K: type a few letters, press Enter, and be at a page, at a conversation of one's own, or at a playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import conversations
from dbbuddy.ui import resources

_CHOSEN = "go-to-place"
# A dialog takes the focus itself; one types at once, so it goes on to the input.
SCRIPT = """
(() => {
  let acted = false;
  for (const event of ["keydown", "pointerdown"])
    addEventListener(event, () => { acted = true; }, {once: true, capture: true});
  const settle = () => {
    const input = document.querySelector('[role="dialog"] input[role="combobox"]');
    if (input && !acted && document.activeElement !== input) input.focus();
  };
  for (let delay = 0; delay < 2000; delay += 50) setTimeout(settle, delay);
})();
"""
_CONVERSATIONS = 50


@dataclass(frozen=True)
class Place:
    """Where one can go. The name is a page's path, a conversation's id, or a playbook's slug."""

    kind: Literal["page", "conversation", "playbook"]
    name: str
    label: str


@st.dialog("Go to", icon=":material/search:")
def show(user: User, pages: Sequence[Place]) -> None:
    """The dialog. `pages` are those that the user may open."""
    places = [*pages, *_conversations(user), *(_playbooks() if "dba" in user.roles else ())]
    chosen = st.selectbox(
        "Page, conversation or playbook" if "dba" in user.roles else "Page or conversation",
        places,
        format_func=lambda place: place.label,
        index=None,
        placeholder="Type a few letters",
        key=_CHOSEN,
    )
    st.html(f"<span hidden></span><script>{SCRIPT}</script>", unsafe_allow_javascript=True)
    if chosen is not None:
        _go(chosen)


def _go(place: Place) -> None:
    st.session_state.pop(_CHOSEN, None)
    if place.kind == "page":
        st.switch_page(place.name)
    if place.kind == "conversation":
        st.switch_page("pages/chat.py", query_params={"c": place.name})
    st.session_state["knowledge-query"] = place.name
    st.switch_page("pages/knowledge.py")


def _conversations(user: User) -> list[Place]:
    """The newest conversations; none while the store cannot be read, which the chat page tells."""
    opened = resources.store()
    try:
        rows = conversations(opened, user, _CONVERSATIONS) if opened else []
    except StoreError:
        return []
    return [Place("conversation", row.id, f"{row.title} · conversation, {row.updated_at:%Y-%m-%d}") for row in rows]


def _playbooks() -> list[Place]:
    books = resources.advisor().library.playbooks.values()
    return [Place("playbook", book.slug, f"{book.head.title} · playbook") for book in books]
