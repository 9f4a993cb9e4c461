"""From an answer about capacity to the page that projects the numbers it read."""

from __future__ import annotations

import streamlit as st

from dbbuddy.advice import Advice
from dbbuddy.capacity.stated import stated
from dbbuddy.identity import User
from dbbuddy.ui.text import plain


def draw(question: str, advice: Advice, user: User) -> None:
    """A link below an answer of capacity planning, for those who may open the page."""
    if advice.category != "capacity_planning" or advice.status != "answered" or "dba" not in user.roles:
        return
    found = stated(question)
    label = f"Project this: {found.told()}" if found else "Project it: when is it full, what to buy, what it costs"
    parameters = found.parameters(advice.context) if found else {}
    st.page_link("pages/capacity.py", label=plain(label), icon=":material/trending_up:", query_params=parameters)
