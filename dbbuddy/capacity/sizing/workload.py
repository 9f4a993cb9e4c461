"""What a database has to carry: the user's own figures, each as one number or as low, middle and high."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.sizing.queueing import POLICY_UTILISATION, RESPONSE_FACTOR

WorkloadKind = Literal["web", "oltp", "dw", "desktop", "mixed"]
WORKLOAD_KINDS: tuple[WorkloadKind, ...] = get_args(WorkloadKind)
Figure = Annotated[Interval, BeforeValidator(Interval.of)]

# Without a measured working set, or RAM that is known to be enough: this share of the data. An assumption, always shown;
# one number, since a wide guess would buy RAM for its worst case.
ASSUMED_WORKING_SET = 0.05


class Workload(BaseModel):
    """The peak of today and how it grows.

    CPU comes from `queries_per_second` x `cpu_ms_per_query`, or from `cpu_percent_now` of `cores_now`; without either it is
    not sized. `growth_per_year` multiplies load, working set and connections (1.4 is 40 % more a year).
    `storage_growth_gb_per_month` replaces it for the size. `ram_gib_now` is a RAM that is enough today, for those who have
    not measured the working set. Sizes in GB, times in ms, rates in MB/s.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: WorkloadKind = "mixed"
    queries_per_second: Figure | None = None
    cpu_ms_per_query: Figure | None = None
    cpu_percent_now: float | None = Field(None, ge=0, le=100)
    cores_now: int | None = Field(None, ge=1, le=2048)
    storage_gb: float = Field(ge=0, le=1e9)
    working_set_gb: Figure | None = None
    ram_gib_now: float | None = Field(None, gt=0, le=100_000)
    connections: int = Field(100, ge=1, le=1_000_000)
    iops: Figure | None = None
    throughput_mb_s: Figure | None = None
    log_rate_mb_s: Figure | None = None
    write_share: float = Field(0.2, ge=0, le=1)
    latency_ms: float | None = Field(None, gt=0, le=3_600_000)
    growth_per_year: Figure = Interval(1.1, 1.25, 1.5)
    storage_growth_gb_per_month: Figure | None = None
    horizon_months: int = Field(18, ge=1, le=120)
    nodes: int = Field(2, ge=1, le=16)
    nodes_share_load: bool = False
    policy_utilisation: float = Field(POLICY_UTILISATION, gt=0, le=0.95)
    response_factor: float = Field(RESPONSE_FACTOR, gt=1, le=10)
    allow_burstable: bool = False

    @model_validator(mode="after")
    def _sensible(self) -> Workload:
        if (self.queries_per_second is None) != (self.cpu_ms_per_query is None):
            raise ValueError("give both the queries a second and the CPU milliseconds of one, or neither")
        if (self.cpu_percent_now is None) != (self.cores_now is None):
            raise ValueError("give both the CPU percentage of today and the number of cores it is of, or neither")
        if not 0.1 <= self.growth_per_year.low <= self.growth_per_year.high <= 20:
            raise ValueError("growth a year is a factor from 0.1 to 20: 1.4 means 40 % more each year")
        return self

    @property
    def busy_cores(self) -> Interval | None:
        """The load of today's peak in busy cores; `None` if the figures do not say."""
        if self.queries_per_second and self.cpu_ms_per_query:
            pairs = zip(_three(self.queries_per_second), _three(self.cpu_ms_per_query), strict=True)
            return Interval(*(rate * cost / 1000 for rate, cost in pairs))
        if self.cpu_percent_now is not None and self.cores_now is not None:
            return Interval.of(self.cpu_percent_now / 100 * self.cores_now)
        return None

    @property
    def working_set(self) -> Interval:
        """The measured working set, or the assumed share of the data."""
        return self.working_set_gb or Interval.of(ASSUMED_WORKING_SET * self.storage_gb)


def _three(interval: Interval) -> tuple[float, float, float]:
    return interval.low, interval.mid, interval.high
