"""Where the user's database runs: engine, version, service, deployment, cloud, environment.

`SystemContext` is the one shape of it. Its `facts` answer the selectors of a playbook (`docs/playbooks.md`).
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

from dbbuddy.data_files import load_yaml

Engine = Literal["postgresql", "mysql", "mariadb", "sqlserver", "oracle"]
Deployment = Literal["cloud", "on_premises"]
Cloud = Literal["aws", "azure", "gcp"]
Environment = Literal["development", "staging", "production"]
Hosting = Literal["managed", "vm", "docker", "kubernetes", "serverless"]
Category = Literal[
    "troubleshooting",
    "query_optimization",
    "performance_analysis",
    "architecture_design",
    "capacity_planning",
    "security_hardening",
]

ENGINES: tuple[Engine, ...] = get_args(Engine)
CATEGORIES: tuple[Category, ...] = get_args(Category)
CLOUDS: tuple[Cloud, ...] = get_args(Cloud)
ENVIRONMENTS: tuple[Environment, ...] = get_args(Environment)
DEPLOYMENTS: tuple[Deployment, ...] = get_args(Deployment)

ENGINE_NAMES: dict[Engine, str] = {
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "sqlserver": "SQL Server",
    "oracle": "Oracle Database",
}
CATEGORY_NAMES: dict[Category, str] = {
    "troubleshooting": "Troubleshooting",
    "query_optimization": "Query optimization",
    "performance_analysis": "Performance analysis",
    "architecture_design": "Architecture design",
    "capacity_planning": "Capacity planning",
    "security_hardening": "Security hardening",
}
CLOUD_NAMES: dict[Cloud, str] = {"aws": "AWS", "azure": "Azure", "gcp": "Google Cloud"}
DEPLOYMENT_NAMES: dict[Deployment, str] = {"cloud": "Cloud", "on_premises": "On-premises"}

# What people write for each id; keys are lower case with runs of blanks, "-" and "." folded to "_".
_VARIANTS: dict[str, dict[str, str]] = {
    "engine": {
        "postgres": "postgresql",
        "pg": "postgresql",
        "psql": "postgresql",
        "aurora_postgresql": "postgresql",
        "aurora_mysql": "mysql",
        "percona": "mysql",
        "mssql": "sqlserver",
        "sql_server": "sqlserver",
        "microsoft_sql_server": "sqlserver",
        "azure_sql": "sqlserver",
        "tsql": "sqlserver",
        "oracle_database": "oracle",
        "ora": "oracle",
        "maria": "mariadb",
    },
    "deployment": {
        "onprem": "on_premises",
        "on_prem": "on_premises",
        "on_premise": "on_premises",
        "self_managed": "on_premises",
        "self_hosted": "on_premises",
        "docker": "on_premises",
        "container": "on_premises",
        "vm": "on_premises",
        "kubernetes": "on_premises",
        "k8s": "on_premises",
        "bare_metal": "on_premises",
        "managed": "cloud",
    },
    "cloud": {
        "amazon": "aws",
        "rds": "aws",
        "aurora": "aws",
        "microsoft": "azure",
        "google": "gcp",
        "google_cloud": "gcp",
    },
    "environment": {
        "dev": "development",
        "local": "development",
        "test": "development",
        "qa": "staging",
        "stage": "staging",
        "uat": "staging",
        "preprod": "staging",
        "pre_production": "staging",
        "prod": "production",
        "prd": "production",
        "live": "production",
    },
    "hosting": {
        "k8s": "kubernetes",
        "container": "docker",
        "lambda": "serverless",
        "virtual_machine": "vm",
        "ec2": "vm",
        "bare_metal": "vm",
        "rds": "managed",
    },
}

# Deployments that people name where the hosting is meant.
_HOSTING_IN_DEPLOYMENT = {"docker", "container", "vm", "kubernetes", "k8s", "bare_metal", "managed"}

# The cloud of a brand that stands for several services.
_BRAND_CLOUDS = {"rds": "aws", "aurora": "aws", "amazon_rds": "aws", "cloud_sql": "gcp", "cloudsql": "gcp"}


class ContextError(ValueError):
    """A context value that names nothing we know; the message lists what is accepted."""


class Service(BaseModel):
    """One row of `data/services.yaml`: a product that runs an engine."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    engine: Engine
    cloud: Cloud | None = None
    tags: tuple[str, ...]
    settings: str
    match: str | None = None


@cache
def services() -> dict[str, Service]:
    """The catalogue of services by id, in file order (narrower `match` first)."""
    return {row["id"]: Service(**row) for row in load_yaml("services.yaml")}


@cache
def platform_tags() -> frozenset[str]:
    """Every selector word about the platform."""
    words = {tag for service in services().values() for tag in service.tags}
    return frozenset(words | {"on_premises", "docker", "kubernetes", "serverless"})


