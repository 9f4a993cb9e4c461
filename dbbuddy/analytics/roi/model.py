"""From the ledger and one set of draws to benefits, costs and what is left of them, all at the pace of a year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.draws import DAYS_A_YEAR, Array, Draws
from dbbuddy.analytics.roi.ledger import Ledger, Line

Rung = Literal["tickets", "verified", "confirmed", "assumed", "estimated"]
RUNGS: tuple[Rung, ...] = ("tickets", "verified", "confirmed", "assumed", "estimated")
COSTS = ("build", "models", "running", "upkeep", "checking")
_MONTHS = 12


@dataclass(frozen=True)
class Funnel:
    """DBA hours a year, from every problem counted as a saved issue down to what is credited.

    `claimed` takes the assumed minutes for every category, `timed` the recorded ones; `kept` leaves out hand-overs, `solved`
    all that was not solved, `owed` what would not have gone to a DBA, `freed` what tickets did not fall by.
    """

    claimed: Array
    timed: Array
    kept: Array
    solved: Array
    owed: Array
    freed: Array


@dataclass(frozen=True)
class Year:
    """Hours and dollars a year, an array each. `rungs` are DBA hours by evidence, `categories` by category; `costs` by name, where
    `build` comes once. `waiting` are dollars of developers' time, 0 if they are not counted.
    """

    funnel: Funnel
    rungs: Mapping[Rung, Array]
    categories: Mapping[str, Array]
    capacity: Array
    productive: Array
    waiting: Array
    costs: Mapping[str, Array] = field(default_factory=dict)

    @property
    def benefit(self) -> Array:
        return self.productive + self.waiting

    @property
    def yearly_cost(self) -> Array:
        return self.costs["models"] + self.costs["running"] + self.costs["upkeep"] + self.costs["checking"]

    @property
    def cost(self) -> Array:
        """That of the first year."""
        return self.yearly_cost + self.costs["build"]

    @property
    def roi(self) -> Array:
        """(Benefit − cost) ÷ cost of the first year; not a number where nothing costs anything."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.cost > 0, (self.benefit - self.cost) / self.cost, np.nan)

    @property
    def payback_months(self) -> Array:
        """Until the benefit has paid for building; infinite where it does not even cover the yearly cost."""
        net = (self.benefit - self.yearly_cost) / _MONTHS
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(net > 0, self.costs["build"] / net, np.inf)

    def cumulative(self, months: int) -> Array:
        """What is left after so many months, undiscounted."""
        return months / _MONTHS * (self.benefit - self.yearly_cost) - self.costs["build"]

    def net_present_value(self, rate: float, years: float) -> Array:
        """Of monthly payments at the end of each month, discounted by a yearly rate; building is paid at once."""
        months = np.arange(1, round(years * _MONTHS) + 1)
        factor = float(np.sum((1 + rate) ** (-months / _MONTHS))) / _MONTHS
        return factor * (self.benefit - self.yearly_cost) - self.costs["build"]


def a_year(ledger: Ledger, draws: Draws, assumptions: Assumptions, *, waiting: bool) -> Year:
    """A year at the pace of the ledger's days.

    Raises:
        ValueError: the ledger has no day whose episodes can have settled.
    """
    if ledger.days < 1:
        raise ValueError("no day of the period is settled")
    counted = _credits(ledger, draws, assumptions)
    levers = draws.levers
    freed = counted.funnel.freed
    capacity = freed * levers["dba_hour"]
    lost = counted.issues * levers["waiting_minutes"] / 60 * levers["developer_hour"] * levers["recapture"]
    return Year(
        counted.funnel,
        counted.rungs,
        counted.categories,
        capacity,
        capacity * levers["recapture"],
        lost if waiting else np.zeros_like(lost),
        _costs(ledger, draws),
    )


def _costs(ledger: Ledger, draws: Draws) -> dict[str, Array]:
    levers = draws.levers
    problems = draws.problems * ledger.settled * DAYS_A_YEAR / ledger.days
    models = ledger.model_dollars * DAYS_A_YEAR / ledger.cost_days if ledger.cost_days else 0.0
    return {
        "build": levers["build"] * ledger.part,
        "models": np.full_like(problems, models),
        "running": levers["running_month"] * _MONTHS * ledger.part,
        "upkeep": levers["upkeep_hours_month"] * _MONTHS * levers["dba_hour"] * ledger.part,
        "checking": problems * levers["checking_minutes"] / 60 * levers["developer_hour"],
    }


@dataclass(frozen=True)
class _Credits:
    funnel: Funnel
    rungs: dict[Rung, Array]
    categories: dict[str, Array]
    issues: Array


def _credits(ledger: Ledger, draws: Draws, assumptions: Assumptions) -> _Credits:
    zero = np.zeros_like(draws.problems)
    sums = {name: zero.copy() for name in ("claimed", "timed", "kept", "solved", "owed", "freed")}
    rungs: dict[Rung, Array] = {rung: zero.copy() for rung in RUNGS}
    categories: dict[str, Array] = {}
    issues = zero.copy()
    claim = assumptions.ranges["minutes_per_issue"].likely / 60
    for line in ledger.lines:
        scale = draws.problems * DAYS_A_YEAR / ledger.days
        hours = draws.minutes[line.category] / 60
        by_rung = {rung: scale * weight for rung, weight in _weights(line, draws, assumptions).items()}
        solved = by_rung["verified"] + by_rung["confirmed"] + by_rung["assumed"]
        owed = solved * draws.levers["dba_share"]
        seen, rest = _against_tickets(line, owed, ledger, draws, caps=assumptions.caps)
        sums["claimed"] += scale * line.settled * claim
        sums["timed"] += scale * line.settled * hours
        sums["kept"] += scale * (line.settled - line.handed_over) * hours
        sums["solved"] += solved * hours
        sums["owed"] += owed * hours
        sums["freed"] += (seen + rest) * hours
        issues += seen + rest
        categories[line.category] = (seen + rest) * hours
        _climb(rungs, line, by_rung, solved, seen * hours, rest * hours)
    return _Credits(Funnel(**sums), rungs, categories, issues)


def _weights(line: Line, draws: Draws, assumptions: Assumptions) -> dict[Rung, Array]:
    """How many of the line's episodes were solved, by how that is known."""
    ones = np.ones_like(draws.problems)
    return {
        "verified": ones * line.verified.solved(assumptions.fixed["partly_counts"].value),
        "confirmed": ones * line.confirmed,
        "assumed": line.assumed * draws.levers["assumed_right"],
    }


def _against_tickets(line: Line, owed: Array, ledger: Ledger, draws: Draws, *, caps: bool) -> tuple[Array, Array]:
    """Of the issues that DBAs were spared, those that tickets fell by, and the others that still count.

    Where tickets are recorded, `caps` counts no more than they fell by; the part of the period without records is as claimed.
    """
    fall = draws.fall.get(line.category)
    if fall is None:
        return np.zeros_like(owed), owed
    share = min(1.0, ledger.ticket_share)
    seen = share * np.minimum(owed, fall)
    return seen, (1 - share) * owed if caps else owed - seen


def _climb(rungs: dict[Rung, Array], line: Line, by_rung: Mapping[Rung, Array], solved: Array, seen: Array, rest: Array) -> None:
    """Put the hours of a line on the rungs. Without recorded handling times they are an estimate, however sure the solution."""
    if line.minutes is None:
        rungs["estimated"] += seen + rest
        return
    rungs["tickets"] += seen
    with np.errstate(divide="ignore", invalid="ignore"):
        for rung, count in by_rung.items():
            rungs[rung] += np.where(solved > 0, rest * count / solved, 0.0)
