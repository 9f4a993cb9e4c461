"""Histories to try the projection on, dated up to today."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import numpy as np
from pydantic import BaseModel, ConfigDict, TypeAdapter

from dbbuddy.capacity.history.model import History, from_points
from dbbuddy.capacity.limit import Level, Limit
from dbbuddy.capacity.metric import Metric
from dbbuddy.context import Environment, SystemContext
from dbbuddy.data_files import DATA, load_yaml

_FOLDER = "samples/capacity"


class _Limit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    value: float
    unit: str
    level: Level


class _Entry(BaseModel):
    """An entry of `data/samples/capacity/examples.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file: str
    title: str
    about: str
    metric: Metric
    unit: str
    limits: tuple[_Limit, ...]
    service: str | None = None
    environment: Environment | None = None


@dataclass(frozen=True)
class Sample:
    """A history with the limits that go with it, and where it was taken."""

    title: str
    about: str
    history: History
    limits: tuple[Limit, ...]
    context: SystemContext


def samples(today: dt.date | None = None) -> list[Sample]:
    """All samples, their last value today (UTC)."""
    day = np.datetime64(today or dt.datetime.now(dt.UTC).date(), "s")
    return [_sample(entry, day) for entry in _entries()]


@cache
def _entries() -> tuple[_Entry, ...]:
    return TypeAdapter(tuple[_Entry, ...]).validate_python(load_yaml(f"{_FOLDER}/examples.yaml"))


def _sample(entry: _Entry, day: np.datetime64) -> Sample:
    rows = np.loadtxt(DATA / _FOLDER / entry.file, delimiter=",", skiprows=1)
    times = day - rows[:, 0].astype(np.int64) * np.timedelta64(86_400, "s")
    limits = tuple(Limit(entry.metric, x.name, x.value, x.unit, x.level, "sample") for x in entry.limits)
    history = from_points(times, rows[:, 1], entry.metric, entry.unit, None, entry.title)
    context = SystemContext.of(service=entry.service, environment=entry.environment).completed()
    return Sample(entry.title, entry.about, history, limits, context)
