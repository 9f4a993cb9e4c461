"""What the user makes of an answer: stars, outcome, a comment, minutes saved; and the way on from it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dbbuddy.identity import User
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.view import RedactionError
from dbbuddy.store import outcomes
from dbbuddy.store.errors import StoreError
from dbbuddy.store.fields import keeps_anything, keeps_texts
from dbbuddy.store.history import Exchange, Outcome
from dbbuddy.store.outcomes import LONGEST_COMMENT, MOST_MINUTES, Remark, Remarks
from dbbuddy.store.store import Store
from dbbuddy.ui import conversation as talk
from dbbuddy.ui import handover, resources
from dbbuddy.ui.conversation import Conversation
from dbbuddy.ui.text import show_warning

_KEPT = "feedback-kept"
_OUTCOMES: dict[Outcome, str] = {
    "solved": ":material/check_circle: Solved it",
    "not_solved": ":material/cancel: Did not help",
    "handed_over": ":material/support_agent: Hand over to a DBA",
}

Given = tuple[int | None, Outcome | None]


@st.fragment
def draw(conversation: Conversation, exchange: Exchange, user: User) -> None:
    """Stars, outcome and more. A fragment, so that a click does not rerun the page around it."""
    before = given(exchange)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium", key=f"feedback-{exchange.id}"):
        now = _inputs(exchange.id, before)
        more = keeps_anything() and st.button("Tell more", icon=":material/edit_note:", type="tertiary", key=f"more-{exchange.id}")
        _start_from(exchange)
    if more:
        _more(exchange, user)
    if now != before and _keep(exchange, user, before, now):
        st.caption("Thank you, that is noted." if now[1] or now[1] == before[1] else "Taken back.")
    if now[1] == "handed_over":
        so_far = [_with_remarks(each) for each in conversation.exchanges if each.position <= exchange.position]
        handover.draw(user, so_far, {name: kept.text for name, kept in conversation.desk.kept.items()})


def draw_for_reader(exchange: Exchange) -> None:
    """What a colleague can do with an answer that was shared with them."""
    with st.container(horizontal=True):
        _start_from(exchange)


def given(exchange: Exchange) -> Given:
    """The rating and outcome of an answer as this session knows them."""
    kept: dict[str, Given] = st.session_state.setdefault(_KEPT, {})
    return kept.get(exchange.id, (exchange.stars, exchange.outcome))


def _with_remarks(exchange: Exchange) -> Exchange:
    stars, outcome = given(exchange)
    return replace(exchange, stars=stars, outcome=outcome)


def _inputs(exchange_id: str, before: Given) -> Given:
    """The inputs, filled with what was given before. An outcome is taken back by choosing it again."""
    stars_key, outcome_key = f"stars-{exchange_id}", f"outcome-{exchange_id}"
    if st.session_state.get(stars_key) is None and before[0] is not None:
        st.session_state[stars_key] = before[0] - 1
    if outcome_key not in st.session_state:
        st.session_state[outcome_key] = before[1]
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


def _keep(exchange: Exchange, user: User, before: Given, now: Given) -> bool:
    """Keep what has changed; says so to the user if it could not be kept."""
    opened = resources.store()
    try:
        if opened is None:
            raise StoreError(resources.store_problem())
        if now[1] is None and before[1] is not None:
            outcomes.withdraw(opened, user, exchange.id, "outcome", "held")
        if now[0] != before[0] or (now[1] and now[1] != before[1]):
            outcomes.record_feedback(opened, user, exchange.id, *now)
    except StoreError as error:
        show_warning(f"Your feedback was not saved. {error}")
        return False
    st.session_state[_KEPT][exchange.id] = now
    return True


def _start_from(exchange: Exchange) -> None:
    """A new conversation that knows this answer; the page begins it."""
    if st.button(
        "Start from this answer",
        icon=":material/call_split:",
        type="tertiary",
        key=f"start-from-{exchange.id}",
        help="Begins a new conversation that knows this question and its answer.",
    ):
        talk.start_from(exchange)
        st.rerun()


@st.dialog("What this answer was worth")
def _more(exchange: Exchange, user: User) -> None:
    """A comment and the minutes saved, and taking all of it back."""
    opened = resources.store()
    try:
        if opened is None:
            raise StoreError(resources.store_problem())
        before = outcomes.remarks(opened, user, exchange.id)
    except StoreError as error:
        show_warning(error)
        return
    with st.form("more", border=False):
        minutes = st.number_input(
            "Minutes this saved you, as you estimate", min_value=0, max_value=MOST_MINUTES, value=before.minutes_saved, step=5
        )
        comment = st.text_area("Comment", before.comment or "", max_chars=LONGEST_COMMENT) if keeps_texts() else ""
        if st.form_submit_button("Save", type="primary") and _keep_more(opened, exchange, user, comment or "", minutes):
            st.rerun()
    if before != Remarks() and st.button("Take back all I said of this answer", type="tertiary", icon=":material/undo:"):
        _take_back(opened, exchange, user)


def _keep_more(opened: Store, exchange: Exchange, user: User, comment: str, minutes: int | None) -> bool:
    """Keep them; what was emptied is taken back. Says so to the user if it could not be kept."""
    told = comment.strip()
    given: dict[Remark, bool] = {"minutes_saved": minutes is not None, "comment": bool(told)}
    emptied = [name for name, is_given in given.items() if not is_given]
    try:
        if emptied:
            outcomes.withdraw(opened, user, exchange.id, *emptied)
        if any(given.values()):
            outcomes.record_feedback(opened, user, exchange.id, comment=redact(told).text if told else None, minutes_saved=minutes)
    except (StoreError, RedactionError) as error:
        show_warning(f"That was not saved. {error}")
        return False
    return True


def _take_back(opened: Store, exchange: Exchange, user: User) -> None:
    try:
        outcomes.withdraw(opened, user, exchange.id, "stars", "outcome", "comment", "minutes_saved", "held")
    except StoreError as error:
        show_warning(f"That was not saved. {error}")
        return
    st.session_state[_KEPT][exchange.id] = (None, None)
    for name in ("stars", "outcome"):
        st.session_state.pop(f"{name}-{exchange.id}", None)
    st.rerun()
