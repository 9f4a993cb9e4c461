"""What the planner was told of tables and columns, to be corrected and tried again."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dbbuddy.sqlreview.scratch.model import TableAssumption, as_stats
from dbbuddy.ui.review import session
from dbbuddy.ui.review.session import Opened

_NUMBERS = {"Distinct": "distinct", "NULLs": "null_share", "Order": "correlation"}


def draw(opened: Opened) -> None:
    """Two tables that can be edited, and the button that reviews with them."""
    told = opened.review.verified
    if told is None or told.reason or not told.assumptions:
        return
    with st.expander("What the planner was told; correct it and try again", icon=":material/tune:", key="review-assumptions"):
        st.caption(
            "Numbers that you did not state are assumed. Distinct: how many different values; "
            "NULLs: their share from 0 to 1; Order: how well the values follow the order of the rows, from -1 to 1; "
            "Vacuumed: the share of pages that VACUUM has marked, which index-only scans need."
        )
        tables = st.data_editor(
            [_table(table) for table in told.assumptions],
            key=f"review-assumed-tables-{opened.moment}",
            hide_index=True,
            disabled=["Table", "Rows are", "Made up"],
            column_config={
                "Rows": st.column_config.NumberColumn(min_value=0, format="localized"),
                "Vacuumed": st.column_config.NumberColumn(min_value=0.0, max_value=1.0, step=0.01),
            },
        )
        columns = st.data_editor(
            [_column(table, place) for table in told.assumptions for place in range(len(table.columns))],
            key=f"review-assumed-columns-{opened.moment}",
            hide_index=True,
            disabled=["Table", "Column", "Type", "Is"],
            column_config={
                "Distinct": st.column_config.NumberColumn(min_value=0, format="localized"),
                "NULLs": st.column_config.NumberColumn(min_value=0.0, max_value=1.0, step=0.01),
                "Order": st.column_config.NumberColumn(min_value=-1.0, max_value=1.0, step=0.01),
            },
        )
        if st.button("Try again with these", icon=":material/replay:", key=f"review-retry-{opened.moment}"):
            session.assume(opened, _edited(told.assumptions, tables, columns, opened))
            st.rerun()


def _table(table: TableAssumption) -> dict[str, Any]:
    return {
        "Table": table.table,
        "Rows": table.rows,
        "Rows are": table.rows_source,
        "Vacuumed": table.visible_share,
        "Made up": table.inferred,
    }


def _column(table: TableAssumption, place: int) -> dict[str, Any]:
    column = table.columns[place]
    return {
        "Table": table.table,
        "Column": column.column,
        "Type": column.type,
        "Distinct": column.distinct,
        "NULLs": column.null_share,
        "Order": column.correlation,
        "Is": column.source,
    }


def _edited(
    before: tuple[TableAssumption, ...], tables: list[dict[str, Any]], columns: list[dict[str, Any]], opened: Opened
) -> dict[str, Any]:
    """The statistics that were given, with what differs from what the planner was told."""
    known = as_stats(before)
    stats: dict[str, Any] = {
        name: dict(told) if isinstance(told, dict) else {"rows": told} for name, told in opened.asked.stats.items()
    }
    own = {name.lower(): name for name in stats}

    def entry(table: str) -> dict[str, Any]:
        made: dict[str, Any] = stats.setdefault(own.setdefault(table.lower(), table), {})
        return made

    for row in tables:
        name, told = row["Table"], known[row["Table"]]
        for label, field in (("Rows", "rows"), ("Vacuumed", "visible_share")):
            if row[label] is not None and row[label] != told[field]:
                entry(name)[field] = row[label]
    for row in columns:
        facts: Any = known[row["Table"]]["columns"]
        told_column = facts[row["Column"]]
        changed = {
            field: row[label] for label, field in _NUMBERS.items() if row[label] is not None and row[label] != told_column[field]
        }
        if changed:
            every = entry(row["Table"])
            every["columns"] = {
                **every.get("columns", {}),
                row["Column"]: {**every.get("columns", {}).get(row["Column"], {}), **changed},
            }
    return stats
