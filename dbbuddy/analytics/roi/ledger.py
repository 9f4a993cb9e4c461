"""What there is to credit: episodes by category and by how well it is known that they were solved, and what tickets say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from dbbuddy.analytics import quality
from dbbuddy.analytics.figures import FEW
from dbbuddy.analytics.filter import Filter
from dbbuddy.analytics.queries import Row, queries
from dbbuddy.analytics.view import View

_GOOD = ("confirmed", "assumed")
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Grades:
    """How many answers DBAs graded right, partly right, and wrong or harmful."""

    right: int = 0
    partly: int = 0
    wrong: int = 0

    @property
    def n(self) -> int:
        return self.right + self.partly + self.wrong

    @property
    def enough(self) -> bool:
        """Whether they replace an assumption."""
        return self.n >= FEW

    def solved(self, partly_counts: float) -> float:
        return self.right + self.partly * partly_counts

    def __add__(self, other: Grades) -> Grades:
        return Grades(self.right + other.right, self.partly + other.partly, self.wrong + other.wrong)


@dataclass(frozen=True)
class Tickets:
    """Tickets of a category: counts and the developers × weeks behind them, before the launch and in the period."""

    before: int
    exposure_before: float
    now: int
    exposure_now: float


@dataclass(frozen=True)
class Line:
    """The settled episodes of a category in the period.

    `confirmed` and `assumed` are those that nobody graded, `verified` the grades of solved ones, `assumed_grades` those of
    them that were only assumed. `minutes` are the recorded handling times before the launch (10th, 50th and 90th of 100 tickets
    by their week's median), None if there are none. `tickets` is None where the two sides cannot be compared.
    """

    category: str
    confirmed: int = 0
    assumed: int = 0
    unresolved: int = 0
    handed_over: int = 0
    verified: Grades = Grades()
    assumed_grades: Grades = Grades()
    minutes: tuple[float, float, float] | None = None
    tickets: Tickets | None = None
    suppressed: bool = False

    @property
    def settled(self) -> int:
        return self.confirmed + self.assumed + self.verified.n + self.unresolved + self.handed_over


@dataclass(frozen=True)
class Ledger:
    """All that is credited from. `days` are those whose episodes can have settled, since the launch; `cost_days` those in which
    models cost `model_dollars`. `part` is the share of the app's settled problems that the view has: so much of the costs of the
    whole app it carries. `ticket_share` is the part of `days` for which tickets are recorded. `open` episodes are not in it.
    Lines with `suppressed` are in all sums but must not be shown by themselves.
    """

    lines: tuple[Line, ...]
    open: int
    days: int
    cost_days: int
    model_dollars: float
    elaborations: int
    ticket_share: float
    launch: date | None
    suppressed: bool = False
    part: float = 1.0

    @property
    def settled(self) -> int:
        return sum(line.settled for line in self.lines)

    @property
    def assumed_grades(self) -> Grades:
        return sum((line.assumed_grades for line in self.lines), Grades())

    @property
    def recorded(self) -> bool:
        """Whether any category has recorded handling times."""
        return any(line.minutes for line in self.lines)


def read_ledger(view: View) -> Ledger:
    """The ledger of a view; empty if the view is about too few people.

    Raises:
        StoreError: the store cannot be read.
    """
    launch = queries("quality")["launched"].read(view.store, {})[0][0]
    if view.suppressed or launch is None:
        return Ledger((), 0, 0, 0, 0.0, 0, 0.0, launch, view.suppressed)
    first = max(view.filter.period.first, launch)
    days = max(0, (min(view.filter.period.last, view.open_from - timedelta(days=1)) - first).days + 1)
    cost_days = max(0, (min(view.filter.period.last, view.as_of.date()) - first).days + 1)
    shown = quality.outcomes(view).categories
    counts = quality.outcomes(replace(view, fewest=1)).categories  # for the sums, in which nobody can be told apart
    grades = _grades(view.read("roi", "graded"))
    tickets = queries("roi")["tickets"].read(view.store, {})
    minutes = handling_times(tickets, launch)
    compared, share = _compared(view, tickets, launch, first, days)
    lines = tuple(
        _line(category, found, grades, minutes.get(category), compared.get(category), shown[category].suppressed)
        for category, found in sorted(counts.items())
    )
    dollars, elaborations = view.read("roi", "model_cost")[0]
    opened = sum(found.open for found in counts.values())
    part = _part(view, sum(line.settled for line in lines))
    return Ledger(lines, opened, days, cost_days, float(dollars), int(elaborations), share, launch, part=part)


def _part(view: View, settled: int) -> float:
    """The view's share of all settled problems of its period."""
    chosen = view.filter
    if not (chosen.teams or chosen.narrow):
        return 1.0
    everything = quality.outcomes(replace(view, filter=Filter(chosen.period), fewest=1)).total.settled
    return settled / everything if everything else 1.0


def _grades(rows: Iterable[Row]) -> dict[tuple[str, str], Grades]:
    found: dict[tuple[str, str], Grades] = defaultdict(Grades)
    for category, outcome, verdict, n in rows:
        kind = {"right": Grades(right=int(n)), "partly": Grades(partly=int(n))}.get(verdict, Grades(wrong=int(n)))
        found[category, outcome] += kind
    return found


def _line(
    category: str,
    counts: quality.Outcomes,
    grades: Mapping[tuple[str, str], Grades],
    minutes: tuple[float, float, float] | None,
    tickets: Tickets | None,
    hidden: bool,
) -> Line:
    graded = {outcome: grades.get((category, outcome), Grades()) for outcome in _GOOD}
    return Line(
        category,
        confirmed=counts.confirmed - graded["confirmed"].n,
        assumed=counts.assumed - graded["assumed"].n,
        unresolved=counts.unresolved,
        handed_over=counts.handed_over,
        verified=graded["confirmed"] + graded["assumed"],
        assumed_grades=graded["assumed"],
        minutes=minutes,
        tickets=tickets,
        suppressed=hidden,
    )


def handling_times(rows: Sequence[Row], launch: date | None) -> dict[str, tuple[float, float, float]]:
    """By category the handling times in the weeks before the launch: the 10th, 50th and 90th of 100 tickets, where each ticket
    stands for the median of its week.
    """
    weeks: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for category, week, tickets, minutes, _ in rows:
        if (launch is None or week + timedelta(days=6) < launch) and tickets > 0 and minutes > 0:
            weeks[category].append((float(minutes), int(tickets)))
    return {category: _spread(found) for category, found in weeks.items()}


def _spread(weighted: list[tuple[float, int]]) -> tuple[float, float, float]:
    values, weights = (np.array(part, dtype=float) for part in zip(*sorted(weighted), strict=True))
    reached = np.cumsum(weights) / weights.sum()
    low, likely, high = (float(values[np.searchsorted(reached, share - 1e-12)]) for share in (0.1, 0.5, 0.9))
    return low, likely, high


def _compared(view: View, rows: Sequence[Row], launch: date, first: date, days: int) -> tuple[dict[str, Tickets], float]:
    """The tickets of whole weeks before the launch and in the credited days, by category; and which part of these days the weeks
    cover. Tickets are not counted by team, engine, environment or provider, so a filter on these leaves nothing to compare.
    """
    chosen = view.filter
    if chosen.teams or chosen.engines or chosen.environments or chosen.providers or not days:
        return {}, 0.0
    last = first + timedelta(days=days - 1)
    counts: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    developers: dict[date, int] = {}
    for category, week, tickets, _, heads in rows:
        counts[category][week] += int(tickets)
        developers[week] = max(int(heads), developers.get(week, 0))
    before = [week for week in developers if week + timedelta(days=6) < launch]
    now = [week for week in developers if first <= week and week + _WEEK - timedelta(days=1) <= last]
    exposures = float(sum(developers[week] for week in before)), float(sum(developers[week] for week in now))
    if not min(exposures):
        return {}, 0.0
    found = {
        category: Tickets(
            sum(weeks.get(week, 0) for week in before), exposures[0], sum(weeks.get(week, 0) for week in now), exposures[1]
        )
        for category, weeks in counts.items()
    }
    return {name: one for name, one in found.items() if one.before}, len(now) * 7 / days
