"""The tab of the knowledge page that says what to write next, ranked by the DBA work that it could save."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dbbuddy.advisor import Advisor
from dbbuddy.analytics import gap_tables, wording
from dbbuddy.analytics.definitions import definitions
from dbbuddy.analytics.drafts import draft_playbook
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.gaps import MOST, CodeGap, Gaps, PlaybookGap, QuestionGap, gaps
from dbbuddy.analytics.refresh import refreshed_at
from dbbuddy.analytics.tables import Origin
from dbbuddy.diagnosis.library import Library
from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.analytics import filter_bar, source, table
from dbbuddy.ui.analytics.source import Source
from dbbuddy.ui.text import plain, show_error

Edit = Callable[[str], None]
_KEPT = "gaps-found"
_KINDS = ("Questions without a diagnosis", "Playbooks that did not help", "Codes without a playbook")
_SHOWN = 8
_TEXTS = 5
_TITLE = 110
_APPEARS = (
    "When people ask what no playbook answers with confidence, come back with a problem, or name an error code that no playbook "
    "knows, it is listed here with the DBA work that a playbook could save."
)


def draw(user: User, advisor: Advisor, edit: Edit) -> None:
    """The filter, the three lists, and drafts; `edit` is called with the text of a playbook to be edited."""
    shown = source.opened(user, "Gaps")
    chosen = filter_bar.draw(shown, compared=False)
    try:
        found = _found(shown, user, chosen.filter, advisor.library)
        origin = Origin(chosen.filter, refreshed_at(shown.store), not shown.own)
    except StoreError as error:
        show_error(error)
        return
    counts = (len(found.questions), len(found.playbooks), len(found.codes))
    if not any(counts):
        source.offer_sample(user, shown, _APPEARS)
        return
    st.caption(definitions()["gaps"].text + (f" Only the newest {MOST:,} unsure questions were compared." if found.cut else ""))
    labels = {f"{kind} · {count}": place for place, (kind, count) in enumerate(zip(_KINDS, counts, strict=True))}
    first = next(place for place, count in enumerate(counts) if count)
    label = st.segmented_control("Kind of gap", list(labels), default=list(labels)[first], required=True, key=f"gap-kind-{counts}")
    place = labels.get(label or "", first)
    rows: Sequence[QuestionGap | PlaybookGap | CodeGap] = (found.questions, found.playbooks, found.codes)[place]
    st.markdown(f"##### {_finding(rows)}")
    for number, gap in enumerate(rows[:_SHOWN]):
        with st.container(border=True, key=f"gap-{place}-{number}"):
            _draw_one(gap, user, advisor, edit, f"{place}-{number}")
    table.draw(gap_tables.gap_tables(found)[place], origin)


def _found(shown: Source, user: User, chosen: Filter, library: Library) -> Gaps:
    """The gaps of a choice, kept in this session only: there are texts in them."""
    key = (shown.key, chosen, user.id, id(library))
    kept: tuple[object, Gaps] | None = st.session_state.get(_KEPT)
    if kept is None or kept[0] != key:
        with st.spinner("Comparing the questions"):
            st.session_state[_KEPT] = (key, gaps(shown.store, user, chosen, library))
    found: Gaps = st.session_state[_KEPT][1]
    return found


def _finding(rows: Sequence[QuestionGap | PlaybookGap | CodeGap]) -> str:
    """How concentrated the work is."""
    total = sum(row.minutes for row in rows)
    if not rows or not total:
        return "Nothing here would save DBA work in this period" if rows else "None in this period"
    top = rows[: min(3, len(rows))]
    share = wording.value(sum(row.minutes for row in top) / total, "share")
    return f"The first {len(top)} of {len(rows)} make up {share} of {total / 60:,.0f} hours of DBA work"


def _draw_one(gap: QuestionGap | PlaybookGap | CodeGap, user: User, advisor: Advisor, edit: Edit, key: str) -> None:
    if isinstance(gap, QuestionGap):
        _question(gap, user, advisor, edit, key)
    elif isinstance(gap, PlaybookGap):
        _playbook(gap, advisor, edit, key)
    else:
        _code(gap, user, advisor, edit, key)


def _head(title: str, minutes: float, button: str, key: str, pressed: Callable[[], None], *, off: bool = False) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(title)}**", width="stretch")
        st.markdown(f":orange-badge[{minutes / 60:,.1f} h]", width="content")
        st.button(button, key=f"gap-draft-{key}", icon=":material/edit_note:", on_click=pressed, disabled=off)


def _question(gap: QuestionGap, user: User, advisor: Advisor, edit: Edit, key: str) -> None:
    first = " ".join((gap.questions[0] if gap.questions else "Questions whose texts are not kept").split())
    title = first if len(first) <= _TITLE else f"{first[:_TITLE]}…"
    _head(title, gap.minutes, "Draft a playbook from these", key, lambda: edit(draft_playbook(user, gap, advisor.library)))
    parts = [f"asked {gap.n:,} times", f"{gap.solved:,} solved nevertheless", wording.name(gap.category)]
    parts += [wording.name(engine) for engine in gap.engines] + list(gap.codes)
    st.caption(plain(" · ".join(parts)))
    others = list(dict.fromkeys(gap.questions[1:]))
    if others:
        with st.expander(f"How it was asked: {min(len(others), _TEXTS)} examples"):
            for text in others[:_TEXTS]:
                st.code(text[:1000], language=None, wrap_lines=True)


def _playbook(gap: PlaybookGap, advisor: Advisor, edit: Edit, key: str) -> None:
    book = advisor.library.playbooks.get(gap.slug)
    text = book.text if book else ""
    _head(book.head.title if book else gap.slug, gap.minutes, "Edit a copy", key, lambda: edit(text), off=not text)
    parts = [f"{gap.episodes:,} problems", f"{gap.told:,} with a told outcome", f"{gap.came_back:,} came back"]
    if gap.confirmed.value is not None:
        parts.append(f"{wording.figure_value(gap.confirmed)} confirmed solved ({wording.interval(gap.confirmed)})")
    if gap.satisfaction.value is not None:
        parts.append(f"{gap.satisfaction.value:.1f} stars of {gap.satisfaction.n:,} ratings")
    st.caption(plain(" · ".join(parts)))


def _code(gap: CodeGap, user: User, advisor: Advisor, edit: Edit, key: str) -> None:
    title = f"{gap.code}: {gap.title}" if gap.title else gap.code
    draft = gap_tables.as_question(gap)
    _head(title, gap.minutes, "Draft a playbook", key, lambda: edit(draft_playbook(user, draft, advisor.library)))
    st.caption(plain(f"{wording.name(gap.engine)} · asked {gap.n:,} times · {gap.solved:,} solved nevertheless"))
