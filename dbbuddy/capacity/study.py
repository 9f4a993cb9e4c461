"""What is asked of one or several series together, and the answer: projections, the first wall, the steps."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from dbbuddy.capacity.events import Event
from dbbuddy.capacity.history.model import History
from dbbuddy.capacity.limit import Level, Limit
from dbbuddy.capacity.metric import FACTS
from dbbuddy.capacity.project import DEFAULT_DAYS, Projection, project
from dbbuddy.capacity.roadmap import Roadmap, Step, WallDate, roadmap
from dbbuddy.capacity.wall import Wall, first_to_break
from dbbuddy.context import SystemContext

_HARDEST: tuple[Level, ...] = ("full", "critical", "warning")


@dataclass(frozen=True)
class Asked:
    """One series, its limits, what is known to come, and the ids of the adjustments that the user does not want."""

    history: History
    limits: tuple[Limit, ...] = ()
    events: tuple[Event, ...] = ()
    undone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reached:
    """A wall with the projection that meets it."""

    projection: Projection
    wall: Wall

    @property
    def title(self) -> str:
        """The series and the limit, for a list."""
        return f"{series_title(self.projection.history)}: {self.wall.limit.name or 'limit'}"

    def dated(self) -> WallDate:
        """As the roadmap wants it."""
        wall = self.wall
        return WallDate(wall.limit, wall.early, wall.likely, wall.late, float(self.projection.clean[-1]), wall.probability)


@dataclass(frozen=True)
class Answer:
    """All series of a study projected.

    `first` is the wall of the hardest kind that comes first, `None` if none comes; `order` is the step that makes room before
    it, at its early date.
    """

    projections: tuple[Projection, ...]
    reached: tuple[Reached, ...]
    first: Reached | None
    plan: Roadmap
    order: Step | None


def series_title(history: History) -> str:
    """The name of a series; its metric's if it has none."""
    return history.name or FACTS[history.metric].title


def answer(
    asked: Sequence[Asked], context: SystemContext, today: dt.date, horizon_days: float = DEFAULT_DAYS, lead_days: int | None = None
) -> Answer:
    """Project each series and order what they meet, the earliest first.

    Raises:
        HistoryError: a series cannot be projected; the message says why.
    """
    return gathered(
        [project(one.history, one.limits, horizon_days, one.events, one.undone) for one in asked], context, today, lead_days
    )


def gathered(projections: Sequence[Projection], context: SystemContext, today: dt.date, lead_days: int | None = None) -> Answer:
    """The answer that these projections make together."""
    found = sorted((Reached(each, wall) for each in projections for wall in each.walls), key=_order)
    plan = roadmap([each.dated() for each in found], context, today, lead_days=lead_days)
    first = _first(found)
    order = _order_of(first, context, today, lead_days) if first else None
    return Answer(tuple(projections), tuple(found), first, plan, order)


def _order_of(first: Reached, context: SystemContext, today: dt.date, lead_days: int | None) -> Step | None:
    steps = roadmap([first.dated()], context, today, lead_days=lead_days).steps
    bought = [step for step in steps if step.kind == "scale_up"] or list(steps)
    return min(bought, key=lambda step: step.order_by, default=None)


def _first(found: Sequence[Reached]) -> Reached | None:
    """The first wall of the hardest level that is likely to be met; of any level, where none is likely.

    A warning is the answer only where nothing harder is to be expected.
    """
    likely = [each for each in found if each.wall.likely is not None]
    for walls in (likely, found):
        for level in _HARDEST:
            of_level = [each for each in walls if each.wall.limit.level == level]
            wall = first_to_break(each.wall for each in of_level)
            if wall is not None:
                return next(each for each in of_level if each.wall is wall)
    return None


def _order(reached: Reached) -> tuple[bool, dt.date, dt.date, float]:
    wall = reached.wall
    return not wall.already, wall.early or dt.date.max, wall.likely or dt.date.max, -wall.probability
