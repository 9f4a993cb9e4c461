"""A table with its CSV. What is shown and what is downloaded are the same cells."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from dbbuddy.analytics.definitions import Unit
from dbbuddy.analytics.tables import Column, Origin, Table, csv_of, safe_text

_HEIGHT = 420
_FORMATS: dict[Unit, str] = {
    "share": "percent",
    "stars": "%.2f",
    "milliseconds": "%,.0f ms",
    "minutes": "%,.0f min",
    "dollars": "$%,.2f",
    "people": "localized",
    "count": "localized",
}


def draw(table: Table, origin: Origin, *, opened: bool = False) -> None:
    """The table and its CSV under one line to open; nothing without rows."""
    if not table.rows:
        return
    with st.expander(f"Table and CSV: {table.title.lower()}", icon=":material/table:", expanded=opened):
        content(table, origin)


def content(table: Table, origin: Origin) -> None:
    """The table and the button for its CSV."""
    frame = pd.DataFrame(
        {column.name: [_cell(row[place]) for row in table.rows] for place, column in enumerate(table.columns)}, copy=False
    )
    height = min(_HEIGHT, 36 * len(frame) + 40)
    st.dataframe(frame, hide_index=True, height=height, column_config=_columns(table.columns), key=f"table-{table.id}")
    first, last = origin.filter.period.first, origin.filter.period.last
    st.download_button(
        "Download CSV",
        data=lambda: csv_of(table, origin),
        file_name=f"dbbuddy-{'sample-' if origin.sample else ''}{table.id}-{first}-{last}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key=f"csv-{table.id}",
    )


def _columns(columns: tuple[Column, ...]) -> dict[str, Any]:
    return {column.name: st.column_config.NumberColumn(format=_FORMATS[column.unit]) for column in columns if column.unit}


def _cell(cell: Any) -> Any:
    """The table's own bar saves a CSV too, so text is as safe as in ours."""
    return safe_text(cell) if isinstance(cell, str) else cell
