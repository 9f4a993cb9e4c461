"""The first call of every page: its set-up, its guard and the way to the other pages.

A page may be opened by its own address on a fresh process, without `Home.py` having run, so nothing may rely on it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import streamlit as st

from dbbuddy.access.configuration import WayIn
from dbbuddy.access.errors import ConfigurationError, LoginError, NotSignedInError, SessionEndedError
from dbbuddy.access.login import Login
from dbbuddy.access.place import check_local
from dbbuddy.identity import LOCAL_USER, Role, User
from dbbuddy.store.errors import StoreError
from dbbuddy.store.visits import record_visit
from dbbuddy.ui import deep_links, demonstration, doors, entrance, go_to, resources
from dbbuddy.ui import help as guide
from dbbuddy.ui.background import later
from dbbuddy.ui.text import plain, show_warning

_ASSETS = Path(__file__).parent / "assets"
_ICON = _ASSETS / "icon.svg"
_LOGO = _ASSETS / "logo.svg"
# On the light primary colour of the dark theme Streamlit's white is not readable. The empty element keeps the style in its place.
_STYLE = """<style>
[data-testid="stBaseButton-primary"]:enabled, [data-testid="stBaseButton-primaryFormSubmit"]:enabled {
  &, &:hover, &:active, &:focus {color: light-dark(#fff, #10181a)}
}
:is(button, a, summary, [role="tab"], [role="radio"], [role="treeitem"]):focus-visible {
  outline: 2px solid light-dark(#0f6b75, #6cc9d3); outline-offset: 2px;
}
[data-testid="stCaptionContainer"] code {color: light-dark(#0a1214, #eef4f4); font-size: 0.9em}
@media (pointer: coarse) {[data-testid="stSidebar"] [data-testid="stPageLink"] a {min-height: 2.5rem}}
</style><span hidden></span>"""
_VISITS = "visits"
_VISIT_SECONDS = 1800.0


@dataclass(frozen=True)
class PageLink:
    """A page in the navigation and the role it needs. Its label is the title it opens with."""

    path: str
    label: str
    icon: str
    role: Role


PAGES = (
    PageLink("Home.py", "Home", ":material/home:", "developer"),
    PageLink("pages/chat.py", "Ask", ":material/forum:", "developer"),
    PageLink("pages/plans.py", "Plans", ":material/account_tree:", "developer"),
    PageLink("pages/review.py", "SQL review", ":material/rule:", "developer"),
    PageLink("pages/capacity.py", "Capacity", ":material/trending_up:", "dba"),
    PageLink("pages/knowledge.py", "Knowledge", ":material/menu_book:", "dba"),
    PageLink("pages/adoption.py", "Adoption", ":material/trending_up:", "manager"),
    PageLink("pages/roi.py", "ROI", ":material/savings:", "manager"),
    PageLink("pages/quality.py", "Quality", ":material/verified:", "manager"),
    PageLink("pages/help.py", "Help", ":material/help:", "developer"),
)
_HOME = PAGES[0]
_FOR_ALL = ("Home.py", "pages/help.py")
_GROUPS: dict[Role, str] = {"developer": "Developers", "dba": "DBAs", "manager": "Managers"}
_ACCOUNT = PageLink("pages/account.py", "Account", ":material/account_circle:", "developer")


@dataclass(frozen=True)
class Visitor:
    """Who is let in, and by which login; local mode knows none."""

    user: User
    login: Login | None = None


def open_page(title: str, role: Role | tuple[Role, ...] = "developer", *, wide: bool = False) -> User:
    """Set the page up and let in who has the role, or one of the roles; others get a message and the page ends."""
    return open_page_to_visitor(title, role, wide=wide).user


def open_page_to_visitor(title: str, role: Role | tuple[Role, ...] = "developer", *, wide: bool = False) -> Visitor:
    """As `open_page`, for a page that shows the login too."""
    st.set_page_config(
        page_title=f"{title} · DB-Buddy" if title != "DB-Buddy" else title,
        page_icon=str(_ICON),
        layout="wide" if wide else "centered",
    )
    page = next((link for link in (*PAGES, _ACCOUNT) if link.label == title), _HOME)
    visitor = _let_in(page)
    entrance.claim_session(visitor.user)
    _navigation(visitor, Path(page.path).stem)
    roles = (role,) if isinstance(role, str) else role
    if not visitor.user.roles.intersection(roles):
        doors.show_wrong_role(roles)
    if visitor.login:
        entrance.note_sign_in(visitor.user, visitor.login)
        if page is _HOME and (wanted := deep_links.recall()):
            st.switch_page(wanted[0], query_params=wanted[1])
    demonstration.label()
    _note_visit(visitor.user, Path(page.path).stem.lower())
    return visitor


def sign_out(visitor: Visitor, *, everywhere: bool = False) -> None:
    """End the login, or all logins of the user, and leave for the identity provider; for a button's callback."""
    if visitor.login is None:
        return
    try:
        entrance.end_session(visitor.user, visitor.login, everywhere=everywhere)
    except StoreError as error:
        # The browser forgets its cookie in any case; only a copy of it would still open other servers.
        show_warning(f"You are signed out here, but other servers could not be told. {error}")
    st.logout()


def _let_in(page: PageLink) -> Visitor:
    way: WayIn = "local"
    try:
        way = entrance.configured_way()
        if way == "local":
            check_local(st.get_option("server.address"), st.context.headers)
            return Visitor(LOCAL_USER)
        login = entrance.login(way)
        user = entrance.user_of(login)
    except ConfigurationError as error:
        doors.show_misconfigured(str(error))
    except NotSignedInError:
        _come_back(page)
        doors.show_login()
    except SessionEndedError as error:
        _come_back(page)
        doors.show_ended(way, str(error))
    except LoginError as error:
        doors.show_refused(str(error))
    if not user.roles:
        doors.show_no_role(login)
    return Visitor(user, login)


def _come_back(page: PageLink) -> None:
    if page is not _HOME:
        deep_links.remember(page.path)


def _navigation(visitor: Visitor, current: str) -> None:
    """The way to the pages of the user's roles, grouped by whom they are for; and to any of them, or to help, by a key."""
    st.logo(str(_LOGO), size="large", icon_image=str(_ICON))
    offered = [page for page in PAGES if page.role in visitor.user.roles]
    with st.sidebar:
        st.html(_STYLE)
        with st.container(horizontal=True, gap="small", wrap=False):
            going = st.button("Go to", icon=":material/search:", shortcut="Ctrl+K", key="go-to", width="stretch")
            asking = st.button("Help", icon=":material/help:", shortcut="F1", key="help", type="tertiary", help="Help on this page")
        for heading, pages in groupby(offered, lambda page: "" if page.path in _FOR_ALL else _GROUPS.get(page.role, "")):
            with st.container(gap="xxsmall"):
                if heading:
                    st.caption(heading)
                for page in pages:
                    st.page_link(page.path, label=page.label, icon=page.icon, width="stretch")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            name = plain(visitor.user.name) if visitor.login else _ACCOUNT.label
            st.page_link(_ACCOUNT.path, label=name, icon=_ACCOUNT.icon, width="stretch")
            if visitor.login and entrance.auth():
                st.button("Sign out", icon=":material/logout:", type="tertiary", key="sign-out", on_click=sign_out, args=(visitor,))
    if going:
        go_to.show(visitor.user, [go_to.Place("page", page.path, page.label) for page in (*offered, _ACCOUNT)])
    elif asking:
        guide.show(current)


def _note_visit(user: User, page: str) -> None:
    """Keep the visit, once for each page in half an hour; the page does not wait for it."""
    noted: dict[str, float] = st.session_state.setdefault(_VISITS, {})
    if time.monotonic() - noted.get(page, -_VISIT_SECONDS) < _VISIT_SECONDS:
        return
    noted[page] = time.monotonic()
    opened = resources.store()
    if opened is not None:
        later("visit", lambda: record_visit(opened, user, page))
