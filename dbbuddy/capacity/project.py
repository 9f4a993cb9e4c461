"""The façade: a history in, a projection out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from dbbuddy.capacity.adjustment import Adjustment, adjustment
from dbbuddy.capacity.backtest import Backtest, backtest, straight_line
from dbbuddy.capacity.events import Event, Timeline, apply
from dbbuddy.capacity.forecast.cleaning import Event as Found
from dbbuddy.capacity.forecast.cleaning import without
from dbbuddy.capacity.forecast.fit import Fit, events_of, fit, typed_in
from dbbuddy.capacity.forecast.regular import Regular, Step, regularise
from dbbuddy.capacity.forecast.simulate import PATHS, simulate
from dbbuddy.capacity.history.model import History, HistoryError, Values
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.metric import FACTS, Aggregate, Kind
from dbbuddy.capacity.wall import Wall, first_to_break, wall
from dbbuddy.capacity.warnings import warnings_of

MOST_STEPS = 3_650
DEFAULT_DAYS = 365.0


@dataclass(frozen=True)
class Method:
    """How the projection was made. `weights` are the members' shares, largest first; `points` counts samples used."""

    kind: Kind
    kind_told: bool
    step: str
    points: int
    season: int
    weights: tuple[tuple[str, float], ...]
    spread_exponent: float
    aggregate: Aggregate
    seed: int
    paths: int

    def told(self) -> str:
        """The method in a sentence or two."""
        leading = ", ".join(f"{name} {share:.0%}" for name, share in self.weights[:3])
        season = f", season of {self.season} {self.step}s" if self.season > 1 else ""
        kind = "piles up" if self.kind == "cumulative" else "goes up and down"
        return f"{self.points:,} values, one a {self.step}{season}; taken as a metric that {kind}. Pool: {leading}."


@dataclass(frozen=True)
class Projection:
    """All that a page needs. Arrays over `history_dates` are (n,), over `dates` (H,).

    `values` are the regular values, `clean` what the forecast learnt from, `filled` marks steps without a sample.
    `line` is the straight line for comparison. `adjustments` are what reading and cleaning found, those undone left out.
    """

    history: History
    history_dates: tuple[dt.date, ...]
    values: Values
    clean: Values
    filled: Values
    adjustments: tuple[Adjustment, ...]
    dates: tuple[dt.date, ...]
    mean: Values
    lo50: Values
    hi50: Values
    lo80: Values
    hi80: Values
    lo95: Values
    hi95: Values
    line: Values
    walls: tuple[Wall, ...]
    growth_per_month: float
    method: Method
    backtest: Backtest | None
    warnings: tuple[str, ...]

    @property
    def first_to_break(self) -> Wall | None:
        """The limit that is hit first."""
        return first_to_break(self.walls)


def project(
    history: History,
    limits: Sequence[Limit] = (),
    horizon_days: float = DEFAULT_DAYS,
    events: Sequence[Event] = (),
    undone: Collection[str] = (),
    *,
    horizon_steps: int | None = None,
    season: int | None = None,
    seed: int = 0,
    paths: int = PATHS,
    with_backtest: bool = True,
) -> Projection:
    """Project a history.

    Args:
        history: what is known.
        limits: those of other metrics are left out.
        horizon_days: how far, at least a day.
        events: known or supposed changes, amounts in the history's unit.
        undone: ids of adjustments that the user does not want.
        horizon_steps: instead of days, in steps of the history.
        season: length of the season in steps where it is known; otherwise tested.
        seed: of the simulated paths, for the same answer again.
        paths: how many are simulated.
        with_backtest: whether to look back too.

    Raises:
        HistoryError: it cannot be projected; the message says why.
    """
    kept = frozenset(undone)
    regular, notes = _regular(history, kept)
    periods = regular.step.periods if season is None else (season,) * (season > 1)
    clean, found = _clean(regular, periods, kept)
    steps = _steps(regular.step, horizon_days, horizon_steps)
    cumulative = {"cumulative": 1.0, "level": 0.0, None: None}[history.kind]
    made = _fitted(history, regular, clean, steps, periods, cumulative)
    ahead = _Ahead.of(history, regular, clean, steps, events)
    low50, high50 = (ahead.bounded(band) for band in made.band(0.5))
    low80, high80 = (ahead.bounded(band) for band in made.band(0.8))
    low95, high95 = (ahead.bounded(band) for band in made.band(0.95))
    line = straight_line(regular.values, steps) if history.growth_per_day is None else made.path
    asked = [limit for limit in limits if limit.metric == history.metric]
    walked = ahead.changed(simulate(made, paths, seed)) if asked else np.empty((0, steps))
    now = float(clean[-1])
    truth = without(regular.values, [event for event in found if event.what == "outlier"])
    told = None if not with_backtest or history.growth_per_day is not None else backtest(regular, truth, cumulative, ahead.floor)
    mean = ahead.bounded(made.path)
    return Projection(
        history=history,
        history_dates=tuple(regular.dates(0, regular.values.size)),
        values=regular.values,
        clean=clean,
        filled=regular.filled.astype(float),
        adjustments=tuple(history.found) + tuple(notes) + tuple(_told(found, regular, history.unit)),
        dates=tuple(regular.dates(regular.values.size, steps)),
        mean=mean,
        lo50=low50,
        hi50=high50,
        lo80=low80,
        hi80=high80,
        lo95=low95,
        hi95=high95,
        line=line,
        walls=tuple(wall(limit, history.unit, now, walked, line, regular) for limit in asked),
        growth_per_month=(float(mean[-1]) - now) / (steps * regular.step.length) * 365.25 / 12,
        method=_method(history, regular, made, seed, paths),
        backtest=told,
        warnings=tuple(warnings_of(history, regular, made, steps, found, told)),
    )


