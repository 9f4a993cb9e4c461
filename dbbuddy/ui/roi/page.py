"""The ROI page for one choice of the filter bar."""

from __future__ import annotations

import streamlit as st

from dbbuddy.analytics.roi.assess import Assessment
from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.tables import Origin
from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.analytics import states
from dbbuddy.ui.analytics.filter_bar import Chosen
from dbbuddy.ui.analytics.source import Source, offer_sample
from dbbuddy.ui.roi import assumptions as assumed
from dbbuddy.ui.roi import baseline, figures, result, takes
from dbbuddy.ui.text import show_error

TABS = ["Result", "What it would take", "Assumptions", "Baseline"]
_APPEARS = (
    "As soon as problems are settled (nobody came back to them for 7 days), this page shows the DBA hours they freed, what that "
    "is worth, what it costs, how sure all of it is, and which evidence it rests on. Before the launch is the time to record a "
    "baseline: how many tickets DBAs get and how long they take."
)


def draw(source: Source, user: User, chosen: Chosen) -> None:
    """The tabs; only the open one is computed."""
    try:
        now = assumed.current(source)
        ledger, basis = figures.ledger(source, user, chosen.filter)
        earlier = figures.ledger(source, user, chosen.before)[0] if chosen.before else None
    except StoreError as error:
        show_error(error)
        return
    origin = Origin(chosen.filter, basis.as_of, not source.own)
    waiting = st.toggle(
        "Count the developers' waiting time",
        key="waiting",
        bind="query-params",
        help="Real, but another pocket: it is a line of its own and never part of the DBA hours.",
    )
    found = figures.assessment(ledger, now.assumptions, waiting=waiting)
    before = figures.assessment(earlier, now.assumptions, waiting=waiting) if earlier else None
    shown, take, assumptions, recorded = st.tabs(TABS, key="roi-tab", on_change="rerun")
    if shown.open:
        with shown:
            _result(source, user, found, before, now.assumptions, origin)
    if take.open:
        with take:
            takes.draw(found, now.assumptions, origin)
    if assumptions.open:
        with assumptions:
            assumed.draw(source, user, now)
    if recorded.open:
        with recorded:
            baseline.draw(source, user, origin)
    states.as_of(basis, source)


def _result(
    source: Source, user: User, found: Assessment, before: Assessment | None, assumptions: Assumptions, origin: Origin
) -> None:
    if found.state == "hidden":
        states.too_few()
    elif found.state == "unused":
        offer_sample(user, source, _APPEARS)
    else:
        result.draw(found, before, assumptions, origin)
