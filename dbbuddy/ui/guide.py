"""The guided path: category, then where the database runs, then the issue. For those who like to be led."""

from __future__ import annotations

import streamlit as st

from dbbuddy.context import CATEGORIES, CATEGORY_NAMES, Category, SystemContext
from dbbuddy.intake.platform import read_context
from dbbuddy.ui import context_bar

_WHAT = {
    "troubleshooting": ("An error, a crash, something that stopped working", ":material/emergency:"),
    "query_optimization": ("A slow query, an index, a plan", ":material/manage_search:"),
    "performance_analysis": ("The whole database is slow or busy", ":material/speed:"),
    "architecture_design": ("Schema, partitioning, queues, tenants, high availability", ":material/account_tree:"),
    "capacity_planning": ("Disk, connections, instance size, growth", ":material/trending_up:"),
    "security_hardening": ("Access, encryption, audit, secrets", ":material/shield:"),
}


def draw() -> tuple[str, SystemContext, Category] | None:
    """The cards and, once one is chosen, the form; returns issue, context and category when it is sent."""
    category: Category | None = st.session_state.get("guide-category")
    columns = st.columns(3)
    for position, name in enumerate(CATEGORIES):
        text, icon = _WHAT[name]
        with columns[position % 3], st.container(border=True, height="stretch"):
            chosen = st.button(
                CATEGORY_NAMES[name],
                icon=icon,
                type="primary" if name == category else "tertiary",
                key=f"guide-{name}",
                width="stretch",
            )
            st.caption(text)
        if chosen:
            st.session_state["guide-category"] = name
            st.rerun()
    return _form(category) if category else None


def _form(category: Category) -> tuple[str, SystemContext, Category] | None:
    issue = st.text_area(
        f"{CATEGORY_NAMES[category]}: what is the problem?",
        placeholder="Describe it, or paste the error, query, plan or log",
        height=140,
        key="guide-issue",
    )
    known = read_context(issue[:20_000], SystemContext()) if issue.strip() else SystemContext()
    if known != SystemContext():
        st.caption(f"Read from your text: {known.label()}.")
    context = context_bar.choose(known, f"guide-{known.label()}")
    if st.button("Get the answer", type="primary", icon=":material/send:", key="guide-send", disabled=not issue.strip()):
        st.session_state.pop("guide-category")
        return issue, context, category
    return None
