"""What is reviewed: SQL, DDL, statistics, engine and version; as text, files, or an example."""

from __future__ import annotations

import json
from typing import Any

import streamlit as st

from dbbuddy.context import ENGINE_NAMES, ENGINES, Engine
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.intake.text import InputError, decode_file
from dbbuddy.sqlreview.inputs import stats_of, with_rows
from dbbuddy.ui import examples
from dbbuddy.ui.review import session
from dbbuddy.ui.text import show_error

_SQL = "review-sql"
_SCHEMA = "review-schema"
_STATS = "review-stats"
_ROWS = "review-rows"
_KNOWN_ROWS = "review-known-rows"
_ENGINE = "review-engine"
_VERSION = "review-version"
_EXAMPLE = "review-example"
_FILE = "review-file"
_PROBLEM = "review-problem"
# The largest text that is kept in its field: a larger one would be sent back and forth with every click.
_KEPT = 200_000
_MONOSPACE = (
    "<style>.st-key-review-sql textarea, .st-key-review-schema textarea, .st-key-review-stats textarea "
    "{font-family: var(--st-code-font, monospace); font-size: 0.8rem; white-space: pre}</style>"
)
_VERSIONS: dict[Engine | None, str] = {
    None: "16, 8.0.36, 2022, 19c",
    "postgresql": "16",
    "mysql": "8.0.36",
    "mariadb": "10.11",
    "sqlserver": "2022",
    "oracle": "19c",
}


def draw() -> None:
    """The input, full size while nothing is open, else folded away."""
    if session.CORRECTED in st.session_state:
        _take_over(st.session_state.pop(session.CORRECTED))
    if session.opened() is None:
        st.markdown(
            "Paste queries, DDL or a migration of **PostgreSQL, MySQL, MariaDB, SQL Server or Oracle**. "
            "You see what is wrong and where, the rewritten statement, the locks of a migration, and the indexes that help; "
            "for PostgreSQL its own planner tries them on empty copies of your tables. Nothing is run, nothing is stored."
        )
        examples.draw("review", _EXAMPLE, _open_example)
        _form(height=260)
    else:
        with st.expander(
            "Change the SQL, the tables or the row counts",
            icon=":material/edit:",
            expanded=_PROBLEM in st.session_state,
            key=f"review-again-{_PROBLEM in st.session_state}",
        ):
            examples.draw("review", _EXAMPLE, _open_example)
            _form(height=200)


def _form(height: int) -> None:
    st.html(_MONOSPACE)
    sql, tables = st.columns(2)
    with sql:
        st.text_area("SQL", key=_SQL, height=height, placeholder="One statement or a whole script")
    with tables:
        st.text_area(
            "Tables (DDL), if you have it",
            key=_SCHEMA,
            height=height,
            placeholder="CREATE TABLE …; CREATE INDEX …;",
            help="Types, keys and existing indexes make the findings exact, and no index is advised that exists.",
        )
    _statistics()
    engine, version, button = st.columns([3, 2, 3], vertical_alignment="bottom")
    with engine:
        chosen = st.selectbox(
            "Engine",
            [None, *ENGINES],
            format_func=lambda name: ENGINE_NAMES[name] if name else "Read from the text",
            key=_ENGINE,
            filter_mode=None,
        )
    with version:
        st.text_input("Version", key=_VERSION, placeholder=_VERSIONS[chosen], max_chars=20)
    with button:
        st.button("Review", type="primary", icon=":material/rule:", key="review-go", on_click=_review, width="stretch")
    if _PROBLEM in st.session_state:
        show_error(st.session_state.pop(_PROBLEM))
    st.file_uploader("Or a .sql file, up to 5 MB", key=_FILE, on_change=_take_file, max_upload_size=5, type=["sql", "txt", "log"])


