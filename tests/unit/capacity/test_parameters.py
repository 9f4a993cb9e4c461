"""Parameters of all engines: never more than the RAM, ready text, managed services, and what differs from today's."""

from __future__ import annotations

import itertools

import pytest

from dbbuddy.capacity.parameters.current import read_configuration
from dbbuddy.capacity.parameters.machine import GB, Machine
from dbbuddy.capacity.parameters.recommend import Configuration, recommend
from dbbuddy.capacity.parameters.setting import texts
from dbbuddy.capacity.parameters.sqlserver import max_degree_of_parallelism, system_reserve, worker_threads
from dbbuddy.capacity.sizing.workload import WORKLOAD_KINDS
from dbbuddy.context import ENGINES, SystemContext, services


def configured(engine: str = "postgresql", ram: float = 16, cores: int = 4, current: str = "", **fields: object) -> Configuration:
    context = fields.pop("context", None) or SystemContext.of(
        engine=engine, deployment="on_premises", version=fields.pop("version", None)
    )
    return recommend(Machine.model_validate({"context": context, "ram_gib": ram, "vcpu": cores, **fields}), current)


def value(configuration: Configuration, name: str) -> object:
    return next(parameter.value for parameter in configuration.parameters if parameter.name == name)


@pytest.mark.parametrize("engine", ENGINES)
def test_the_worst_case_never_exceeds_the_ram(engine: str) -> None:
    machines = itertools.product((0.5, 1, 2, 4, 15.25, 64, 1024, 24_576), (1, 2, 8, 128), WORKLOAD_KINDS, (None, 1, 500, 100_000))
    checked = 0
    for ram, cores, kind, connections in machines:
        found = configured(engine, ram, cores, kind=kind, connections=connections)
        assert found.memory.total <= found.memory.budget < found.memory.ram, (ram, cores, kind, connections)
        assert all(size >= 0 for _, size in found.memory.parts)
        checked += 1
    assert checked == 640


@pytest.mark.parametrize("engine", ENGINES)
def test_other_programs_on_the_machine_are_left_their_memory(engine: str) -> None:
    alone = configured(engine, 64, 8)
    shared = configured(engine, 64, 8, other_gib=40)
    assert shared.memory.total < alone.memory.total
    assert shared.memory.total <= 24 * GB
    with pytest.raises(ValueError, match="less than half a GiB"):
        configured(engine, 64, 8, other_gib=64)


@pytest.mark.parametrize("engine", ENGINES)
def test_every_parameter_has_its_formula_reason_source_and_risk(engine: str) -> None:
    for kind in WORKLOAD_KINDS:
        for parameter in configured(engine, 128, 32, kind=kind).parameters:
            assert parameter.formula
            assert len(parameter.reason) > 20
            assert parameter.source.startswith("https://")
            assert parameter.risk


@pytest.mark.parametrize("engine", ENGINES)
def test_no_text_is_left_over(engine: str) -> None:
    used = set()
    for version, kind, system in itertools.product(("8.0.20", "10.11", "18"), WORKLOAD_KINDS, ("linux", "windows")):
        used |= {p.name for p in configured(engine, 128, 32, kind=kind, system=system, version=version).parameters}
    shared = {"mysql": "mariadb", "mariadb": "mysql"}.get(engine)
    if shared:
        used |= {p.name for p in configured(shared, 128, 32).parameters}
        used |= {p.name for p in configured("mysql", 128, 32, version="8.0.20").parameters}
    assert used == set(texts(engine))  # type: ignore[arg-type]


def test_what_was_lowered_says_so() -> None:
    found = configured("postgresql", 1, 2, kind="web")
    lowered = {parameter.name for parameter in found.parameters if parameter.lowered}
    assert {"work_mem", "max_connections"} <= lowered
    assert "pooler" in found.warnings[0]


@pytest.mark.parametrize(
    ("ram", "gigabytes"),
    # MySQL manual, innodb_dedicated_server: 128 MB below 1 GB, half up to 4 GB, three quarters above.
    [(0.5, 0.125), (2, 1), (4, 2), (16, 12), (64, 48)],
)
def test_buffer_pool_is_that_of_a_dedicated_server(ram: float, gigabytes: float) -> None:
    found = configured("mysql", ram, 4, connections=20, version="8.4")
    assert value(found, "innodb_buffer_pool_size") == gigabytes * GB


