"""What a managed service sets itself, and the tool that changes the rest."""

from __future__ import annotations

from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dbbuddy.capacity.catalogue import service_of
from dbbuddy.capacity.parameters.setting import FOLDER
from dbbuddy.context import SystemContext
from dbbuddy.data_files import load_yaml

Tool = Literal["rds", "rds_cluster", "azure_postgresql", "azure_mysql", "gcloud", "alloydb", "azure_sql", "sp_configure"]


class Managed(BaseModel):
    """A managed service: its tool, a note for all parameters, and what it sets itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    services: tuple[str, ...]
    tool: Tool
    note: str
    sets: dict[str, str]


@cache
def _all() -> tuple[Managed, ...]:
    return tuple(Managed.model_validate(row) for row in load_yaml(f"{FOLDER}/managed.yaml"))


def managed_for(context: SystemContext) -> Managed | None:
    """The managed service of this context; `None` on own servers."""
    service = service_of(context)
    return next((managed for managed in _all() if service in managed.services), None)