def _statistics() -> None:
    with st.expander("Row counts and statistics", icon=":material/table_rows:", key="review-statistics"):
        rows, text = st.columns([2, 3], gap="medium")
        with rows:
            st.markdown("**How many rows?** A rough number is enough.")
            st.data_editor(
                st.session_state.setdefault(_KNOWN_ROWS, [{"Table": "", "Rows": None}]),
                key=_rows_key(),
                num_rows="dynamic",
                hide_index=True,
                column_config={
                    "Table": st.column_config.TextColumn(max_chars=128, width="medium"),
                    "Rows": st.column_config.NumberColumn(min_value=0, format="localized", width="small"),
                },
            )
        with text:
            st.text_area(
                "Or statistics as JSON",
                key=_STATS,
                height=120,
                placeholder='{"orders": {"rows": 5000000, "columns": {"status": {"distinct": 6}}}}',
            )
            engine = st.session_state.get(_ENGINE) or (held.review.engine if (held := session.opened()) else None) or "postgresql"
            with st.popover("The query that exports them", icon=":material/database:"):
                st.caption(f"For {ENGINE_NAMES[engine]}; choose the engine below for another one. Paste its result above.")
                st.code(export_query(engine), language="sql", wrap_lines=True)


def export_query(engine: Engine) -> str:
    """The query that prints an engine's statistics as the review takes them."""
    return (DATA / "statistics_queries" / f"{engine}.sql").read_text(encoding="utf-8").strip()


def _rows_key() -> str:
    """A new key for each set of rows, as an editor keeps its edits under its key."""
    return f"{_ROWS}-{st.session_state.get(f'{_KNOWN_ROWS}-moment', 0)}"


def _edited_rows() -> list[dict[str, Any]]:
    """The rows of the table of row counts as they stand now."""
    rows = [dict(row) for row in st.session_state.get(_KNOWN_ROWS, [])]
    edits = st.session_state.get(_rows_key(), {})
    for place, changed in edits.get("edited_rows", {}).items():
        rows[int(place)].update(changed)
    gone = set(edits.get("deleted_rows", ()))
    return [row for place, row in enumerate(rows) if place not in gone] + list(edits.get("added_rows", ()))


def _set_rows(rows: list[dict[str, Any]]) -> None:
    st.session_state[_KNOWN_ROWS] = rows or [{"Table": "", "Rows": None}]
    st.session_state[f"{_KNOWN_ROWS}-moment"] = st.session_state.get(f"{_KNOWN_ROWS}-moment", 0) + 1


def _take_over(stats: dict[str, Any]) -> None:
    """Fill the form with statistics that were corrected elsewhere, so that the next review does not lose them."""
    st.session_state[_STATS] = json.dumps(stats)
    rows = {table: told.get("rows") if isinstance(told, dict) else told for table, told in stats.items()}
    _set_rows([{"Table": table, "Rows": count} for table, count in rows.items()])


def _review() -> None:
    state = st.session_state
    sql, schema = state[_SQL] or "", state[_SCHEMA] or ""
    rows = _edited_rows()
    try:
        told = (state.get(_STATS) or "").strip()
        stats = with_rows(stats_of(told) if told else {}, [(row.get("Table") or "", row.get("Rows")) for row in rows])
        session.open_review(sql, schema, stats, state[_ENGINE], (state[_VERSION] or "").strip() or None)
    except InputError as error:
        state[_PROBLEM] = str(error)
        return
    _set_rows([row for row in rows if row.get("Table")])
    for key, text in ((_SQL, sql), (_SCHEMA, schema)):
        if len(text) > _KEPT:
            state[key] = ""


def _take_file() -> None:
    file = st.session_state.get(_FILE)
    if file is None:
        return
    try:
        st.session_state[_SQL] = decode_file(file.name, file.getvalue())
    except InputError as error:
        st.session_state[_PROBLEM] = str(error)
        return
    _review()


def _open_example() -> None:
    """Review the example and release it, so that it can be opened again."""
    state = st.session_state
    name = state[_EXAMPLE]
    state[_EXAMPLE] = None
    if not name:
        return
    example = load_yaml("samples/review/examples.yaml")[name]
    state[_SQL], state[_SCHEMA] = example["sql"], example["schema"]
    state[_ENGINE], state[_VERSION] = example["engine"], example["version"]
    stats: dict[str, Any] = example["stats"]
    _take_over(stats)
    session.open_review(example["sql"], example["schema"], stats, example["engine"], example["version"])
