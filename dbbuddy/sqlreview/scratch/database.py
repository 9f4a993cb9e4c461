"""A database for one review: tables, statistics, sparse files, hidden indexes; gone when the review is done."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from dbbuddy.settings import settings
from dbbuddy.sqlreview.indexes.size import PAGE
from dbbuddy.sqlreview.scratch.model import NotAvailableError
from dbbuddy.sqlreview.scratch.server import embedded_server

PLANNER = "dbbuddy_planner"
STATEMENT_MILLISECONDS = 2_000
_PREFIX = "dbbuddy_scratch_"
_STALE_SECONDS = 3_600
_SEGMENT_PAGES = 131_072
_MAX_PAGES = 400 * _SEGMENT_PAGES
"""Files of more than 400 GB are not made, sparse or not."""
_OLDEST = 180_000


class Sizer(Protocol):
    """Makes a relation's file as large as it is said to be, without data."""

    def __call__(self, connection: psycopg.Connection[Any], files: list[tuple[str, int]]) -> None: ...


@dataclass
class Database:
    """The review's database: `owner` sets it up, `planner` may do nothing but plan."""

    owner: psycopg.Connection[Any]
    planner: psycopg.Connection[Any]
    sizer: Sizer

    def resize(self, pages: dict[str, int]) -> None:
        """Give relations the stated number of pages."""
        rows = self.owner.execute("SELECT relname, pg_relation_filepath(oid) FROM pg_class WHERE relname = ANY(%s)", (list(pages),))
        self.sizer(self.owner, [(path, min(_MAX_PAGES, pages[relation])) for relation, path in rows.fetchall()])

    def show(self, candidates: list[str], shown: set[str]) -> None:
        """Let the planner see these of the candidate indexes only."""
        self.owner.execute(
            "UPDATE pg_index SET indisvalid = (c.relname = ANY(%s)) FROM pg_class c"
            " WHERE c.oid = indexrelid AND c.relname = ANY(%s)",
            (list(shown), candidates),
        )
        # Plans are forgotten when their tables change, not when an index is hidden.
        self.planner.execute("DISCARD PLANS")


@contextmanager
def database() -> Iterator[Database]:
    """A fresh database on the configured server, else on the embedded one.

    Raises:
        NotAvailableError: there is no server that can be used.
    """
    address = settings().scratch_database_url
    name = f"{_PREFIX}{int(time.time())}_{secrets.token_hex(4)}"
    parameters, sizer = _configured(address) if address else _embedded()
    with _connected(parameters) as maintenance:
        _prepare(maintenance)
        strategy = sql.SQL("" if address else " STRATEGY file_copy")
        maintenance.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0{}").format(sql.Identifier(name), strategy))
        try:
            with _connected(parameters, name) as owner, _connected(parameters, name) as planner:
                owner.execute(sql.SQL("ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO {}").format(sql.Identifier(PLANNER)))
                planner.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(PLANNER)))
                planner.execute(f"SET statement_timeout = {STATEMENT_MILLISECONDS}")
                yield Database(owner, planner, sizer)
        finally:
            maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _connected(parameters: dict[str, Any], name: str | None = None) -> Iterator[psycopg.Connection[Any]]:
    chosen = parameters | ({"dbname": name} if name else {})
    options = "-c statement_timeout=10000 -c jit=off -c client_min_messages=error"
    try:
        connection = psycopg.connect(**chosen, autocommit=True, connect_timeout=10, options=options)
    except psycopg.Error as error:
        raise NotAvailableError(f"the scratch PostgreSQL cannot be reached ({type(error).__name__})") from error
    with connection:
        yield connection


def _embedded() -> tuple[dict[str, Any], Sizer]:
    server = embedded_server()

    def size(connection: psycopg.Connection[Any], files: list[tuple[str, int]]) -> None:
        for path, pages in files:
            for segment, bytes_ in _segments(path, pages):
                file = Path(server.data / segment)
                if not file.exists():
                    file.touch(mode=0o600)
                    server.own(file)
                os.truncate(file, bytes_)

    return server.parameters() | {"dbname": "postgres"}, size


def _configured(address: str) -> tuple[dict[str, Any], Sizer]:
    try:
        parameters = dict(conninfo_to_dict(address))
    except psycopg.Error as error:
        raise NotAvailableError("DBBUDDY_SCRATCH_DATABASE_URL is not an address of a PostgreSQL") from error

    def size(connection: psycopg.Connection[Any], files: list[tuple[str, int]]) -> None:
        commands = [f"truncate -s {bytes_} {segment}" for path, pages in files for segment, bytes_ in _segments(path, pages)]
        for first in range(0, len(commands), 200):
            program = " && ".join(commands[first : first + 200])
            connection.execute(sql.SQL("COPY (SELECT) TO PROGRAM {}").format(sql.Literal(program)))

    return parameters, size


def _segments(path: str, pages: int) -> Iterator[tuple[str, int]]:
    """The files of a relation, of 1 GiB each but the last, and their sizes in bytes."""
    number = 0
    while pages > 0:
        held = min(pages, _SEGMENT_PAGES)
        yield f"{path}.{number}" if number else path, held * PAGE
        pages -= held
        number += 1


def _prepare(maintenance: psycopg.Connection[Any]) -> None:
    """Check the server, make the planner's role, and drop what a crashed review has left behind."""
    version = maintenance.info.server_version
    if version < _OLDEST:
        raise NotAvailableError(f"the scratch server is PostgreSQL {version // 10000}; version 18 or later is needed")
    if maintenance.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() != (True,):
        raise NotAvailableError("the scratch server's user is no superuser, who alone may set statistics and hide indexes")
    if maintenance.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (PLANNER,)).fetchone() is None:
        # Two reviews may start at once.
        with suppress(psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
            maintenance.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(PLANNER)))
    rows = maintenance.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (f"{_PREFIX}%",)).fetchall()
    for (name,) in rows:
        made = name[len(_PREFIX) :].partition("_")[0]
        if made.isdigit() and time.time() - int(made) > _STALE_SECONDS:
            maintenance.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
