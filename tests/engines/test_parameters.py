"""The proposed configurations on real servers: PostgreSQL starts with one and accepts all, MariaDB knows every option."""

from __future__ import annotations

import itertools
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from dbbuddy.capacity.parameters.machine import Machine
from dbbuddy.capacity.parameters.recommend import Configuration, recommend
from dbbuddy.capacity.sizing.workload import WORKLOAD_KINDS
from dbbuddy.context import SystemContext
from tests.engines import servers
from tests.require import missing

MACHINES = tuple(itertools.product((1, 8, 256), (2, 8, 64), WORKLOAD_KINDS, ("hdd", "nvme")))


def configured(engine: str, version: str, ram: float, cores: int, kind: str, disk: str) -> Configuration:
    context = SystemContext.of(engine=engine, deployment="on_premises", version=version)
    return recommend(Machine.model_validate({"context": context, "ram_gib": ram, "vcpu": cores, "kind": kind, "disk": disk}))


@pytest.fixture(scope="module")
def tuned_server() -> Iterator[tuple[Configuration, psycopg.Connection]]:
    """PostgreSQL started with the text for 8 GiB and 8 cores, as the text stands."""
    proposed = configured("postgresql", "18", 8, 8, "web", "ssd")
    try:
        with servers.postgresql(configuration=proposed.text) as server, server.connect() as connection:
            yield proposed, connection
    except servers.MissingServerError as error:
        missing(error.what, error.bring)


def test_postgresql_starts_with_the_proposed_configuration(tuned_server: tuple[Configuration, psycopg.Connection]) -> None:
    proposed, connection = tuned_server
    shown = {p.name: connection.execute(sql.SQL("SHOW {}").format(sql.Identifier(p.name))).fetchone() for p in proposed.parameters}
    in_force = {name: row[0] for name, row in shown.items() if row}
    assert in_force["shared_buffers"] == "2GB"
    assert in_force["max_connections"] == "200"
    assert in_force["io_method"] == "worker"
    for parameter in proposed.parameters:
        if isinstance(parameter.value, str) and parameter.name != "wal_compression":
            assert in_force[parameter.name] == parameter.value
    assert in_force["wal_compression"] == "pglz"


def test_postgresql_accepts_every_value_and_agrees_on_restarts(tuned_server: tuple[Configuration, psycopg.Connection]) -> None:
    _, connection = tuned_server
    contexts = dict(connection.execute("SELECT name, context FROM pg_settings").fetchall())
    tried = set()
    for machine in MACHINES:
        for parameter in configured("postgresql", "18", *machine).parameters:
            assert parameter.restart == (contexts[parameter.name] == "postmaster"), parameter.name
            if (parameter.name, parameter.shown) not in tried:
                tried.add((parameter.name, parameter.shown))
                command = sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(parameter.name), sql.Literal(parameter.shown))
                connection.execute(command)
    assert len(tried) > 60


@pytest.mark.parametrize(("ram", "cores", "kind"), [(1, 2, "web"), (16, 8, "oltp"), (256, 64, "dw"), (4, 2, "desktop")])
def test_mariadb_knows_every_option_and_reads_its_value(ram: float, cores: int, kind: str, tmp_path: Path) -> None:
    program = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/bin")
    if not program:
        missing("MariaDB", "apt-get install --no-install-recommends mariadb-server")
    version = (
        subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split("Ver ")[1].split("-")[0]
    )
    proposed = configured("mariadb", version, ram, cores, kind, "ssd")
    file = tmp_path / "my.cnf"
    file.write_text(proposed.text)
    done = subprocess.run(
        [program, f"--defaults-file={file}", "--user=root", "--verbose", "--help"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "unknown variable" not in done.stderr
    read = {}
    for line in done.stdout.split("--------- --------")[-1].splitlines():
        name, _, value = line.partition(" ")
        read[name.replace("-", "_")] = value.strip()
    for parameter in proposed.parameters:
        told = read[parameter.name]
        wanted = {"query_cache_type": "OFF"}.get(parameter.name, str(parameter.value))
        assert told == wanted, parameter.name
