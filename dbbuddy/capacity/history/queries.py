"""The queries and commands that bring a history out of engines and clouds, to copy."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from dbbuddy.data_files import load_yaml

Place = Literal["postgresql", "mysql", "sqlserver", "oracle", "aws", "azure", "gcp"]


class Query(BaseModel):
    """An entry of `data/capacity/queries.yaml`; `note` is what to know before it is run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str
    title: str
    where: Place
    language: Literal["sql", "bash"]
    note: str
    source: str
    text: str


@cache
def queries() -> tuple[Query, ...]:
    """All of them, in the order of the file."""
    return TypeAdapter(tuple[Query, ...]).validate_python(load_yaml("capacity/queries.yaml"))
