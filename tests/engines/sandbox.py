"""Run a playbook's SQL on a real server, and leave the server as it was.

A block runs in a shared copy of the fixture database if it only reads, or if PostgreSQL can roll back all it does;
any other one gets a copy of its own.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import psycopg
import pymysql
import yaml
from psycopg import sql as pgsql

from tests.engines import servers
from tests.engines.blocks import FIXTURES, SqlBlock
from tests.engines.statements import split, without_text

STATEMENT_SECONDS = 10

_READING = re.compile(r"\s*(SELECT|SHOW|WITH|EXPLAIN|TABLE|VALUES|DESC|DESCRIBE|ANALYZE\s+(FORMAT|SELECT))\b", re.I)
_HARMLESS = re.compile(r"\s*(VACUUM|ANALYZE|CHECKPOINT|REINDEX|ALTER\s+SYSTEM)\b", re.I)
_WRITING = re.compile(
    r"\b(INSERT|UPDATE|DELETE|MERGE|INTO|CREATE|ALTER|DROP|CALL|SET|LOCK|KILL|setval|nextval|pg_create\w*|pg_drop\w*|pg_copy\w*|pg_replication_(slot_|origin_)\w*"
    r"|pg_stat_reset\w*|set_config|lo_\w+|pg_prewarm|pg_\w*advisory\w*)\b",
    re.I,
)
# What PostgreSQL allows only inside, or only outside of, a transaction, or cannot roll back.
_NOT_IN_TRANSACTION = re.compile(
    r"\b(BEGIN|START|COMMIT|END|ROLLBACK|SAVEPOINT|LOCK|DECLARE|VACUUM|CONCURRENTLY|SYSTEM|DISCARD|SUBSCRIPTION|TABLESPACE|DATABASE"
    r"|setval|pg_(create|drop|copy|logical|sync)_\w*slot\w*|pg_replication_slot_\w+|pg_terminate\w*)\b",
    re.I,
)
_EXCUSES = yaml.safe_load((FIXTURES / "excused.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Failure:
    """A statement that does not work, and what the server or the parser says."""

    statement: str
    error: str


@dataclass(frozen=True)
class Excuse:
    """A statement that cannot work on a lone throw-away server, though it is right."""

    statement: re.Pattern[str]
    error: re.Pattern[str] | None

    @property
    def never_run(self) -> bool:
        return self.error is None


def excuses(engine: str) -> list[Excuse]:
    """What `fixtures/excused.yaml` says for the engine."""
    return [
        Excuse(re.compile(row["statement"], re.I | re.S), re.compile(row["error"], re.I) if row.get("error") else None)
        for row in _EXCUSES[engine]
    ]


def only_reads(sql: str, engine: str) -> bool:
    """Sure not to change the contents of the database. Doubt counts as a change."""
    statements = [without_text(statement) for statement in split(sql, engine)]
    return all(_HARMLESS.match(text) or (_READING.match(text) and not _WRITING.search(text)) for text in statements)


class Sandbox(ABC):
    """One server and its copies of the fixture database."""

    engine: str
    version: str
    extensions: frozenset[str]

    def __init__(self) -> None:
        self._open = ExitStack()
        self._excuses = excuses(self.engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()

    def run(self, block: SqlBlock) -> Failure | None:
        """Run the block's statements in order on one connection; the first one that fails is returned.

        A block that fails by itself is tried again after the playbook's blocks before it, on which it may build.
        """
        failure = self._run_alone(block)
        earlier = [b for b in block.before if b.shown_on_plain_server(self.version) and not only_reads(b.sql, self.engine)]
        return self._run_alone(block, earlier) if failure and earlier else failure

    @abstractmethod
    def _run_alone(self, block: SqlBlock, earlier: Sequence[SqlBlock] = ()) -> Failure | None:
        """Run `earlier`, whether it works or not, then the block, in a fresh copy; tidy up."""

    def _replay(self, connection: Any, blocks: Sequence[SqlBlock], names: Mapping[str, str]) -> None:
        for block in blocks:
            for statement in split(block.filled(names), self.engine):
                with suppress(psycopg.Error, pymysql.err.Error):
                    self._execute(connection, statement)

    def _run_all(self, connection: Any, sql: str) -> Failure | None:
        for statement in split(sql, self.engine):
            text = without_text(statement).strip()
            excuse = next((e for e in self._excuses if e.statement.match(text)), None)
            if excuse and excuse.never_run:
                continue
            try:
                self._execute(connection, statement)
            except (psycopg.Error, pymysql.err.Error) as error:
                message = _said(error)
                if not (excuse and excuse.error and excuse.error.search(message)):
                    return Failure(statement, message + _hint(statement, message, self.engine))
        return None

    @abstractmethod
    def _execute(self, connection: Any, statement: str) -> None: ...


class PostgreSQLSandbox(Sandbox):
    """Copies are made with CREATE DATABASE ... TEMPLATE; what is global to the server is compared and undone."""

    engine = "postgresql"

    def __init__(self, server: servers.PostgreSQL) -> None:
        super().__init__()
        self._server = server
        self._copies = 0
        self._admin = self._connect_admin()
        self.version = self._value("SHOW server_version")
        self.extensions = frozenset(self._column("SELECT name FROM pg_available_extensions"))
        self._stubs = sorted(path.stem for path in (FIXTURES / "extensions").glob("*.control"))
        self._fixture_roles = ""
        self._load_fixture()
        self._clean = self._state()

    def _run_alone(self, block: SqlBlock, earlier: Sequence[SqlBlock] = ()) -> Failure | None:
        if not earlier and only_reads(block.sql, self.engine):
            return self._run_in("dbbuddy", block)
        if not _NOT_IN_TRANSACTION.search("".join(without_text(one.sql) for one in (*earlier, block))):
            failure = self._run_in("dbbuddy", block, earlier, rolled_back=True)
            if failure is None:
                return None
        return self._run_in(self._copy(), block, earlier)

    def _run_in(
        self, database: str, block: SqlBlock, earlier: Sequence[SqlBlock] = (), rolled_back: bool = False
    ) -> Failure | None:
        with ExitStack() as used:
            names = {
                "database": database,
                "file": str(self._server.folder / "fixture.csv"),
                "backup_path": str(self._server.folder / "backup"),
            }
            if block.mentions("pid"):
                idle = used.enter_context(self._server.connect(database))
                names["pid"] = str(idle.info.backend_pid)
            sql = block.filled(names)
            connection = used.enter_context(self._server.connect(database, f"-c statement_timeout={STATEMENT_SECONDS}s"))
            if rolled_back:
                used.enter_context(connection.transaction(force_rollback=True))
            self._prepare(connection, block, sql)
            self._replay(connection, earlier, names)
            failure = self._run_all(connection, sql)
        self._tidy(database)
        return failure

    def _prepare(self, connection: psycopg.Connection, block: SqlBlock, sql: str) -> None:
        """Let the slot exist if the block needs it, and let what it creates not exist."""
        for name in re.findall(r"CREATE\s+EXTENSION\s+(?:IF\s+NOT\s+EXISTS\s+)?\"?([\w-]+)", sql, re.I):
            if name in self._stubs:
                connection.execute(pgsql.SQL("DROP EXTENSION IF EXISTS {} CASCADE").format(pgsql.Identifier(name)))
        if block.mentions("slot") and not block.creates("slot"):
            connection.execute("SELECT pg_create_logical_replication_slot('fixture_slot', 'pgoutput')")

    def _execute(self, connection: psycopg.Connection, statement: str) -> None:
        text = without_text(statement).strip()
        if re.match(r"COPY\b.*\bSTDOUT\b|COPY\b.*\bSTDIN\b", text, re.I | re.S):
            with connection.cursor().copy(statement.encode()) as rows:
                if re.search(r"\bSTDOUT\b", text, re.I):
                    list(rows)
        elif re.search(r"\$\d", text) and not re.match(r"PREPARE\b|EXPLAIN\b.*GENERIC_PLAN", text, re.I | re.S):
            connection.execute(f"PREPARE parameters AS {statement}".encode())
            connection.execute("DEALLOCATE parameters")
        else:
            connection.execute(statement.encode())

    def _load_fixture(self) -> None:
        text = (FIXTURES / "postgresql.sql").read_text(encoding="utf-8")
        roles = [s for s in split(text, self.engine) if re.match(r"CREATE\s+(ROLE|USER)\b", s, re.I)]
        self._fixture_roles = ";".join(roles)
        self._admin.execute("CREATE DATABASE fixture")
        with self._server.connect("fixture") as connection:
            connection.execute(text.encode())
            for name in self._stubs:
                connection.execute(pgsql.SQL("CREATE EXTENSION IF NOT EXISTS {} CASCADE").format(pgsql.Identifier(name)))
        self._admin.execute("CREATE DATABASE dbbuddy TEMPLATE fixture")

    def _copy(self) -> str:
        self._copies += 1
        name = f"dbbuddy_{self._copies}"
        self._admin.execute(f"CREATE DATABASE {name} TEMPLATE fixture".encode())
        return name

    def _state(self) -> list[tuple[Any, ...]]:
        """What a block may have changed outside its database."""
        return self._admin.execute("""
            SELECT 'role', rolname, a.*::text FROM pg_authid a
            UNION ALL SELECT 'member', roleid::regrole::text, member::regrole::text FROM pg_auth_members
            UNION ALL SELECT 'slot', slot_name, slot_type FROM pg_replication_slots
            UNION ALL SELECT 'setting', setrole::text, setconfig::text FROM pg_db_role_setting
            UNION ALL SELECT 'prepared', gid, database FROM pg_prepared_xacts
            UNION ALL SELECT 'tablespace', spcname, '' FROM pg_tablespace
            UNION ALL SELECT 'subscription', subname, '' FROM pg_subscription
            UNION ALL SELECT 'origin', roname, '' FROM pg_replication_origin
            UNION ALL SELECT 'database', datname, '' FROM pg_database
            UNION ALL SELECT 'file', name, setting FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'
            ORDER BY 1, 2, 3""").fetchall()

    def _connect_admin(self) -> psycopg.Connection:
        return self._open.enter_context(self._server.connect(options="-c default_transaction_read_only=off"))

    def _tidy(self, database: str) -> None:
        try:
            self._admin.execute("SELECT 1")
        except psycopg.Error:  # the block has terminated other sessions
            self._admin = self._connect_admin()
        if database != "dbbuddy":
            self._free(database)
            self._admin.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)".encode())
        if self._state() != self._clean:
            self._undo()

    def _free(self, copy: str) -> None:
        """Let go of what would keep the copy from being dropped."""
        with suppress(psycopg.Error), self._server.connect(copy) as connection:
            for (gid,) in connection.execute("SELECT gid FROM pg_prepared_xacts WHERE database = current_database()"):
                connection.execute(pgsql.SQL("ROLLBACK PREPARED {}").format(gid))
            for (name,) in connection.execute(
                "SELECT subname FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid WHERE datname = current_database()"
            ):
                subscription = pgsql.Identifier(name)
                connection.execute(pgsql.SQL("ALTER SUBSCRIPTION {} DISABLE").format(subscription))
                connection.execute(pgsql.SQL("ALTER SUBSCRIPTION {} SET (slot_name = NONE)").format(subscription))
                connection.execute(pgsql.SQL("DROP SUBSCRIPTION {}").format(subscription))
        self._admin.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")

    def _undo(self) -> None:
        self._admin.execute("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")
        self._admin.execute("SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin")
        for name in self._column("SELECT datname FROM pg_database"):
            if ("database", name, "") not in self._clean:
                self._admin.execute(pgsql.SQL("DROP DATABASE {} WITH (FORCE)").format(pgsql.Identifier(name)))
        for name in self._column("SELECT spcname FROM pg_tablespace WHERE spcname !~ '^pg_'"):
            self._admin.execute(pgsql.SQL("DROP TABLESPACE {}").format(pgsql.Identifier(name)))
        for name in self._column("SELECT rolname FROM pg_roles WHERE oid >= 16384"):
            self._admin.execute(pgsql.SQL("DROP OWNED BY {0}; DROP ROLE {0}").format(pgsql.Identifier(name)))
        self._admin.execute(self._fixture_roles.encode())
        self._admin.execute("ALTER ROLE ALL RESET ALL")
        self._admin.execute("ALTER ROLE postgres RESET ALL")
        self._admin.execute("ALTER SYSTEM RESET ALL")
        self._admin.execute("SELECT pg_reload_conf()")
        self._clean = self._state()

    def _value(self, query: str) -> str:
        return self._column(query)[0]

    def _column(self, query: str) -> list[str]:
        return [row[0] for row in self._admin.execute(query.encode())]


class MariaDBSandbox(Sandbox):
    """The fixture database is made anew after a block that changed it; users and global variables are put back."""

    engine = "mariadb"
    extensions = frozenset[str]()

    def __init__(self, server: servers.MariaDB) -> None:
        super().__init__()
        self._server = server
        self._fixture = split((FIXTURES / "mariadb.sql").read_text(encoding="utf-8"), self.engine)
        self._admin = self._open.enter_context(server.connect())
        self.version = self._rows("SELECT VERSION()")[0][0].partition("-")[0]
        self._system = {"databases": self._databases(), "users": self._users(), "plugins": self._plugins()}
        self._variables = self._globals()
        self._load_fixture()

    def _run_alone(self, block: SqlBlock, earlier: Sequence[SqlBlock] = ()) -> Failure | None:
        with ExitStack() as used:
            names = {"file": str(self._server.folder / "fixture.csv"), "backup_path": str(self._server.folder / "backup")}
            if block.mentions("pid"):
                idle = self._server.connect()
                used.callback(_close, idle)
                names["pid"] = str(_rows(idle, "SELECT CONNECTION_ID()")[0][0])
            connection = self._server.connect("dbbuddy")
            used.callback(_close, connection)
            with connection.cursor() as cursor:
                cursor.execute(f"SET max_statement_time = {STATEMENT_SECONDS}, lock_wait_timeout = {STATEMENT_SECONDS}")
            self._replay(connection, earlier, names)
            failure = self._run_all(connection, block.filled(names))
        if earlier or not only_reads(block.sql, self.engine):
            self._tidy()
        return failure

    def _execute(self, connection: pymysql.Connection, statement: str) -> None:
        with connection.cursor() as cursor:
            if "?" in without_text(statement) and not re.match(r"\s*PREPARE\b", statement, re.I):
                cursor.execute("SET @parameters = %s", (statement,))
                cursor.execute("PREPARE parameters FROM @parameters")
                cursor.execute("DEALLOCATE PREPARE parameters")
                return
            cursor.execute(statement)
            while cursor.nextset():
                pass

    def _load_fixture(self) -> None:
        with self._admin.cursor() as cursor:
            cursor.execute("CREATE DATABASE dbbuddy")
            cursor.execute("USE dbbuddy")
            for statement in self._fixture:
                cursor.execute(statement)

    def _tidy(self) -> None:
        self._admin.ping(reconnect=True)
        with self._admin.cursor() as cursor:
            cursor.execute("UNLOCK TABLES")
            self._end_other_connections()
            for database in self._databases() - self._system["databases"]:
                cursor.execute(f"DROP DATABASE `{database}`")
            for user, host, is_role in self._users() - self._system["users"]:
                kind, name = ("ROLE", f"`{user}`") if is_role == "Y" else ("USER", f"`{user}`@`{host}`")
                cursor.execute(f"DROP {kind} {name}")
            for (plugin,) in self._plugins() - self._system["plugins"]:
                cursor.execute(f"UNINSTALL PLUGIN {plugin}")
            for name, value in self._globals().items():
                former = self._variables.get(name)
                if former is not None and former != value:
                    with suppress(pymysql.err.Error):
                        cursor.execute(f"SET GLOBAL {name} = %s", (_typed(former),))
            with suppress(pymysql.err.Error):
                cursor.execute("STOP SLAVE")
                cursor.execute("RESET SLAVE ALL")
        self._load_fixture()

    def _end_other_connections(self) -> None:
        query = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command NOT IN ('Daemon', 'Killed')"
        for (number,) in self._rows(query + " AND user <> 'system user'"):
            with suppress(pymysql.err.Error), self._admin.cursor() as cursor:
                cursor.execute(f"KILL {number}")

    def _rows(self, query: str) -> tuple[tuple[Any, ...], ...]:
        return _rows(self._admin, query)

    def _databases(self) -> set[Any]:
        return {row[0] for row in self._rows("SHOW DATABASES")}

    def _users(self) -> set[Any]:
        return set(self._rows("SELECT user, host, is_role FROM mysql.user"))

    def _plugins(self) -> set[Any]:
        return set(self._rows("SELECT plugin_name FROM information_schema.plugins WHERE plugin_library IS NOT NULL"))

    def _globals(self) -> dict[str, str]:
        return dict(self._rows("SHOW GLOBAL VARIABLES WHERE Variable_name NOT LIKE 'gtid%' AND Variable_name NOT LIKE 'timestamp'"))


def _rows(connection: pymysql.Connection, query: str) -> tuple[tuple[Any, ...], ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchall()


def _close(connection: pymysql.Connection) -> None:
    with suppress(pymysql.err.Error):
        connection.close()


def _typed(value: str) -> int | float | str:
    """SET GLOBAL wants numbers as numbers, which SHOW gives as text."""
    for kind in (int, float):
        with suppress(ValueError):
            return kind(value)
    return value


def _said(error: Exception) -> str:
    if isinstance(error, psycopg.Error):
        return f"ERROR {error.sqlstate or ''}: {error}"
    return f"ERROR {': '.join(str(part) for part in error.args)}"


def _hint(statement: str, message: str, engine: str) -> str:
    text = without_text(statement)
    if re.search(r"^\s*\\\w", text, re.M):
        return "\n(psql commands such as \\d or \\gexec belong in a fence of language sh or text)"
    if re.search(r"(?<![:\w]):[a-z_]\w*", text):
        return "\n(write a placeholder such as {{value}}, or a bound parameter as $1 for PostgreSQL and ? for MariaDB)"
    if engine == "mariadb" and re.search(r"doesn't exist|Unknown (system variable|column|table)", message):
        return "\n(exists in MySQL only? then mark the block `mysql` alone)"
    return ""
