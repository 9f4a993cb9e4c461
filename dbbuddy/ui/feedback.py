"""Stars and outcome below every answer, and the ticket for a DBA."""

from __future__ import annotations

import re

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.rendering import to_markdown
from dbbuddy.store.history import Exchange, Outcome
from dbbuddy.ui import conversation as talk

_KEPT = "feedback-kept"
_OUTCOMES: dict[Outcome, str] = {
    "solved": ":material/check_circle: Solved it",
    "not_solved": ":material/cancel: Did not help",
    "handed_over": ":material/support_agent: Hand over to a DBA",
}

Given = tuple[int | None, Outcome | None]


@st.fragment
def draw(exchange: Exchange, user: User) -> None:
    """Stars and outcome. A fragment, so that a click does not rerun the page around it."""
    kept: dict[str, Given] = st.session_state.setdefault(_KEPT, {})
    before = kept.get(exchange.id, (exchange.stars, exchange.outcome))
    given = _inputs(exchange.id, before)
    if given != before:
        kept[exchange.id] = given
        if talk.give_feedback(exchange, user, *given):
            st.caption("Thank you, that is noted.")
    if given[1] == "handed_over":
        st.download_button(
            "Download the ticket for the DBA",
            data=lambda: _ticket(exchange),
            file_name="dbbuddy-ticket.md",
            mime="text/markdown",
            icon=":material/download:",
            on_click="ignore",
            key=f"ticket-{exchange.id}",
        )


def _inputs(exchange_id: str, before: Given) -> Given:
    """The inputs, filled with what was given before; what was given can be changed, not withdrawn."""
    stars_key, outcome_key = f"stars-{exchange_id}", f"outcome-{exchange_id}"
    if st.session_state.get(stars_key) is None and before[0] is not None:
        st.session_state[stars_key] = before[0] - 1
    if st.session_state.get(outcome_key) is None and before[1] is not None:
        st.session_state[outcome_key] = before[1]
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key=f"feedback-{exchange_id}"):
        stars = st.feedback("stars", key=stars_key)
        outcome = st.pills(
            "Did this solve it?",
            list(_OUTCOMES),
            format_func=_OUTCOMES.__getitem__,
            key=outcome_key,
            label_visibility="collapsed",
            wrap=True,
        )
    return (None if stars is None else stars + 1, outcome)


def _ticket(exchange: Exchange) -> str:
    """Everything a DBA needs to take over: the system, the report in the user's words, and what was answered."""
    longest = max((len(run) for run in re.findall("`+", exchange.question)), default=0)
    fence = "`" * max(longest + 1, 3)
    return (
        f"# {exchange.advice.title}\n\nSystem: {exchange.advice.context.label()}\nAsked: {exchange.asked_at:%Y-%m-%d %H:%M} UTC\n\n"
        f"## Reported\n\n{fence}text\n{exchange.question}\n{fence}\n\n## Answered by DB-Buddy\n\n{to_markdown(exchange.advice)}"
    )
