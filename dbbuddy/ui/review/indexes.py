"""The indexes that help: SQL, reason, what they cost, and the planner's word with its plans before and after."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dbbuddy.plans.describe import count
from dbbuddy.plans.figures import Measures
from dbbuddy.plans.prose import safe_markdown
from dbbuddy.rendering import code_span
from dbbuddy.sqlreview.indexes.measure import measuring_index
from dbbuddy.sqlreview.indexes.model import ExistingIndex, IndexAdvice
from dbbuddy.sqlreview.scratch.model import Choice, IndexVerification
from dbbuddy.sqlreview.share.markdown import verdict
from dbbuddy.ui.plans import tree
from dbbuddy.ui.review import assumptions
from dbbuddy.ui.review.session import Opened
from dbbuddy.ui.text import plain

_MOST = 30


@st.fragment
def draw(opened: Opened) -> None:
    """The cards; where the planner has not been asked yet, it is asked here while the rest of the page stands."""
    advised = opened.review.advised
    if not (advised.indexes or advised.superfluous or advised.declined or opened.corrected):
        return
    st.subheader("Indexes", anchor=False)
    _verify(opened)
    advised = opened.review.advised
    if not advised.indexes:
        st.markdown("No further index would help these statements with these row counts.")
    for place, advice in enumerate(advised.indexes[:_MOST]):
        _card(opened, advice, place)
    if len(advised.indexes) > _MOST:
        st.caption(f"{len(advised.indexes) - _MOST:,} more stand in the file to download.")
    if advised.superfluous:
        st.markdown("**Indexes that can go**")
        for known in advised.superfluous[:_MOST]:
            _superfluous(known)
    if advised.declined:
        st.markdown("**Indexes that would not help**")
        st.markdown("\n".join(f"- {safe_markdown(text)}" for text in advised.declined[:_MOST]))
    assumptions.draw(opened)


def _verify(opened: Opened) -> None:
    made = opened.review
    if made.verified is None and (made.advised.indexes or opened.corrected):
        if made.engine == "postgresql" and not opened.verified_at_once:
            label, key = "Verify on PostgreSQL", f"review-verify-{opened.moment}"
            if not st.button(label, icon=":material/verified:", key=key):
                return
        if made.engine == "postgresql":
            with st.spinner("PostgreSQL's planner tries the indexes on empty copies of your tables …", show_time=True):
                opened.verify()
        else:
            opened.verify()
    told = opened.review.verified
    if told is None:
        return
    if told.reason:
        st.info(plain(f"Not verified: {told.reason}."), icon=":material/unpublished:")
        return
    st.caption(
        "Costs are the planner's own units, never times. After building an index, run the statement with "
        "EXPLAIN (ANALYZE, BUFFERS) and compare both plans on the page Plans."
    )


def _badge(verification: IndexVerification | None) -> str:
    if verification is None or not verification.verified:
        return ":gray-badge[not verified]"
    if not verification.worthwhile:
        return ":orange-badge[not worth it here]"
    ratio = verification.ratio or 1
    return (
        f":green-badge[:material/verified: {ratio:,.0f}× cheaper]"
        if ratio >= 10
        else f":green-badge[:material/verified: {ratio:.1f}× cheaper]"
    )


def _card(opened: Opened, advice: IndexAdvice, place: int) -> None:
    with st.container(border=True, key=f"review-index-{place}"):
        partial = " *(partial)*" if advice.where else ""
        st.markdown(f"{_badge(advice.verified)} **{plain(advice.table)}** on {code_span(', '.join(advice.columns))}{partial}")
        st.code(advice.sql, language="sql", wrap_lines=True)
        st.markdown(safe_markdown(advice.reason))
        overall = opened.review.verified.reason if opened.review.verified else None
        if advice.verified is None or advice.verified.verified or advice.verified.reason != overall:
            st.markdown(f"**{safe_markdown(verdict(advice.verified))}**")
        for text in advice.rewrites:
            st.markdown(f":material/edit: First the statement must change: {safe_markdown(text)}")
        for name in advice.replaces:
            st.markdown(f":material/delete: {code_span(name)} can go once it is there.")
        cost = advice.write_cost.text
        st.caption(plain(f"Size {advice.size}. Writing: {cost}.") + f" Undo: {code_span(advice.rollback)}")
        _plans(opened, advice, place)
        _more(opened, advice)


def _plans(opened: Opened, advice: IndexAdvice, place: int) -> None:
    best = advice.verified.best if advice.verified else None
    if best is None or best.before is None or best.after is None:
        return
    line = opened.review.statements[best.statement].span.line
    others = len(advice.verified.statements) - 1 if advice.verified else 0
    more = f"; it serves {others} other statement{'s' * (others != 1)} too" if others else ""
    with st.expander(
        f"Plans of the statement in line {line}, before and after{more}", icon=":material/account_tree:", expanded=place == 0
    ):
        sides = st.columns(2, gap="medium")
        for side, name, choice in zip(sides, ("Before", "After"), (best.before, best.after), strict=True):
            with side:
                _plan(choice, name, f"{opened.moment}-{place}")


def _plan(choice: Choice, name: str, key: str) -> None:
    st.markdown(f"**{name}**: cost {count(choice.cost)}, {count(choice.rows)} row{'s' * (choice.rows != 1)} expected")
    tree.draw_still(Measures(choice.plan), f"review-plan-{name}-{key}")


def _more(opened: Opened, advice: IndexAdvice) -> None:
    lines: list[Any] = [*advice.notes, *(f"Assumed: {text}" for text in advice.assumptions)]
    measured = measuring_index(advice, opened.review)
    if not lines and not advice.alternatives and not measured:
        return
    with st.expander("Notes, other shapes, how to measure it", icon=":material/notes:"):
        if lines:
            st.markdown("\n".join(f"- {safe_markdown(text)}" for text in lines))
        for other in advice.alternatives:
            st.code(other.sql, language="sql", wrap_lines=True)
        if measured:
            st.markdown("Measure it, before and after:")
            st.code(measured, language="sql", wrap_lines=True)


def _superfluous(known: ExistingIndex) -> None:
    st.markdown(safe_markdown(known.reason))
    st.code(known.sql, language="sql", wrap_lines=True)
