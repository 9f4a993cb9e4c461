"""`data/providers.yaml`: which providers there are, in which order, with which limits. Adding one is a file and an entry."""

from __future__ import annotations

import datetime
from functools import cache
from importlib import import_module

from pydantic import BaseModel, ConfigDict, Field

from dbbuddy.data_files import load_yaml
from dbbuddy.providers.protocol import Provider
from dbbuddy.settings import Settings


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Limits(_Strict):
    """What holds for every answer. Times in seconds."""

    gap_seconds: float = Field(gt=0)
    answer_seconds: float = Field(gt=0)
    answer_chars: int = Field(gt=0)
    answer_tokens: int = Field(gt=0)
    answer_bytes: int = Field(gt=0)
    prompt_tokens: int = Field(ge=1000)
    context_tokens: int = Field(ge=2000)
    temperature: float = Field(ge=0, le=2)


class BreakerRules(_Strict):
    """When a provider is left alone, and for how many seconds."""

    failures: int = Field(ge=1)
    rest_seconds: float = Field(gt=0)
    pause_seconds: float = Field(ge=0)
    pause_most_seconds: float = Field(ge=0)


class Entry(_Strict):
    """One provider: how it is called on a page, where it is by default, and how long to wait for it."""

    title: str
    base_url: str
    connect_seconds: float = Field(gt=0)
    first_token_seconds: float = Field(gt=0)


class Rate(_Strict):
    """The price of a million tokens."""

    prompt: float = Field(ge=0)
    answer: float = Field(ge=0)


class Prices(_Strict):
    """The operator's rates, and the day on which they were true."""

    currency: str
    as_of: datetime.date | None
    rates: dict[str, dict[str, Rate]]


class Catalogue(_Strict):
    """The file's content; `providers` in the order in which they are asked."""

    limits: Limits
    breaker: BreakerRules
    providers: dict[str, Entry]
    prices: Prices


@cache
def catalogue() -> Catalogue:
    """The content of `data/providers.yaml`, read once."""
    return Catalogue.model_validate(load_yaml("providers.yaml"))


def all_providers(settings: Settings, content: Catalogue | None = None) -> tuple[Provider, ...]:
    """Every provider, configured or not, in order. Each module's `build(settings, entry)` makes one; nothing is connected."""
    entries = (content or catalogue()).providers
    return tuple(import_module(f"{__package__}.{name}").build(settings, entry) for name, entry in entries.items())
