"""Every setting of the app, from the environment; each name carries the prefix `DBBUDDY_`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from dbbuddy.data_files import DATA


class Settings(BaseSettings):
    """The settings, with their defaults. `docs/settings.md` lists them."""

    model_config = SettingsConfigDict(env_prefix="DBBUDDY_", frozen=True)

    database_url: str = f"duckdb:///{DATA / 'dbbuddy.duckdb'}"
    """Where conversations and feedback are kept."""

    scratch_database_url: str | None = None
    """A PostgreSQL 18 server (superuser) for trying index advice on; without it the app starts one of its own."""

    playbook_folder: Path | None = None
    """A folder of own playbooks, added to the built-in ones; one with the same slug replaces the built-in one."""


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
