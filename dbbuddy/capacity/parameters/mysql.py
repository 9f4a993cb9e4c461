"""MySQL 8.0 and 8.4, MariaDB 10.6 to 11: InnoDB's memory after the manual's rules, made to fit the RAM with all threads."""

from __future__ import annotations

from dbbuddy.capacity.parameters.machine import GB, KB, MB, Machine
from dbbuddy.capacity.parameters.setting import Budget, MemoryCheck, Proposal, Value, plain

DEFAULT_CONNECTIONS = {"web": 300, "oltp": 400, "dw": 60, "desktop": 30, "mixed": 151}
_IO_CAPACITY = {"hdd": 200, "ssd": 2000, "san": 4000, "nvme": 10000}
_CHUNK = 128 * MB
_LOWEST_POOL = 128 * MB
# InnoDB's control structures come on top of the pool: about a tenth (MySQL manual, innodb_buffer_pool_size).
_POOL_OVERHEAD = 0.1
# Of all connections, those that build a temporary table in memory at the same moment.
_TEMPORARY_TABLES = 0.1


def propose(machine: Machine) -> Proposal:
    """Values, memory check and warnings for this machine."""
    mariadb = machine.context.engine == "mariadb"
    version = machine.version or ((10, 11) if mariadb else (8, 4))
    analytic = machine.kind == "dw" and machine.ram >= 4 * GB
    connections = machine.connections or DEFAULT_CONNECTIONS[machine.kind]
    temporary = 64 * MB if analytic else 16 * MB
    buffers = {"sort_buffer_size": 4 * MB if analytic else 256 * KB, "join_buffer_size": 4 * MB if analytic else 256 * KB}
    # read_buffer 128 kB, read_rnd_buffer 256 kB, binlog_cache 32 kB, net_buffer 16 kB, and the stack of a thread.
    thread = sum(buffers.values()) + 432 * KB + (292 * KB if mariadb else 1 * MB)
    log_buffer = 64 * MB if machine.ram >= 16 * GB else 16 * MB
    server = (128 if machine.ram < 2 * GB else 400) * MB
    temporary_share = max(int(connections * _TEMPORARY_TABLES), 1)
    wanted = _dedicated_pool(machine.ram) if machine.kind != "desktop" else machine.ram // 4

    notes = Budget()
    fixed = server + log_buffer
    room = machine.budget - fixed - temporary - int(_LOWEST_POOL * (1 + _POOL_OVERHEAD))
    connections = notes.lower("max_connections", connections, max(room // (thread + int(temporary * _TEMPORARY_TABLES)), 1), 1)
    temporary_share = min(temporary_share, max(int(connections * _TEMPORARY_TABLES), 1))
    threads = connections * thread + temporary_share * temporary
    pool = notes.lower(
        "innodb_buffer_pool_size",
        _chunks(wanted),
        _chunks(int((machine.budget - fixed - threads) / (1 + _POOL_OVERHEAD))),
        _LOWEST_POOL,
    )
    memory = MemoryCheck(
        (
            ("innodb_buffer_pool_size and a tenth for its control structures", int(pool * (1 + _POOL_OVERHEAD))),
            ("log buffer", log_buffer),
            ("server, dictionary and performance schema", server),
            (f"{connections} connections x {plain(thread)} of buffers", connections * thread),
            (f"{temporary_share} temporary tables at once", temporary_share * temporary),
        ),
        machine.ram,
        machine.budget,
    )
    values = _values(machine, version, pool, connections, log_buffer, temporary, buffers)
    noted = tuple(Value(v.name, v.value, v.formula, notes.notes.get(v.name, "")) for v in values)
    return Proposal(noted, memory, _warnings(machine, notes, version, mariadb, connections))


def _values(
    machine: Machine,
    version: tuple[int, ...],
    pool: int,
    connections: int,
    log_buffer: int,
    temporary: int,
    buffers: dict[str, int],
) -> list[Value]:
    mariadb = machine.context.engine == "mariadb"
    return [
        Value("innodb_buffer_pool_size", pool, "RAM x 3/4 above 4 GB, x 1/2 from 1 to 4 GB, else 128 MB; whole chunks of 128 MB"),
        *_redo(machine, version, mariadb),
        Value("innodb_log_buffer_size", log_buffer, "64 MB from 16 GB of RAM on, else 16 MB"),
        Value("max_connections", connections, f"given, or {DEFAULT_CONNECTIONS[machine.kind]} for {machine.kind}"),
        *_disk(machine, version, mariadb),
        Value("innodb_flush_log_at_trx_commit", 1, "1: each commit is on disk"),
        Value("sync_binlog", 1, "1: each commit is in the binary log on disk"),
        Value("tmp_table_size", temporary, "64 MB for dw from 4 GB of RAM on, else 16 MB"),
        Value("max_heap_table_size", temporary, "as tmp_table_size"),
        *(Value(name, size, "4 MB for dw from 4 GB of RAM on, else 256 kB") for name, size in buffers.items()),
        *([Value("query_cache_type", 0, "off"), Value("query_cache_size", 0, "off")] if mariadb else []),
    ]


def _dedicated_pool(ram: int) -> int:
    if ram < 1 * GB:
        return 128 * MB
    return ram // 2 if ram <= 4 * GB else ram * 3 // 4


def _chunks(size: int) -> int:
    return max(size // _CHUNK * _CHUNK, 0)


def _redo(machine: Machine, version: tuple[int, ...], mariadb: bool) -> list[Value]:
    """One GB for two cores, 1 to 16 GB (MySQL 8.4's own rule); before 8.0.30 in two files."""
    size = min(max(machine.vcpu // 2, 1), 16) * GB
    early = version[:2] == (8, 0) and len(version) > 2 and version[2] < 30
    new = not mariadb and version >= (8,) and not early
    name = "innodb_redo_log_capacity" if new else "innodb_log_file_size"
    if not mariadb and not new:
        size //= 2
    return [Value(name, size, "one GB for two cores, 1 to 16 GB" + ("" if new or mariadb else ", over two files"))]


def _disk(machine: Machine, version: tuple[int, ...], mariadb: bool) -> list[Value]:
    capacity = _IO_CAPACITY[machine.disk]
    values = [
        Value("innodb_io_capacity", capacity, f"{capacity} for {machine.disk}"),
        Value("innodb_io_capacity_max", capacity * 2, "twice innodb_io_capacity"),
        Value("innodb_flush_neighbors", 1 if machine.disk == "hdd" else 0, "1 for hard disks, else 0"),
    ]
    if machine.system == "linux" and not mariadb and version[:2] < (8, 4):
        values.append(Value("innodb_flush_method", "O_DIRECT", "O_DIRECT on Linux (the default from MySQL 8.4 on)"))
    return values


def _warnings(machine: Machine, notes: Budget, version: tuple[int, ...], mariadb: bool, connections: int) -> tuple[str, ...]:
    warnings = []
    if "max_connections" in notes.notes:
        warnings.append(f"The RAM carries {connections} connections at worst. Use a pool in each application, or ProxySQL.")
    known = version[0] in (10, 11) if mariadb else version[0] == 8
    if not known:
        warnings.append("The rules are for MySQL 8.0 and 8.4 and MariaDB 10.6 to 11; check the names for other versions.")
    return tuple(warnings)
