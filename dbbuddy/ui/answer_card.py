"""Drawing an `Advice` as a card."""

from __future__ import annotations

import streamlit as st

from dbbuddy.advice import Advice, CodeBlock, Diagnosis, Fix, Question, Risk, Source
from dbbuddy.context import CATEGORY_NAMES
from dbbuddy.rendering import block_caption, evidence_markdown
from dbbuddy.ui.text import plain

_LANGUAGES = {"text": None, "sh": "bash"}
_RISK_BADGES: dict[Risk, str] = {
    "none": ":green-badge[read-only]",
    "low": ":blue-badge[low risk]",
    "medium": ":orange-badge[medium risk]",
    "high": ":red-badge[high risk]",
}


def draw(advice: Advice, *, sure: bool = True) -> None:
    """The answer, part by part; parts without content are left out. `sure` tells how sure it is."""
    for note in advice.notes:
        st.info(note, icon=":material/info:")
    if advice.status == "out_of_scope":
        st.markdown(advice.situation)
        return
    if advice.diagnoses and advice.status == "answered":
        _headline(advice, sure=sure)
    if advice.situation:
        _heading("Current situation")
        st.markdown(advice.situation)
    if advice.diagnoses and advice.status == "answered":
        _root_cause(advice)
    if advice.calculations:
        _heading("The arithmetic")
        st.markdown("\n".join(f"- {line}" for line in advice.calculations))
    if advice.questions and not advice.fixes:
        _questions("What would decide it", advice.questions)
    _all_fixes(advice)
    _after(advice)


def _headline(advice: Advice, *, sure: bool) -> None:
    best = advice.diagnoses[0]
    st.markdown(f"#### {best.title}")
    with st.container(horizontal=True, gap="small"):
        if sure:
            st.badge(
                f"{best.confidence:.0%} sure",
                color="green" if best.confidence >= 0.75 else "orange" if best.confidence >= 0.5 else "gray",
                help="How often answers with evidence this strong were right.",
            )
        st.badge(CATEGORY_NAMES[best.category], color="gray")
        st.badge(plain(advice.context.label()), color="blue", icon=":material/database:")


def draw_branch(text: str, blocks: tuple[CodeBlock, ...], fixes: tuple[Fix, ...]) -> None:
    """What a playbook says to a fact that is reported later."""
    _prose(text)
    _draw_blocks(blocks, "none")
    for number, fix in enumerate(fixes, 1):
        _draw_fix(number, fix)


def _root_cause(advice: Advice) -> None:
    best, *others = advice.diagnoses
    _heading("Root cause analysis")
    _prose(best.root_cause)
    evidence = evidence_markdown(best)
    if evidence:
        st.caption(evidence)
    if best.confirm or best.confirm_blocks:
        with st.expander("How to confirm it", icon=":material/troubleshoot:", expanded=bool(others)):
            _prose(best.confirm)
            _draw_blocks(best.confirm_blocks, "none")
    for other in others:
        _other(other)


def _other(diagnosis: Diagnosis) -> None:
    with st.expander(f"If that is not it: {diagnosis.title} ({diagnosis.confidence:.0%})", icon=":material/alt_route:"):
        _prose(diagnosis.summary)
        _prose(diagnosis.confirm)
        _draw_blocks(diagnosis.confirm_blocks, "none")


def _all_fixes(advice: Advice) -> None:
    immediate = advice.fixes_of("immediate")
    if immediate:
        _heading("Fix now")
        for number, fix in enumerate(immediate, 1):
            _draw_fix(number, fix)
    for name, fixes in (
        ("Next: medium-term fixes", advice.fixes_of("medium_term")),
        ("Later: long-term fixes", advice.fixes_of("long_term")),
    ):
        if fixes:
            with st.expander(f"{name} ({len(fixes)})", icon=":material/event_upcoming:"):
                for number, fix in enumerate(fixes, 1):
                    _draw_fix(number, fix)


def _draw_fix(number: int, fix: Fix) -> None:
    where = f" :gray-badge[{fix.only_on}]" if fix.only_on else ""
    risk = _RISK_BADGES[fix.risk] if fix.risk != "none" or fix.blocks else ""
    st.markdown(f"**{number}. {fix.what}** {risk}{where}")
    if fix.risk_note:
        st.caption(f"Risk: {fix.risk_note}")
    _prose(fix.why)
    _draw_blocks(fix.blocks, fix.risk)
    if fix.rollback:
        st.caption(f"Rollback: {fix.rollback}")


def _after(advice: Advice) -> None:
    if advice.monitoring.points or advice.monitoring.blocks:
        with st.expander("Monitor and verify", icon=":material/monitoring:"):
            _bullets(advice.monitoring.points)
            _draw_blocks(advice.monitoring.blocks, "none")
    if advice.expected:
        _heading("Expected results")
        _bullets(advice.expected)
    if advice.do_nots:
        _heading("Do not")
        _bullets(advice.do_nots)
    if advice.questions and advice.fixes:
        _questions("Tell me more, and the answer gets sharper", advice.questions)
    if advice.sources:
        with st.expander("Sources", icon=":material/menu_book:"):
            _bullets(tuple(map(_source, advice.sources)))


def _source(source: Source) -> str:
    title = f"[{source.title}]({source.url})" if source.url else source.title
    return f"{title}: {source.section}"


def _questions(title: str, questions: tuple[Question, ...]) -> None:
    _heading(title)
    for question in questions:
        st.markdown(f"- **{question.text}** {question.why}")
        if question.block:
            _draw_blocks((question.block,), "none")


def _draw_blocks(blocks: tuple[CodeBlock, ...], risk: Risk) -> None:
    for block in blocks:
        suffix = "" if risk == "none" else f" · {risk} risk"
        st.caption(block_caption(block) + suffix)
        st.code(block.code, language=_LANGUAGES.get(block.language, block.language), wrap_lines=True)


def _prose(markdown: str) -> None:
    if markdown:
        st.markdown(markdown)


def _heading(text: str) -> None:
    st.markdown(f"##### {text}")


def _bullets(lines: tuple[str, ...]) -> None:
    _prose("\n".join(f"- {line}" for line in lines))
