"""The figures of a dashboard, computed once for each filter and state of the data, whoever looks; no texts are in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from dbbuddy.analytics import overview
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.suppression import fewest_for
from dbbuddy.analytics.view import look
from dbbuddy.identity import User, require
from dbbuddy.ui.analytics.source import Source

_MOST = 64
Key = tuple[Any, ...]


def adoption(source: Source, user: User, chosen: Filter) -> overview.AdoptionFigures:
    """The figures of the adoption page.

    Raises:
        NotAllowedError: the user is no manager.
        StoreError: the store cannot be read.
    """
    require(user, "manager")
    return _adoption(
        _key(source, user, chosen), lambda: overview.adoption_figures(look(source.store, source.viewer(user), chosen, source.heads))
    )


def quality(source: Source, user: User, chosen: Filter) -> overview.QualityFigures:
    """The figures of the quality page.

    Raises:
        NotAllowedError: the user is no manager.
        StoreError: the store cannot be read.
    """
    require(user, "manager")
    return _quality(
        _key(source, user, chosen), lambda: overview.quality_figures(look(source.store, source.viewer(user), chosen, source.heads))
    )


def _key(source: Source, user: User, chosen: Filter) -> Key:
    """What the figures depend on: not on who looks, but on how small a group may be shown to them; and on the day."""
    heads = tuple(sorted(source.heads.items()))
    return (*source.key, source.today, chosen, heads, fewest_for(source.viewer(user)))


@st.cache_data(max_entries=_MOST, show_spinner="Computing the figures")
def _adoption(key: Key, _compute: Callable[[], overview.AdoptionFigures]) -> overview.AdoptionFigures:
    return _compute()


@st.cache_data(max_entries=_MOST, show_spinner="Computing the figures")
def _quality(key: Key, _compute: Callable[[], overview.QualityFigures]) -> overview.QualityFigures:
    return _compute()
