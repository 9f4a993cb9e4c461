"""Whether DBAs get fewer tickets than before the launch."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dbbuddy.analytics.figures import Figure, hidden
from dbbuddy.analytics.queries import queries
from dbbuddy.analytics.statistics import ratio_of_rates
from dbbuddy.analytics.view import View

_PER = 100
"""Rates are per so many developers and week."""


@dataclass(frozen=True)
class TicketWeek:
    """Tickets of a week (from Monday) per 100 developers. `before` the launch, or after it."""

    week: date
    rate: float
    before: bool


@dataclass(frozen=True)
class Deflection:
    """By how much tickets fell, together and by category, with the weeks behind it. `launch` is the first day of use."""

    total: Figure
    categories: Mapping[str, Figure]
    weeks: tuple[TicketWeek, ...]
    launch: date | None


def deflection(view: View) -> Deflection:
    """Compare the ticket counts of the period with those before the launch.

    Tickets are not counted by team, so a filter on teams, engines, environments or providers does not reach them.
    """
    launch = queries("quality")["launched"].read(view.store, {})[0][0]
    if view.suppressed:
        return Deflection(hidden("deflection"), {}, (), launch)
    if launch is None:
        return Deflection(Figure("deflection", None, 0), {}, (), None)
    tickets: dict[str, dict[date, int]] = defaultdict(dict)
    developers: dict[date, int] = {}
    for week, category, count, heads in queries("quality")["tickets"].read(view.store, {}):
        if not view.filter.categories or category in view.filter.categories:
            tickets[category][week] = int(count)
            developers[week] = max(int(heads), developers.get(week, 0))
    before = {week for week in developers if week + timedelta(days=6) < launch}
    period = view.filter.period
    now = {week for week in developers if week > launch - timedelta(days=7) and period.first <= week <= period.last} - before
    together = {week: sum(counts.get(week, 0) for counts in tickets.values()) for week in developers}
    return Deflection(
        _fall(together, developers, before, now),
        {category: _fall(counts, developers, before, now) for category, counts in sorted(tickets.items())},
        tuple(
            TicketWeek(week, _PER * together[week] / developers[week], week in before)
            for week in sorted(developers)
            if developers[week] and (week in before or week in now)
        ),
        launch,
    )


def _fall(tickets: Mapping[date, int], developers: Mapping[date, int], before: set[date], now: set[date]) -> Figure:
    """One minus the ratio of the rates. A week without a row of this category, but with others, had none."""
    counts = {side: [tickets.get(week, 0) for week in sorted(weeks)] for side, weeks in (("before", before), ("now", now))}
    ratio = ratio_of_rates(
        counts["now"],
        sum(developers[week] for week in now) / _PER,
        counts["before"],
        sum(developers[week] for week in before) / _PER,
    )
    if ratio is None:
        return Figure("deflection", None, 0)
    value, low, high = ratio
    return Figure("deflection", 1 - value, sum(counts["before"]), 1 - high, 1 - low)
