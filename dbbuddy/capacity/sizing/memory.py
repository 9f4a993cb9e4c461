"""How much RAM a working set and its connections need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dbbuddy.context import Engine


@dataclass(frozen=True)
class MemoryRule:
    """Of an engine: which share of the RAM caches data, and MB of an average connection; with the source of both."""

    cache_share: float
    connection_mb: float
    source: str


# Connections: what one takes while it works, without sorts that spill.
RULES: dict[Engine, MemoryRule] = {
    "postgresql": MemoryRule(
        0.75, 10.0, "effective_cache_size = 3/4 of RAM (pgtune); about 10 MB a connection (Azure Database for PostgreSQL, limits)"
    ),
    "mysql": MemoryRule(0.75, 1.5, "buffer pool = 3/4 of RAM (MySQL manual, innodb_dedicated_server); about 1 MB a thread"),
    "mariadb": MemoryRule(0.75, 1.5, "buffer pool = 3/4 of RAM, as MySQL; about 1 MB a thread"),
    "sqlserver": MemoryRule(
        0.8, 2.0, "max server memory leaves about a fifth to the system; 2 MB stack of a worker thread (Microsoft)"
    ),
    "oracle": MemoryRule(0.55, 4.0, "80 % of RAM to the instance, 80 % of it SGA, most of that cache (Oracle, memory for OLTP)"),
}
# The operating system and what runs beside the database, GiB.
SYSTEM_GIB = 1.0


def ram_for(working_set_gb: NDArray[np.float64], connections: NDArray[np.float64], engine: Engine) -> NDArray[np.float64]:
    """GiB of RAM: the cache share must hold the working set, and what is left the connections and the system."""
    rule = RULES[engine]
    outside = connections * rule.connection_mb / 1024 + SYSTEM_GIB
    return np.maximum(working_set_gb / rule.cache_share, working_set_gb + outside)
