"""The first call of every page: its set-up, its guard and the way to the other pages.

A page may be opened by its own address on a fresh process, without `Home.py` having run, so nothing may rely on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dbbuddy.identity import LOCAL_USER, Role, User

_ICON = Path(__file__).parent / "assets" / "icon.svg"


@dataclass(frozen=True)
class PageLink:
    """A page in the navigation and the role it needs."""

    path: str
    label: str
    icon: str
    role: Role


PAGES = (
    PageLink("Home.py", "Home", ":material/home:", "developer"),
    PageLink("pages/chat.py", "Ask", ":material/forum:", "developer"),
    PageLink("pages/plans.py", "Plans", ":material/account_tree:", "developer"),
    PageLink("pages/review.py", "SQL review", ":material/rule:", "developer"),
    PageLink("pages/knowledge.py", "Knowledge", ":material/menu_book:", "dba"),
)


def open_page(title: str, role: Role = "developer", *, wide: bool = False) -> User:
    """Set the page up and let in who may see it; others get a message and the page ends."""
    st.set_page_config(
        page_title=f"{title} · DB-Buddy" if title != "DB-Buddy" else title,
        page_icon=str(_ICON),
        layout="wide" if wide else "centered",
    )
    user = LOCAL_USER
    _navigation(user)
    if role not in user.roles:
        st.error(f"This page is for the role “{role}”. Ask an administrator of DB-Buddy for it.", icon=":material/lock:")
        st.stop()
    return user


def _navigation(user: User) -> None:
    with st.sidebar:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.image(str(_ICON), width=32)
            st.markdown("**DB-Buddy**")
        for page in PAGES:
            if page.role in user.roles:
                st.page_link(page.path, label=page.label, icon=page.icon, width="stretch")
