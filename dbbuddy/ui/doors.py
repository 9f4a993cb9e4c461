"""What a visitor sees who is not let in: the login page, and why not with what to do. Each ends the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

import streamlit as st

from dbbuddy.access.configuration import WayIn, providers
from dbbuddy.access.login import Login
from dbbuddy.identity import Role
from dbbuddy.settings import settings
from dbbuddy.ui.entrance import auth
from dbbuddy.ui.text import plain

_ICON = Path(__file__).parent / "assets" / "icon.svg"
_PROMISE = "Paste a question, an error, a slow query or a plan, and get what a senior DBA would say."


def show_login() -> NoReturn:
    """Sign in with the organisation's account."""
    with _card("Sign in"):
        st.markdown(_PROMISE)
        _sign_in_buttons("Sign in")
        st.caption(
            "You are sent to your organisation's login and come back here. DB-Buddy receives your name, e-mail address and groups, "
            f"never a password, and keeps you signed in for up to {_hours()}."
        )
    st.stop()


def show_ended(way: WayIn, reason: str) -> NoReturn:
    """The session is over."""
    with _card("Sign in again"):
        st.markdown(f"{plain(reason)} What you asked is kept and will be there.")
        if way == "oidc":
            _sign_in_buttons("Sign in again")
        else:
            st.markdown("Reload the page to go on.")
    st.stop()


def show_refused(reason: str) -> NoReturn:
    """A login that cannot be accepted."""
    with _card("You cannot be let in"):
        st.error(plain(reason), icon=":material/lock:")
        _sign_out_button()
    st.stop()


def show_no_role(login: Login) -> NoReturn:
    """A known person without any role."""
    with _card("No access yet"):
        st.markdown(
            f"You are signed in as **{plain(login.name)}**, but you have no role in DB-Buddy. "
            "Ask an administrator of DB-Buddy to add you or one of your groups."
        )
        st.caption("What they need to know:")
        st.code("\n".join(_facts(login)), language=None, wrap_lines=True)
        if login.too_many_groups:
            st.warning(
                "Your identity provider left out your groups because there are too many. Let it send only the groups that are "
                "assigned to this app.",
                icon=":material/group_off:",
            )
        _sign_out_button()
    st.stop()


def show_wrong_role(roles: tuple[Role, ...]) -> NoReturn:
    """A page for others; the navigation stays."""
    needed = " or ".join(f"“{role}”" for role in roles)
    st.error(f"This page is for the role {needed}. Ask an administrator of DB-Buddy for it.", icon=":material/lock:")
    st.page_link("Home.py", label="To the start", icon=":material/home:")
    st.stop()


def show_misconfigured(reason: str) -> NoReturn:
    """The app must not serve anybody as it is set up."""
    with _card("DB-Buddy is not open"):
        st.error(plain(reason), icon=":material/lock:")
        st.markdown("Nobody is let in until this is corrected. If you do not run this server, tell the person who does.")
    st.stop()


@contextmanager
def _card(title: str) -> Iterator[None]:
    with st.container(horizontal_alignment="center"), st.container(width=520, gap="medium"):
        st.space("medium")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.image(str(_ICON), width=40)
            st.subheader("DB-Buddy", anchor=False)
        with st.container(border=True):
            st.markdown(f"**{title}**")
            yield


def _sign_in_buttons(label: str) -> None:
    named = providers(auth())
    if not named:
        st.button(label, type="primary", icon=":material/login:", width="stretch", key="sign-in", on_click=st.login)
    for name in named:
        st.button(
            f"{label} with {plain(name.capitalize())}",
            type="primary",
            icon=":material/login:",
            width="stretch",
            key=f"sign-in-{name}",
            on_click=st.login,
            args=(name,),
        )


def _sign_out_button() -> None:
    if auth():
        st.button("Use another account", icon=":material/logout:", key="other-account", on_click=st.logout)


def _hours() -> str:
    hours = settings().session_hours
    return "1 hour" if hours == 1 else f"{hours:g} hours"


def _facts(login: Login) -> list[str]:
    groups = sorted(login.groups)
    shown = ", ".join(groups[:20]) + (f" and {len(groups) - 20} more" if len(groups) > 20 else "")
    return [f"id: {login.id}", f"e-mail: {login.email or 'none'}", f"groups: {shown or 'none'}"]
