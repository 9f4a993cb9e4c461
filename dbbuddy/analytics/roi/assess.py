"""The façade: what the logs and the assumptions say of savings, cost and return, with how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np

from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.draws import DAYS_A_YEAR, Array, Draws, draw, quantiles, rank_correlation
from dbbuddy.analytics.roi.example import Step, bridge
from dbbuddy.analytics.roi.ledger import Ledger
from dbbuddy.analytics.roi.model import COSTS, RUNGS, Rung, Year, a_year

COST_NAMES = {
    "build": "Building, once",
    "models": "Models",
    "running": "Running",
    "upkeep": "Upkeep",
    "checking": "Checking answers",
}
_LEVERS_SHOWN = 0.02
LEAST_DAYS = 14
"""With fewer settled days since the launch a pace for the year is not told."""
_DAYS_A_MONTH = DAYS_A_YEAR / 12

State = Literal["hidden", "unused", "open", "early", "unsolved", "told"]


@dataclass(frozen=True)
class Band:
    """P10, P50, P90 and the mean. 8 of 10 draws lie between the first and the third."""

    low: float
    middle: float
    high: float
    mean: float


@dataclass(frozen=True)
class Payback:
    """When the building is paid for, in the optimistic, the middle and the pessimistic case; None: never at this pace.

    `never` is the share of the draws in which it never is.
    """

    early: date | None
    middle: date | None
    late: date | None
    never: float


@dataclass(frozen=True)
class Sensitivity:
    """How closely the result follows a lever: the rank correlation, from -1 to 1."""

    lever: str
    correlation: float


@dataclass(frozen=True)
class Month:
    """What is left so many months after the launch: P10, P50, P90."""

    number: int
    low: float
    middle: float
    high: float


@dataclass(frozen=True)
class RungTotal:
    """DBA hours of the period and capacity value of a year that rest on this evidence; means."""

    rung: Rung
    hours: float
    dollars: float


@dataclass(frozen=True)
class CostLine:
    """A cost, P10 to P90; `build` once, the others a year."""

    name: str
    band: Band


@dataclass(frozen=True)
class Result:
    """All that is told. `hours` are of the period, all else is at its pace for a year."""

    hours: Band
    hours_a_year: Band
    capacity: Band
    benefit: Band
    cost: Band
    roi: Band | None
    positive: float
    payback: Payback
    net_present_value: Band
    rungs: tuple[RungTotal, ...]
    costs: tuple[CostLine, ...]
    categories: dict[str, Band]
    sensitivities: tuple[Sensitivity, ...]
    months: tuple[Month, ...]
    bridge: tuple[Step, ...]
    waterfall: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Assessment:
    """The ledger, and the result if there is one; `state` says why not. `few`: fewer than 30 settled problems."""

    state: State
    ledger: Ledger
    waiting: bool
    result: Result | None = None

    @property
    def few(self) -> bool:
        return self.ledger.settled < 30


def assess(ledger: Ledger, assumptions: Assumptions, *, waiting: bool = False) -> Assessment:
    """Assess a ledger; `waiting` adds the developers' waiting time as a benefit."""
    state = _state(ledger)
    if state != "told":
        return Assessment(state, ledger, waiting)
    draws = draw(ledger, assumptions)
    year = a_year(ledger, draws, assumptions, waiting=waiting)
    return Assessment("told", ledger, waiting, _result(ledger, assumptions, draws, year, waiting=waiting))


def _state(ledger: Ledger) -> State:
    if ledger.suppressed:
        return "hidden"
    if ledger.launch is None or not (ledger.settled or ledger.open):
        return "unused"
    if not ledger.settled:
        return "open"
    return "early" if ledger.days < LEAST_DAYS else "told"


def band(values: Array) -> Band:
    """P10, P50, P90 and mean of the draws."""
    return Band(*quantiles(values), float(np.mean(values)))


