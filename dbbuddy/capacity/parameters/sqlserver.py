"""SQL Server 2016 to 2022: memory, parallelism and tempdb."""

from __future__ import annotations

from dbbuddy.capacity.parameters.machine import GB, MB, Machine
from dbbuddy.capacity.parameters.setting import Budget, MemoryCheck, Proposal, Value, in_gib

_STACK = 2 * MB
_EDITION_MB = {"express": 1410, "web": 65536, "standard": 131072}
_LOWEST_MEMORY = 256 * MB


def propose(machine: Machine) -> Proposal:
    """Values, memory check and warnings for this machine."""
    system = system_reserve(machine.ram)
    threads = worker_threads(machine.vcpu)
    stacks = threads * _STACK
    wanted = max(machine.ram - system - stacks, _LOWEST_MEMORY)
    edition = _EDITION_MB.get((machine.edition or "").lower())
    notes = Budget()
    memory = notes.lower("max server memory (MB)", wanted, machine.budget - stacks, _LOWEST_MEMORY)
    if memory + stacks > machine.budget:
        stacks = max(machine.budget - memory, 0)
    if edition:
        memory = min(memory, edition * MB)
    memory = memory // MB * MB
    dop = max_degree_of_parallelism(machine.vcpu, machine.numa_nodes)
    files = min(8, machine.vcpu)
    values = (
        Value(
            "max server memory (MB)",
            memory // MB,
            f"RAM - {in_gib(system)} for the system - {threads} worker threads x 2 MB"
            + (f", at most {edition:,} MB in this edition" if edition else ""),
            notes.notes.get("max server memory (MB)", ""),
        ),
        Value("min server memory (MB)", 0, "0: give memory back when others need it"),
        Value("max degree of parallelism", dop, _dop_formula(machine.vcpu, machine.numa_nodes)),
        Value("cost threshold for parallelism", 30 if machine.kind == "dw" else 50, "30 for dw, else 50"),
        Value("optimize for ad hoc workloads", 0 if machine.kind == "dw" else 1, "1 except for dw"),
        Value("backup compression default", 1, "1"),
        Value("remote admin connections", 1, "1"),
        Value("tempdb data files", files, f"one a core, at most 8: {files}"),
    )
    check = MemoryCheck(
        (("max server memory", memory), (f"stacks of {threads} worker threads", stacks)), machine.ram, machine.budget
    )
    return Proposal(values, check, _warnings(machine))


def system_reserve(ram: int) -> int:
    """1 GB, 1 GB for each 4 GB up to 16, and 1 GB for each 8 GB above (Kehayias)."""
    low = min(ram, 16 * GB)
    return min(1 * GB + low // 4 + max(ram - 16 * GB, 0) // 8, ram // 2)


def worker_threads(vcpu: int) -> int:
    """The default number of worker threads on 64-bit systems (Microsoft)."""
    if vcpu <= 4:
        return 512
    return 512 + (vcpu - 4) * (16 if vcpu <= 64 else 32)


def max_degree_of_parallelism(vcpu: int, numa_nodes: int) -> int:
    """Microsoft's table for SQL Server 2016 and later, in logical processors per NUMA node."""
    if numa_nodes <= 1:
        return min(vcpu, 8)
    per_node = max(vcpu // numa_nodes, 1)
    return per_node if per_node <= 16 else min(per_node // 2, 16)


def _dop_formula(vcpu: int, numa_nodes: int) -> str:
    if numa_nodes <= 1:
        return f"one NUMA node, {vcpu} processors: their number, at most 8"
    return f"{numa_nodes} NUMA nodes of {max(vcpu // numa_nodes, 1)}: their number up to 16, half of it above, at most 16"


def _warnings(machine: Machine) -> tuple[str, ...]:
    version = machine.version[0] if machine.version else None
    warnings = []
    if version is not None and 2000 <= version < 2016:
        warnings.append("The rules are for SQL Server 2016 and later.")
    if machine.edition is None and not (machine.context.service or "").startswith("azure"):
        warnings.append("Tell the edition: Express uses 1,410 MB and Standard 128 GB of buffer pool at most.")
    return tuple(warnings)
