"""Real servers, one of each for a whole test run; each is started when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines import servers
from tests.engines.blocks import FIXTURES
from tests.engines.sandbox import MariaDBSandbox, PostgreSQLSandbox
from tests.require import missing


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[servers.PostgreSQL]:
    """A running PostgreSQL 18."""
    try:
        with servers.postgresql(extensions=FIXTURES / "extensions") as server:
            yield server
    except servers.MissingServerError as error:
        missing(error.what, error.bring)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[servers.MariaDB]:
    """A running MariaDB."""
    try:
        with servers.mariadb() as server:
            yield server
    except servers.MissingServerError as error:
        missing(error.what, error.bring)


@pytest.fixture(scope="session")
def postgresql_sandbox(postgresql_server: servers.PostgreSQL) -> Iterator[PostgreSQLSandbox]:
    """Runs playbook SQL on PostgreSQL and tidies up behind it."""
    with PostgreSQLSandbox(postgresql_server) as sandbox:
        yield sandbox


@pytest.fixture(scope="session")
def mariadb_sandbox(mariadb_server: servers.MariaDB) -> Iterator[MariaDBSandbox]:
    """Runs playbook SQL on MariaDB and tidies up behind it."""
    with MariaDBSandbox(mariadb_server) as sandbox:
        yield sandbox
