"""What would have to be true for a stated return: each lever alone, and all of them a part of the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import get_args

import numpy as np

from dbbuddy.analytics.roi.assumptions import Assumptions, Lever
from dbbuddy.analytics.roi.draws import DAYS_A_YEAR, Array, Draws, draw
from dbbuddy.analytics.roi.ledger import Ledger
from dbbuddy.analytics.roi.model import a_year

_DRAWS = 2_000
_HALVINGS = 40
_LOOKS = 13
_FARTHEST = 1_000.0
"""No lever is looked at beyond so many times its present value."""

_SHARES: tuple[Lever, ...] = ("dba_share", "assumed_right", "recapture")
_UP: tuple[Lever, ...] = (*_SHARES, "dba_hour")
_DOWN: tuple[Lever, ...] = ("checking_minutes", "build", "running_month", "upkeep_hours_month")
_RANGES: dict[str, Lever] = {name: name for name in get_args(Lever)}

Median = Callable[[Draws], float]


@dataclass(frozen=True)
class Requirement:
    """What one lever would have to be, the others as they are. `needed` is None where it cannot do it alone; `best` is the
    highest return on its way. `now` and `needed` are medians in the lever's unit; problems and tickets are a year's.
    """

    lever: str
    now: float
    needed: float | None
    best: float


@dataclass(frozen=True)
class Together:
    """All assumptions moved by the same part of the way from the middle to their favourable end.

    `part` is None if even all the way is not enough; `best` is the return there. `values` are the assumptions at that part. Counts
    and tickets stay as they were measured.
    """

    part: float | None
    best: float
    values: Mapping[str, float]


@dataclass(frozen=True)
class Answer:
    """What a target takes. `now` is today's median return."""

    target: float
    now: float
    alone: tuple[Requirement, ...]
    together: Together


@dataclass(frozen=True)
class _Case:
    ledger: Ledger
    assumptions: Assumptions
    draws: Draws
    target: float
    median: Median


def solve(ledger: Ledger, assumptions: Assumptions, target: float, *, waiting: bool = False) -> Answer | None:
    """What would have to be true for the median return to be `target` (6.5 is 650 %); None where there is no return to start from.

    Raises:
        ValueError: the ledger has no settled day.
    """
    draws = draw(ledger, assumptions, _DRAWS)

    def median(changed: Draws) -> float:
        return float(np.median(a_year(ledger, changed, assumptions, waiting=waiting).roi))

    now = median(draws)
    if np.isnan(now):
        return None
    case = _Case(ledger, assumptions, draws, target, median)
    levers = ["problems", "minutes_per_issue", *_UP, *(["waiting_minutes"] if waiting else []), *_DOWN]
    if draws.fall:
        levers.append("fall")
    return Answer(target, now, tuple(_alone(name, case) for name in levers), _together(case, waiting=waiting))


def _alone(name: str, case: _Case) -> Requirement:
    now = _now(name, case)
    if now <= 0:
        return Requirement(name, now, None, case.median(case.draws))

    def at(factor: float) -> float:
        changed = case.draws.scaled(name, factor)
        if name in _SHARES:
            changed = changed.with_lever(name, np.minimum(1.0, changed.levers[name]))
        return case.median(changed)

    reached = at(1.0) >= case.target
    rising = name not in _DOWN
    factors = _factors(_bound(name, now, case.assumptions) if rising != reached else 0.0)
    returns = [at(factor) for factor in factors]
    for place in range(1, len(factors)):
        if (returns[place] >= case.target) != reached:
            inside, outside = (factors[place - 1], factors[place]) if reached else (factors[place], factors[place - 1])
            return Requirement(name, now, now * _crossing(at, case.target, outside, inside), max(returns))
    return Requirement(name, now, None, max(returns))


def _factors(end: float) -> list[float]:
    """From 1 to the end, finer near 1: a lever that costs as well as it brings has its best somewhere between."""
    spread = np.geomspace if end > 1 else np.linspace
    return [float(factor) for factor in spread(1.0, end, _LOOKS)]


def _bound(name: str, now: float, assumptions: Assumptions) -> float:
    """The farthest factor: a share of 1, or the most the assumption may be."""
    if name not in _RANGES:
        return _FARTHEST
    return float(min(_FARTHEST, max(1.0, assumptions.ranges[_RANGES[name]].most / now)))


def _now(name: str, case: _Case) -> float:
    draws, ledger = case.draws, case.ledger
    if name == "problems":
        return ledger.settled * DAYS_A_YEAR / ledger.days
    if name == "fall":
        return float(np.median(np.sum(list(draws.fall.values()), axis=0)))
    if name == "minutes_per_issue":
        return _weighted(ledger, {category: float(np.median(values)) for category, values in draws.minutes.items()})
    return float(np.median(draws.levers[name]))


def _crossing(at: Callable[[float], float], target: float, below: float, above: float) -> float:
    """The factor between `below`, where the return is under the target, and `above`, where it reaches it."""
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        if at(middle) >= target:
            above = middle
        else:
            below = middle
        if abs(above - below) <= 1e-4 * max(abs(above), 1e-6):
            break
    return above


def _together(case: _Case, *, waiting: bool) -> Together:
    ranges = case.assumptions.ranges
    ups: tuple[Lever, ...] = (*_UP, "waiting_minutes") if waiting else _UP
    ends = {name: (ranges[name].likely, ranges[name].high) for name in ups}
    ends |= {name: (ranges[name].likely, ranges[name].low) for name in _DOWN}

    def minutes(part: float) -> dict[str, float]:
        return {category: _toward(values, part) for category, values in case.draws.minutes.items()}

    def at(part: float) -> float:
        changed = replace(case.draws, minutes={category: np.full(_DRAWS, one) for category, one in minutes(part).items()})
        for name, (likely, end) in ends.items():
            changed = changed.with_lever(name, np.full(_DRAWS, likely + part * (end - likely)))
        return case.median(changed)

    def values(part: float) -> dict[str, float]:
        moved = {name: likely + part * (end - likely) for name, (likely, end) in ends.items()}
        return {"minutes_per_issue": _weighted(case.ledger, minutes(part)), **{str(name): one for name, one in moved.items()}}

    best = at(1.0)
    if best < case.target:
        return Together(None, best, values(1.0))
    part = 0.0 if at(0.0) >= case.target else _crossing(at, case.target, 0.0, 1.0)
    return Together(part, best, values(part))


def _toward(minutes: Array, part: float) -> float:
    """So far from the middle of the handling times to their upper end."""
    middle = float(np.median(minutes))
    return middle + part * (float(np.max(minutes)) - middle)


def _weighted(ledger: Ledger, minutes: Mapping[str, float]) -> float:
    """The mean over the categories, weighted by their problems."""
    return sum(line.settled * minutes[line.category] for line in ledger.lines) / ledger.settled