@pytest.mark.parametrize(
    ("engine", "version", "name"),
    [
        ("mysql", "8.4", "innodb_redo_log_capacity"),
        ("mysql", "8.0.36", "innodb_redo_log_capacity"),
        ("mysql", "8.0.20", "innodb_log_file_size"),
        ("mariadb", "10.11", "innodb_log_file_size"),
    ],
)
def test_the_redo_log_has_the_versions_name(engine: str, version: str, name: str) -> None:
    assert [p.name for p in configured(engine, version=version).parameters if "log_capacity" in p.name or "log_file" in p.name] == [
        name
    ]


@pytest.mark.parametrize(
    ("processors", "nodes", "expected"),
    # Microsoft's table, "max degree of parallelism", SQL Server 2016 and later.
    [(4, 1, 4), (8, 1, 8), (32, 1, 8), (16, 2, 8), (32, 2, 16), (48, 2, 12), (128, 2, 16), (96, 4, 12)],
)
def test_maxdop_is_microsofts_table(processors: int, nodes: int, expected: int) -> None:
    assert max_degree_of_parallelism(processors, nodes) == expected


@pytest.mark.parametrize(("ram", "reserved"), [(16, 5), (32, 7), (64, 11), (128, 19)])
def test_memory_left_to_windows(ram: int, reserved: int) -> None:
    # Kehayias: 1 GB, 1 GB per 4 GB up to 16, 1 GB per 8 GB above.
    assert system_reserve(ram * GB) == reserved * GB


@pytest.mark.parametrize(("processors", "threads"), [(4, 512), (8, 576), (16, 704), (64, 1472)])
def test_worker_threads_are_microsofts_table(processors: int, threads: int) -> None:
    assert worker_threads(processors) == threads


def test_an_edition_caps_sql_servers_memory() -> None:
    assert value(configured("sqlserver", 64, 8, edition="Express"), "max server memory (MB)") == 1410
    assert value(configured("sqlserver", 512, 8, edition="standard"), "max server memory (MB)") == 131_072
    assert value(configured("sqlserver", 512, 8), "max server memory (MB)") > 131_072  # type: ignore[operator]


def test_oracle_gives_four_fifths_to_the_instance() -> None:
    oltp, warehouse = configured("oracle", 64, 16, kind="oltp"), configured("oracle", 64, 16, kind="dw")
    assert value(oltp, "sga_target") == pytest.approx(64 * 0.8 * 0.8 * GB, rel=0.001)
    assert value(warehouse, "sga_target") == pytest.approx(64 * 0.8 * 0.5 * GB, rel=0.02)
    assert any("vm.nr_hugepages" in warning for warning in oltp.warnings)


def test_text_of_own_servers_is_in_the_engines_own_form() -> None:
    assert "shared_buffers = 4GB" in configured("postgresql").text.splitlines()
    assert configured("mariadb").text.startswith("[mysqld]\n")
    assert "innodb_buffer_pool_size = 12G" in configured("mysql").text
    assert "EXEC sys.sp_configure N'max degree of parallelism', 4;" in configured("sqlserver").text
    assert "ALTER SYSTEM SET sga_target = 8G SCOPE=SPFILE;" in configured("oracle", 12.5 * 1.0, 4, kind="oltp").text.replace(
        "8192M", "8G"
    )


@pytest.mark.parametrize("service", sorted(s for s in services() if not s.startswith("self-")))
def test_a_managed_service_gets_its_own_tool_and_no_server_files(service: str) -> None:
    found = configured(context=SystemContext.of(service=service), ram=64, cores=8)
    assert not found.text.startswith("[mysqld]")
    assert "ALTER SYSTEM" not in found.text
    assert ("sp_configure" in found.text) == (service == "azure-sql-managed-instance")
    assert found.service_note
    theirs = {p.name for p in found.parameters if p.service_note}
    assert len(theirs) < len(found.parameters)
    assert not [name for name in theirs if f"{name}=" in found.text or f"={name}," in found.text or f"'{name}'" in found.text]