def _result(ledger: Ledger, assumptions: Assumptions, draws: Draws, year: Year, *, waiting: bool) -> Result:
    freed, part = year.funnel.freed, ledger.days / DAYS_A_YEAR
    roi = year.roi
    rate = float(np.mean(year.capacity)) / float(np.mean(freed)) if np.mean(freed) > 0 else 0.0
    horizon = round(assumptions.fixed["horizon_years"].value * 12)
    return Result(
        hours=band(freed * part),
        hours_a_year=band(freed),
        capacity=band(year.capacity),
        benefit=band(year.benefit),
        cost=band(year.cost),
        roi=None if np.isnan(roi).any() else band(roi),
        positive=float(np.mean(year.benefit > year.cost)),
        payback=_payback(ledger, year.payback_months),
        net_present_value=band(
            year.net_present_value(assumptions.fixed["discount"].value, assumptions.fixed["horizon_years"].value)
        ),
        rungs=tuple(
            RungTotal(rung, float(np.mean(year.rungs[rung])) * part, float(np.mean(year.rungs[rung])) * rate) for rung in RUNGS
        ),
        costs=tuple(CostLine(name, band(year.costs[name])) for name in COSTS),
        categories={category: band(values * part) for category, values in year.categories.items()},
        sensitivities=_sensitivities(draws, year, roi if not np.isnan(roi).any() else year.benefit, waiting=waiting),
        months=tuple(Month(number, *quantiles(year.cumulative(number))) for number in range(horizon + 1)),
        bridge=bridge(year, assumptions, waiting=waiting),
        waterfall=_waterfall(year, rate),
    )


def _payback(ledger: Ledger, months: Array) -> Payback:
    """Quantiles of times of which some are infinite: by order, so that nothing is computed with infinity."""
    ordered = np.sort(months)
    picks = [float(ordered[min(len(ordered) - 1, int(share * len(ordered)))]) for share in (0.1, 0.5, 0.9)]
    early, middle, late = (_months_after(ledger.launch, pick) for pick in picks)
    return Payback(early, middle, late, float(np.mean(np.isinf(months))))


def _months_after(launch: date | None, months: float) -> date | None:
    if launch is None or math.isinf(months) or months > 1200:
        return None
    return launch + timedelta(days=round(months * _DAYS_A_MONTH))


def _sensitivities(draws: Draws, year: Year, result: Array, *, waiting: bool) -> tuple[Sensitivity, ...]:
    values: dict[str, Array] = {**draws.levers, "problems": draws.problems}
    values["minutes_per_issue"] = np.sum(list(draws.minutes.values()), axis=0)
    if draws.fall:
        values["fall"] = np.sum(list(draws.fall.values()), axis=0)
    if not waiting:
        values.pop("waiting_minutes")
    found = [Sensitivity(name, rank_correlation(one, result)) for name, one in values.items()]
    return tuple(sorted((one for one in found if abs(one.correlation) >= _LEVERS_SHOWN), key=lambda one: -abs(one.correlation)))


def _waterfall(year: Year, rate: float) -> tuple[tuple[str, float], ...]:
    """Dollars a year from gross to net, as means, so that the steps add up: the first is gross, the others are taken or given."""
    funnel = year.funnel
    parts = [float(np.mean(part)) * rate for part in (funnel.timed, funnel.kept, funnel.solved, funnel.owed, funnel.freed)]
    capacity, productive = float(np.mean(year.capacity)), float(np.mean(year.productive))
    steps = [("Every problem as a saved issue", parts[0])]
    words = ("Handed over to a DBA", "Not solved, or came back", "Would not have gone to a DBA", "More than tickets fell by")
    steps += [(what, after - before) for what, before, after in zip(words, parts[:-1], parts[1:], strict=True)]
    steps += [("Freed, but not put to other use", productive - capacity)]
    if np.any(year.waiting):
        steps.append(("Developers' waiting time", float(np.mean(year.waiting))))
    steps += [(COST_NAMES[name], -float(np.mean(year.costs[name]))) for name in COSTS]
    return tuple(steps)
