"""Made-up logs that look like real ones: for the demonstration store, for tests and for the benchmark.

Teams in three time zones, a rising share of people who join, some who leave, quiet weekends and holidays, problems that come
back within a week, answers that ask back, ratings given at once or weeks later, hand-overs, and models that sometimes fail.
Nothing in it is about anybody: people are numbers, texts are empty. The same `World` always gives the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from dbbuddy.context import ENVIRONMENTS
from dbbuddy.diagnosis.library import load_library

Array = Any
"""A numpy array; its element type changes with the column."""

TEAMS = ("Payments", "Search", "Logistics", "Accounts", "Warehouse", "Mobile", "Reporting", "Integrations")
TEAM_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
PROVIDERS = ("rules", "groq", "huggingface", "ollama")
_MODELS = {"groq": "llama-3.3-70b-versatile", "huggingface": "Llama-3.3-70B-Instruct", "ollama": "llama3.2"}
_PROVIDER_SHARES = (0.55, 0.3, 0.08, 0.07)
_FIRST_TOKEN_MS = (0.0, 350.0, 900.0, 1400.0)
_DOLLARS_PER_TOKEN = (0.0, 0.7e-6, 0.9e-6, 0.0)


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


@dataclass(frozen=True)
class Logs:
    """A table each, as the store has it; exchanges in the order of time."""

    exchanges: pd.DataFrame
    feedback: pd.DataFrame
    handovers: pd.DataFrame
    elaborations: pd.DataFrame
    visits: pd.DataFrame

    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables by name, with the conversations that the exchanges belong to."""
        first = self.exchanges.drop_duplicates("conversation_id")
        conversations = pd.DataFrame(
            {
                "id": first.conversation_id,
                "user_id": first.user_id,
                "title": "Sample",
                "created_at": first.asked_at,
                "updated_at": first.asked_at,
                "pinned": False,
            }
        )
        return {
            "conversations": conversations,
            "exchanges": self.exchanges,
            "feedback": self.feedback,
            "handovers": self.handovers,
            "elaborations": self.elaborations,
            "visits": self.visits,
        }


def generate(world: World) -> Logs:
    """The logs of a world; the cost grows with the number of messages (about 10 s a million)."""
    rng = np.random.default_rng(world.seed)
    person, day = _episodes(world, rng)
    team = np.arange(world.people) % world.teams
    conversation = np.arange(len(person))
    zone = (team % len(TEAM_ZONES))[person]
    problem = _draw_problems(rng, len(person))
    engine_known = rng.random(len(person)) < 0.93
    confidence = rng.beta(6, 2, len(person))
    works = rng.random(len(person)) < confidence
    # Sessions: most problems are dealt with in one, some come back within the week.
    sessions = rng.choice([1, 2, 3], len(person), p=[0.8, 0.15, 0.05])
    episode = np.repeat(conversation, sessions)
    nth = _position(sessions)
    later = np.where(nth > 0, rng.uniform(0.5, 6.5, len(episode)), 0.0)
    start = day[episode] + np.round(_running(later, sessions)) + _hours(rng, len(episode)) / 24
    messages = 1 + rng.poisson(0.9, len(episode))
    at = (
        np.repeat(start, messages)
        + _running(np.where(_position(messages) > 0, rng.exponential(4, messages.sum()), 0), messages) / 1440
    )
    of_session = np.repeat(np.arange(len(episode)), messages)
    of_episode = episode[of_session]
    exchanges = pd.DataFrame(
        {
            "asked_at": _to_utc(world, at, zone[of_episode]),
            "episode": of_episode,
            "session": of_session,
            "person": person[of_episode],
            "team": np.array(TEAMS, dtype=object)[team[person[of_episode]] % len(TEAMS)],
            "last": _position(messages) == np.repeat(messages, messages) - 1,
            "works": works[of_episode],
            "confidence": confidence[of_episode],
            "problem": problem[of_episode],
            "engine_known": engine_known[of_episode],
            "environment": np.array(ENVIRONMENTS, dtype=object)[rng.choice(3, len(person), p=[0.5, 0.2, 0.3])[of_episode]],
        }
    )
    exchanges = exchanges.sort_values(["asked_at", "session"], kind="stable", ignore_index=True)
    _complete(world, rng, exchanges)
    feedback, handovers = _verdicts(world, rng, exchanges)
    logs = Logs(
        exchanges.drop(columns=["episode", "session", "person", "last", "works", "problem", "engine_known"]),
        feedback,
        handovers,
        _elaborations(rng, exchanges),
        _visits(world, rng, exchanges),
    )
    return logs


