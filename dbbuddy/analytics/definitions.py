"""What each figure means: text, unit, target and version, from `data/analytics/definitions.yaml`."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dbbuddy.data_files import load_yaml

Unit = Literal["share", "people", "count", "stars", "milliseconds", "minutes", "hours", "months", "dollars"]


class Target(BaseModel):
    """The value to reach; one of the two."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at_least: float | None = None
    at_most: float | None = None


class Definition(BaseModel):
    """A figure's meaning. `version` grows when the same logs would give another figure; `n` names what is counted beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str
    version: int = Field(ge=1)
    unit: Unit
    n: str
    text: str
    computed: str
    target: Target | None = None


@cache
def definitions() -> dict[str, Definition]:
    """All definitions by id."""
    return {name: Definition(**row) for name, row in load_yaml("analytics/definitions.yaml").items()}
