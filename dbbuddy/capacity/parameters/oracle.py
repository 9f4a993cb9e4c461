"""Oracle Database 19c and later: SGA, PGA and processes."""

from __future__ import annotations

import math

from dbbuddy.capacity.parameters.machine import GB, MB, Machine
from dbbuddy.capacity.parameters.setting import Budget, MemoryCheck, Proposal, Value, in_gib

DEFAULT_CONNECTIONS = {"web": 300, "oltp": 400, "dw": 100, "desktop": 50, "mixed": 200}
_INSTANCE_SHARE = 0.8
_SGA_SHARE = {"web": 0.8, "oltp": 0.8, "mixed": 0.65, "dw": 0.5, "desktop": 0.75}
_BACKGROUND = 100
_LEAST_PGA_LIMIT = 2 * GB
_PGA_OF_PROCESS = 3 * MB
_HUGE_PAGES_FROM = 8 * GB
_HUGE_PAGE = 2 * MB
_LOWEST_SGA = 512 * MB


def propose(machine: Machine) -> Proposal:
    """Values, memory check and warnings for this machine."""
    share = 0.4 if machine.kind == "desktop" else _INSTANCE_SHARE
    instance = int(machine.ram * share)
    sga_share = _SGA_SHARE[machine.kind]
    connections = machine.connections or DEFAULT_CONNECTIONS[machine.kind]
    processes = math.ceil((connections + _BACKGROUND) / 50) * 50
    pga = _mb(int(instance * (1 - sga_share)))
    sga = _mb(int(instance * sga_share))
    notes = Budget()
    wanted = max(_LEAST_PGA_LIMIT, 2 * pga, processes * _PGA_OF_PROCESS)
    roomy = machine.budget >= _LEAST_PGA_LIMIT + _LOWEST_SGA
    needed = _LEAST_PGA_LIMIT if roomy else 2 * pga
    needed = max(needed, min(processes * _PGA_OF_PROCESS, machine.budget // 3))
    sga = notes.lower("sga_target", sga, _mb(machine.budget - needed), min(_LOWEST_SGA, machine.budget // 2))
    worst = notes.lower("pga_aggregate_limit", _mb(wanted), _mb(machine.budget - sga), 0)
    limit = worst if worst >= _LEAST_PGA_LIMIT else 0
    pga = min(pga, worst)
    huge = sga >= _HUGE_PAGES_FROM and machine.system == "linux"
    values = [
        Value("memory_target", 0, "0: no automatic memory management, it excludes huge pages"),
        Value("sga_target", sga, f"RAM x {share:.0%} x {sga_share:.0%} for {machine.kind}"),
        Value("sga_max_size", sga, "as sga_target"),
        Value("pga_aggregate_target", pga, f"RAM x {share:.0%} x {1 - sga_share:.0%} for {machine.kind}"),
        Value(
            "pga_aggregate_limit",
            limit,
            "the largest of 2 GB, twice the target and 3 MB a process, within the RAM; 0 (none) under 2 GB",
        ),
        Value(
            "processes", processes, f"{connections} connections + {_BACKGROUND} in the background; sessions = 1.5 x processes + 22"
        ),
        Value("open_cursors", 300 if machine.kind in ("dw", "desktop") else 500, "500, 300 for dw and desktop"),
        Value("parallel_max_servers", machine.vcpu * (4 if machine.kind == "dw" else 2), "4 a core for dw, else 2"),
        Value("filesystemio_options", "SETALL", "SETALL: direct and asynchronous I/O"),
        Value("use_large_pages", "ONLY" if huge else "TRUE", "ONLY from 8 GB of SGA on Linux, else TRUE"),
    ]
    noted = tuple(Value(v.name, v.value, v.formula, notes.notes.get(v.name, "")) for v in values)
    memory = MemoryCheck((("sga_max_size", sga), ("PGA at most", worst)), machine.ram, machine.budget)
    return Proposal(noted, memory, _warnings(machine, sga, huge, processes, worst))


def _mb(size: int) -> int:
    return size // MB * MB


def _warnings(machine: Machine, sga: int, huge: bool, processes: int, limit: int) -> tuple[str, ...]:
    warnings = []
    if huge:
        pages = math.ceil(sga / _HUGE_PAGE) + 8
        warnings.append(
            f"Set vm.nr_hugepages = {pages} in /etc/sysctl.conf before the restart, or the instance does not start (ONLY)."
        )
    if limit < processes * _PGA_OF_PROCESS:
        warnings.append(
            f"{in_gib(limit)} of PGA is below 3 MB for each of {processes} processes: "
            "use fewer connections, a shared pool (DRCP) or more RAM."
        )
    if machine.version and machine.version[0] < 19:
        warnings.append("The rules are for Oracle Database 19c and later.")
    return tuple(warnings)
