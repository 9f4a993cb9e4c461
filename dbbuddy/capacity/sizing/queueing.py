"""How busy a server may be: M/M/c queueing and square-root staffing.

Sources: Erlang C and the mean response time of M/M/c, Kleinrock, "Queueing Systems" I, section 3.5; square-root staffing,
Halfin and Whitt, "Heavy-Traffic Limits for Queues with Many Exponential Servers", Operations Research 29 (1981).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

# Mean response may be this many times the service time: half of the time is waiting.
RESPONSE_FACTOR = 2.0
# Policy: what operations teams accept as a steady peak whatever queueing allows.
POLICY_UTILISATION = 0.8
# Nobody sells more in one machine.
MOST_CORES = 4096


def waiting_probability(cores: int, offered: float) -> float:
    """Erlang C: how likely an arrival waits. `offered` is the load in busy cores; 1.0 if it is not below `cores`."""
    if offered <= 0:
        return 0.0
    if offered >= cores:
        return 1.0
    blocking = 1.0
    for k in range(1, cores + 1):
        blocking = offered * blocking / (k + offered * blocking)
    return blocking / (1 - offered / cores * (1 - blocking))


def response_factor(cores: int, utilisation: float) -> float:
    """Mean response time over service time at this utilisation (0 to 1); infinite from 1 on."""
    if utilisation >= 1:
        return math.inf
    return 1 + waiting_probability(cores, utilisation * cores) / (cores * (1 - utilisation))


def utilisation_for(cores: int, factor: float = RESPONSE_FACTOR) -> float:
    """The utilisation at which mean response is `factor` times the service time."""
    if factor <= 1:
        raise ValueError("the response factor must be above 1: response can not be faster than service")
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if response_factor(cores, middle) < factor else (low, middle)
    return low


@dataclass(frozen=True)
class Ceiling:
    """The utilisation that a machine may reach at its peak, and which of the three rules decides."""

    utilisation: float
    rule: str
    queueing: float
    failover: float
    policy: float


def ceiling(
    cores: int, nodes: int = 1, *, factor: float = RESPONSE_FACTOR, policy: float = POLICY_UTILISATION, shared: bool = False
) -> Ceiling:
    """The lowest of the queueing, failover and policy caps.

    `nodes` share the load (`shared`): when one fails, the others take over, so each may be busy (nodes - 1) / nodes at most.
    A standby takes no load, so it needs no such reserve.
    """
    queueing = utilisation_for(cores, factor)
    failover = (nodes - 1) / nodes if shared and nodes > 1 else 1.0
    lowest = min(queueing, failover, policy)
    rule = "queueing" if lowest == queueing else "failover" if lowest == failover else "policy"
    return Ceiling(lowest, rule, queueing, failover, policy)


def cores_for(
    load: float, *, nodes: int = 1, factor: float = RESPONSE_FACTOR, policy: float = POLICY_UTILISATION, shared: bool = False
) -> int:
    """The fewest cores that keep a load (in busy cores) under the ceiling."""
    if not 0 <= load <= MOST_CORES / 2:
        raise ValueError(f"the load must be between 0 and {MOST_CORES // 2:,} busy cores, not {load:,.0f}")
    failover = (nodes - 1) / nodes if shared and nodes > 1 else 1.0
    cores = max(math.ceil(load / min(policy, failover)), 1)
    while response_factor(cores, load / cores) > factor:
        cores += 1
    return cores


def square_root_staffing(load: float, quality: float = 1.0) -> int:
    """Cores = load + quality x sqrt(load): what keeps waiting rare as the load grows (`quality` 1 makes about 1 in 5 wait)."""
    return max(math.ceil(load + quality * math.sqrt(max(load, 0))), 1)
