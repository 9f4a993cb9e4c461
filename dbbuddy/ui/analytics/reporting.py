"""The report of what the filter bar says, to take along."""

from __future__ import annotations

import streamlit as st

from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.report.content import report
from dbbuddy.analytics.report.page import html
from dbbuddy.analytics.roi.assumptions import AssumptionError, Assumptions, defaults, read
from dbbuddy.store import assumptions
from dbbuddy.ui.analytics.source import Source


def draw(source: Source, chosen: Filter) -> None:
    """A button for the page as HTML; it is computed when it is pressed."""
    st.download_button(
        "One-page report",
        data=lambda: html(report(source.store, chosen, source.heads, _assumptions(source), sample=not source.own)),
        file_name=f"dbbuddy-{'' if source.own else 'sample-'}report-{chosen.period.first}-{chosen.period.last}.html",
        mime="text/html",
        icon=":material/summarize:",
        on_click="ignore",
        key="report",
        help="One HTML file that loads nothing from elsewhere, with a print style. It hides groups of fewer than 5 people. "
        "`python -m dbbuddy report` makes it on a schedule.",
    )


def _assumptions(source: Source) -> Assumptions:
    versions = assumptions.versions(source.store)
    try:
        return read(versions[0].content) if versions else defaults()
    except AssumptionError:  # the ROI page says so, and what to do
        return defaults()
