"""Every setting of the app, from the environment; each name carries the prefix `DBBUDDY_`. `docs/settings.md` lists them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from dbbuddy.data_files import DATA

Mode = Literal["cloud", "local", "hybrid"]
StorageMode = Literal["full", "metadata", "off"]


class Settings(BaseSettings):
    """The settings, with their defaults."""

    model_config = SettingsConfigDict(env_prefix="DBBUDDY_", frozen=True)

    database_url: str = f"duckdb:///{DATA / 'dbbuddy.duckdb'}"
    """Where conversations and feedback are kept: `duckdb:///path` or `postgresql://...`."""

    scratch_database_url: str | None = None
    """A PostgreSQL 18 server (superuser) for trying index advice on; without it the app starts one of its own."""

    playbook_folder: Path | None = None
    """A folder of own playbooks, added to the built-in ones; one with the same slug replaces the built-in one."""

    time_zone: str = "UTC"
    """The IANA zone in which days are counted and times are shown."""

    # Language models. Without a key or a model name none is used.
    mode: Mode = "cloud"
    """`cloud`: any configured provider; `local`: Ollama only; `hybrid`: what is sensitive goes to Ollama or nowhere."""

    hybrid_keeps_production: bool = True
    """In hybrid mode, whether a production context counts as sensitive."""

    first_content_seconds: float = Field(4.5, gt=0, le=120)
    """How long a model may take to its first word, all providers together. More helps models on a CPU."""

    groq_api_key: SecretStr | None = None
    groq_model: str = "llama-3.3-70b-versatile"
    groq_base_url: str | None = None
    huggingface_token: SecretStr | None = None
    huggingface_model: str = "meta-llama/Llama-3.3-70B-Instruct"
    huggingface_base_url: str | None = None
    ollama_host: str = "http://localhost:11434"
    ollama_model: str | None = None
    """Ollama is used if this names a model."""

    # Who is who.
    access_file: Path | None = None
    """A YAML file with the roles of users and groups, and the teams with their head counts."""

    session_hours: float = Field(8.0, gt=0)
    """How long a login lasts."""

    identity_header: str | None = None
    """The header in which a proxy names the user; trusted only with a valid signature."""

    identity_header_key: SecretStr | None = None
    """The key with which that header is verified: a shared secret, or public keys as PEM or JSON Web Keys."""

    identity_header_audience: str | None = None
    """For whom the header's token must be meant (`aud`); needed with a public key."""

    session_outlives_token: bool = False
    """Whether a login lasts `session_hours` even if its identity token expires before."""

    # What is kept.
    storage_mode: StorageMode = "full"
    """`full`: redacted texts; `metadata`: no texts; `off`: nothing."""

    keep_conversations_days: int = Field(400, ge=1)
    keep_audit_days: int = Field(2555, ge=1)
    encryption_keys: SecretStr | None = None
    """`id:base64key[,id:base64key...]` of 32-byte AES keys; the first encrypts, all decrypt. Without it fields are readable."""

    backup_folder: Path | None = None
    """A folder into which the running app writes backups of the store by itself."""

    backup_hours: float = Field(24.0, gt=0)
    """How many hours lie between two of them."""

    backups_kept: int = Field(7, ge=1)
    """How many of them are kept; the oldest are deleted."""

    audit_key: SecretStr | None = None
    """The key of the audit chain; without it a key file beside the store is made."""

    name_model: str | None = None
    """A model of spaCy that also finds names of people in prose before anything is sent or kept; none by default."""

    # Handing over to a DBA.
    webhook_url: SecretStr | None = None
    webhook_shape: str = "generic"
    """A template of `data/webhooks/`: generic, slack, teams, jira, servicenow."""

    webhook_authorization: SecretStr | None = None
    """The value of the `Authorization` header for the webhook."""

    webhook_fields: dict[str, str] = {}
    """What the shape needs of its receiver, as JSON: for jira `{"project": "DBA", "issuetype": "Task"}`."""

    # Machines, and limits.
    api_tokens: SecretStr | None = None
    """`name=sha256,...` of the tokens for the machine interfaces; `python -m dbbuddy token NAME` makes one."""

    api_requests_per_minute: int = Field(60, ge=1)
    questions_per_hour: int = Field(300, ge=1)
    """How many questions one user may ask in the chat."""


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
