"""The exchanges behind the figures, without their texts."""

from __future__ import annotations

import streamlit as st

from dbbuddy.analytics.drilldown import MOST, exchanges
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.suppression import FEWEST
from dbbuddy.analytics.tables import Origin
from dbbuddy.analytics.view import look
from dbbuddy.identity import User
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.analytics import table
from dbbuddy.ui.analytics.source import Source
from dbbuddy.ui.text import show_error


@st.fragment
def draw(source: Source, user: User, chosen: Filter, origin: Origin) -> None:
    """A line to open; the rows are read when it is open."""
    with st.expander("The exchanges behind these figures", icon=":material/list:", key="behind", on_change="rerun") as line:
        if not line.open:
            return
        try:
            view = look(source.store, source.viewer(user), chosen, source.heads)
            found = exchanges(view, settings().time_zone if source.own else "UTC")
        except StoreError as error:
            show_error(error)
            return
        if not found.rows:
            st.caption("There are none, or the choice is about too few people.")
            return
        table.content(found, origin)
        more = ", no more are listed" if len(found.rows) == MOST else ""
        st.caption(
            f"The newest {len(found.rows):,}{more}, without texts and people. "
            f"A team is named only where at least {FEWEST} of its people asked about the category."
        )