@dataclass(frozen=True)
class _Ahead:
    """What turns a forecast's path into what is shown: known events, and the values that are possible."""

    events: tuple[Event, ...]
    time: Timeline
    floor: float | None
    cap: float | None

    @classmethod
    def of(cls, history: History, regular: Regular, clean: Values, steps: int, events: Sequence[Event]) -> _Ahead:
        n = regular.values.size
        past = np.array([date.toordinal() for date in regular.dates(0, n)], float) if events else np.zeros(1)
        ahead = np.array([date.toordinal() for date in regular.dates(n, steps)], float) if events else np.zeros(1)
        shown = clean if events else clean[-1:]
        share = history.unit.strip() in ("%", "percent") and float(regular.values.max()) <= 100
        floor = 0.0 if float(regular.values.min()) >= 0 else None
        return cls(tuple(events), Timeline(regular.last.toordinal(), ahead, past, shown), floor, 100.0 if share else None)

    def changed(self, paths: Values) -> Values:
        return apply(self.events, paths, self.time) if self.events else paths

    def bounded(self, paths: Values) -> Values:
        changed = self.changed(paths)
        if self.floor is None and self.cap is None:
            return changed
        return np.clip(changed, self.floor, self.cap)


def _regular(history: History, undone: frozenset[str]) -> tuple[Regular, list[Adjustment]]:
    """Raises HistoryError where no growth can be told."""
    values, times, notes = history.values, history.times, []
    if history.metric != "other" and (values < 0).any():
        good = values >= 0
        notes.append(adjustment("negative", None, f"{(~good).sum():,} values below zero", "left out: there is no such size"))
        values, times = values[good], times[good]
        if not values.size:
            raise HistoryError("All values are negative. Give what is used, not what is free or changed.")
    regular, more = regularise(times, values, FACTS[history.metric].aggregate, undone)
    if regular.values.size < 2 and history.growth_per_day is None:
        raise HistoryError("One point tells no growth. Add a second date, or give the growth in a month.")
    return regular, notes + more


def _clean(regular: Regular, periods: tuple[int, ...], undone: frozenset[str]) -> tuple[Values, list[Found]]:
    if regular.values.size < 2:
        return regular.values, []
    found = [event for event in events_of(regular.values, periods) if f"{event.what}:{regular.date(event.first)}" not in undone]
    return without(regular.values, found), found


def _steps(step: Step, days: float, told: int | None) -> int:
    if not np.isfinite(days) or days <= 0 or (told is not None and told < 1):
        raise HistoryError("The horizon is to be at least one day or one step.")
    steps = told if told is not None else int(np.ceil(min(days, 1e6) / step.length))
    return max(1, min(steps, MOST_STEPS))


def _fitted(
    history: History, regular: Regular, clean: Values, steps: int, periods: tuple[int, ...], cumulative: float | None
) -> Fit:
    if history.growth_per_day is not None:
        return typed_in(float(clean[-1]), history.growth_per_day * regular.step.length, steps)
    return fit(clean, steps, periods, cumulative)


_EFFECTS = {
    "outlier": "bridged by a straight line",
    "step": "what was before is lifted to the new level, so that the jump does not count as growth",
}


def _told(found: Sequence[Found], regular: Regular, unit: str) -> list[Adjustment]:
    """The events as adjustments; the single purges of a regular one as one."""
    told = []
    for event in found:
        if event.what != "purge":
            kind = "a short excursion of" if event.what == "outlier" else "a jump that stays, of"
            why = f"{kind} {event.effect:+,.4g} {unit}".rstrip()
            told.append(adjustment(event.what, regular.date(event.first), why, _EFFECTS[event.what]))
    purges = [event for event in found if event.what == "purge"]
    if purges:
        why = f"{len(purges)} drops of about {np.median([p.effect for p in purges]):,.4g} {unit}".rstrip()
        told.append(adjustment("purge", regular.date(purges[0].first), why, "kept: they are part of the net growth"))
    return told


def _method(history: History, regular: Regular, made: Fit, seed: int, paths: int) -> Method:
    weights = sorted(made.weights.items(), key=lambda item: -item[1])
    return Method(
        kind="cumulative" if made.cumulative >= 0.5 else "level",
        kind_told=history.kind is not None,
        step=regular.step.name,
        points=int((~regular.filled).sum()),
        season=made.period,
        weights=tuple((name, share) for name, share in weights if share >= 0.01),
        spread_exponent=made.spread.exponent,
        aggregate=FACTS[history.metric].aggregate,
        seed=seed,
        paths=paths,
    )
