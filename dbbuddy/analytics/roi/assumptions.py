"""What the ROI figures assume: ranges and fixed values, each with its unit and its source."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from dbbuddy.data_files import load_yaml

Lever = Literal[
    "minutes_per_issue",
    "dba_share",
    "assumed_right",
    "recapture",
    "dba_hour",
    "developer_hour",
    "waiting_minutes",
    "checking_minutes",
    "build",
    "running_month",
    "upkeep_hours_month",
]
FixedName = Literal["partly_counts", "discount", "horizon_years", "cap_at_tickets"]
Number = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Source = Annotated[str, StringConstraints(strip_whitespace=True, max_length=400)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    unit: str
    source: Source
    most: Number
    least: Number = 0.0

    def _check(self, *values: float) -> None:
        if not all(self.least <= value <= self.most for value in values):
            raise ValueError(f"“{self.title}” must lie between {self.least:g} and {self.most:g} {self.unit}.")


class Range(_Value):
    """A value that is not known for sure: pessimistic, likely and optimistic, or the other way round, by size."""

    lever: str
    low: Number
    likely: Number
    high: Number

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"“{self.title}”: low, likely and high must not fall ({self.low:g}, {self.likely:g}, {self.high:g}).")
        self._check(self.low, self.high)
        return self

    @property
    def values(self) -> tuple[float, float, float]:
        return self.low, self.likely, self.high


class Fixed(_Value):
    """A value that is a choice rather than a guess."""

    value: Number

    @model_validator(mode="after")
    def _in_bounds(self) -> Fixed:
        self._check(self.value)
        return self


class Assumptions(BaseModel):
    """All of them, each under its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ranges: dict[Lever, Range]
    fixed: dict[FixedName, Fixed]

    @property
    def caps(self) -> bool:
        """Whether no more problems are counted than tickets fell by."""
        return self.fixed["cap_at_tickets"].value >= 0.5

    def changed(self, values: Mapping[str, Mapping[str, Any]]) -> Assumptions:
        """With other numbers or sources under some names; names that there are none of any more are passed over.

        Raises:
            AssumptionError: a value cannot be.
        """
        ranges = {name: {**value.model_dump(), **values.get(name, {})} for name, value in self.ranges.items()}
        fixed = {name: {**value.model_dump(), **values.get(name, {})} for name, value in self.fixed.items()}
        try:
            return Assumptions.model_validate({"ranges": ranges, "fixed": fixed})
        except ValidationError as error:
            raise AssumptionError(_reasons(error)) from error

    def stored(self) -> str:
        """What is kept of them: numbers and sources by name, as JSON."""
        kept: dict[str, dict[str, Any]] = {
            name: {"low": one.low, "likely": one.likely, "high": one.high, "source": one.source}
            for name, one in self.ranges.items()
        }
        kept |= {name: {"value": one.value, "source": one.source} for name, one in self.fixed.items()}
        return json.dumps(kept, sort_keys=True, ensure_ascii=False)


class AssumptionError(ValueError):
    """A value that cannot be; the message says which and why."""


def _reasons(error: ValidationError) -> str:
    found = []
    for problem in error.errors():
        own = str(problem["msg"]).removeprefix("Value error, ")
        place = [str(part) for part in problem["loc"]]
        title = _title(place[1]) if len(place) > 1 else ""
        found.append(own if own.startswith("“") else f"“{title}”, {place[-1]}: {own}.")
    return " ".join(dict.fromkeys(found))


def _title(name: str) -> str:
    content = load_yaml("analytics/assumptions.yaml")
    found = content["ranges"].get(name) or content["fixed"].get(name) or {"title": name}
    return str(found["title"])


@cache
def defaults() -> Assumptions:
    """Those of `data/analytics/assumptions.yaml`."""
    content = load_yaml("analytics/assumptions.yaml")
    return Assumptions.model_validate({"ranges": content["ranges"], "fixed": content["fixed"]})


def read(stored: str) -> Assumptions:
    """Kept assumptions. What an older version of the app did not know yet has its default.

    Raises:
        AssumptionError: they cannot be read.
    """
    try:
        values = json.loads(stored)
    except ValueError as error:
        raise AssumptionError("The stored assumptions cannot be read; save them anew.") from error
    if not isinstance(values, dict) or not all(isinstance(value, dict) for value in values.values()):
        raise AssumptionError("The stored assumptions cannot be read; save them anew.")
    return defaults().changed(values)


def differences(before: Assumptions, after: Assumptions) -> tuple[str, ...]:
    """What is not the same, a line each."""
    found = [
        f"{new.title}: {_numbers(before.ranges[name].values)} → {_numbers(new.values)} {new.unit}"
        for name, new in after.ranges.items()
        if new.values != before.ranges[name].values
    ]
    found += [
        f"{new.title}: {before.fixed[name].value:g} → {new.value:g} {new.unit}"
        for name, new in after.fixed.items()
        if not math.isclose(new.value, before.fixed[name].value)
    ]
    pairs: Iterable[tuple[_Value, _Value]] = [
        *((before.ranges[name], one) for name, one in after.ranges.items()),
        *((before.fixed[name], one) for name, one in after.fixed.items()),
    ]
    return (*found, *(f"{new.title}: another source" for old, new in pairs if new.source != old.source))


def _numbers(values: tuple[float, ...]) -> str:
    return " / ".join(f"{value:g}" for value in values) if len(set(values)) > 1 else f"{values[0]:g}"
