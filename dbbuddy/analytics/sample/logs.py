"""The rows that the app would have kept of a made-up company, a table each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dbbuddy.analytics.sample.world import (
    TEAM_ZONES,
    TEAMS,
    Array,
    World,
    draw_problems,
    episodes,
    hours,
    local_days,
    position,
    problems,
    running,
    to_utc,
)
from dbbuddy.context import ENVIRONMENTS

PROVIDERS = ("rules", "groq", "huggingface", "ollama")
_MODELS = {"groq": "llama-3.3-70b-versatile", "huggingface": "Llama-3.3-70B-Instruct", "ollama": "llama3.2"}
_FIRST_TRY = '[{"result": "answered"}]'
_FALLBACK = '[{"result": "unreachable"}, {"result": "answered"}]'
_PROVIDER_SHARES = (0.55, 0.3, 0.08, 0.07)
_FIRST_TOKEN_MS = (0.0, 350.0, 900.0, 1400.0)
_DOLLARS_PER_TOKEN = (0.0, 0.7e-6, 0.9e-6, 0.0)


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
    person, day = episodes(world, rng)
    team = np.arange(world.people) % world.teams
    conversation = np.arange(len(person))
    zone = (team % len(TEAM_ZONES))[person]
    problem = draw_problems(rng, len(person))
    engine_known = rng.random(len(person)) < 0.93
    confidence = rng.beta(6, 2, len(person))
    works = rng.random(len(person)) < confidence
    # Sessions: most problems are dealt with in one, some come back within the week.
    sessions = rng.choice([1, 2, 3], len(person), p=[0.8, 0.15, 0.05])
    episode = np.repeat(conversation, sessions)
    nth = position(sessions)
    later = np.where(nth > 0, rng.uniform(0.5, 6.5, len(episode)), 0.0)
    start = day[episode] + np.round(running(later, sessions)) + hours(rng, len(episode)) / 24
    messages = 1 + rng.poisson(0.9, len(episode))
    at = (
        np.repeat(start, messages)
        + running(np.where(position(messages) > 0, rng.exponential(4, messages.sum()), 0), messages) / 1440
    )
    of_session = np.repeat(np.arange(len(episode)), messages)
    of_episode = episode[of_session]
    exchanges = pd.DataFrame(
        {
            "asked_at": to_utc(world, at, zone[of_episode]),
            "episode": of_episode,
            "session": of_session,
            "person": person[of_episode],
            "team": np.array(TEAMS, dtype=object)[team[person[of_episode]] % len(TEAMS)],
            "last": position(messages) == np.repeat(messages, messages) - 1,
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
    return Logs(
        exchanges.drop(columns=["episode", "session", "person", "last", "works", "problem", "engine_known"]),
        feedback,
        handovers,
        _elaborations(rng, exchanges),
        _visits(world, rng, exchanges),
    )


def _where(condition: Array, values: Array) -> Array:
    """The values where the condition holds, elsewhere None."""
    chosen = np.array(values, dtype=object)
    chosen[~np.asarray(condition)] = None
    return chosen


def _complete(world: World, rng: np.random.Generator, rows: pd.DataFrame) -> None:
    """Fill in what an exchange has beside its time and problem."""
    n = len(rows)
    slugs = np.array([slug for slug, _, _ in problems()], dtype=object)[rows.problem]
    engines = np.array([found[0] for _, _, found in problems()], dtype=object)[rows.problem]
    chance = rng.random(n)
    status = np.where(rows["last"] | (chance > 0.3), "answered", "needs_details").astype(object)
    status[rng.random(n) < 0.03] = "out_of_scope"
    provider = rng.choice(len(PROVIDERS), n, p=_PROVIDER_SHARES)
    rows["id"] = [f"x{number:09d}" for number in range(n)]
    rows["conversation_id"] = "c" + rows.episode.astype(str)
    rows["user_id"] = "sample-" + rows.person.astype(str).str.zfill(4)
    rows["position"] = rows.groupby("episode").cumcount()
    rows["day"] = local_days(world, rows.asked_at)
    rows["status"] = status
    rows["category"] = np.array([category for _, category, _ in problems()], dtype=object)[rows.problem]
    rows["engine"] = _where(rows.engine_known, engines)
    rows["diagnosis"] = _where((status == "answered") & (rng.random(n) < 0.95), slugs)
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
            "outcome": _where(said > 0.25, outcome),
            "minutes_saved": pd.array(np.where((said > 0.9), rng.choice([15, 30, 60, 120], n), np.nan), dtype="Int64"),
        }
    )
    second = feedback[rng.random(n) < 0.05].copy()
    second["given_at"] += pd.Timedelta(days=2)
    second["outcome"] = "not_solved"
    second["stars"] = pd.array([None] * len(second), dtype="Int64")
    feedback = pd.concat([feedback, second], ignore_index=True).sort_values("given_at", kind="stable", ignore_index=True)
    feedback["day"] = local_days(world, feedback.given_at)
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
            "attempts": np.where(fallback, _FALLBACK, _FIRST_TRY),
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
    lurking = opened[rng.random(len(opened)) < 0.01]
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
    visits["day"] = local_days(world, visits.happened_at)
    return visits
