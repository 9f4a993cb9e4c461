"""How a plan comes in: pasted, as a file, or an example; what cannot be read is explained."""

from __future__ import annotations

import streamlit as st

from dbbuddy.context import ENGINE_NAMES, ENGINES, Engine
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.plans.files import MAX_MB, text_of_file
from dbbuddy.plans.model import PlanError
from dbbuddy.ui import examples
from dbbuddy.ui.plans import session
from dbbuddy.ui.text import show_error

_TEXT = "plans-text"
_FILE = "plans-file"
_ENGINE = "plans-engine"
_PROBLEM = "plans-problem"
_EXAMPLE = "plans-example"
# The largest paste that is kept in the text field: a larger one would be sent back and forth with every click.
_KEPT = 200_000
_MONOSPACE = (
    "<style>.st-key-plans-text textarea {font-family: var(--st-code-font, monospace); font-size: 0.8rem; white-space: pre}</style>"
)
_HOW: dict[Engine, str] = {
    "postgresql": "EXPLAIN (ANALYZE, BUFFERS, SETTINGS)\nSELECT …;",
    "mysql": "EXPLAIN ANALYZE SELECT …;      -- runs the statement\nEXPLAIN FORMAT=JSON SELECT …;  -- does not run it",
    "mariadb": "ANALYZE FORMAT=JSON SELECT …;  -- runs the statement",
    "sqlserver": "SET STATISTICS XML ON;\nSELECT …;\n-- then save the plan as .sqlplan, or copy its XML",
    "oracle": (
        "SELECT /*+ gather_plan_statistics */ …;\n"
        "SELECT * FROM TABLE(DBMS_XPLAN.DISPLAY_CURSOR(format => 'ALLSTATS LAST +PREDICATE'));"
    ),
}


def draw() -> None:
    """The input, full size while nothing is open, else folded away."""
    if session.opened() is None:
        st.markdown(
            "Paste what `EXPLAIN` printed, in any format of **PostgreSQL, MySQL, MariaDB, SQL Server or Oracle**. "
            "You see where the time goes and what to change. Nothing is stored."
        )
        examples.draw("plans", _EXAMPLE, _open_example)
        _form(height=260)
        _how_to_get_one()
    else:
        with st.expander("Another plan", icon=":material/content_paste:", key="plans-another"):
            examples.draw("plans", _EXAMPLE, _open_example)
            _form(height=180)
    if _PROBLEM in st.session_state:
        show_error(st.session_state.pop(_PROBLEM))


def _form(height: int) -> None:
    st.html(_MONOSPACE)
    st.text_area("Plan", key=_TEXT, height=height, placeholder="Paste the whole output, from its first line")
    engine_place, read_place = st.columns([3, 2], vertical_alignment="bottom")
    with engine_place:
        st.selectbox(
            "Engine",
            [None, *ENGINES],
            format_func=lambda name: ENGINE_NAMES[name] if name else "Read from the text",
            key=_ENGINE,
            filter_mode=None,
        )
    with read_place:
        st.button(
            "Read the plan", type="primary", icon=":material/account_tree:", key="plans-read", on_click=_read, width="stretch"
        )
    st.file_uploader(
        f"Or a file, up to {MAX_MB} MB: .sqlplan, text, JSON, XML, YAML, a log",
        key=_FILE,
        on_change=_read_file,
        max_upload_size=MAX_MB,
    )


def _how_to_get_one() -> None:
    with st.expander("How to get a plan with times", icon=":material/help:"):
        for name, statement in _HOW.items():
            st.markdown(f"**{ENGINE_NAMES[name]}**")
            st.code(statement, language="sql", wrap_lines=True)


def _open(text: str, engine: Engine | None) -> None:
    try:
        session.open_text(text, engine)
    except PlanError as error:
        st.session_state[_PROBLEM] = str(error)


def _read() -> None:
    text = st.session_state[_TEXT] or ""
    _open(text, st.session_state[_ENGINE])
    if len(text) > _KEPT:
        st.session_state[_TEXT] = ""


def _read_file() -> None:
    file = st.session_state.get(_FILE)
    if file is None:
        return
    try:
        text = text_of_file(file.name, file.getvalue())
    except PlanError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    _open(text, st.session_state[_ENGINE])


def _open_example() -> None:
    """Open the example and release it, so that it can be opened again."""
    name = st.session_state[_EXAMPLE]
    st.session_state[_EXAMPLE] = None
    if name:
        example = load_yaml("samples/plans/examples.yaml")[name]
        text = (DATA / "samples" / "plans" / example["file"]).read_text(encoding="utf-8")
        st.session_state[_TEXT] = text
        _open(text, None)
