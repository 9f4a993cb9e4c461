"""What the server knows of the visitor at every run of every page: which way in is set up, and whose session this is."""

from __future__ import annotations

import logging
import secrets
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, cast

import streamlit as st

from dbbuddy.access.configuration import Server, WayIn, way_in
from dbbuddy.access.errors import LoginError, NotSignedInError
from dbbuddy.access.header import SignedHeader, digest
from dbbuddy.access.login import Login, read_login
from dbbuddy.access.rules import Access
from dbbuddy.access.sessions import Revocations, check_age, session_subject, user_subject
from dbbuddy.access.versions import access_versions
from dbbuddy.access.watch import AccessWatch
from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store import audit, sessions
from dbbuddy.store.errors import DelayedError, StoreError
from dbbuddy.store.store import Store
from dbbuddy.ui import resources
from dbbuddy.ui.background import later

_OWNER = "owner-of-this-session"
_ADMITTED = "token-that-opened-this-session"
_ANONYMOUS = "is_logged_in"

_MOST_NOTED = 10_000

_noted: OrderedDict[str, None] = OrderedDict()
_log = logging.getLogger(__name__)


def configured_way() -> WayIn:
    """How visitors are recognised here.

    Raises:
        ConfigurationError: it is set up in a way in which nobody must be let in.
    """
    return way_in(settings(), Server(auth(), bool(st.get_option("server.trustedUserHeaders"))))


def auth() -> Mapping[str, Any]:
    """The section `[auth]` of the server's secrets; empty if there is none."""
    return cast("Mapping[str, Any]", st.secrets.get("auth", {})) if st.secrets.load_if_toml_exists() else {}


def login(way: WayIn) -> Login:
    """The visitor's login, verified and not ended.

    Raises:
        NotSignedInError: there is none.
        SessionEndedError: it has expired, or its owner signed out.
        LoginError: it cannot be accepted.
    """
    now = time.time()
    claims = _claims_of_header(now) if way == "header" else _claims_of_cookie()
    found = read_login(claims, access_watch().current(), now)
    check_age(found, settings().session_hours, now, outlives_token=way == "header" or settings().session_outlives_token)
    revocations().check(found)
    return found


def user_of(found: Login) -> User:
    """The person behind a login with the roles of this moment; none for a stranger."""
    access = access_watch().current()
    who = (found.id, found.email, found.groups)
    return User(found.id, found.name, access.roles_of(*who), access.team_of(*who))


def claim_session(user: User) -> None:
    """Empty what an earlier user left in this session, so that nothing of it is shown to this one."""
    if st.session_state.get(_OWNER, user.id) != user.id:
        admitted = st.session_state.get(_ADMITTED)
        st.session_state.clear()
        st.session_state[_ADMITTED] = admitted
    st.session_state[_OWNER] = user.id


def note_sign_in(user: User, found: Login) -> None:
    """Record a login in the audit log, once in this process; the page does not wait for it."""
    opened = resources.store()
    if opened is None or found.session in _noted:
        return
    _noted[found.session] = None
    while len(_noted) > _MOST_NOTED:
        _noted.popitem(last=False)
    later("sign-in", lambda: audit.record(opened, user, "signed_in"))


def end_session(user: User, found: Login, *, everywhere: bool = False) -> None:
    """End this login, or all of the user's that have begun until now.

    Raises:
        StoreError: it holds on this server only, until it restarts.
    """
    revocations().end(user_subject(found.id) if everywhere else session_subject(found), time.time())
    opened = resources.store()
    if opened is not None:
        later("sign-out", lambda: audit.record(opened, user, "signed_out", everywhere=int(everywhere)))


@st.cache_resource(show_spinner=False)
def access_watch() -> AccessWatch:
    """The access file, read once for all sessions and again when it changes.

    Raises:
        AccessFileError: it is not good.
    """
    path = settings().access_file
    assert path is not None  # `way_in` has seen to it
    return AccessWatch(path, _note_access)


@st.cache_resource(show_spinner=False)
def revocations() -> Revocations:
    """The logins that were ended, for all sessions."""

    def read() -> Mapping[str, float]:
        return sessions.revocations(_store())

    def write(subject: str, at: float) -> None:
        try:
            sessions.revoke(_store(), subject, at)
        except DelayedError as error:
            _log.warning("a revocation waits in memory: %s", error)

    return Revocations(read, write, StoreError)


def _store() -> Store:
    opened = resources.store()
    if opened is None:
        raise StoreError(resources.store_problem())
    return opened


def _note_access(access: Access) -> None:
    opened = resources.store()
    if opened is not None:
        later("roles", lambda: audit.note_versions(opened, "roles_changed", access_versions(access)))


def _claims_of_cookie() -> Mapping[str, Any]:
    """The claims of the identity token, which Streamlit has verified at login and keeps in a signed cookie."""
    claims = cast("Mapping[str, Any]", st.user.to_dict())
    if claims.get(_ANONYMOUS) is not True:
        raise NotSignedInError("Nobody is signed in.")
    meant_for = claims.get("aud")
    clients = [meant_for] if isinstance(meant_for, str) else meant_for if isinstance(meant_for, list) else []
    section = auth() if claims.get("provider") in (None, "default") else auth().get(str(claims["provider"]), {})
    if section.get("client_id") not in clients:
        raise NotSignedInError("This login was made for another app.")
    return claims


@st.cache_resource(show_spinner=False)
def _signed_header() -> SignedHeader:
    key = settings().identity_header_key
    assert key is not None  # `way_in` has seen to it
    return SignedHeader(key.get_secret_value(), settings().identity_header_audience)


def _claims_of_header(now: float) -> Mapping[str, Any]:
    """The claims in the proxy's header of this connection. Its token has to be fresh when it opens the session only."""
    reader = _signed_header()
    values = st.context.headers.get_all(settings().identity_header or "")
    if len(values) != 1:
        raise LoginError("The proxy has not said who you are. Open DB-Buddy by its usual address.")
    claims = reader.claims(values[0])
    name, _, session = str(st.session_state.get(_ADMITTED) or "").partition(" ")
    if name != digest(values[0]):
        session = secrets.token_hex(8)
        reader.admit(claims, session, now)
        st.session_state[_ADMITTED] = f"{digest(values[0])} {session}"
    return claims
