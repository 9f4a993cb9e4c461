"""The weekly sample of answers, for DBAs to grade: one after the other, redacted as they are stored."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from dbbuddy.analytics import wording
from dbbuddy.analytics.roi.sampling import Sample, Sampled, weekly_sample
from dbbuddy.identity import NotAllowedError, User
from dbbuddy.privacy.redact import redact
from dbbuddy.privacy.view import RedactionError
from dbbuddy.store import grades
from dbbuddy.store.cipher import CipherError
from dbbuddy.store.errors import StoreError
from dbbuddy.store.grades import LONGEST_NOTE, VERDICTS, Grade, Verdict
from dbbuddy.store.history import Exchange, exchange_of, local_day
from dbbuddy.store.store import Store, utc_now
from dbbuddy.ui import answer_card, resources
from dbbuddy.ui.text import plain, show_error, show_user_text

_WEEKS = 8
_NAMES: dict[Verdict, str] = {"right": "Right", "partly": "Partly right", "wrong": "Wrong", "harmful": "Harmful"}
_MEANINGS = (
    "Right: it would have solved the problem. Partly right: it helps, but something is missing. Wrong: it does not help. "
    "Harmful: following it does damage."
)
_TOLD = "review-told"
_SKIPPED = "review-skipped"


def draw(user: User) -> None:
    """The sample of a week, how much of it is graded, and the next answer."""
    store = resources.store()
    if store is None:
        show_error(resources.store_problem())
        return
    week = _week(local_day(utc_now()))
    try:
        sample = weekly_sample(store, user, week)
        known = grades.grades_of(store, user, [one.exchange_id for one in sample.answers])
    except (StoreError, CipherError, NotAllowedError) as error:
        show_error(error)
        return
    if not sample.answers:
        st.info(
            "No answers in this week. After each week up to 30 answers are drawn here at random, spread over the categories. Your "
            "grades replace the judgement on how many unspoken-of problems were really solved.",
            icon=":material/info:",
        )
        return
    told = st.session_state.pop(_TOLD, None)
    if told:
        show_error(told)
    done = sum(one.exchange_id in known for one in sample.answers)
    st.progress(
        done / len(sample.answers), f"{done} of {len(sample.answers)} graded, drawn from {sample.out_of:,} answers of the week"
    )
    if done == len(sample.answers):
        st.success("All answers of this week are graded. Thank you.", icon=":material/check:")
    _one(store, user, sample, known)


def _week(today: date) -> date:
    """Whole weeks only, so that the sample no longer changes."""
    monday = today - timedelta(days=today.weekday())
    weeks = [monday - timedelta(weeks=place) for place in range(1, _WEEKS + 1)]
    return st.selectbox(
        "Week", weeks, format_func=lambda day: f"{day} to {day + timedelta(days=6)}", key="review-week", width=260, filter_mode=None
    )


def _one(store: Store, user: User, sample: Sample, known: dict[str, Grade]) -> None:
    """The answer at hand: the one chosen, or the first that is not graded."""
    skipped = st.session_state.setdefault(_SKIPPED, set())
    waiting = [place for place, one in enumerate(sample.answers) if one.exchange_id not in known]
    first = next((place for place in waiting if sample.answers[place].exchange_id not in skipped), waiting[0] if waiting else 0)
    place = st.selectbox(
        "Answer",
        range(len(sample.answers)),
        index=first,
        format_func=lambda number: _name(number, sample.answers[number], known),
        key=f"review-answer-{sample.week}-{len(known)}-{len(skipped)}",
        width=420,
        filter_mode=None,
    )
    chosen = sample.answers[place]
    try:
        exchange = exchange_of(store, chosen.owner, chosen.exchange_id)
    except (StoreError, CipherError) as error:
        show_error(error)
        return
    if exchange is None:
        st.info("This answer was deleted meanwhile.", icon=":material/delete:")
        return
    _show(exchange)
    _form(store, user, sample, chosen, known.get(chosen.exchange_id))


def _name(number: int, one: Sampled, known: dict[str, Grade]) -> str:
    grade = known.get(one.exchange_id)
    return f"{number + 1} · {wording.name(one.category)} · {_NAMES[grade.verdict] if grade else 'not graded'}"


def _show(exchange: Exchange) -> None:
    with st.container(border=True):
        st.caption("The question, redacted")
        if exchange.question.strip():
            show_user_text(exchange.question)
        else:
            st.markdown(":gray[The text was not kept.]")
    with st.container(border=True):
        if exchange.advice.situation or exchange.advice.diagnoses:
            answer_card.draw(exchange.advice)
        else:
            st.markdown(":gray[The text of the answer was not kept.]")


def _form(store: Store, user: User, sample: Sample, chosen: Sampled, grade: Grade | None) -> None:
    key = f"{chosen.exchange_id}-{grade.graded_at if grade else ''}"
    with st.form(f"review-form-{key}"):
        verdict = st.segmented_control(
            "Verdict",
            VERDICTS,
            default=grade.verdict if grade else None,
            format_func=lambda name: _NAMES[name],
            key=f"review-verdict-{key}",
            help=_MEANINGS,
        )
        note = st.text_area(
            "Note",
            value=grade.note if grade else "",
            key=f"review-note-{key}",
            max_chars=LONGEST_NOTE,
            height=80,
            help="It is redacted.",
        )
        with st.container(horizontal=True):
            saved = st.form_submit_button("Save and next", icon=":material/check:", type="primary", key="review-save")
            later = st.form_submit_button("Later", icon=":material/skip_next:", key="review-later")
    if grade:
        st.caption(f"Graded {grade.graded_at:%Y-%m-%d %H:%M} UTC by {plain(grade.grader)}.")
    if later:
        st.session_state[_SKIPPED].add(chosen.exchange_id)
        st.rerun()
    if saved:
        _save(store, user, sample, chosen, verdict, note)


def _save(store: Store, user: User, sample: Sample, chosen: Sampled, verdict: Verdict | None, note: str) -> None:
    if verdict is None:
        show_error("Choose a verdict first.")
        return
    try:
        grades.record_grade(store, user, chosen.exchange_id, sample.week, verdict, redact(note).text if note.strip() else "")
    except (StoreError, RedactionError, CipherError, NotAllowedError) as error:
        st.session_state[_TOLD] = str(error)
    st.rerun()
