"""The roadmap: from the dates on which metrics hit their limits to dated steps with lead times and alert thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dbbuddy.capacity.alerts import Alert
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.metric import FACTS, Metric
from dbbuddy.capacity.sizing.choice import Stage
from dbbuddy.capacity.units import UnitError, convert
from dbbuddy.context import Engine, SystemContext
from dbbuddy.data_files import load_yaml

StepKind = Literal["clean_up", "tune", "scale_up", "scale_out", "partition", "archive"]
KIND_NAMES: dict[StepKind, str] = {
    "clean_up": "Clean up",
    "tune": "Tune",
    "scale_up": "Scale up",
    "scale_out": "Scale out",
    "partition": "Partition",
    "archive": "Archive",
}
# Cheap before dear: what needs nothing bought comes first.
_ORDER: tuple[StepKind, ...] = ("clean_up", "tune", "archive", "partition", "scale_up", "scale_out")
# Alarms stand at these shares of a limit, unless growth needs more warning than that.
WARNING_SHARE = 0.8
CRITICAL_SHARE = 0.9
# Nobody plans further ahead than ten years.
_LONGEST_LEAD = 3650


@dataclass(frozen=True)
class WallDate:
    """When a metric meets a limit: early (P10), likely (P50) and late (P90) day, `None` beyond the horizon.

    `now` is the metric's value today, in the limit's unit. A limit that is met already has today as its early day.
    """

    limit: Limit
    early: date | None
    likely: date | None
    late: date | None = None
    now: float | None = None
    probability: float | None = None


class Action(BaseModel):
    """Something that can be done about a metric; see the head of `roadmap.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    metrics: tuple[Metric, ...]
    kind: StepKind
    title: str
    do: str
    cloud_days: int = Field(ge=0)
    own_days: int = Field(ge=0)
    buys: str
    engines: tuple[Engine, ...] = ()


@dataclass(frozen=True)
class Step:
    """A dated step. `order_by` is the last day to decide so that it is done by `done_by`; `late` if that day has passed."""

    kind: StepKind
    title: str
    do: str
    why: str
    metric: Metric
    order_by: date
    done_by: date
    lead_days: int
    buys: str
    trigger: str
    late: bool

    @property
    def ready_on(self) -> date:
        """The day it is done if it is decided on the last day."""
        return self.order_by + timedelta(days=self.lead_days)


@dataclass(frozen=True)
class Roadmap:
    """The steps in the order of their last days, the alerts, and the limits that are not reached."""

    made_on: date
    steps: tuple[Step, ...]
    alerts: tuple[Alert, ...]
    quiet: tuple[str, ...]

    @property
    def first_to_break(self) -> Step | None:
        """The step whose wall comes first."""
        return min(self.steps, key=lambda step: step.done_by, default=None)


@cache
def actions() -> tuple[Action, ...]:
    """Everything that can be done."""
    return tuple(Action.model_validate(row) for row in load_yaml("capacity/roadmap.yaml"))


def roadmap(
    walls: Sequence[WallDate], context: SystemContext, today: date, stages: Sequence[Stage] = (), *, lead_days: int | None = None
) -> Roadmap:
    """Steps for every wall that comes within the horizon, and alerts for every limit.

    `stages` are the classes over the months from `choose`: each change becomes a step. `lead_days` replaces the lead times
    of the data file where the user knows better.
    """
    steps: list[Step] = []
    quiet = []
    for wall in walls:
        day = wall.early or wall.likely
        if day is None:
            quiet.append(f"{FACTS[wall.limit.metric].title}: {wall.limit.name}")
            continue
        steps += [_step(action, wall, day, context, today, lead_days) for action in _fitting(wall.limit.metric, context)]
    steps += _stage_steps(stages, context, today, lead_days)
    ordered = sorted(_merged(steps), key=lambda step: (step.order_by, _ORDER.index(step.kind), step.done_by, step.title))
    return Roadmap(today, tuple(ordered), alerts_for(walls), tuple(dict.fromkeys(quiet)))


def alerts_for(walls: Sequence[WallDate]) -> tuple[Alert, ...]:
    """A warning and a critical alert for the lowest full limit of each metric."""
    lowest: dict[Metric, Limit] = {}
    for limit in (_in_own_unit(wall.limit) for wall in walls):
        known = lowest.get(limit.metric)
        if limit.level == "full" and limit.value > 0 and (known is None or limit.value < known.value):
            lowest[limit.metric] = limit
    shares = (("warning", WARNING_SHARE), ("critical", CRITICAL_SHARE))
    return tuple(
        Alert(limit.metric, limit.value, limit.value * share, limit.unit, severity, _told(limit, share))
        for limit in lowest.values()
        for severity, share in shares
    )


def _told(limit: Limit, share: float) -> str:
    return f"{FACTS[limit.metric].title} at {share:.0%} of: {limit.name}"


def _in_own_unit(limit: Limit) -> Limit:
    """The limit in its metric's own unit, as alarms count; as it is where the units do not measure the same."""
    unit = FACTS[limit.metric].unit
    try:
        return replace(limit, value=convert(limit.value, limit.unit, unit), unit=unit or limit.unit)
    except UnitError:
        return limit


def _fitting(metric: Metric, context: SystemContext) -> list[Action]:
    known = [action for action in actions() if metric in action.metrics]
    known = known or [action for action in actions() if "other" in action.metrics]
    return [action for action in known if not action.engines or context.engine in action.engines]


def _lead(action_days: tuple[int, int], context: SystemContext, given: int | None) -> int:
    if given is not None:
        return min(max(given, 0), _LONGEST_LEAD)
    cloud = context.completed().deployment == "cloud"
    return action_days[0] if cloud else action_days[1]


def _step(action: Action, wall: WallDate, day: date, context: SystemContext, today: date, given: int | None) -> Step:
    lead = _lead((action.cloud_days, action.own_days), context, given)
    order_by = _before(day, lead)
    limit = wall.limit
    likely = f", likely {wall.likely.isoformat()}" if wall.likely and wall.likely != day else ""
    why = f"{FACTS[limit.metric].title}: {limit.name}, as early as {day.isoformat()}{likely}"
    return Step(
        action.kind,
        action.title,
        action.do,
        why,
        limit.metric,
        max(order_by, today),
        day,
        lead,
        action.buys,
        _trigger(wall, day, order_by, today),
        order_by < today,
    )


def _trigger(wall: WallDate, day: date, order_by: date, today: date) -> str:
    """The value at which the step is due even if the date is wrong: the metric's on the way from today to the limit."""
    limit = wall.limit
    value = limit.value * WARNING_SHARE
    if wall.now is not None and wall.now < limit.value and day > today:
        passed = max((order_by - today).days, 0) / (day - today).days
        value = wall.now + (limit.value - wall.now) * passed
    if not limit.value:
        return ""
    title = FACTS[limit.metric].title
    unit = "" if limit.unit.lower() == title.lower() else f" {limit.unit}"
    return f"{title} at {value:,.0f}{unit} ({value / limit.value:.0%} of the limit)"


def _stage_steps(stages: Sequence[Stage], context: SystemContext, today: date, given: int | None) -> list[Step]:
    action = next(action for action in actions() if action.id == "cpu-scale-up")
    lead = _lead((action.cloud_days, action.own_days), context, given)
    steps = []
    for stage in stages:
        if stage.shape is None or stage.month == 0:
            continue
        day = today + timedelta(days=round(stage.month * 30.44))
        order_by = _before(day, lead)
        why = f"The class before it is no longer sure to hold from month {stage.month} on"
        title = f"Move to {stage.shape.name}"
        what = f"{stage.shape.vcpu} vCPU, {stage.shape.ram_gib:g} GiB. {action.do}"
        trigger = "CPU or memory above the ceiling of the sizing for a week"
        gain, late = "the months to the next stage", order_by < today
        steps.append(Step("scale_up", title, what, why, "cpu", max(order_by, today), day, lead, gain, trigger, late))
    return steps


def _before(day: date, days: int) -> date:
    """`days` earlier, but no date before the calendar begins."""
    return day - timedelta(days=min(days, day.toordinal() - 1))


def _merged(steps: Sequence[Step]) -> list[Step]:
    """One action once: that of its earliest wall."""
    kept: dict[str, Step] = {}
    for step in steps:
        known = kept.get(step.title)
        if known is None or step.done_by < known.done_by:
            kept[step.title] = step
    return list(kept.values())