def _episodes(world: World, rng: np.random.Generator) -> tuple[Array, Array]:
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
def _problems() -> list[tuple[str, str, tuple[str, ...]]]:
    """Diagnoses of the library: slug, category, engines."""
    playbooks = load_library().playbooks.values()
    return [(book.slug, str(book.head.category), tuple(map(str, book.head.engines))) for book in playbooks]


def _draw_problems(rng: np.random.Generator, n: int) -> Array:
    """Common problems are far more common than rare ones."""
    weights = 1 / (1 + np.arange(len(_problems())))
    return np.random.default_rng(1).permutation(len(_problems()))[rng.choice(len(weights), n, p=weights / weights.sum())]


def _hours(rng: np.random.Generator, n: int) -> Array:
    """Times of day: around eleven and three, few at night."""
    usual = np.where(rng.random(n) < 0.5, rng.normal(10.5, 1.5, n), rng.normal(15, 1.8, n))
    return np.where(rng.random(n) < 0.03, rng.uniform(0, 24, n), np.clip(usual, 0, 23.9))


def _position(counts: Array) -> Array:
    """0, 1, 2 ... within each group of so many."""
    ends = np.cumsum(counts)
    return np.arange(counts.sum()) - np.repeat(ends - counts, counts)


def _running(steps: Array, counts: Array) -> Array:
    """The sum so far within each group."""
    total = np.cumsum(steps)
    starts = np.cumsum(counts) - counts
    before = np.concatenate([[0.0], total])[starts]
    return total - np.repeat(before, counts)


def _to_utc(world: World, days: Array, zone: Array) -> Array:
    """Local times of the teams as UTC, to the microsecond; hours that summer time skips or repeats are settled."""
    local = pd.Timestamp(world.start) + pd.to_timedelta(np.round(days * 86_400e6).astype("int64"), unit="us")
    moments = np.empty(len(days), dtype="datetime64[us]")
    for number, name in enumerate(TEAM_ZONES):
        chosen = zone == number
        there = local[chosen].tz_localize(name, ambiguous=np.zeros(int(chosen.sum()), dtype=bool), nonexistent="shift_forward")
        moments[chosen] = there.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")
    return moments


def _day(world: World, moments: pd.Series) -> pd.Series:
    return moments.dt.tz_localize("UTC").dt.tz_convert(world.zone).dt.date


def _complete(world: World, rng: np.random.Generator, rows: pd.DataFrame) -> None:
    """Fill in what an exchange has beside its time and problem."""
    n = len(rows)
    slugs = np.array([slug for slug, _, _ in _problems()], dtype=object)[rows.problem]
    engines = np.array([found[0] for _, _, found in _problems()], dtype=object)[rows.problem]
    chance = rng.random(n)
    status = np.where(rows["last"] | (chance > 0.3), "answered", "needs_details").astype(object)
    status[rng.random(n) < 0.03] = "out_of_scope"
    provider = rng.choice(len(PROVIDERS), n, p=_PROVIDER_SHARES)
    rows["id"] = [f"x{number:09d}" for number in range(n)]
    rows["conversation_id"] = "c" + rows.episode.astype(str)
    rows["user_id"] = "sample-" + rows.person.astype(str).str.zfill(4)
    rows["position"] = rows.groupby("episode").cumcount()
    rows["day"] = _day(world, rows.asked_at)
    rows["status"] = status
    rows["category"] = np.array([category for _, category, _ in _problems()], dtype=object)[rows.problem]
    rows["engine"] = np.where(rows.engine_known, engines, None)
    rows["diagnosis"] = np.where((status == "answered") & (rng.random(n) < 0.95), slugs, None)
    rows["confidence"] = np.where(rows.diagnosis.notna(), np.round(rows.confidence, 3), np.nan)
    rows["provider"] = np.array(PROVIDERS, dtype=object)[provider]
    rows["latency_ms"] = np.round(rng.lognormal(2.6, 0.6, n), 2)
    rows["codes"] = ""
    rows["question"] = ""
    rows["advice"] = [f'{{"status": "{value}", "context": {{}}}}' for value in status]


