"""A made-up company: who is in which team and zone, who meets a problem on which day, and at what hour people ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dbbuddy.diagnosis.library import load_library

Array = Any
"""A numpy array; its element type changes with the column."""

TEAMS = ("Payments", "Search", "Logistics", "Accounts", "Warehouse", "Mobile", "Reporting", "Integrations")
TEAM_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")


@dataclass(frozen=True)
class World:
    """How much there is of what. `zone` is the operator's, in which days are counted."""

    start: date
    days: int = 180
    people: int = 120
    teams: int = 5
    episodes_a_week: float = 1.5
    zone: str = "Europe/Berlin"
    seed: int = 7


def episodes(world: World, rng: np.random.Generator) -> tuple[Array, Array]:
    """Who meets a new problem on which day; days count from the start of the world."""
    days = np.arange(world.days)
    joins = np.sort(rng.exponential(world.days / 5, world.people))
    rng.shuffle(joins)
    joins[0] = 0.0
    leaves = np.where(rng.random(world.people) < 0.12, joins + rng.uniform(10, world.days, world.people), world.days)
    week = np.array([1.1, 1.15, 1.1, 1.0, 0.8, 0.08, 0.06])[(days + world.start.weekday()) % 7]
    holidays = np.where((days % 364) >= 355, 0.3, 1.0)
    season = 1 + 0.15 * np.sin(2 * np.pi * days / 91)
    rate = rng.lognormal(-0.2, 0.65, world.people) * world.episodes_a_week / 5
    present = (days[None, :] >= joins[:, None]) & (days[None, :] < leaves[:, None])
    counts = rng.poisson(rate[:, None] * present * (week * holidays * season)[None, :])
    person, day = np.nonzero(counts)
    return np.repeat(person, counts[person, day]), np.repeat(day, counts[person, day])


@cache
def problems() -> list[tuple[str, str, tuple[str, ...]]]:
    """Diagnoses of the library: slug, category, engines."""
    playbooks = load_library().playbooks.values()
    return [(book.slug, str(book.head.category), tuple(map(str, book.head.engines))) for book in playbooks]


def draw_problems(rng: np.random.Generator, n: int) -> Array:
    """Common problems are far more common than rare ones."""
    weights = 1 / (1 + np.arange(len(problems())))
    return np.random.default_rng(1).permutation(len(problems()))[rng.choice(len(weights), n, p=weights / weights.sum())]


def hours(rng: np.random.Generator, n: int) -> Array:
    """Times of day: around eleven and three, few at night."""
    usual = np.where(rng.random(n) < 0.5, rng.normal(10.5, 1.5, n), rng.normal(15, 1.8, n))
    return np.where(rng.random(n) < 0.03, rng.uniform(0, 24, n), np.clip(usual, 0, 23.9))


def position(counts: Array) -> Array:
    """0, 1, 2 ... within each group of so many."""
    ends = np.cumsum(counts)
    return np.arange(counts.sum()) - np.repeat(ends - counts, counts)


def running(steps: Array, counts: Array) -> Array:
    """The sum so far within each group."""
    total = np.cumsum(steps)
    starts = np.cumsum(counts) - counts
    before = np.concatenate([[0.0], total])[starts]
    return total - np.repeat(before, counts)


def to_utc(world: World, days: Array, zone: Array) -> Array:
    """Local times of the teams as UTC, to the microsecond; hours that summer time skips or repeats are settled."""
    local = pd.Timestamp(world.start) + pd.to_timedelta(np.round(days * 86_400e6).astype("int64"), unit="us")
    moments = np.empty(len(days), dtype="datetime64[us]")
    for number, name in enumerate(TEAM_ZONES):
        chosen = zone == number
        there = local[chosen].tz_localize(name, ambiguous=np.zeros(int(chosen.sum()), dtype=bool), nonexistent="shift_forward")
        moments[chosen] = there.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return moments


def local_days(world: World, moments: pd.Series) -> pd.Series:
    """The operator's days of UTC times."""
    days: pd.Series = moments.dt.tz_localize("UTC").dt.tz_convert(world.zone).dt.date
    return days
