"""The limits that hold for a system: of its engine, edition, service, instance class and volume."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from dbbuddy.capacity.catalogue import Cap, ConnectionRule, Shape, StorageType, caps, connection_rules, service_of
from dbbuddy.capacity.limit import Level, Limit
from dbbuddy.capacity.metric import Metric
from dbbuddy.context import SystemContext

# What a projection of a whole system meets. The others (table, column, file, tablespace) need a history of their own.
WHOLE = ("server", "database", "cluster")
# Where warnings usually begin: Google SRE's and most vendors' templates warn at 80 % and page at 90 %.
WARNING_SHARE = 0.8
CRITICAL_SHARE = 0.9


@dataclass(frozen=True)
class Volume:
    """A provisioned volume: its kind, its size in GB, and IOPS and MB/s if they were bought apart."""

    kind: StorageType
    size_gb: float
    iops: float | None = None
    throughput_mb_s: float | None = None


def limits_for(
    context: SystemContext,
    instance: Shape | None = None,
    storage: Volume | None = None,
    *,
    edition: str | None = None,
    scopes: Collection[str] = WHOLE,
) -> tuple[Limit, ...]:
    """Every limit that is known for this system, the lowest of each metric first.

    `edition` is that of SQL Server or Oracle (`express`, `standard`, `enterprise`). `scopes` picks what the limits belong
    to: by default the whole system; `("table",)` or `("column",)` for the history of one table or key.
    """
    found = [_limit(cap.metric, cap.name, cap.value, cap.unit, cap) for cap in caps() if _holds(cap, context, edition, scopes)]
    if instance and set(scopes) & set(WHOLE):
        found += _of_instance(context, instance)
    if storage and set(scopes) & set(WHOLE):
        found += _of_volume(storage)
    return tuple(sorted(found, key=lambda limit: (limit.metric, limit.value)))


def with_thresholds(
    limits: Collection[Limit], warning: float = WARNING_SHARE, critical: float = CRITICAL_SHARE
) -> tuple[Limit, ...]:
    """The limits, and for each full one a warning and a critical level at these shares of it."""
    shares: tuple[tuple[Level, float], ...] = (("warning", warning), ("critical", critical))
    levels = [
        replace(limit, level=level, value=limit.value * share, name=f"{share:.0%} of {limit.name}")
        for limit in limits
        if limit.level == "full"
        for level, share in shares
    ]
    return (*limits, *levels)


def connections_of(context: SystemContext, instance: Shape) -> tuple[int, ConnectionRule] | None:
    """The default number of connections of a class, with the rule that says so; `None` where none is known."""
    service = service_of(context)
    rule = next((rule for rule in connection_rules() if service in rule.services), None)
    return (_connections(rule, instance.ram_gib), rule) if rule else None


def _connections(rule: ConnectionRule, ram_gib: float) -> int:
    if rule.rule == "per_memory":
        return min(int(ram_gib * 1024**3 / rule.divisor), rule.cap)
    return rule.by_memory[max(row for row in rule.by_memory if row <= ram_gib)]


def _holds(cap: Cap, context: SystemContext, edition: str | None, scopes: Collection[str]) -> bool:
    if cap.scope not in scopes or (cap.editions and (edition or "").lower() not in cap.editions):
        return False
    if cap.services:
        return service_of(context) in cap.services
    if context.engine not in cap.engines:
        return False
    major = context.major[0] if context.major else None
    if major is not None and cap.until is not None and major >= cap.until:
        return False
    return not (cap.since is not None and (major is None or major < cap.since))


def _of_instance(context: SystemContext, shape: Shape) -> list[Limit]:
    found = [
        _limit("cpu", f"All {shape.vcpu} vCPUs of {shape.name}", 100.0, "%", shape),
        _limit("memory", f"RAM of {shape.name}", shape.ram_gib, "GB", shape),
    ]
    if shape.max_iops:
        found.append(_limit("iops", f"IOPS of {shape.name}", shape.max_iops, "IOPS", shape))
    if shape.max_throughput_mb_s:
        found.append(_limit("throughput", f"Disk throughput of {shape.name}", shape.max_throughput_mb_s, "MB/s", shape))
    if shape.max_storage_gb:
        found.append(_limit("storage", f"Data size of {shape.name}", shape.max_storage_gb, "GB", shape))
    if shape.max_log_rate_mb_s:
        found.append(_limit("log_rate", f"Log rate of {shape.name}", shape.max_log_rate_mb_s, "MB/s", shape))
    known = connections_of(context, shape)
    if known:
        found.append(_limit("connections", f"{known[1].name} ({shape.name})", known[0], "connections", known[1]))
    elif shape.max_connections:
        found.append(_limit("connections", f"Connections of {shape.name}", shape.max_connections, "connections", shape))
    return found


def _of_volume(volume: Volume) -> list[Limit]:
    kind = volume.kind
    included_iops, included_throughput = kind.included(volume.size_gb)
    iops = volume.iops or included_iops
    throughput = volume.throughput_mb_s or included_throughput
    found = []
    if not kind.elastic and not kind.tied_to_class:
        found.append(_limit("storage", f"{kind.name}, {volume.size_gb:,.0f} GB", volume.size_gb, "GB", kind))
    if iops:
        found.append(_limit("iops", f"{kind.name}, {iops:,.0f} IOPS", iops, "IOPS", kind))
    if throughput:
        found.append(_limit("throughput", f"{kind.name}, {throughput:,.0f} MB/s", throughput, "MB/s", kind))
    return found


def _limit(metric: Metric, name: str, value: float, unit: str, fact: Cap | Shape | StorageType | ConnectionRule) -> Limit:
    level: Level = fact.level if isinstance(fact, Cap) else "full"
    source = f"{fact.source} ({fact.confidence}, {fact.verified_on.isoformat()})"
    return Limit(metric, name, float(value), unit, level, source)
