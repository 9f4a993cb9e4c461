"""How many nodes: what has to be there when one fails, and what reads can move to replicas."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dbbuddy.capacity.interval import Interval

# Of the reads, the share that may be a little old and so can go to a replica. An assumption to check with the application.
OFFLOADABLE_READS = 0.6


@dataclass(frozen=True)
class ReplicaAdvice:
    """A standby for failover (0 or 1), read replicas, the load left on the primary in busy cores, and the working."""

    standbys: int
    read_replicas: int
    primary_load: float
    working: tuple[str, ...]


def replicas_for(
    busy_cores: Interval | None, write_share: float, largest: float, *, production: bool, wanted_nodes: int
) -> ReplicaAdvice:
    """A standby in production; read replicas once the P90 load is above what the largest primary carries (`largest`)."""
    standbys = max(wanted_nodes - 1, 1) if production else max(wanted_nodes - 1, 0)
    working = [
        f"{standbys} standby: one node may fail without an outage (N + 1)"
        if standbys
        else "no standby: an outage lasts as long as a restore"
    ]
    if busy_cores is None:
        return ReplicaAdvice(standbys, 0, 0.0, (*working, "reads are not split: the CPU load is not known"))
    load = busy_cores.high
    if load <= largest:
        working.append(f"no read replica needed: {load:,.1f} busy cores fit one node ({largest:,.1f})")
        return ReplicaAdvice(standbys, 0, load, tuple(working))
    reads = load * (1 - write_share) * OFFLOADABLE_READS
    left = load - reads
    needed = max(math.ceil(reads / largest), 1) if largest > 0 else 1
    working.append(f"{load:,.1f} busy cores are above the {largest:,.1f} of the largest class")
    working.append(
        f"{OFFLOADABLE_READS:.0%} of the reads moved away = {reads:,.1f} on {needed} replicas, {left:,.1f} stay on the primary"
    )
    if left > largest:
        working.append("the writes alone are above one node: split the data (shard) or cut the work of each write")
    working.append("a replica that also is the standby must carry the primary's load when it takes over")
    return ReplicaAdvice(standbys, needed, left, tuple(working))
