"""The question before anything leaves the house: what was taken out, and the exact text that would be sent."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from dbbuddy.elaboration.desk import Desk, Plan
from dbbuddy.elaboration.notes import checks
from dbbuddy.ui.text import plain

Answer = Literal["once", "session", "no"]

_PARTS = ("The checked answer and your text", "The instructions to the model")
_SESSION = "models-agreed"


def is_given(desk: Desk) -> bool:
    """Whether the user agreed, for this conversation or for the session."""
    return desk.agreed is True or (desk.agreed is None and bool(st.session_state.get(_SESSION)))


def remember(desk: Desk, answer: Answer) -> None:
    """Keep the user's word: in the conversation, or in the session; nowhere else."""
    desk.agreed = answer != "no"
    if answer == "session":
        st.session_state[_SESSION] = True


def ask(planned: Plan, key: str) -> Answer | None:
    """Show what would be sent and to whom; returns the answer once there is one."""
    names = ", then ".join(f"**{plain(each.title)}** ({plain(each.model)})" for each in planned.candidates)
    with st.container(border=True, key=f"consent-{key}"):
        st.markdown(":material/cloud_upload: **May a language model add to this answer?**")
        st.markdown(f"The text below would go to {names}. Nothing has been sent yet, and the answer above is complete without it.")
        st.markdown(_removed(planned.removed))
        with st.expander(f"Exactly what would be sent ({len(planned.sent):,} characters)", icon=":material/visibility:"):
            for title, message in zip(_PARTS, reversed(planned.prompt.messages), strict=False):
                st.caption(title)
                st.code(message.content, language=None, wrap_lines=True, height=280)
        whole = st.checkbox("Do not ask again in this session", key=f"consent-session-{key}")
        with st.container(horizontal=True):
            agreed = st.button("Send it", type="primary", icon=":material/send:", key=f"consent-yes-{key}")
            refused = st.button("No, rules only", icon=":material/block:", key=f"consent-no-{key}")
    return "no" if refused else None if not agreed else "session" if whole else "once"


def _removed(removed: dict[str, int]) -> str:
    if not removed:
        return "Nothing had to be taken out of your text. Look through it: names and facts that no rule knows are still in it."
    told = ", ".join(f"{checks()['types'].get(kind, plain(kind.lower()))} ({count})" for kind, count in removed.items())
    return f"Taken out: {told}. In their place stand marks such as `<EMAIL_1>`; what they stand for stays in this session."
