"""What of the address the dashboards share, so that a link from one to the next keeps it."""

from __future__ import annotations

import streamlit as st

_KEYS = ("sample", "period", "month", "days", "compare", "team", "category", "engine", "environment", "provider")
_PAGES = frozenset({"pages/adoption.py", "pages/roi.py", "pages/quality.py"})


def carried(target: str) -> list[tuple[str, str]] | None:
    """The parameters for a link to a page; None if it is no dashboard.

    Streamlit itself keeps only what was changed in this session, not what came with the address.
    """
    if target not in _PAGES:
        return None
    return [(key, value) for key in _KEYS for value in st.query_params.get_all(key)] or None
