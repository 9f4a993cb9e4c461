"""PostgreSQL 14 to 18, after pgtune's published rules (le0pard/pgtune, July 2026), made to fit the RAM.

Sources of single rules stand with the texts in `data/capacity/parameters/postgresql.yaml`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from dbbuddy.capacity.catalogue import service_of
from dbbuddy.capacity.parameters.machine import GB, KB, MB, Machine
from dbbuddy.capacity.parameters.setting import Budget, MemoryCheck, Proposal, Value, plain

DEFAULT_CONNECTIONS = {"web": 200, "oltp": 300, "dw": 40, "desktop": 20, "mixed": 100}
_WAL_SIZES = {"web": (1, 4), "oltp": (2, 8), "dw": (4, 16), "mixed": (1, 4)}
_IO_CONCURRENCY = {"hdd": 2, "ssd": 200, "san": 300, "nvme": 1000}
_DEFAULT_WORKERS = 8
_MIN_WORK_MEM = 4 * MB
_LOWEST_WORK_MEM = 1 * MB
_LOWEST_MAINTENANCE = 16 * MB
# A backend without sorts: 1.3 to 7.6 MiB, under 2 MiB with huge pages (Freund, "Measuring the Memory Overhead of a
# Postgres Connection", 2020).
_BACKEND = 2 * MB
_WINDOWS_MOST = 2 * GB - 1 * MB
_LATEST = 18


@dataclass(frozen=True)
class _Memory:
    """What takes memory, in bytes; `vacuum` is that of each of the `vacuumers`."""

    connections: int
    shared: int
    wal: int
    maintenance: int
    vacuum: int
    vacuumers: int
    work: int

    def check(self, machine: Machine) -> MemoryCheck:
        parts = (
            ("shared_buffers", self.shared),
            ("wal_buffers", self.wal),
            (f"{self.connections} connections x (work_mem + 2 MiB)", self.connections * (self.work + _BACKEND)),
            (f"{self.vacuumers} autovacuum workers", self.vacuumers * self.vacuum),
            ("one maintenance command", self.maintenance),
        )
        return MemoryCheck(parts, machine.ram, machine.budget)


def propose(machine: Machine) -> Proposal:
    """Values, memory check and warnings for this machine."""
    version = machine.version[0] if machine.version else _LATEST
    notes = Budget()
    memory = _fitted(_wanted(machine, version), machine, notes)
    values = (*_memory_values(machine, memory, version), *_planner_values(machine), *_other_values(machine, memory, version))
    noted = tuple(Value(v.name, v.value, v.formula, notes.notes.get(v.name, "")) for v in values)
    return Proposal(noted, memory.check(machine), _warnings(machine, notes, version, memory.connections))


def _wanted(machine: Machine, version: int) -> _Memory:
    """What pgtune's rules give, whether it fits or not."""
    most = _most_for_one(machine, version)
    connections = machine.connections or DEFAULT_CONNECTIONS[machine.kind]
    shared = _kb(machine.ram * 3 // 4 if _own_cache(machine) else machine.ram // (16 if machine.kind == "desktop" else 4))
    maintenance = _kb(min(machine.ram // (8 if machine.kind == "dw" else 16), min(most, 8 * GB)))
    return _Memory(
        connections,
        shared,
        _wal_buffers(shared),
        maintenance,
        min(maintenance, 2 * GB),
        5 if machine.vcpu >= 32 else 4 if machine.vcpu >= 16 else 3,
        min(_work_mem(machine, connections, shared), most),
    )


def _fitted(wanted: _Memory, machine: Machine, notes: Budget) -> _Memory:
    """The same within the RAM: maintenance gives way first, then sorts, then connections."""
    budget = machine.budget - wanted.shared - wanted.wal
    sessions = wanted.connections * (wanted.work + _BACKEND)
    allowed = max(budget // 2 // (wanted.vacuumers + 1), budget - wanted.vacuumers * wanted.vacuum - sessions)
    maintenance = notes.lower("maintenance_work_mem", wanted.maintenance, _kb(allowed), _LOWEST_MAINTENANCE)
    vacuum = min(wanted.vacuum, maintenance)
    left = budget - maintenance - wanted.vacuumers * vacuum
    work = notes.lower("work_mem", wanted.work, _kb(left // wanted.connections - _BACKEND), _LOWEST_WORK_MEM)
    connections = notes.lower("max_connections", wanted.connections, left // (work + _BACKEND), 1)
    return replace(wanted, maintenance=maintenance, vacuum=vacuum, work=work, connections=connections)


def _own_cache(machine: Machine) -> bool:
    """Services without a file cache give shared_buffers three quarters of the memory and more."""
    return service_of(machine.context) in ("aurora-postgresql", "alloydb")


def _most_for_one(machine: Machine, version: int) -> int:
    """Bytes that one allocation may have: Windows ends below 2 GB up to PostgreSQL 17."""
    return _WINDOWS_MOST if machine.system == "windows" and version <= 17 else machine.ram


def _memory_values(machine: Machine, memory: _Memory, version: int) -> list[Value]:
    desktop, kind = machine.kind == "desktop", machine.kind
    most = plain(min(_most_for_one(machine, version), 8 * GB)) if machine.system == "windows" else "8 GB"
    cache = _kb(machine.ram // 4 if desktop else machine.ram * 3 // 4)
    return [
        Value("max_connections", memory.connections, f"given, or {DEFAULT_CONNECTIONS[kind]} for {kind}"),
        Value(
            "shared_buffers",
            memory.shared,
            "RAM x 3/4 (the service's)" if _own_cache(machine) else "RAM / 16" if desktop else "RAM / 4",
        ),
        Value("effective_cache_size", cache, "RAM / 4" if desktop else "RAM x 3/4"),
        Value("maintenance_work_mem", memory.maintenance, f"RAM / {8 if kind == 'dw' else 16}, at most {most}"),
        *([Value("autovacuum_work_mem", memory.vacuum, "at most 2 GB for each worker")] if memory.maintenance >= 2 * GB else []),
        Value("work_mem", memory.work, _work_formula(machine)),
        Value("wal_buffers", memory.wal, "3 % of shared_buffers, at most 16 MB"),
        *_checkpoints(machine),
    ]


def _planner_values(machine: Machine) -> list[Value]:
    rule = "4 for hard disks and for warehouses larger than the RAM, 1.1 for SSD and for data that fits the RAM"
    return [
        Value("random_page_cost", _random_page_cost(machine), rule),
        *_io(machine),
        Value("default_statistics_target", 500 if machine.kind == "dw" else 100, "500 for dw, else 100"),
        *_workers(machine),
        *([Value("jit", "off", "off for web, oltp and mixed")] if machine.kind in ("web", "oltp", "mixed") else []),
    ]


def _other_values(machine: Machine, memory: _Memory, version: int) -> list[Value]:
    huge = memory.shared >= 2 * GB and machine.system != "mac"
    values = [
        Value("huge_pages", "try" if huge else "off", "try from 2 GB shared_buffers on"),
        Value("wal_compression", "on", "on: every build knows it"),
    ]
    if memory.vacuumers > 3:
        values.append(Value("autovacuum_max_workers", memory.vacuumers, "4 from 16 cores, 5 from 32 on"))
    if version >= 18:
        values.append(Value("io_method", "worker", "PostgreSQL 18's default"))
    if machine.kind == "desktop":
        values += [Value("wal_level", "minimal", "desktop only"), Value("max_wal_senders", 0, "needed with wal_level = minimal")]
    return values


def _kb(size: int) -> int:
    """Rounded down to kB, PostgreSQL's unit."""
    return size // KB * KB


def _wal_buffers(shared: int) -> int:
    size = shared * 3 // 100
    if size > 14 * MB:
        return 16 * MB
    return max(_kb(size), 32 * KB)


def _parallel_workers(machine: Machine) -> int:
    return machine.vcpu if machine.vcpu >= 4 else _DEFAULT_WORKERS


def _data_factor(machine: Machine) -> float:
    """Data that fits the RAM leaves page cache for sorts; data that does not needs it."""
    if not machine.data_gb:
        return 1.0
    return 1.3 if machine.data_gb * GB < machine.ram else 0.9


def _work_mem(machine: Machine, connections: int, shared: int) -> int:
    share = (machine.ram - shared) / ((connections + _parallel_workers(machine)) * 3)
    divisor = {"dw": 2, "mixed": 2, "desktop": 6}.get(machine.kind, 1)
    return max(_kb(int(share / divisor * _data_factor(machine))), _MIN_WORK_MEM)


def _work_formula(machine: Machine) -> str:
    divisor = {"dw": " / 2", "mixed": " / 2", "desktop": " / 6"}.get(machine.kind, "")
    factor = _data_factor(machine)
    data = "" if factor == 1 else f" x {factor:g} (data {'fits' if factor > 1 else 'does not fit'} the RAM)"
    return f"(RAM - shared_buffers) / ((max_connections + {_parallel_workers(machine)} workers) x 3){divisor}{data}, at least 4 MB"


def _checkpoints(machine: Machine) -> list[Value]:
    if machine.kind == "desktop":
        low, high = 100 * MB, 2 * GB
    else:
        low, high = (size * GB for size in _WAL_SIZES[machine.kind])
    return [
        Value("min_wal_size", low, f"{plain(low)} for {machine.kind}"),
        Value("max_wal_size", high, f"{plain(high)} for {machine.kind}"),
        Value("checkpoint_completion_target", 0.9, "0.9"),
    ]


def _random_page_cost(machine: Machine) -> float:
    """Data in memory is read at random as fast as in order; warehouse scans larger than the RAM are better in order."""
    if machine.data_gb is None:
        return 4.0 if machine.disk == "hdd" else 1.1
    if machine.data_gb * GB < machine.ram:
        return 1.1
    return 4.0 if machine.kind == "dw" or machine.disk == "hdd" else 1.1


def _io(machine: Machine) -> list[Value]:
    if machine.system != "linux":
        return []
    return [Value("effective_io_concurrency", _IO_CONCURRENCY[machine.disk], f"{_IO_CONCURRENCY[machine.disk]} for {machine.disk}")]


def _workers(machine: Machine) -> list[Value]:
    if machine.vcpu < 4:
        return []
    half = math.ceil(machine.vcpu / 2)
    gather = half if machine.kind == "dw" else min(half, 4)
    return [
        Value("max_worker_processes", machine.vcpu, "number of cores"),
        Value("max_parallel_workers_per_gather", gather, "half the cores" + ("" if machine.kind == "dw" else ", at most 4")),
        Value("max_parallel_workers", machine.vcpu, "number of cores"),
        Value("max_parallel_maintenance_workers", min(half, 4), "half the cores, at most 4"),
    ]


def _warnings(machine: Machine, notes: Budget, version: int, connections: int) -> tuple[str, ...]:
    warnings = []
    if "max_connections" in notes.notes:
        warnings.append(
            f"The RAM carries {connections} connections at worst. "
            "Put a pooler (PgBouncer, transaction mode) before the server for more clients."
        )
    if version not in range(14, _LATEST + 1):
        warnings.append(f"The rules are for PostgreSQL 14 to {_LATEST}; check the names for version {version}.")
    if machine.ram_gib > 100:
        warnings.append("Above 100 GB of RAM measure: shared_buffers between 25 and 40 % can both be right.")
    return tuple(warnings)
