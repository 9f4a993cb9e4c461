"""A study and its answer as one text, to keep and to open again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dbbuddy.capacity.events import Change, Event, Growth, Purge, Retention, Scaled
from dbbuddy.capacity.history.model import History, Values
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.metric import Kind, Metric
from dbbuddy.capacity.project import Projection
from dbbuddy.capacity.sentence import sentence
from dbbuddy.capacity.study import Answer, Asked, series_title
from dbbuddy.context import SystemContext
from dbbuddy.intake.text import InputError

MOST_POINTS = 2_000
_KINDS: dict[str, type[Any]] = {kind.__name__: kind for kind in (Change, Growth, Scaled, Purge, Retention)}


class SavedError(InputError):
    """A saved projection that cannot be opened; the message says why."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SavedEvent(_Part):
    """An event by its kind and its fields."""

    kind: Literal["Change", "Growth", "Scaled", "Purge", "Retention"]
    fields: dict[str, str | float]


class SavedForecast(_Part):
    """What was said for each date."""

    dates: tuple[dt.date, ...]
    mean: tuple[float, ...]
    lo80: tuple[float, ...]
    hi80: tuple[float, ...]
    lo95: tuple[float, ...]
    hi95: tuple[float, ...]


class SavedSeries(_Part):
    """A series with what was asked of it and what was said."""

    name: str
    metric: Metric
    unit: str
    kind: Kind | None
    growth_per_day: float | None
    times: tuple[str, ...]
    values: tuple[float, ...]
    limits: tuple[Limit, ...]
    events: tuple[SavedEvent, ...]
    undone: tuple[str, ...]
    forecast: SavedForecast
    told: tuple[str, ...]


class SavedStudy(_Part):
    """All that is kept of a study. `headline` is what it said."""

    version: Literal[1] = 1
    made_on: dt.date
    headline: str
    horizon_days: float
    context: SystemContext
    series: Annotated[tuple[SavedSeries, ...], Field(min_length=1)]

    def asked(self) -> tuple[Asked, ...]:
        """What was asked, to ask it again."""
        return tuple(_asked(one) for one in self.series)


def saved(asked: Sequence[Asked], answer: Answer, context: SystemContext, horizon_days: float, today: dt.date) -> SavedStudy:
    """The study as it is kept. Of a long history its regular values are kept, one a step."""
    series = tuple(_series(one, made) for one, made in zip(asked, answer.projections, strict=True))
    return SavedStudy(made_on=today, headline=sentence(answer).headline, horizon_days=horizon_days, context=context, series=series)


def read_saved(text: str) -> SavedStudy:
    """A study out of its text.

    Raises:
        SavedError: the text is none, or of a newer version of the app.
    """
    try:
        return SavedStudy.model_validate_json(text)
    except ValidationError:
        raise SavedError("This saved projection cannot be read. It may have been saved by a newer version of DB-Buddy.") from None


def _series(one: Asked, made: Projection) -> SavedSeries:
    history = one.history
    times, values = _points(made)
    every = max(1, -(-len(made.dates) // MOST_POINTS))
    picked = slice((len(made.dates) - 1) % every, None, every)
    return SavedSeries(
        name=series_title(history),
        metric=history.metric,
        unit=history.unit,
        kind=history.kind,
        growth_per_day=history.growth_per_day,
        times=times,
        values=values,
        limits=one.limits,
        events=tuple(_event(event) for event in one.events),
        undone=tuple(sorted(one.undone)),
        forecast=SavedForecast(
            dates=made.dates[picked],
            mean=_listed(made.mean[picked]),
            lo80=_listed(made.lo80[picked]),
            hi80=_listed(made.hi80[picked]),
            lo95=_listed(made.lo95[picked]),
            hi95=_listed(made.hi95[picked]),
        ),
        told=tuple(wall.told() for wall in made.walls),
    )


def _points(made: Projection) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """The points as they came; of a long history one a step, those that have a sample."""
    history = made.history
    if history.values.size <= MOST_POINTS:
        return tuple(str(time) for time in history.times), _listed(history.values)
    own = np.flatnonzero(made.filled == 0)
    return tuple(made.history_dates[i].isoformat() for i in own), _listed(made.values[own])


def _listed(values: Values) -> tuple[float, ...]:
    return tuple(float(f"{value:.8g}") for value in values)


def _event(event: Event) -> SavedEvent:
    fields = {name: value.isoformat() if isinstance(value, dt.date) else value for name, value in asdict(event).items()}
    return SavedEvent.model_validate({"kind": type(event).__name__, "fields": fields})


def _asked(one: SavedSeries) -> Asked:
    times = np.array(one.times, "datetime64[s]")
    history = History(one.metric, one.unit, one.kind, times, np.array(one.values, float), one.name, one.growth_per_day)
    events = tuple(TypeAdapter(_KINDS[event.kind]).validate_python(event.fields) for event in one.events)
    return Asked(history, one.limits, events, frozenset(one.undone))
