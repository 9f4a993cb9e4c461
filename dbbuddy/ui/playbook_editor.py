"""The tab of the knowledge page that checks a new or edited playbook. It writes nothing on the server."""

from __future__ import annotations

import streamlit as st

from dbbuddy.advisor import Advisor
from dbbuddy.data_files import DATA
from dbbuddy.diagnosis.drafts import Draft, review, with_draft
from dbbuddy.diagnosis.explain import Explanation
from dbbuddy.diagnosis.playbook import Playbook
from dbbuddy.intake.text import InputError, decode_file
from dbbuddy.rendering import code_span
from dbbuddy.settings import settings
from dbbuddy.ui import match_explanation
from dbbuddy.ui.playbook_browser import reader_choice, show_as_read_by
from dbbuddy.ui.text import plain, show_error

_TEXT = "draft-text"
_CHECKED = "draft-checked"
_RANKED = "draft-ranked"
_UPLOAD = "draft-upload"
_MONOSPACE = "<style>.st-key-draft-text textarea {font-family: var(--st-code-font, monospace); font-size: 0.85rem}</style>"
_SHOWN_PROBLEMS = 50


def template() -> str:
    """A short playbook that is valid, to start from."""
    return (DATA / "samples" / "my-first-playbook.md").read_text(encoding="utf-8")


def edit_text(text: str) -> None:
    """Put a playbook file's text into the editor."""
    st.session_state[_TEXT] = text
    st.session_state.pop(_CHECKED, None)


def draw(advisor: Advisor) -> None:
    """The editor, the button that checks, and what came of it."""
    st.session_state.setdefault(_TEXT, template())
    st.html(_MONOSPACE)
    _draw_start(advisor)
    text = st.text_area("Playbook", height=460, key=_TEXT) or ""
    question = st.text_input(
        "Test question", placeholder="What a user would ask that this playbook should answer", max_chars=2000, key="draft-question"
    )
    if st.button("Check", type="primary", icon=":material/fact_check:", key="draft-check"):
        st.session_state[_CHECKED] = (text, question or "")
    st.caption(_where_to())
    if _CHECKED not in st.session_state:
        return
    checked, asked = st.session_state[_CHECKED]
    if checked != text:
        st.info("The text has changed since it was checked.", icon=":material/edit:")
        return
    draft = review(checked, advisor.library)
    if draft.problems or draft.playbook is None:
        _draw_problems(draft)
    else:
        _draw_valid(draft, draft.playbook, asked, advisor)


def _draw_start(advisor: Advisor) -> None:
    slugs = sorted(advisor.library.playbooks)
    with st.expander("Start from a playbook or a file", icon=":material/file_open:"):
        slug = st.selectbox("Playbook", slugs, index=None, placeholder="Choose one", key="draft-start")
        with st.container(horizontal=True):
            chosen = advisor.library.playbooks.get(slug or "")
            st.button(
                "Load it", key="draft-load", disabled=chosen is None, on_click=edit_text, args=(chosen.text if chosen else "",)
            )
            st.button("Load the template", key="draft-template", on_click=_load_template)
        st.file_uploader("File", type=["md"], key=_UPLOAD, on_change=_load_file, max_upload_size=1)
        if "draft-refused" in st.session_state:
            show_error(st.session_state.pop("draft-refused"))


def _load_template() -> None:
    st.session_state[_TEXT] = template()
    st.session_state.pop(_CHECKED, None)


def _load_file() -> None:
    file = st.session_state.get(_UPLOAD)
    if file is None:
        return
    try:
        st.session_state[_TEXT] = decode_file(file.name, file.getvalue())
    except InputError as error:
        st.session_state["draft-refused"] = str(error)
    st.session_state.pop(_CHECKED, None)


def _where_to() -> str:
    folder = settings().playbook_folder
    if folder:
        return f"Put the file into {code_span(str(folder))} on the server. It is in use a few seconds later, without a restart."
    return (
        "No folder for your own playbooks is set. Start DB-Buddy with `DBBUDDY_PLAYBOOK_FOLDER` set to one; "
        "files put there are then in use a few seconds later."
    )


def _draw_problems(draft: Draft) -> None:
    count = len(draft.problems)
    st.error(f"{count} problem{'s' * (count != 1)}. The playbook would be left out.", icon=":material/error:")
    shown = [
        {"Line": str(problem.line or "–"), "Problem": plain(problem.what[:600])} for problem in draft.problems[:_SHOWN_PROBLEMS]
    ]
    st.table(shown, hide_index=True)
    if count > _SHOWN_PROBLEMS:
        st.caption(f"The first {_SHOWN_PROBLEMS} are listed.")


def _draw_valid(draft: Draft, playbook: Playbook, question: str, advisor: Advisor) -> None:
    st.success("Valid.", icon=":material/check_circle:")
    for remark in draft.remarks:
        st.info(plain(remark), icon=":material/info:")
    st.download_button(
        f"Download {draft.file_name}",
        data=playbook.text,
        file_name=draft.file_name,
        mime="text/markdown",
        icon=":material/download:",
        on_click="ignore",
        key="draft-download",
    )
    if question.strip():
        _draw_rank(playbook, question, advisor)
    else:
        st.caption("Write a test question above and check again to see how this playbook would rank.")
    st.markdown("##### Preview")
    show_as_read_by(playbook, reader_choice(playbook, f"draft-reader-{playbook.slug}"))


def _ranked(playbook: Playbook, question: str, advisor: Advisor) -> tuple[Explanation, ...]:
    """What the question would find if the draft were in use; kept until text, question or playbooks change."""
    asked = (playbook.text, question, id(advisor))
    if st.session_state.get(_RANKED, (None,))[0] != asked:
        with st.spinner("Ranking it among the others"):
            found = Advisor(with_draft(advisor.library, playbook)).explain(question)[1]
        st.session_state[_RANKED] = (asked, found)
    ranked: tuple[Explanation, ...] = st.session_state[_RANKED][1]
    return ranked


def _draw_rank(playbook: Playbook, question: str, advisor: Advisor) -> None:
    st.markdown("##### How it ranks on the test question")
    try:
        found = _ranked(playbook, question, advisor)
    except InputError as error:
        show_error(error)
        return
    place = next((n for n, row in enumerate(found) if row.playbook.slug == playbook.slug), None)
    if place is None:
        st.warning(
            "It is not among the first ten. Add symptoms or phrases in the words of this question.", icon=":material/trending_down:"
        )
    else:
        st.markdown(f"Place **{place + 1}**, {found[place].confidence:.0%} sure.")
    if found:
        match_explanation.ranking_table(found)
    if place is not None:
        match_explanation.draw_reasons(found[place])
