"""What a language model adds to an answer, below it: asked for, streamed, checked, kept with the exchange.

The model writes on a thread of its own (`elaboration.live`). A fragment looks at it every now and then, so no click ends it,
and feedback, questions and other pages work meanwhile.
"""

from __future__ import annotations

import logging

import streamlit as st

from dbbuddy import telemetry
from dbbuddy.elaboration.check import check
from dbbuddy.elaboration.desk import Plan, Refused, plan
from dbbuddy.elaboration.live import Live, Now
from dbbuddy.identity import User
from dbbuddy.privacy.vault import Vault
from dbbuddy.providers.chain import default_chain
from dbbuddy.store.elaborations import Elaboration, record_elaboration
from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import Exchange
from dbbuddy.ui import checked_text, consent, resources
from dbbuddy.ui.conversation import Conversation
from dbbuddy.ui.text import plain

_EVERY_SECONDS = 0.7
_OUTCOMES = {
    "token_limit": "The model reached its length limit, so the end is missing.",
    "length_limit": "The text was too long and was cut.",
    "time_limit": "The model took too long, so the end is missing.",
    "stopped": "Stopped by you. What is missing was never written.",
    "failed": "Something went wrong while the model wrote. What is missing was never written.",
    "withheld": "The model's text could not be checked for secrets, so it is neither shown nor kept.",
}

_log = logging.getLogger(__name__)


def begin(conversation: Conversation, user: User, exchange: Exchange) -> None:
    """Ask a model to elaborate on a new answer, if one is configured; where a cloud's would be asked, the user is first."""
    advisor, before = resources.advisor(), conversation.turns()[:-1]
    planned = plan(default_chain(), advisor.library, exchange.advice, exchange.question, before)
    desk = conversation.desk
    if isinstance(planned, Refused):
        desk.refused[exchange.id] = planned
    elif planned is not None and planned.leaves_the_house and not consent.is_given(desk):
        desk.waiting = {} if desk.agreed is False else {exchange.id: planned}
    elif planned is not None:
        _start(conversation, user, exchange.id, planned)


def _start(conversation: Conversation, user: User, exchange_id: str, planned: Plan) -> None:
    opened = resources.store()

    def keep(done: Elaboration) -> None:
        telemetry.elaborated(done.provider or "none", done.outcome, done.first_token_ms and done.first_token_ms / 1000)
        try:
            if opened is not None:
                record_elaboration(opened, user, done)
        except StoreError as error:
            telemetry.unsaved("elaboration")
            _log.warning("the text of a model was not kept: %s", error)

    live = Live(default_chain(), planned.prompt, exchange_id, conversation.vault, keep)
    conversation.desk.waiting.pop(exchange_id, None)
    conversation.desk.live[exchange_id] = live
    live.start(sensitive=planned.is_sensitive, production=planned.production)


def announce(conversation: Conversation, exchange: Exchange) -> None:
    """Above a new answer: that a question about a model waits at its end."""
    if exchange.id in conversation.desk.waiting:
        st.caption(":material/cloud_upload: A language model may add to this answer if you agree: see its end.")


def draw(conversation: Conversation, user: User, exchange: Exchange) -> None:
    """What there is for this exchange now; nothing if no model has to do with it."""
    desk = conversation.desk
    desk.settle()
    if exchange.id in desk.live:
        st.fragment(_writing, run_every=_EVERY_SECONDS)(conversation, exchange)
    elif exchange.id in desk.kept:
        _written(desk.kept[exchange.id], exchange, conversation.vault)
    elif exchange.id in desk.waiting:
        _ask(conversation, user, exchange)
    elif exchange.id in desk.refused:
        st.caption(plain(desk.refused[exchange.id].why))


@st.fragment
def _ask(conversation: Conversation, user: User, exchange: Exchange) -> None:
    planned = conversation.desk.waiting.get(exchange.id)
    answer = consent.ask(planned, exchange.id) if planned else None
    if planned is None or answer is None:
        return
    consent.remember(conversation.desk, answer)
    if answer == "no":
        conversation.desk.waiting.clear()
    else:
        _start(conversation, user, exchange.id, planned)
    st.rerun()


def _writing(conversation: Conversation, exchange: Exchange) -> None:
    """The text so far, drawn anew from the whole of it."""
    live = conversation.desk.live.get(exchange.id)
    if live is None or live.now.done is not None:
        st.rerun()
    now = live.now
    with st.container(border=True, key=f"elaboration-{exchange.id}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f":material/auto_awesome: :shimmer[{_who(now)} …]")
            st.button("Stop", icon=":material/stop_circle:", key=f"stop-{exchange.id}", on_click=live.stop)
        if now.failed:
            st.caption(f"{plain(', '.join(now.failed))} broke off in the middle; the answer begins anew.")
        checked_text.draw(check(now.text, exchange.advice, exchange.question, final=False), conversation.vault.restore)


def _who(now: Now) -> str:
    if not now.title:
        return "Asking a language model"
    return f"{plain(now.title)} is writing" if now.text else f"Asking {plain(now.title)}"


def _written(done: Elaboration, exchange: Exchange, vault: Vault) -> None:
    if not done.text and done.outcome in ("unavailable", "stopped", "complete", "failed"):
        st.caption(_others(done) or "No language model answered.")
        return
    with st.container(border=True, key=f"elaboration-{exchange.id}"):
        st.markdown(":material/auto_awesome: **A language model adds**")
        checked_text.draw(check(done.text, exchange.advice, exchange.question, final=True), vault.restore)
        if done.outcome in _OUTCOMES:
            st.warning(_OUTCOMES[done.outcome], icon=":material/content_cut:")
        st.caption(_by(done))


def _by(done: Elaboration) -> str:
    """Which provider and model wrote it, in which time, and why others did not."""
    who = next((each.title for each in done.attempts if each.provider == done.provider), done.provider)
    seconds = f", {done.total_ms / 1000:.1f} s" if done.total_ms else ""
    others = _others(done)
    return f"Written by {plain(done.model)} ({plain(who)}{seconds}). Models make mistakes; the checked answer above holds. {others}"


def _others(done: Elaboration) -> str:
    failed = [each for each in done.attempts if each.result not in ("answered", "stopped")]
    told = "; ".join(f"{plain(each.title)}: {plain(each.detail or each.result)}" for each in failed)
    if done.provider or not failed:
        return f"Not answered by {told}." if told else ""
    return f"No language model answered; the checked answer stands by itself. {told}."