def test_aurora_keeps_its_shared_buffers_and_the_rest_fits_beside_them() -> None:
    found = configured(context=SystemContext.of(service="aurora-postgresql", version="16"), ram=64, cores=8, kind="oltp")
    assert found.text.startswith("aws rds modify-db-cluster-parameter-group")
    assert "shared_buffers" not in found.text
    assert "max_wal_size" not in found.text
    assert dict(found.memory.parts)["shared_buffers"] == 48 * GB
    assert found.memory.fits


def test_parameter_groups_get_base_units() -> None:
    found = configured(context=SystemContext.of(service="rds-postgresql", version="16"), ram=16, cores=4, kind="web")
    assert "ParameterName=shared_buffers,ParameterValue=524288,ApplyMethod=pending-reboot" in found.text
    assert "ParameterName=maintenance_work_mem,ParameterValue=1048576,ApplyMethod=immediate" in found.text
    assert "ParameterName=max_wal_size,ParameterValue=4096," in found.text


@pytest.mark.parametrize(
    "pasted",
    [
        "shared_buffers = 128MB   # min 128kB\nmax_connections = 200\njit = off",
        " shared_buffers | 16384 | 8kB\n max_connections | 200 | \n jit | off | ",
        "shared_buffers\t128MB\nmax_connections\t200\njit\toff",
        "ALTER SYSTEM SET shared_buffers = '128MB';\nALTER SYSTEM SET max_connections = 200;\nALTER SYSTEM SET jit = 'off';",
    ],
)
def test_differences_from_todays_configuration(pasted: str) -> None:
    rows = {row.name: row for row in configured("postgresql", current=pasted, kind="web").differences}
    assert (rows["shared_buffers"].change, rows["shared_buffers"].proposed) == ("raise", "4GB")
    assert rows["shared_buffers"].restart
    assert rows["max_connections"].change == "same"
    assert rows["jit"].change == "same"
    assert (rows["work_mem"].change, rows["work_mem"].current) == ("set", None)


def test_differences_of_the_other_engines() -> None:
    my = configured("mysql", current="[mysqld]\ninnodb-buffer-pool-size=20G\nmax_connections = 151\n", version="8.4").differences
    assert {row.name: row.change for row in my if row.current} == {"innodb_buffer_pool_size": "lower", "max_connections": "same"}
    pasted = (
        "max degree of parallelism           0           32767       0            0\ncost threshold for parallelism 0 32767 5 5"
    )
    assert {row.name for row in configured("sqlserver", current=pasted).differences if row.change == "raise"} == {
        "max degree of parallelism",
        "cost threshold for parallelism",
    }
    ora = configured("oracle", current="sga_target                           big integer 1G\n*.processes=100").differences
    assert {row.name: row.change for row in ora if row.current} == {"sga_target": "raise", "processes": "raise"}


@pytest.mark.parametrize("pasted", ["", "\x00\x01", "=" * 100_000, "a = \n" * 20_000, "| | | |\n" * 1000, "shared_buffers = lots"])
def test_a_hostile_configuration_is_passed_over(pasted: str) -> None:
    assert configured("postgresql", current=pasted).parameters
    assert len(read_configuration(pasted)) <= 5_000


@pytest.mark.parametrize(
    ("engine", "version", "name", "restart"),
    [
        ("postgresql", "17", "autovacuum_max_workers", True),
        ("postgresql", "18", "autovacuum_max_workers", False),
        ("mariadb", "10.6", "innodb_log_file_size", True),
        ("mariadb", "10.11", "innodb_log_file_size", False),
        ("mysql", "8.0.20", "innodb_log_file_size", True),
    ],
)
def test_restarts_depend_on_the_version(engine: str, version: str, name: str, restart: bool) -> None:
    found = configured(engine, 64, 32, version=version)
    assert next(p.restart for p in found.parameters if p.name == name) is restart


def test_an_engine_is_needed() -> None:
    with pytest.raises(ValueError, match="choose the database engine"):
        recommend(Machine(context=SystemContext(), ram_gib=8, vcpu=2))
