"""How fast answers come, and what the models do: failures, fallbacks, tokens, cost."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Literal

from dbbuddy.analytics.figures import Figure, share
from dbbuddy.analytics.statistics import quantile_ranks
from dbbuddy.analytics.view import View

Part = Literal["answer", "first", "whole"]
"""The rules' answer; a model's first words; the end of a model's answer."""

GROWTH = 1.02
"""Each bucket reaches 2 % further than the one before; bucket 0 begins at 1 ms. The same number stands in refresh.sql."""
NEVER = 32000
"""The bucket of what never came."""
_QUANTILES = (0.5, 0.95, 0.99)
_FINISHED = ("complete", "stopped", "token_limit", "length_limit")
"""Outcomes with an answer, be it cut at its limit or by the reader; the others failed."""


@dataclass(frozen=True)
class ResponseTime:
    """Times of one part by one provider, in milliseconds. A value of None with n > 0: so many never came."""

    part: Part
    provider: str
    p50: Figure
    p95: Figure
    p99: Figure
    fast: Figure


@dataclass(frozen=True)
class WeekTime:
    """A week's 95th of 100 of one part in milliseconds (None: it never came), and the share that was fast."""

    week: date
    part: Part
    p95: float | None
    fast: Figure


@dataclass(frozen=True)
class Model:
    """What one model of one provider was used for. Costs are in US dollars."""

    provider: str
    model: str
    elaborations: int
    failed: int
    fallbacks: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


@dataclass(frozen=True)
class Models:
    """All models, and the shares of all elaborations."""

    each: tuple[Model, ...]
    failures: Figure
    fallbacks: Figure
    cost: Figure


def response_times(view: View) -> tuple[ResponseTime, ...]:
    """By part and provider."""
    groups: dict[tuple[Part, str], list[tuple[int, int, int]]] = defaultdict(list)
    for part, provider, bucket, n, fast in view.read("quality", "latency"):
        groups[part, provider].append((int(bucket), int(n), int(fast)))
    return tuple(_times(part, provider, rows) for (part, provider), rows in groups.items())


def _times(part: Part, provider: str, rows: list[tuple[int, int, int]]) -> ResponseTime:
    n = sum(row[1] for row in rows)
    p50, p95, p99 = (_quantile(rows, n, quantile) for quantile in _QUANTILES)
    return ResponseTime(part, provider, p50, p95, p99, share("fast_share", sum(row[2] for row in rows), n))


def _quantile(rows: list[tuple[int, int, int]], n: int, quantile: float) -> Figure:
    rank, low, high = quantile_ranks(n, quantile)
    value, least, most = (_at_rank(rows, place) for place in (rank, low, high))
    return Figure("response_time", value, n, least if value else None, most if value else None)


def _at_rank(rows: list[tuple[int, int, int]], rank: int) -> float | None:
    """The middle of the bucket in which the value of this rank (from 1) lies; None if it never came."""
    for bucket, n, _ in rows:
        rank -= n
        if rank <= 0:
            return middle(bucket)
    return None


def middle(bucket: int) -> float | None:
    """The middle of a bucket in milliseconds; None for what never came."""
    return None if bucket == NEVER else GROWTH ** (bucket + 0.5)


def response_time_weeks(view: View) -> tuple[WeekTime, ...]:
    """By week and part."""
    rows = view.read("quality", "latency_weeks")
    return tuple(
        WeekTime(week, part, middle(int(p95)), share("fast_share", int(fast), int(n))) for week, part, p95, n, fast in rows
    )


def models(view: View) -> Models:
    """Use, failures, fallbacks and cost of the models."""
    groups: dict[tuple[str, str], list[tuple[str, int, int, int, int, float]]] = defaultdict(list)
    for provider, model, outcome, n, fallbacks, prompt, completion, cost in view.read("quality", "models"):
        groups[provider, model].append((outcome, int(n), int(fallbacks), int(prompt), int(completion), float(cost)))
    each = tuple(
        Model(
            provider,
            model,
            sum(row[1] for row in rows),
            sum(row[1] for row in rows if row[0] not in _FINISHED),
            sum(row[2] for row in rows),
            sum(row[3] for row in rows),
            sum(row[4] for row in rows),
            sum(row[5] for row in rows),
        )
        for (provider, model), rows in groups.items()
    )
    n = sum(model.elaborations for model in each)
    return Models(
        each,
        share("error_share", sum(model.failed for model in each), n),
        share("fallback_share", sum(model.fallbacks for model in each), n),
        Figure("cost", sum(model.cost for model in each) if each else None, n),
    )
