"""The machine that parameters are for."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dbbuddy.capacity.sizing.workload import WorkloadKind
from dbbuddy.context import SystemContext

Disk = Literal["ssd", "hdd", "san", "nvme"]
System = Literal["linux", "windows", "mac"]

KB = 1024
MB = 1024 * KB
GB = 1024 * MB

# What the operating system and monitoring keep: a quarter of a GiB and a twentieth of the RAM, of small machines a quarter.
_SYSTEM_BYTES = 256 * MB
_SYSTEM_SHARE = 0.05
_SYSTEM_MOST = 0.25


class Machine(BaseModel):
    """A server and what it is for. RAM in GiB; `other_gib` is what other programs on it use; `data_gb` is the data's size."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    context: SystemContext
    ram_gib: float = Field(ge=0.5, le=24_576)
    vcpu: int = Field(ge=1, le=2048)
    kind: WorkloadKind = "mixed"
    connections: int | None = Field(None, ge=1, le=100_000)
    disk: Disk = "ssd"
    system: System = "linux"
    data_gb: float | None = Field(None, ge=0, le=1e9)
    other_gib: float = Field(0.0, ge=0)
    numa_nodes: int = Field(1, ge=1, le=64)
    edition: str | None = Field(None, max_length=40)

    @model_validator(mode="after")
    def _enough(self) -> Machine:
        if self.ram_gib - self.other_gib < 0.5:
            raise ValueError("the other programs leave less than half a GiB of RAM to the database")
        return self

    @property
    def ram(self) -> int:
        """Bytes of RAM that the database and the system share: all but what other programs use."""
        return int((self.ram_gib - self.other_gib) * GB)

    @property
    def budget(self) -> int:
        """Bytes that the database may use at worst."""
        return self.ram - int(min(_SYSTEM_BYTES + self.ram * _SYSTEM_SHARE, self.ram * _SYSTEM_MOST))

    @property
    def version(self) -> tuple[int, ...] | None:
        return self.context.major
