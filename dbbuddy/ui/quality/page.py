"""The quality page for one choice of the filter bar."""

from __future__ import annotations

from dbbuddy.analytics.tables import Origin
from dbbuddy.identity import User
from dbbuddy.store.errors import StoreError
from dbbuddy.ui.analytics import behind, figures, notes, reporting, states
from dbbuddy.ui.analytics.filter_bar import Chosen
from dbbuddy.ui.analytics.source import Source, offer_sample
from dbbuddy.ui.quality import sections
from dbbuddy.ui.text import show_error

_APPEARS = (
    "As soon as people ask, this page shows how they rate the answers, how many problems are solved without a DBA, whether the "
    "app's confidence keeps its word, and how fast the rules and the models answer."
)


def draw(source: Source, user: User, chosen: Chosen) -> None:
    """The page: figures, charts, and what stands behind them."""
    try:
        now = figures.quality(source, user, chosen.filter)
        before = figures.quality(source, user, chosen.before) if chosen.before else None
    except StoreError as error:
        show_error(error)
        return
    origin = Origin(chosen.filter, now.basis.as_of, not source.own)
    if now.basis.suppressed:
        states.too_few()
    elif now.basis.empty:
        offer_sample(user, source, _APPEARS)
    else:
        marks = notes.read(source, user, chosen.filter)
        sections.draw_tiles(now, before)
        sections.draw_outcomes(now, marks, origin)
        notes.draw(source, user, marks)
        sections.draw_ratings(now, origin)
        sections.draw_answers(now, origin)
        sections.draw_tickets(now, origin)
        sections.draw_speed(now, origin)
        behind.draw(source, user, chosen.filter, origin)
        reporting.draw(source, chosen.filter)
    states.as_of(now.basis, source)
