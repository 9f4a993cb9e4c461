"""The guided path: category, where the database runs, the issue. For those who like to be led."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dbbuddy.context import CATEGORIES, CATEGORY_NAMES, Category, SystemContext
from dbbuddy.intake.platform import read_context
from dbbuddy.ui import context_fields
from dbbuddy.ui.text import plain, show_error

_KEY = "guide"
_ISSUE = "guide-issue"
_CATEGORY = "guide-category"
_READ = "guide-read"
_GIVEN = "guide-given"
_ENOUGH_TEXT = 20_000
_WHAT = {
    "troubleshooting": ("An error, a crash, something that stopped working", ":material/emergency:"),
    "query_optimization": ("A slow query, an index, a plan", ":material/manage_search:"),
    "performance_analysis": ("The whole database is slow or busy", ":material/speed:"),
    "architecture_design": ("Schema, partitioning, queues, tenants, high availability", ":material/account_tree:"),
    "capacity_planning": ("Disk, connections, instance size, growth", ":material/trending_up:"),
    "security_hardening": ("Access, encryption, audit, secrets", ":material/shield:"),
}


@dataclass(frozen=True)
class Guided:
    """How far the user has been led: the system so far, and the issue once it is sent."""

    context: SystemContext
    category: Category
    issue: str | None = None


def draw(known: SystemContext) -> Guided | None:
    """The cards or, once one is chosen, the form. `known` fills the form, at first and when it was corrected elsewhere."""
    category: Category | None = st.session_state.get(_CATEGORY)
    if category:
        return _form(category, known)
    for first in range(0, len(CATEGORIES), 3):
        for name, column in zip(CATEGORIES[first : first + 3], st.columns(3), strict=True):
            with column:
                _card(name)
    return None


def _card(name: Category) -> None:
    text, icon = _WHAT[name]
    with st.container(border=True, height="stretch", gap="xsmall"):
        st.button(CATEGORY_NAMES[name], icon=icon, key=f"{_KEY}-{name}", width="stretch", on_click=_choose, args=(name,))
        st.caption(text)


def _choose(name: Category | None) -> None:
    st.session_state[_CATEGORY] = name


def _form(category: Category, known: SystemContext) -> Guided:
    if not context_fields.filled(_KEY) or st.session_state.get(_GIVEN) != known:
        context_fields.fill(_KEY, known)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{_WHAT[category][1]} {CATEGORY_NAMES[category]}:** where does the database run? Skip what you do not know.")
        st.button("Other category", type="tertiary", icon=":material/arrow_back:", key="guide-back", on_click=_choose, args=(None,))
    context = st.session_state[_GIVEN] = context_fields.draw(_KEY)
    issue = st.text_area(
        "What is the problem?",
        placeholder="Describe it, or paste the error, query, plan or log",
        height=140,
        key=_ISSUE,
        on_change=_read_issue,
    )
    read = st.session_state.get(_READ)
    if read and read != SystemContext():
        st.caption(f"Read from your text and filled in above: {plain(read.label())}.")
    if not st.button("Get the answer", type="primary", icon=":material/send:", key="guide-send"):
        return Guided(context, category)
    if not issue.strip():
        show_error("There is no text yet. Describe the problem, or paste an error, a query, a plan or a log.")
        return Guided(context, category)
    _leave()
    return Guided(context, category, issue)


def _leave() -> None:
    """Forget the choices; the next draw starts at the cards."""
    for name in (_CATEGORY, _READ, _GIVEN):
        st.session_state.pop(name, None)


def _read_issue() -> None:
    """Fill the inputs that the user has not set by hand with what the issue says."""
    before: SystemContext = st.session_state.get(_READ) or SystemContext()
    said = context_fields.value(_KEY)
    by_hand = {name: chosen for name, chosen in said.model_dump().items() if chosen and chosen != getattr(before, name)}
    found = read_context(st.session_state[_ISSUE][:_ENOUGH_TEXT], SystemContext(**by_hand))
    context_fields.fill(_KEY, found)
    st.session_state[_READ] = read_context(st.session_state[_ISSUE][:_ENOUGH_TEXT], SystemContext())
