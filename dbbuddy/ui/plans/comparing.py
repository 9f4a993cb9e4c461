"""The tab that compares the plan at hand with a second one."""

from __future__ import annotations

import streamlit as st

from dbbuddy.plans.compare import compare_plans, to_markdown
from dbbuddy.plans.describe import duration, shortened
from dbbuddy.plans.files import read_paste
from dbbuddy.plans.model import Plan, PlanError
from dbbuddy.ui.plans.session import Opened, Shown, opened
from dbbuddy.ui.text import show_error

_TEXT = "plans-other-text"
_OTHER = "plans-other"
_THIS_FIRST = "plans-this-first"


def draw(shown: Shown) -> None:
    """The second plan, pasted or another of the same text; then the verdict, what changed, and the steps that differ."""
    st.markdown("Paste a second plan of the same statement: before and after an index, two versions, two sets of parameters.")
    other = _other(shown)
    if other is None:
        return
    first = st.segmented_control(
        "The plan shown here is",
        [True, False],
        format_func=lambda first: "the one before" if first else "the one after",
        default=True,
        required=True,
        key=_THIS_FIRST,
    )
    before, after = (other, shown.plan) if first is False else (shown.plan, other)
    comparison = compare_plans(before, after)
    text = to_markdown(comparison)
    with st.container(border=True, key="plans-comparison"):
        st.markdown(text.replace("$", r"\$").replace(":", r"\:"))
    st.download_button(
        "Comparison as Markdown",
        data=text,
        file_name="plan-comparison.md",
        mime="text/markdown",
        icon=":material/download:",
        on_click="ignore",
        key="plans-comparison-download",
    )


def _other(shown: Shown) -> Plan | None:
    held = opened()
    rest = [plan for plan in (held.paste.read.plans if held else []) if plan is not shown.plan]
    if rest:
        return _of_same_text(held, shown) if held else None
    text = st.text_area("Second plan", key=_TEXT, height=180, placeholder="Paste the whole output, from its first line")
    if not (text or "").strip():
        return None
    return _read(text)


def _of_same_text(held: Opened, shown: Shown) -> Plan | None:
    """One of the other plans in the text, or one that is pasted."""
    plans = held.paste.read.plans
    places = [place for place, plan in enumerate(plans) if plan is not shown.plan]

    def name(place: int | None) -> str:
        if place is None:
            return "Paste another one"
        told = plans[place].totals.get("execution_ms")
        statement = shortened(plans[place].statement or plans[place].root.type, 80)
        return f"{place + 1}. {duration(told)} · {statement}" if told else f"{place + 1}. {statement}"

    chosen = st.selectbox("Second plan", [*places, None], format_func=name, key=f"plans-other-{held.moment}", filter_mode=None)
    if chosen is not None:
        return plans[chosen]
    text = st.text_area("Paste it", key=_TEXT, height=180)
    return _read(text) if (text or "").strip() else None


def _read(text: str) -> Plan | None:
    """The first plan of the second text; read once for each text."""
    known = st.session_state.get(_OTHER)
    if known is None or known[0] != text:
        try:
            known = (text, read_paste(text).read.plans[0])
        except PlanError as error:
            show_error(error)
            return None
        st.session_state[_OTHER] = known
    plan: Plan = known[1]
    return plan
