"""The app as its users have it: a server process with a store of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60


class App:
    """`python -m dbbuddy serve` on a free port. It can be stopped and started again on the same store."""

    def __init__(self, folder: Path, **environment: str) -> None:
        """Keep the store and the log in `folder`; `environment` holds more settings (`DBBUDDY_…`)."""
        self.folder = folder
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "app.log"
        self._environment = {"DBBUDDY_DATABASE_URL": f"duckdb:///{folder / 'store.duckdb'}", **environment}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            RuntimeError: it ended or did not answer; the message holds its log.
        """
        command = [sys.executable, "-m", "dbbuddy", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self._environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise RuntimeError(f"the app did not start:\n{self.log.read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        """End the server; the store stays."""
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def restart(self) -> None:
        """As an operator does after an update: a new process, the same store and address."""
        self.stop()
        self.start()

    def page(self, name: str = "") -> str:
        """The address of a page, by the name of its file in `pages/`; the entry without a name."""
        return f"{self.url}/{name}"

    def _answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
            return bool(answer.status == 200)
        return False


def page_names() -> list[str]:
    """Every page: the entry as an empty name, then the files of `pages/`."""
    return ["", *sorted(path.stem for path in (ROOT / "pages").glob("*.py"))]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])
