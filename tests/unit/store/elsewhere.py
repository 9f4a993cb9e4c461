"""Other processes that use a store. They are forked from a server that has loaded everything, so that each starts fast."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import dbbuddy.store.duckdb_backend  # noqa: F401
from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import record_exchange
from dbbuddy.store.store import Store
from tests.unit.store.exchanges import USER, exchange

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload([__name__])
NOBODY = 65534


def opened_elsewhere(url: str, user: int | None = None) -> str:
    """What another process, perhaps of another user, is told when it opens the store."""
    said, _ = _run(_open, url, user, until=1)
    return said[0]


def written_until_killed(url: str, confirmed: int, threads: int) -> list[str]:
    """The ids of the exchanges that another process saw confirmed; it was killed after so many of them, while it went on."""
    said, exit_code = _run(_write_for_ever, url, threads, until=confirmed)
    assert exit_code == -9
    return said


def _run(work: Callable[..., None], *arguments: Any, until: int) -> tuple[list[str], int | None]:
    """What the process says; it is killed when it has said `until` things."""
    receiving, sending = _CONTEXT.Pipe(duplex=False)
    process = _CONTEXT.Process(target=work, args=(sending, *arguments), daemon=True)
    process.start()
    sending.close()
    said: list[str] = []
    try:
        while True:
            said.append(receiving.recv_bytes().decode())
            if len(said) == until:
                process.kill()
    except (EOFError, OSError):
        process.join()
    return said, process.exitcode


def _open(sending: Connection, url: str, user: int | None) -> None:
    if user is not None:
        os.setuid(user)
    try:
        Store(url).close()
    except StoreError as error:
        sending.send_bytes(str(error).encode())
    else:
        sending.send_bytes(b"opened")


def _write_for_ever(sending: Connection, url: str, threads: int) -> None:
    store = Store(url)
    telling = threading.Lock()

    def write() -> None:
        while True:
            one = exchange(question="x" * 500)
            record_exchange(store, USER, one)
            with telling:
                sending.send_bytes(one.id.encode())

    for _ in range(threads - 1):
        threading.Thread(target=write, daemon=True).start()
    write()
