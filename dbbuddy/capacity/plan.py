"""The whole capacity plan for a page: sizing, storage, pools, parameters, limits, cost and roadmap from one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from dbbuddy.capacity.alerts import AlertCode, alert_code
from dbbuddy.capacity.catalogue import Shape, shape_named, shapes_for, storage_for
from dbbuddy.capacity.cost import Alternative, MonthCost, Saving, SupportEnd, cheaper, price_of, storage_savings, support_end
from dbbuddy.capacity.cost_curve import cost_curve, costs_for_choice
from dbbuddy.capacity.interval import Interval
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.limits import Volume, connections_of, limits_for
from dbbuddy.capacity.parameters.machine import Disk, Machine, System
from dbbuddy.capacity.parameters.recommend import Configuration, recommend
from dbbuddy.capacity.prices import Price, PriceBook, built_in_prices
from dbbuddy.capacity.reasoning import Reason, reasons_for
from dbbuddy.capacity.recovery import Recovery, recovery_limits
from dbbuddy.capacity.roadmap import Roadmap, WallDate, roadmap
from dbbuddy.capacity.sizing.choice import Choice, choose
from dbbuddy.capacity.sizing.demand import RESOURCE_NAMES, Demand, Resource, demand_of
from dbbuddy.capacity.sizing.pools import PoolAdvice, pool_size
from dbbuddy.capacity.sizing.queueing import ceiling
from dbbuddy.capacity.sizing.replicas import ReplicaAdvice, replicas_for
from dbbuddy.capacity.sizing.usl import UslFit
from dbbuddy.capacity.sizing.volumes import VolumeAdvice, size_volume
from dbbuddy.capacity.sizing.workload import Workload
from dbbuddy.context import SystemContext


@dataclass(frozen=True)
class Options:
    """What a plan can be told besides the workload; everything has a sensible default.

    `current_shape` names the class of today, `configuration` is the user's own configuration as pasted, `archivable_share`
    the part of the data that could leave, `lead_days` replaces the roadmap's lead times, `own_prices` go before the book's.
    """

    disk: Disk = "ssd"
    system: System = "linux"
    edition: str | None = None
    numa_nodes: int = 1
    current_shape: str | None = None
    configuration: str = ""
    app_instances: int = 1
    usl: UslFit | None = None
    recovery: Recovery | None = None
    walls: Sequence[WallDate] = ()
    lead_days: int | None = None
    archivable_share: float = 0.0
    backup_copies: float = 0.0
    own_prices: Sequence[Price] = ()
    database_name: str = "my-database"
    seed: int = 1


@dataclass(frozen=True)
class DemandBand:
    """A resource over the months, today first."""

    resource: Resource
    name: str
    months: tuple[Interval, ...]


@dataclass(frozen=True)
class CapacityPlan:
    """Everything a page needs.

    `target` is the chosen class; where none holds it is the largest and `warnings` say so. `costs` has one entry a month,
    today first. `limits` are those of the target with the advised volume.
    """

    context: SystemContext
    workload: Workload
    made_on: date
    demand: tuple[DemandBand, ...]
    choice: Choice
    target: Shape
    replicas: ReplicaAdvice
    volumes: tuple[VolumeAdvice, ...]
    pool: PoolAdvice
    configuration: Configuration
    limits: tuple[Limit, ...]
    costs: tuple[MonthCost, ...]
    alternatives: tuple[Alternative, ...]
    savings: tuple[Saving, ...]
    roadmap: Roadmap
    alert_code: tuple[AlertCode, ...]
    support_end: SupportEnd | None
    reasons: tuple[Reason, ...]
    warnings: tuple[str, ...] = field(default=())


def capacity_plan(context: SystemContext, workload: Workload, today: date, options: Options | None = None) -> CapacityPlan:
    """The plan for a workload on the engine and service of the context. The same input gives the same plan.

    Raises:
        ValueError: the context names no engine, or the catalogue has nothing for it; the message says what to do.
    """
    options = options or Options()
    context = context.completed()
    if context.engine is None:
        raise ValueError("choose the database engine first")
    book = built_in_prices().with_own(options.own_prices)
    demand = demand_of(workload, context.engine, seed=options.seed)
    choice = _choice(context, workload, demand, book)
    target, warnings = _target(choice, context, workload)
    replicas = _replicas(context, workload, demand, target)
    volumes = _volumes(context, demand)
    configuration = recommend(_machine(context, workload, target, options), options.configuration)
    limits = _limits(context, target, volumes, options)
    curve = cost_curve(context, workload, demand, choice, target, replicas, volumes, book, today, options.backup_copies)
    held = choice.chosen.holds_months if choice.chosen else 0
    later = [stage for stage in choice.stages if stage.month >= held]
    plan = roadmap(options.walls, context, today, later, lead_days=options.lead_days)
    pool = _pool(context, workload, target, options)
    return CapacityPlan(
        context,
        workload,
        today,
        _bands(demand),
        choice,
        target,
        replicas,
        volumes,
        pool,
        configuration,
        limits,
        curve,
        cheaper(choice, workload.nodes),
        _savings(context, demand, volumes, book, today, options.archivable_share),
        plan,
        alert_code(plan.alerts, context, options.database_name),
        support_end(context),
        reasons_for(context.engine, workload, demand, choice, target, replicas, volumes, pool),
        (*warnings, *_more_warnings(context, options, volumes, support_end(context), today)),
    )


def _bands(demand: Demand) -> tuple[DemandBand, ...]:
    months = range(demand.months + 1)
    return tuple(
        DemandBand(resource, RESOURCE_NAMES[resource], tuple(Interval.of_samples(drawn[:, month]) for month in months))
        for resource, drawn in demand.samples.items()
    )


def _connection_cap(context: SystemContext, shape: Shape) -> int | None:
    known = connections_of(context, shape)
    return known[0] if known else shape.max_connections


def _choice(context: SystemContext, workload: Workload, demand: Demand, book: PriceBook) -> Choice:
    shapes = shapes_for(context)
    allowed = workload.allow_burstable or context.environment == "development"
    sized = workload.model_copy(update={"allow_burstable": allowed})
    return choose(
        shapes,
        demand,
        sized,
        cost=costs_for_choice(shapes, context, book),
        connection_cap=lambda shape: _connection_cap(context, shape),
    )


def _target(choice: Choice, context: SystemContext, workload: Workload) -> tuple[Shape, tuple[str, ...]]:
    if choice.chosen:
        held = choice.chosen.holds_months
        if held <= workload.horizon_months:
            when = f"from month {held} on" if held else "already today"
            return choice.chosen.shape, (f"{choice.chosen.shape.name} is not sure to hold {when}: see the stages.",)
        return choice.chosen.shape, ()
    largest = max(shapes_for(context), key=lambda shape: (shape.vcpu, shape.ram_gib))
    return largest, ("No class of this service holds the load even today. Split the load, or choose another service.",)


def _machine(context: SystemContext, workload: Workload, target: Shape, options: Options) -> Machine:
    return Machine(
        context=context,
        ram_gib=max(target.ram_gib, 0.5),
        vcpu=target.vcpu,
        kind=workload.kind,
        connections=min(workload.connections, 100_000),
        disk=options.disk,
        system=options.system,
        data_gb=workload.storage_gb or None,
        numa_nodes=options.numa_nodes,
        edition=options.edition,
    )


def _replicas(context: SystemContext, workload: Workload, demand: Demand, target: Shape) -> ReplicaAdvice:
    largest = max(shapes_for(context), key=lambda shape: shape.vcpu)
    carried = largest.vcpu * ceiling(largest.vcpu, factor=workload.response_factor, policy=workload.policy_utilisation).utilisation
    production = context.environment in (None, "production")
    return replicas_for(
        demand.at("busy_cores", demand.months), workload.write_share, carried, production=production, wanted_nodes=workload.nodes
    )


def _volumes(context: SystemContext, demand: Demand) -> tuple[VolumeAdvice, ...]:
    end = demand.months
    storage = demand.at("storage_gb", end) or Interval.of(0)
    return size_volume(storage_for(context), storage, demand.at("iops", end), demand.at("throughput_mb_s", end))


def _pool(context: SystemContext, workload: Workload, target: Shape, options: Options) -> PoolAdvice:
    rate = workload.queries_per_second
    return pool_size(
        target.vcpu,
        app_instances=options.app_instances,
        connections=workload.connections,
        max_connections=_connection_cap(context, target),
        queries_per_second=rate.high if rate else None,
        latency_ms=workload.latency_ms,
        usl=options.usl,
    )


def _limits(context: SystemContext, target: Shape, volumes: Sequence[VolumeAdvice], options: Options) -> tuple[Limit, ...]:
    shape = (shape_named(options.current_shape) if options.current_shape else None) or target
    advised = volumes[0] if volumes else None
    volume = Volume(advised.kind, advised.size_gb, advised.iops or None, advised.throughput_mb_s or None) if advised else None
    found = limits_for(context, shape, volume, edition=options.edition)
    return (*found, *(recovery_limits(options.recovery) if options.recovery else ()))


def _savings(
    context: SystemContext, demand: Demand, volumes: Sequence[VolumeAdvice], book: PriceBook, today: date, archivable: float
) -> tuple[Saving, ...]:
    if not volumes:
        return ()
    kind = volumes[0].kind
    price = price_of(kind.price_sku or kind.id, book, context)
    months = [band for month in range(demand.months + 1) if (band := demand.at("storage_gb", month))]
    provisioned = 0 if kind.elastic else volumes[0].size_gb
    return storage_savings(months, provisioned, price, today, archivable)


def _more_warnings(
    context: SystemContext, options: Options, volumes: Sequence[VolumeAdvice], end: SupportEnd | None, today: date
) -> list[str]:
    warnings = []
    if options.current_shape and shape_named(options.current_shape) is None:
        warnings.append(f"{options.current_shape} is not in the catalogue; the limits are those of the advised class.")
    if volumes and volumes[0].excuse:
        warnings.append(f"No kind of storage does: {volumes[0].kind.name} {volumes[0].excuse}.")
    if end and end.ends <= today:
        warnings.append(
            f"Standard support of version {context.version} ended on {end.ends.isoformat()}: a surcharge per vCPU applies."
        )
    return warnings
