"""Queries and commands that give a history, from `data/capacity/queries.yaml`."""

from __future__ import annotations

from functools import cache

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from dbbuddy.data_files import load_yaml


class HistoryQuery(BaseModel):
    """What to run where; `about` says what it needs and does. `place` is the engine or tool."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    place: str = Field(alias="for")
    title: str
    language: str
    about: str
    code: str
    source: str


@cache
def history_queries() -> dict[str, tuple[HistoryQuery, ...]]:
    """The queries by engine or tool, in the order of the file."""
    found: dict[str, tuple[HistoryQuery, ...]] = {}
    for query in TypeAdapter(list[HistoryQuery]).validate_python(load_yaml("capacity/queries.yaml")):
        found[query.place] = (*found.get(query.place, ()), query)
    return found
