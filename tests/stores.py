"""Stores for tests: each test gets an empty one on DuckDB and, run again, one on PostgreSQL.

A store is a copy of one whose tables were made once, since making them anew each time would take most of the tests' time.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import pytest

from dbbuddy.store.store import Store
from tests.engines import servers
from tests.require import missing

BACKENDS = ("duckdb", "postgresql")
_TEMPLATE = "store_template"


@dataclass
class PostgreSQLStores:
    """Databases on one throw-away server."""

    server: servers.PostgreSQL
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.server.folder}"

    def new(self, template: str = _TEMPLATE) -> str:
        """The URL of a new database: with the tables of a store, or with nothing in it (`template0`)."""
        name = f"store_{next(self._numbers)}"
        with self.server.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Let go of a database, whoever is still connected to it."""
        name = url.partition("postgres@/")[2]
        with self.server.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name.partition('?')[0]} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgresql_stores() -> Iterator[PostgreSQLStores]:
    """A PostgreSQL for stores, started by the first test that asks for it."""
    try:
        with servers.postgresql() as server:
            stores = PostgreSQLStores(server)
            with server.connect() as connection:
                connection.execute(f"CREATE DATABASE {_TEMPLATE} TEMPLATE template0")
            Store(stores.url(_TEMPLATE)).close()
            yield stores
    except servers.MissingServerError as error:
        missing(error.what, error.bring)


@pytest.fixture(scope="session")
def duckdb_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB store without rows."""
    path = tmp_path_factory.mktemp("template") / "store.duckdb"
    Store(f"duckdb:///{path}").close()
    return path


@pytest.fixture
def duckdb_url(duckdb_template: Path, tmp_path: Path) -> str:
    """An empty store in a DuckDB file of this test."""
    path = tmp_path / "store.duckdb"
    shutil.copyfile(duckdb_template, path)
    return f"duckdb:///{path}"


@pytest.fixture
def postgresql_url(postgresql_stores: PostgreSQLStores) -> Iterator[str]:
    """An empty store in a PostgreSQL database of this test."""
    url = postgresql_stores.new()
    yield url
    postgresql_stores.drop(url)


@pytest.fixture(params=BACKENDS)
def store_url(request: pytest.FixtureRequest) -> str:
    """An empty store, on each database in turn."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An empty store, opened, on each database in turn."""
    opened = Store(store_url)
    yield opened
    opened.close()
