"""Asking the process that has the DuckDB store open to do something, by a file beside the store.

Only one process can have the file open, so a command beside a running app cannot look into it. The app looks for a request once a
second, takes it by renaming it, and leaves the answer beside. Whoever may write into the store's folder could replace the store
itself, so this gives nobody a new right.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from dbbuddy.store.backups import refuse_existing, replace_with
from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.errors import StoreError, one_line
from dbbuddy.store.store import Store

log = logging.getLogger(__name__)

_LOOK_SECONDS = 1.0
_TAKEN_WITHIN_SECONDS = 15.0
_DONE_WITHIN_SECONDS = 4 * 3600.0


class Request(BaseModel):
    """What a command wants of the running app."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: uuid.UUID
    command: Literal["backup", "restore"]
    file: Path


class Answer(BaseModel):
    """What the app did about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    done: bool
    message: str


def ask(store_path: Path, command: Literal["backup", "restore"], file: Path) -> str:
    """Have the running app write a backup (`backup`) or put one in the store's place (`restore`); returns what it says.

    Raises:
        StoreError: it could not, or nobody answers.
    """
    wanted = Request(id=uuid.uuid4(), command=command, file=file.resolve())
    name = wanted.id.hex
    request, taken, answer = _request(store_path), _taken(store_path, name), _answer(store_path, name)
    part = store_path.with_name(f"{store_path.name}.request-{name}.part")
    part.write_text(wanted.model_dump_json(), encoding="utf-8")
    try:
        part.replace(request)
        _await(
            lambda: taken.exists() or answer.exists(), _TAKEN_WITHIN_SECONDS, "does not answer; is it a DB-Buddy of this version?"
        )
        _await(answer.exists, _DONE_WITHIN_SECONDS, "has not finished yet; look at its log.")
        said = Answer.model_validate_json(answer.read_bytes())
    finally:
        for left in (part, answer):
            left.unlink(missing_ok=True)
        if not taken.exists():
            request.unlink(missing_ok=True)
    if not said.done:
        raise StoreError(said.message)
    return said.message


def _await(true: Callable[[], bool], seconds: float, otherwise: str) -> None:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            raise StoreError(f"The process that has the store {otherwise}")
        time.sleep(0.1)


class RequestWatcher:
    """Looks for requests to this process on a thread of its own."""

    def __init__(self, store: Store, backend: DuckDBBackend) -> None:
        self._store = store
        self._backend = backend
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-requests", daemon=True)
        self._thread.start()

    def note(self) -> str:
        """Nothing: who asked is told."""
        return ""

    def close(self) -> None:
        """Stop looking."""
        self._end.set()

    def _run(self) -> None:
        while not self._end.wait(_LOOK_SECONDS):
            request = _request(self._backend.path)
            if request.exists():
                try:
                    self._serve(request)
                except (OSError, ValueError) as error:  # an unreadable request must not end the looking
                    log.error("A request beside the store cannot be read and is deleted: %s", one_line(error))
                    request.unlink(missing_ok=True)

    def _serve(self, request: Path) -> None:
        wanted = Request.model_validate_json(request.read_bytes())
        name = wanted.id.hex
        taken = request.replace(_taken(self._backend.path, name))
        try:
            said = Answer(done=True, message=self._do(wanted))
        except StoreError as error:
            said = Answer(done=False, message=one_line(error))
        part = taken.with_name(f"{taken.name}.part")
        part.write_text(said.model_dump_json(), encoding="utf-8")
        part.replace(_answer(self._backend.path, name))
        taken.unlink(missing_ok=True)

    def _do(self, wanted: Request) -> str:
        log.info("Asked by a command beside the app: %s %s", wanted.command, wanted.file)
        if wanted.command == "restore":
            return self._store.aside(lambda: replace_with(self._backend, wanted.file))
        refuse_existing(wanted.file)
        self._store.backup(wanted.file)
        return f"The running app wrote {wanted.file} and read it back."


def _request(store_path: Path) -> Path:
    return store_path.with_name(f"{store_path.name}.request")


def _taken(store_path: Path, name: str) -> Path:
    return store_path.with_name(f"{store_path.name}.request-{name}")


def _answer(store_path: Path, name: str) -> Path:
    return store_path.with_name(f"{store_path.name}.answer-{name}")