class SystemContext(BaseModel):
    """What is known of the user's system; `None` means not known."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    engine: Engine | None = None
    version: str | None = Field(default=None, max_length=60)
    service: str | None = None
    deployment: Deployment | None = None
    cloud: Cloud | None = None
    environment: Environment | None = None
    hosting: Hosting | None = None

    @field_validator("engine", "deployment", "cloud", "environment", "hosting", mode="before")
    @classmethod
    def _variant(cls, value: Any, info: Any) -> Any:
        if not isinstance(value, str):
            return value
        folded = re.sub(r"[\s\-.]+", "_", value.strip().lower())
        return _VARIANTS[info.field_name].get(folded, folded) or None

    @field_validator("service")
    @classmethod
    def _known_service(cls, value: str | None) -> str | None:
        if value and value not in services():
            raise ValueError(f"unknown service {value!r}; one of: {', '.join(services())}")
        return value or None

    @classmethod
    def of(cls, **raw: Any) -> SystemContext:
        """Build from what a form, a flag or a JSON object says; the usual variants are accepted.

        Raises:
            ContextError: a value is not one we know. The message names the field and the accepted values.
        """
        deployment = raw.get("deployment")
        if isinstance(deployment, str) and not raw.get("hosting"):
            folded = re.sub(r"[\s\-.]+", "_", deployment.strip().lower())
            if folded in _HOSTING_IN_DEPLOYMENT:
                raw = {**raw, "hosting": folded}
        if raw.get("service"):
            raw = _service_read(raw)
        try:
            return cls(**raw).completed()
        except ValueError as error:
            raise ContextError(_plain(error, raw)) from None

    def completed(self) -> SystemContext:
        """With what follows from the service and the cloud (an RDS service is on AWS, in the cloud)."""
        known: dict[str, Any] = {}
        service = services().get(self.service or "")
        if service:
            known["engine"] = self.engine or service.engine
            if service.cloud:
                known |= {"cloud": service.cloud, "deployment": "cloud", "hosting": self.hosting or "managed"}
        elif self.cloud and not self.deployment:
            known["deployment"] = "cloud"
        return self.model_copy(update=known) if known else self

    def updated(self, **changes: Any) -> SystemContext:
        """A copy with the given fields set; a service that contradicts the new engine or cloud is dropped."""
        values = {**self.model_dump(), **changes}
        service = services().get(str(values.get("service") or ""))
        if service and "service" not in changes:
            engine, cloud = values["engine"], values["cloud"]
            if (engine and engine != service.engine) or (cloud and service.cloud != cloud):
                values["service"] = None
        return SystemContext.of(**values)

    @property
    def major(self) -> tuple[int, ...] | None:
        """The version as comparable numbers: `"8.0.36"` -> `(8, 0, 36)`; `None` if not known."""
        numbers = re.findall(r"\d+", self.version or "")
        return tuple(int(n) for n in numbers[:3]) or None

    def fact(self, tag: str) -> bool | None:
        """Does a platform word hold here? `None` when the context does not say."""
        service = services().get(self.service or "")
        if tag in CLOUDS:
            if self.cloud:
                return self.cloud == tag
            return False if self.deployment == "on_premises" else None
        if tag == "on_premises":
            return None if self.deployment is None else self.deployment == "on_premises"
        if tag in ("docker", "kubernetes", "serverless"):
            return None if self.hosting is None else self.hosting == tag
        if service:
            return tag in service.tags
        if self.deployment == "on_premises":
            return tag == "self_managed"
        if self.hosting in ("vm", "docker", "kubernetes"):
            return tag == "self_managed"
        return self._fact_without_service(tag)

    def _fact_without_service(self, tag: str) -> bool | None:
        """In a cloud but on no named service: managed is assumed, other clouds' services are ruled out."""
        if self.deployment != "cloud":
            return None
        if tag in ("managed", "self_managed"):
            return tag == "managed"
        fitting = [
            s
            for s in services().values()
            if s.cloud and (not self.cloud or s.cloud == self.cloud) and (not self.engine or s.engine == self.engine)
        ]
        having = [s for s in fitting if tag in s.tags]
        if not having:
            return False
        return True if len(having) == len(fitting) else None

    def label(self) -> str:
        """One line for people: `Amazon Aurora PostgreSQL 16, production`."""
        service = services().get(self.service or "")
        where = service.name if service else ENGINE_NAMES[self.engine] if self.engine else "engine not known"
        if self.version:
            where += f" {self.version}"
        parts = [where]
        if not service and self.cloud:
            parts.append(CLOUD_NAMES[self.cloud])
        elif not service and self.deployment:
            parts.append(DEPLOYMENT_NAMES[self.deployment].lower())
        if self.hosting and self.hosting != "managed":
            parts.append(self.hosting)
        if self.environment:
            parts.append(self.environment)
        return ", ".join(parts)


def _service_read(raw: dict[str, Any]) -> dict[str, Any]:
    """`service` as people write it: its id, its name, or a brand (`rds`) that the engine and cloud make one of ours.

    A brand whose engine is not known yet says at least which cloud it is.
    """
    written = str(raw["service"]).strip()
    folded = re.sub(r"\W+", "_", written.lower())
    described = f"{raw.get('cloud') or ''} {written} {raw.get('engine') or ''}"
    for service in services().values():
        if folded in (service.id.replace("-", "_"), re.sub(r"\W+", "_", service.name.lower())):
            return {**raw, "service": service.id}
    for service in services().values():
        if service.match and re.search(service.match, described, re.I):
            return {**raw, "service": service.id}
    cloud = _BRAND_CLOUDS.get(folded)
    if cloud:
        return {**raw, "service": None, "cloud": raw.get("cloud") or cloud, "hosting": raw.get("hosting") or "managed"}
    return raw


_CHOICES: dict[str, tuple[str, ...]] = {
    "engine": ENGINES,
    "deployment": DEPLOYMENTS,
    "cloud": CLOUDS,
    "environment": ENVIRONMENTS,
    "hosting": get_args(Hosting),
}


def _plain(error: ValueError, raw: dict[str, Any]) -> str:
    """A pydantic error as one line that says what to write instead."""
    details = getattr(error, "errors", None)
    if not callable(details):
        return str(error)
    field = str(details()[0]["loc"][0]) if details()[0]["loc"] else "context"
    if field in _CHOICES:
        return f"unknown {field} {raw.get(field)!r}; one of: {', '.join(_CHOICES[field])}"
    return f"{field}: {details()[0]['msg']}"
