"""What a dashboard says when it may not show figures, and how old they are."""

from __future__ import annotations

from datetime import UTC
from zoneinfo import ZoneInfo

import streamlit as st

from dbbuddy.analytics.overview import Basis
from dbbuddy.analytics.suppression import FEWEST
from dbbuddy.settings import settings
from dbbuddy.ui.analytics.source import Source

_NEVER = 1970


def too_few() -> None:
    """The choice is about too few people."""
    st.info(
        f"**Hidden.** This choice is about fewer than {FEWEST} people, or it would tell such a group from the others. "
        "Choose a longer period, or take a filter away.",
        icon=":material/visibility_off:",
    )


def as_of(basis: Basis, source: Source) -> None:
    """When the roll-ups were brought up to date."""
    if basis.as_of.year == _NEVER:
        st.caption("The figures have not been computed yet. This happens within a minute after the start.")
        return
    zone = settings().time_zone if source.own else "UTC"
    moment = basis.as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    st.caption(f"As of {moment:%Y-%m-%d %H:%M} ({zone}). Days are counted in this time zone.")
