"""The adoption page for one choice of the filter bar."""

from __future__ import annotations

from dbbuddy.analytics.tables import Origin
from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.adoption import sections
from dbbuddy.ui.analytics import behind, figures, notes, reporting, states
from dbbuddy.ui.analytics.filter_bar import Chosen
from dbbuddy.ui.analytics.source import Source, offer_sample
from dbbuddy.ui.text import show_error

_APPEARS = (
    "As soon as people ask, this page shows how many of your developers use the app by day, week and month, whether they come "
    "back, how far they get, and how the teams compare with the target of 80 %."
)


def draw(source: Source, user: User, chosen: Chosen) -> None:
    """The page: figures, charts, annotations, and what stands behind them."""
    try:
        now = figures.adoption(source, user, chosen.filter)
        before = figures.adoption(source, user, chosen.before) if chosen.before else None
    except StoreError as error:
        show_error(error)
        return
    origin = Origin(chosen.filter, now.basis.as_of, not source.own)
    if now.basis.suppressed:
        states.too_few()
    elif now.basis.empty:
        offer_sample(user, source, _APPEARS)
        notes.draw(source, user, notes.read(source, user, chosen.filter))
    else:
        marks = notes.read(source, user, chosen.filter)
        sections.draw_tiles(now, before)
        sections.draw_trend(now, before, marks, origin, source.today)
        notes.draw(source, user, marks)
        sections.draw_depth(now, origin)
        sections.draw_retention(now, origin)
        sections.draw_teams(now, origin)
        behind.draw(source, user, chosen.filter, origin)
        reporting.draw(source, chosen.filter)
    states.as_of(now.basis, source)
