"""Handing an answer over to a DBA: the ticket to take along, and posting it where a receiver is configured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import streamlit as st

from dbbuddy import duties
from dbbuddy.handover.shapes import ShapeError, payload, shape
from dbbuddy.handover.ticket import Ticket, as_json, as_markdown, make_ticket
from dbbuddy.identity import User
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.view import RedactionError
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.fields import keeps_texts
from dbbuddy.store.handovers import HandedOver, handed_over, record_handover, send_again
from dbbuddy.store.history import Exchange
from dbbuddy.store.outbox import Delivery
from dbbuddy.store.store import Store, new_id, utc_now
from dbbuddy.ui import resources
from dbbuddy.ui.text import plain, show_error, show_warning

_LOOK_SECONDS = 2.0
_LONGEST = 2_000
_FILES: tuple[tuple[str, str, str, Callable[[Ticket], str]], ...] = (
    ("Markdown", "md", "text/markdown", as_markdown),
    ("JSON", "json", "application/json", as_json),
)
MakeTicket = Callable[..., Ticket]
"""Makes the ticket; `with_texts=False` for one without texts."""


def draw(user: User, exchanges: Sequence[Exchange], elaborations: Mapping[str, str]) -> None:
    """The ticket of the last of these exchanges: made and sent once, then where it is; and its download at any time."""
    opened = resources.store()
    name = exchanges[-1].id
    with st.container(border=True, key=f"handover-{name}"):
        if problem := st.session_state.pop(_problem(name), ""):
            show_error(problem)
        done = _handed_over(opened, user, name)
        if done is None:
            ticket = _offer(opened, user, exchanges, elaborations)
        else:
            told = str(json.loads(done.ticket).get("comment", "")) if done.ticket else ""
            ticket = partial(make_ticket, done.id, user, exchanges, done.created_at, told, elaborations)
            st.markdown(f":material/support_agent: **Handed over.** Ticket `{done.id[:8]}`, {_time(done.created_at)}")
            if opened and done.delivery:
                _delivery(opened, user, done)
        _downloads(ticket, name)


def _problem(exchange_id: str) -> str:
    return f"handover-problem-{exchange_id}"


def _handed_over(opened: Store | None, user: User, exchange_id: str) -> HandedOver | None:
    try:
        return handed_over(opened, user, exchange_id) if opened else None
    except StoreError as error:
        show_warning(error)
        return None


def _offer(opened: Store | None, user: User, exchanges: Sequence[Exchange], elaborations: Mapping[str, str]) -> MakeTicket:
    """A remark and the button that hands over; where no receiver is set up, the ticket is to be taken along."""
    name = exchanges[-1].id
    note = st.text_area("What should the DBA know?", max_chars=_LONGEST, height=80, key=f"note-{name}")
    ticket = partial(_new_ticket, user, exchanges, elaborations)
    receiver = _receiver()
    st.button(
        f"Send the ticket to {plain(receiver)}" if receiver else "Hand over",
        type="primary",
        icon=":material/send:",
        key=f"hand-over-{name}",
        on_click=_hand_over,
        args=(opened, user, name, ticket, bool(receiver)),
    )
    if not receiver:
        st.caption("No receiver is set up on this server: download the ticket and give it to your DBA.")
    return partial(ticket, note or "")


def _new_ticket(
    user: User, exchanges: Sequence[Exchange], elaborations: Mapping[str, str], note: str, *, with_texts: bool = True
) -> Ticket:
    """A ticket with the remark, redacted; one that cannot be checked for secrets is left out."""
    try:
        remark = redact(note).text
    except RedactionError:
        remark = "(The remark could not be checked for secrets in time and was left out.)"
    return make_ticket(new_id(), user, exchanges, utc_now(), remark, elaborations, with_texts=with_texts)


def _hand_over(opened: Store | None, user: User, exchange_id: str, ticket: MakeTicket, send: bool) -> None:
    """Keep the ticket and have it posted; what keeps it from being sent is shown on the run that follows."""
    form = settings().webhook_shape
    try:
        if opened is None:
            raise StoreError(resources.store_problem())
        made = ticket(st.session_state.get(f"note-{exchange_id}") or "", with_texts=keeps_texts())
        letter = (form, payload(made, form, settings().webhook_fields)) if send else None
        if not record_handover(opened, user, exchange_id, made.id, as_json(made), letter):
            raise StoreError("Nothing is kept on this server (storage mode off).")
        duties.wake_courier(opened)
    except (ShapeError, StoreError) as error:
        st.session_state[_problem(exchange_id)] = f"The ticket was not sent; download it and give it to your DBA. {error}"


def _receiver() -> str:
    """The name of the configured receiver; empty if there is none."""
    if settings().webhook_url is None:
        return ""
    try:
        return shape(settings().webhook_shape).name
    except ShapeError as error:
        show_warning(error)
        return ""


def _delivery(opened: Store, user: User, done: HandedOver) -> None:
    """Where the ticket is; looked at again and again while it is on its way."""
    assert done.delivery is not None
    if done.delivery.state != "waiting":
        _tell(opened, user, done.id, done.delivery)
        return

    @st.fragment(run_every=_LOOK_SECONDS)
    def waiting() -> None:
        try:
            now = handed_over(opened, user, done.exchange_id)
        except StoreError:
            return  # it is looked at again in a moment
        if now and now.delivery:
            _tell(opened, user, done.id, now.delivery)

    waiting()


def _tell(opened: Store, user: User, ticket_id: str, delivery: Delivery) -> None:
    receiver = plain(_receiver()) or "the receiver"
    if delivery.state == "delivered" and delivery.delivered_at:
        st.success(f"{receiver} has it since {_time(delivery.delivered_at)}.", icon=":material/mark_email_read:")
    elif delivery.state == "failed":
        st.error(f"{receiver} did not take it. {plain(delivery.problem)}", icon=":material/error:")
        st.button(
            "Send again",
            icon=":material/refresh:",
            key=f"again-{ticket_id}",
            on_click=_send_again,
            args=(opened, user, ticket_id),
        )
    elif delivery.problem:
        told = f"{plain(delivery.problem)} It is tried again at {_time(delivery.next_try_at)}; you need not wait."
        st.info(f"On its way to {receiver}. {told}", icon=":material/schedule_send:")
    else:
        st.info(f"On its way to {receiver}. You need not wait for it.", icon=":material/schedule_send:")


def _send_again(opened: Store, user: User, ticket_id: str) -> None:
    try:
        send_again(opened, user, ticket_id)
    except StoreError as error:
        show_warning(error)
    duties.wake_courier(opened)


def _downloads(ticket: MakeTicket, exchange_id: str) -> None:
    """The ticket as files; it is made when it is asked for, since reading plans takes its time."""
    with st.container(horizontal=True, gap="small"):
        for name, ending, mime, text in _FILES:
            st.download_button(
                f"Ticket as {name}",
                data=partial(_file, ticket, text),
                file_name=f"dbbuddy-ticket-{exchange_id[:8]}.{ending}",
                mime=mime,
                icon=":material/download:",
                on_click="ignore",
                key=f"ticket-{ending}-{exchange_id}",
            )


def _file(ticket: MakeTicket, text: Callable[[Ticket], str]) -> str:
    return text(ticket())


def _time(moment: datetime) -> str:
    local = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(settings().time_zone))
    return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"
