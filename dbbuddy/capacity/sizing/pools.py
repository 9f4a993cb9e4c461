"""How many connections a database should serve at once, and what that leaves for each application instance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dbbuddy.capacity.sizing.usl import UslFit

HIKARI = "https://github.com/brettwooldridge/HikariCP/wiki/About-Pool-Sizing"
# Of the server's limit that applications may fill: the rest is for administration, replication and the next release.
USABLE_SHARE = 0.8


@dataclass(frozen=True)
class PoolAdvice:
    """Connections that work at once, each pool's share, and how that was reached, line by line."""

    active: int
    per_instance: int
    needs_pooler: bool
    working: tuple[str, ...]


def pool_size(
    cores: int,
    *,
    app_instances: int = 1,
    connections: int | None = None,
    max_connections: int | None = None,
    queries_per_second: float | None = None,
    latency_ms: float | None = None,
    spindles: int = 1,
    usl: UslFit | None = None,
) -> PoolAdvice:
    """The pool size from the cores, from arrivals if they are known, and from a measured peak if there is one.

    `connections` are those that clients open today; more than the server can use calls for a pooler.
    """
    core_rule = cores * 2 + spindles
    working = [f"cores x 2 + disks = {cores} x 2 + {spindles} = {core_rule} connections that can work at once"]
    active = core_rule
    if queries_per_second and latency_ms:
        busy = math.ceil(queries_per_second * latency_ms / 1000)
        working.append(f"{queries_per_second:,.0f} queries/s x {latency_ms:g} ms = {busy:,} busy at the peak (Little's law)")
        if busy > core_rule:
            working.append("more are busy than the cores can work on: they wait inside the database; speed up or add cores")
    if usl and usl.peak:
        active = min(active, max(math.floor(usl.peak), 1))
        working.append(f"measured throughput peaks at {usl.peak:.0f} concurrent sessions (Universal Scalability Law)")
    per_instance = max(active // max(app_instances, 1), 1)
    if app_instances > 1:
        working.append(f"{active} over {app_instances} application instances = {per_instance} each")
    needs_pooler = per_instance * app_instances > active
    if max_connections is not None and connections is not None:
        usable = math.floor(max_connections * USABLE_SHARE)
        verdict = "fits" if connections <= usable else "does not fit: use a pooler"
        working.append(
            f"{connections:,} client connections against {USABLE_SHARE:.0%} of {max_connections:,} = {usable:,}: {verdict}"
        )
        needs_pooler |= connections > usable
    if connections is not None and connections > 10 * active:
        working.append(f"{connections:,} client connections for {active} that can work: a transaction pooler saves the rest")
        needs_pooler = True
    return PoolAdvice(active, per_instance, needs_pooler, tuple(working))
