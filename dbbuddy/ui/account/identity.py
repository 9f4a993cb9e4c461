"""Who the user is here: name, roles, team, and how long the login lasts."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import streamlit as st

from dbbuddy.access.sessions import session_end
from dbbuddy.settings import settings
from dbbuddy.ui import entrance
from dbbuddy.ui.page import Visitor, sign_out
from dbbuddy.ui.text import plain, show_warning

_MEANING = {
    "developer": "asks, reads plans, reviews SQL",
    "dba": "keeps the knowledge",
    "manager": "sees adoption, return and quality",
    "admin": "sees the audit log and the language models",
}


def draw(visitor: Visitor) -> None:
    """Name, id, team and roles; the session's end and signing out where there is a login."""
    user = visitor.user
    with st.container(border=True):
        st.markdown(f"**{plain(user.name)}**" + (f" · team {plain(user.team)}" if user.team else ""))
        if visitor.login is None:
            st.caption("This server is open to this machine only and knows one user, who has every role.")
        else:
            st.caption(f"Your id, for sharing and for requests to administrators: {plain(user.id)}")
        st.markdown("\n".join(f"- **{role}**: {meaning}" for role, meaning in _MEANING.items() if role in user.roles))
        if visitor.login is not None:
            _session(visitor)
    if "admin" in user.roles and visitor.login is not None and (problem := entrance.access_watch().problem):
        show_warning(f"The access file has a mistake; the rules from before it hold. {problem}")


def _session(visitor: Visitor) -> None:
    assert visitor.login is not None
    own_login = bool(entrance.auth())
    outlives = not own_login or settings().session_outlives_token
    ends = datetime.fromtimestamp(session_end(visitor.login, settings().session_hours, outlives_token=outlives), UTC)
    local = ends.astimezone(ZoneInfo(settings().time_zone))
    st.markdown(f"Signed in until **{local:%Y-%m-%d %H:%M} {local.tzname()}**.")
    if not own_login:
        st.caption("You sign in and out at your organisation's entrance, before DB-Buddy.")
        return
    with st.container(horizontal=True):
        st.button("Sign out", icon=":material/logout:", key="account-sign-out", on_click=sign_out, args=(visitor,))
        st.button(
            "Sign out everywhere",
            icon=":material/devices:",
            key="sign-out-everywhere",
            on_click=sign_out,
            args=(visitor,),
            kwargs={"everywhere": True},
            help="Ends every login of yours on every device, for instance after losing one.",
        )
