"""The plan's own arithmetic, and why the range that the logs support is another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import BaseModel, ConfigDict

from dbbuddy.analytics.roi.assumptions import Assumptions
from dbbuddy.analytics.roi.draws import Array
from dbbuddy.analytics.roi.model import Year
from dbbuddy.data_files import load_yaml


class Example(BaseModel):
    """A sheet of one line: so many hours at such a rate against such a cost."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hours: float
    dollars_an_hour: float
    cost: float
    minutes_per_issue: float

    @property
    def value(self) -> float:
        return self.hours * self.dollars_an_hour

    @property
    def roi(self) -> float:
        return return_on_investment(self.value, self.cost)


@cache
def plan() -> Example:
    """The example of the plan: 500 h × $75 = $37,500 against $5,000."""
    return Example(**load_yaml("analytics/assumptions.yaml")["example"])


def return_on_investment(benefit: float, cost: float) -> float:
    """(Benefit − cost) ÷ cost.

    Raises:
        ValueError: there is no cost.
    """
    if cost <= 0:
        raise ValueError("a return needs a cost")
    return (benefit - cost) / cost


@dataclass(frozen=True)
class Step:
    """A way to compute it that differs from the one above in one thing. `roi` is None where nothing costs anything."""

    what: str
    hours: float
    benefit: float
    cost: float

    @property
    def roi(self) -> float | None:
        return return_on_investment(self.benefit, self.cost) if self.cost > 0 else None


def bridge(year: Year, assumptions: Assumptions, *, waiting: bool) -> tuple[Step, ...]:
    """From the plan's sheet to what the logs support, a step at a time; means of the draws, a year."""
    example, funnel = plan(), year.funnel
    rate = _mean(year.capacity) / _mean(funnel.freed) if _mean(funnel.freed) > 0 else assumptions.ranges["dba_hour"].likely
    build = _mean(year.costs["build"])
    hours = [_mean(part) for part in (funnel.claimed, funnel.timed, funnel.solved, funnel.owed, funnel.freed)]
    claim = assumptions.ranges["minutes_per_issue"].likely / 60
    words = (
        f"Your logs: every problem as {claim:g} saved hours, building as the only cost",
        "with the handling times recorded before the launch",
        "only solved problems: not handed over, did not come back",
        "only those that would have gone to a DBA",
        "no more than tickets fell by",
    )
    steps = [Step("The plan's example", example.hours, example.value, example.cost)]
    steps += [Step(what, one, one * rate, build) for what, one in zip(words, hours, strict=True)]
    freed = hours[-1]
    steps.append(Step("only the freed time that is put to other use", freed, _mean(year.productive), build))
    steps.append(Step("with all costs of the first year", freed, _mean(year.productive), _mean(year.cost)))
    if waiting:
        steps.append(Step("with the developers' waiting time", freed, _mean(year.benefit), _mean(year.cost)))
    return tuple(steps)


def _mean(values: Array) -> float:
    return float(np.mean(values))
