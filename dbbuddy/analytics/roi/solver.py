"""What would have to be true for a stated return: each lever alone, and all of them a part of the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dbbuddy.analytics.roi.assumptions import Assumptions, Lever
from dbbuddy.analytics.roi.draws import Draws, draw
from dbbuddy.analytics.roi.ledger import Ledger
from dbbuddy.analytics.roi.model import a_year

_DRAWS = 2_000
_HALVINGS = 40
_FARTHEST = 1_000.0
"""No lever is looked at beyond so many times its present value."""

_UP: tuple[Lever, ...] = ("minutes_per_issue", "dba_share", "assumed_right", "recapture", "dba_hour")
_DOWN: tuple[Lever, ...] = ("checking_minutes", "build", "running_month", "upkeep_hours_month")


@dataclass(frozen=True)
class Requirement:
    """What one lever would have to be, the others as they are. `needed` is None where it cannot do it alone; then `best` is the
    return at its limit. `now` and `needed` are medians, in the lever's unit; problems and tickets a year.
    """

    lever: str
    now: float
    needed: float | None
    best: float


@dataclass(frozen=True)
class Together:
    """All assumptions moved by the same part of the way from likely to their favourable end.

    `part` is None if even all the way is not enough; then `best` is the return there. `values` are the assumptions at that part.
    """

    part: float | None
    best: float
    values: dict[Lever, float]


@dataclass(frozen=True)
class Answer:
    """What a target takes. `now` is today's median return."""

    target: float
    now: float
    alone: tuple[Requirement, ...]
    together: Together


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
    levers: list[str] = ["problems", *_UP, *(["waiting_minutes"] if waiting else []), *_DOWN, *(["fall"] if draws.fall else [])]
    alone = tuple(_alone(name, draws, ledger, assumptions, target, median) for name in levers)
    return Answer(target, now, alone, _together(draws, assumptions, target, median, waiting=waiting))


def _alone(
    name: str, draws: Draws, ledger: Ledger, assumptions: Assumptions, target: float, median: Callable[[Draws], float]
) -> Requirement:
    now = _now(name, draws, ledger)
    if now <= 0:
        return Requirement(name, now, None, median(draws))
    down = name in _DOWN
    bound = 0.0 if down else _bound(name, now, assumptions)

    def at(factor: float) -> float:
        changed = draws.scaled(name, factor)
        if name in ("dba_share", "assumed_right", "recapture"):
            changed = changed.with_lever(name, np.minimum(1.0, changed.levers[name]))
        return median(changed)

    best = at(bound)
    if best < target:
        return Requirement(name, now, None, best)
    factor = _crossing(at, target, 1.0, bound) if at(1.0) < target else _crossing(at, target, _other_end(name, now, assumptions), 1.0)
    return Requirement(name, now, now * factor, best)


def _other_end(name: str, now: float, assumptions: Assumptions) -> float:
    """The unfavourable limit, as a factor: if the target is below today's return, so far a lever may worsen."""
    return _bound(name, now, assumptions) if name in _DOWN else 0.0


def _bound(name: str, now: float, assumptions: Assumptions) -> float:
    """The farthest factor: a share of 1, or the most the assumption may be."""
    most = assumptions.ranges[name].most if name in assumptions.ranges else np.inf  # type: ignore[index]
    return float(min(_FARTHEST, max(1.0, most / now)))


def _now(name: str, draws: Draws, ledger: Ledger) -> float:
    if name == "problems":
        return ledger.settled * 365.0 / ledger.days
    if name == "fall":
        return float(np.median(np.sum(list(draws.fall.values()), axis=0)))
    if name == "minutes_per_issue":
        weights = np.array([line.settled for line in ledger.lines], dtype=float)
        medians = np.array([np.median(draws.minutes[line.category]) for line in ledger.lines])
        return float(np.sum(weights * medians) / np.sum(weights))
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


def _together(
    draws: Draws, assumptions: Assumptions, target: float, median: Callable[[Draws], float], *, waiting: bool
) -> Together:
    ups: tuple[Lever, ...] = (*_UP, "waiting_minutes") if waiting else _UP
    ends: dict[Lever, tuple[float, float]] = {name: (assumptions.ranges[name].likely, assumptions.ranges[name].high) for name in ups}
    ends |= {name: (assumptions.ranges[name].likely, assumptions.ranges[name].low) for name in _DOWN}

    def moved(part: float) -> Draws:
        changed = draws
        for name, (likely, end) in ends.items():
            value = likely + part * (end - likely)
            if name == "minutes_per_issue":
                minutes = {
                    category: np.quantile(values, 0.5) + part * (np.max(values) - np.quantile(values, 0.5)) + 0 * values
                    for category, values in draws.minutes.items()
                }
                changed = Draws(changed.levers, changed.problems, minutes, changed.fall)
            else:
                changed = changed.with_lever(name, np.full(_DRAWS, value))
        return changed

    best = median(moved(1.0))
    if best < target:
        return Together(None, best, {name: end for name, (_, end) in ends.items()})
    part = 0.0 if median(moved(0.0)) >= target else _crossing(lambda part: median(moved(part)), target, 0.0, 1.0)
    return Together(part, best, {name: likely + part * (end - likely) for name, (likely, end) in ends.items()})
