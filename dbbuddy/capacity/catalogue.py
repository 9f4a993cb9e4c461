"""What can be bought: instance shapes, kinds of storage and the caps of engines and services, from `data/capacity/`."""

from __future__ import annotations

import csv
from datetime import date
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dbbuddy.capacity.limit import Level
from dbbuddy.capacity.metric import Metric
from dbbuddy.context import Engine, SystemContext
from dbbuddy.data_files import DATA, load_yaml

FOLDER = "capacity"
Confidence = Literal["confirmed", "recalled", "generic"]


class _Fact(BaseModel):
    """A row of a data file: frozen, and a misspelt field fails."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    verified_on: date
    confidence: Confidence


class Shape(_Fact):
    """An instance class or a machine. RAM in GiB, sizes in GB; `None` is not known or not limited by the class.

    `price_factor` is how much dearer than the usual tier the same vCPUs are; it counts where no price is known.
    """

    provider: str
    services: tuple[str, ...]
    family: str
    name: str
    vcpu: int = Field(gt=0)
    ram_gib: float = Field(gt=0)
    network_mbps: float | None = None
    max_iops: float | None = None
    max_throughput_mb_s: float | None = None
    max_storage_gb: float | None = None
    max_connections: int | None = None
    max_log_rate_mb_s: float | None = None
    price_factor: float = 1.0

    @property
    def burstable(self) -> bool:
        """CPU credits run out: not for a steady load."""
        return self.family in ("t2", "t3", "t4g", "burstable")


class StorageStep(BaseModel):
    """What a volume gives up to a size: what comes with it, what each GB adds, what can be bought on top."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    up_to_gb: float | None = None
    iops: float
    iops_per_gb: float = 0
    floor_iops: float = 0
    mb_s: float
    mb_s_per_gb: float = 0
    max_iops: float
    max_mb_s: float
    top_iops: float | None = None
    top_mb_s: float | None = None


class StorageType(_Fact):
    """A kind of storage. `rank` orders them from the usual choice on; `elastic` has no volume to provision."""

    id: str
    name: str
    services: tuple[str, ...]
    max_gb: float
    steps: tuple[StorageStep, ...]
    rank: int
    suits: str
    price_sku: str | None = None
    elastic: bool = False
    tied_to_class: bool = False

    def step(self, size_gb: float) -> StorageStep:
        """What holds at this size."""
        return next((step for step in self.steps if step.up_to_gb is None or size_gb <= step.up_to_gb), self.steps[-1])

    def included(self, size_gb: float) -> tuple[float, float]:
        """IOPS and MB/s that come with a volume of this size."""
        step = self.step(size_gb)
        iops = max(step.iops + step.iops_per_gb * size_gb, step.floor_iops)
        throughput = step.mb_s + step.mb_s_per_gb * size_gb
        return min(iops, step.top_iops or iops), min(throughput, step.top_mb_s or throughput)

    def most(self, size_gb: float) -> tuple[float, float]:
        """IOPS and MB/s that a volume of this size can have at most."""
        step = self.step(size_gb)
        iops, throughput = self.included(size_gb)
        return max(iops, step.max_iops), max(throughput, step.max_mb_s)


class Cap(_Fact):
    """A limit of an engine, an edition or a service; see the head of `limits.yaml`."""

    id: str
    engines: tuple[Engine, ...] = ()
    services: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    metric: Metric
    scope: str
    name: str
    value: float
    unit: str
    level: Level
    note: str = ""


class ConnectionRule(_Fact):
    """How a service sets the number of connections from the memory of the class; see `connection_limits.yaml`."""

    services: tuple[str, ...]
    rule: Literal["per_memory", "by_memory"]
    name: str
    divisor: float = 1
    cap: int = 100_000
    by_memory: dict[float, int] = {}


@cache
def shapes() -> tuple[Shape, ...]:
    """All instance shapes, in the order of the files."""
    return tuple(_shape(row) for path in sorted((DATA / FOLDER).glob("instances_*.csv")) for row in _rows(path.name))


@cache
def storage_types() -> tuple[StorageType, ...]:
    """All kinds of storage."""
    return tuple(StorageType.model_validate(row) for row in load_yaml(f"{FOLDER}/storage.yaml"))


@cache
def caps() -> tuple[Cap, ...]:
    """All caps of engines, editions and services."""
    return tuple(Cap.model_validate(row) for row in load_yaml(f"{FOLDER}/limits.yaml"))


@cache
def connection_rules() -> tuple[ConnectionRule, ...]:
    """How services set the number of connections."""
    return tuple(ConnectionRule.model_validate(row) for row in load_yaml(f"{FOLDER}/connection_limits.yaml"))


def service_of(context: SystemContext) -> str | None:
    """The service whose catalogue holds: the one named, or the usual one of engine and cloud."""
    if context.service:
        return context.service
    if not context.engine:
        return None
    if context.deployment != "cloud" or context.hosting in ("vm", "docker", "kubernetes"):
        return f"self-{context.engine}"
    usual = {
        "aws": f"rds-{context.engine}",
        "azure": "azure-sql-database" if context.engine == "sqlserver" else f"azure-{context.engine}",
        "gcp": f"cloudsql-{context.engine}",
    }.get(context.cloud or "")
    return usual if usual and any(usual in shape.services for shape in shapes()) else f"self-{context.engine}"


def catalogue_key(context: SystemContext) -> str | None:
    """Under which name the catalogue lists shapes and storage: the service, or `vm-aws` and so on for own servers in a cloud."""
    service = service_of(context)
    if service and service.startswith("self-") and context.cloud and context.deployment != "on_premises":
        return f"vm-{context.cloud}"
    return service


def shapes_for(context: SystemContext) -> tuple[Shape, ...]:
    """The shapes of the context's service, small before large; generic ones where the catalogue has none."""
    key = catalogue_key(context)
    found = [shape for shape in shapes() if key in shape.services]
    found = found or [shape for shape in shapes() if shape.confidence == "generic"]
    return tuple(sorted(found, key=lambda shape: (shape.vcpu, shape.ram_gib, shape.price_factor)))


def shape_named(name: str) -> Shape | None:
    """The shape with this name, however it is capitalised."""
    wanted = name.strip().lower()
    return next((shape for shape in shapes() if shape.name.lower() == wanted), None)


def storage_for(context: SystemContext) -> tuple[StorageType, ...]:
    """The kinds of storage of the context's service, the usual choice first."""
    key = catalogue_key(context)
    found = [kind for kind in storage_types() if key in kind.services]
    return tuple(sorted(found, key=lambda kind: kind.rank))


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def _shape(row: dict[str, str]) -> Shape:
    filled: dict[str, object] = {name: value for name, value in row.items() if value}
    return Shape.model_validate(filled | {"services": tuple(row["services"].split(";"))})
