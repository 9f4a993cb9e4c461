"""How a plan was reached, line by line, each with its source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dbbuddy.capacity.catalogue import Shape
from dbbuddy.capacity.sizing.choice import Choice
from dbbuddy.capacity.sizing.demand import Demand
from dbbuddy.capacity.sizing.memory import RULES
from dbbuddy.capacity.sizing.pools import HIKARI, PoolAdvice
from dbbuddy.capacity.sizing.queueing import MOST_CORES, ceiling, cores_for, square_root_staffing
from dbbuddy.capacity.sizing.replicas import ReplicaAdvice
from dbbuddy.capacity.sizing.volumes import FILL, IOPS_RESERVE, VolumeAdvice
from dbbuddy.capacity.sizing.workload import ASSUMED_WORKING_SET, Workload
from dbbuddy.context import Engine

_GIVEN = "your figures"
_QUEUEING = "M/M/c, Kleinrock, Queueing Systems I, 3.5"
_STAFFING = "square-root staffing, Halfin and Whitt 1981"
_REGRET = "least regret over sampled futures, after Netflix's service-capacity-modeling"


@dataclass(frozen=True)
class Reason:
    """One line of the working."""

    topic: str
    line: str
    source: str


def reasons_for(
    engine: Engine,
    workload: Workload,
    demand: Demand,
    choice: Choice,
    target: Shape,
    replicas: ReplicaAdvice,
    volumes: Sequence[VolumeAdvice],
    pool: PoolAdvice,
) -> tuple[Reason, ...]:
    """The whole working: load, CPU, memory, storage, connections, the choice, replicas and pools."""
    return (
        *_cpu(workload, demand, target),
        *_memory(engine, workload, demand, target),
        *_storage(demand, volumes),
        *_chosen(choice, workload),
        *(Reason("Replicas", line, "N + 1") for line in replicas.working),
        *(Reason("Pools", line, HIKARI) for line in pool.working),
    )


def _cpu(workload: Workload, demand: Demand, target: Shape) -> list[Reason]:
    load, end = workload.busy_cores, demand.at("busy_cores", demand.months)
    if load is None or end is None:
        return [Reason("CPU", "not sized: give queries a second and CPU ms of one, or today's CPU percentage and cores", _GIVEN)]
    if workload.queries_per_second and workload.cpu_ms_per_query:
        line = f"{workload.queries_per_second.text('queries/s')} x {workload.cpu_ms_per_query.text('ms of CPU', 2)} / 1,000"
    else:
        line = f"{workload.cpu_percent_now:g} % of {workload.cores_now} cores"
    growth = f"x {workload.growth_per_year.text('a year', 2)} over {demand.months} months = {end.text('busy cores', 1)}"
    top = ceiling(
        target.vcpu,
        workload.nodes,
        factor=workload.response_factor,
        policy=workload.policy_utilisation,
        shared=workload.nodes_share_load,
    )
    caps = f"queueing {top.queueing:.0%}, failover {top.failover:.0%}, policy {top.policy:.0%}"
    found = [
        Reason("CPU", f"{line} = {load.text('busy cores', 1)} at today's peak", _GIVEN),
        Reason("CPU", growth, _GIVEN),
        Reason("CPU", f"{target.vcpu} vCPUs may be {top.utilisation:.0%} busy at the peak: the lowest of {caps}", _QUEUEING),
    ]
    if end.high <= MOST_CORES / 2:
        needed = cores_for(
            end.high,
            nodes=workload.nodes,
            factor=workload.response_factor,
            policy=workload.policy_utilisation,
            shared=workload.nodes_share_load,
        )
        found.append(Reason("CPU", f"{end.high:,.1f} busy cores (P90) under that ceiling need {needed} cores", _QUEUEING))
        staffed = square_root_staffing(end.high)
        found.append(Reason("CPU", f"cross-check: {end.high:,.1f} + sqrt({end.high:,.1f}) = {staffed} cores", _STAFFING))
    return found


def _memory(engine: Engine, workload: Workload, demand: Demand, target: Shape) -> list[Reason]:
    rule, end = RULES[engine], demand.at("ram_gib", demand.months)
    if workload.working_set_gb is None and workload.ram_gib_now is not None:
        found = [Reason("Memory", f"{workload.ram_gib_now:g} GiB are enough today and grow with the load", _GIVEN)]
    else:
        measured = "measured" if workload.working_set_gb else f"assumed as {ASSUMED_WORKING_SET:.0%} of the data: measure it"
        found = [
            Reason("Memory", f"working set {workload.working_set.text('GB', 1)} ({measured})", _GIVEN),
            Reason("Memory", f"{rule.cache_share:.0%} of the RAM caches data, {rule.connection_mb:g} MB a connection", rule.source),
        ]
    if end:
        found.append(Reason("Memory", f"at the end {end.text('GiB')} of RAM; {target.name} has {target.ram_gib:g}", "as above"))
    return found


def _storage(demand: Demand, volumes: Sequence[VolumeAdvice]) -> list[Reason]:
    end = demand.at("storage_gb", demand.months)
    if end is None or not volumes:
        return []
    advised = volumes[0]
    if advised.kind.tied_to_class:
        size = f"{end.high:,.0f} GB (P90); size, IOPS and log rate come with the class"
    elif advised.kind.elastic:
        size = f"{end.text('GB')} at the end; the volume grows by itself"
    else:
        size = f"{end.high:,.0f} GB (P90) / {FILL:.0%} = {advised.size_gb:,} GB with IOPS {advised.iops:,}"
    found = [Reason("Storage", f"{advised.kind.name}: {size}", advised.kind.source)]
    iops = demand.at("iops", demand.months)
    if iops:
        found.append(Reason("Storage", f"{iops.high:,.0f} IOPS (P90) x {IOPS_RESERVE:g} reserve are asked of the storage", _GIVEN))
    else:
        found.append(Reason("Storage", "IOPS not checked: give the reads and writes a second of the peak", _GIVEN))
    found += [
        Reason("Storage", f"not {other.kind.name}: {other.excuse}", other.kind.source) for other in volumes[1:] if other.excuse
    ]
    return found


def _chosen(choice: Choice, workload: Workload) -> list[Reason]:
    if choice.chosen is None:
        return [Reason("Choice", "no class holds in at least half of the sampled futures today", _REGRET)]
    held = choice.chosen.holds_months
    months = f"all {workload.horizon_months} months" if held > workload.horizon_months else f"{held} months"
    line = f"{choice.chosen.shape.name} leaves the least regret of {len(choice.rejected) + 1} classes; it is sure to hold {months}"
    return [Reason("Choice", line, _REGRET)]