def _verdicts(world: World, rng: np.random.Generator, rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What people said of the last answer of a session, some weeks later, some twice; and the hand-overs."""
    asked = rows[rows["last"] & (rows.status == "answered")]
    told = asked[rng.random(len(asked)) < 0.4]
    n = len(told)
    late = rng.random(n) < 0.15
    given = told.asked_at + pd.to_timedelta(
        np.where(late, rng.uniform(1, 20, n) * 86_400, rng.exponential(300, n)).round(), unit="s"
    )
    stars = np.clip(np.round(np.where(told.works, rng.normal(4.6, 0.6, n), rng.normal(2.6, 1, n))), 1, 5)
    outcome = np.where(told.works, "solved", np.where(rng.random(n) < 0.25, "handed_over", "not_solved")).astype(object)
    said = rng.random(n)
    feedback = pd.DataFrame(
        {
            "exchange_id": told.id,
            "user_id": told.user_id,
            "given_at": given.astype("datetime64[us]"),
            "stars": pd.array(np.where(said < 0.75, stars, np.nan), dtype="Int64"),
            "outcome": np.where((said > 0.25), outcome, None),
            "minutes_saved": pd.array(np.where((said > 0.9), rng.choice([15, 30, 60, 120], n), np.nan), dtype="Int64"),
        }
    )
    second = feedback[rng.random(n) < 0.05].copy()
    second["given_at"] += pd.Timedelta(days=2)
    second["outcome"] = "not_solved"
    second["stars"] = pd.array([None] * len(second), dtype="Int64")
    feedback = pd.concat([feedback, second], ignore_index=True).sort_values("given_at", kind="stable", ignore_index=True)
    feedback["day"] = _day(world, feedback.given_at)
    handed = asked[~asked.works & (rng.random(len(asked)) < 0.12)]
    handovers = pd.DataFrame(
        {
            "id": "h" + handed.id,
            "exchange_id": handed.id,
            "user_id": handed.user_id,
            "created_at": handed.asked_at + pd.Timedelta(minutes=3),
            "ticket": "{}",
        }
    )
    return feedback, handovers.reset_index(drop=True)


def _elaborations(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """What the models did: an answer, or nothing after a failure."""
    asked = rows[rows.provider != "rules"]
    n = len(asked)
    provider = asked.provider.map({name: number for number, name in enumerate(PROVIDERS)}).to_numpy()
    failed = rng.random(n) < 0.02
    fallback = rng.random(n) < 0.06
    first = np.array(_FIRST_TOKEN_MS)[provider] * rng.lognormal(0, 0.5, n)
    prompt, completion = rng.integers(800, 4000, n), rng.integers(80, 600, n)
    return pd.DataFrame(
        {
            "id": "e" + asked.id,
            "exchange_id": asked.id,
            "user_id": asked.user_id,
            "asked_at": asked.asked_at,
            "day": asked.day,
            "provider": asked.provider,
            "model": asked.provider.map(_MODELS),
            "prompt_version": "sample",
            "outcome": np.where(failed, "failed", "complete"),
            "text": "",
            "attempts": np.where(fallback, "[{}, {}]", "[{}]"),
            "first_token_ms": np.where(failed, np.nan, np.round(first, 1)),
            "total_ms": np.where(failed, np.nan, np.round(first + completion * rng.uniform(2, 9, n), 1)),
            "prompt_tokens": prompt,
            "completion_tokens": np.where(failed, 0, completion),
            "cost_usd": np.round((prompt + completion) * np.array(_DOLLARS_PER_TOKEN)[provider], 6),
        }
    ).reset_index(drop=True)


def _visits(world: World, rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """One opened page for each first question of a session, and some people who look but do not ask."""
    opened = rows.drop_duplicates("session")
    lurking = opened[rng.random(len(opened)) < 0.08]
    moments = pd.concat([opened.asked_at - pd.Timedelta(minutes=1), lurking.asked_at + pd.Timedelta(days=1)], ignore_index=True)
    people = pd.concat([opened.user_id, lurking.user_id + "b"], ignore_index=True)
    visits = pd.DataFrame(
        {
            "user_id": people,
            "team": pd.concat([opened.team, lurking.team], ignore_index=True),
            "happened_at": moments.astype("datetime64[us]"),
            "page": "chat",
        }
    ).sort_values("happened_at", kind="stable", ignore_index=True)
    visits["day"] = _day(world, visits.happened_at)
    return visits
