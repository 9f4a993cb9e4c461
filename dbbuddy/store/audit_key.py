"""The key of the audit log, and the head of the log outside the database."""

from __future__ import annotations

import logging
import os
import secrets
from contextlib import suppress
from pathlib import Path

from dbbuddy.settings import settings
from dbbuddy.store.audit_chain import Head, read_head, signed
from dbbuddy.store.errors import StoreError

_LEAST_CHARACTERS = 16
_log = logging.getLogger("dbbuddy.audit")


class AuditKeyError(StoreError):
    """There is no usable key for the audit log; the message says what to set."""


def beside_store(url: str, ending: str) -> Path | None:
    """A file beside the DuckDB store of this URL; `None` if the store is a server."""
    if not url.startswith("duckdb:///"):
        return None
    path = Path(url.removeprefix("duckdb:///")).expanduser()
    return path.with_name(path.name + ending)


def audit_key(url: str) -> bytes:
    """The key of the settings, else of the key file beside the store, which is made at first use.

    Raises:
        AuditKeyError: the store is a server and no key is set, or the file cannot be read or made, or the key is too short.
    """
    given = settings().audit_key
    if given is not None:
        if len(given.get_secret_value()) < _LEAST_CHARACTERS:
            raise AuditKeyError(f"DBBUDDY_AUDIT_KEY is too short: use at least {_LEAST_CHARACTERS} random characters.")
        return given.get_secret_value().encode()
    file = beside_store(url, ".audit-key")
    if file is None:
        raise AuditKeyError(
            "The audit log is not signed yet: all processes on one PostgreSQL store need the same key. "
            "Set DBBUDDY_AUDIT_KEY to at least 16 random characters; what has happened waits until then."
        )
    try:
        return _key_of(file)
    except OSError as error:
        raise AuditKeyError(f"The key of the audit log cannot be read or made in {file}: {error.strerror or error}.") from error


def _key_of(file: Path) -> bytes:
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as opened:
            opened.write(secrets.token_hex(32) + "\n")
            opened.flush()
            os.fsync(opened.fileno())
    key = file.read_text(encoding="ascii").strip()
    if len(key) < _LEAST_CHARACTERS:
        raise AuditKeyError(f"The key of the audit log in {file} is damaged. Bring the file back from a backup.")
    return key.encode()


def stored_head(url: str) -> Head | None:
    """The head in the file beside the store; `None` if there is none or it cannot be read."""
    file = beside_store(url, ".audit-head")
    if file is None or not file.exists():
        return None
    return read_head(file.read_text(encoding="utf-8", errors="replace"))


def write_head(url: str, head: Head) -> None:
    """Sign the head and put it beside the store; on a server into the log stream (`dbbuddy.audit`).

    Raises:
        AuditKeyError: there is no key.
        OSError: the file cannot be written.
    """
    head = signed(audit_key(url), head)
    file = beside_store(url, ".audit-head")
    if file is None:
        _log.info("audit head %s", head.model_dump_json())
        return
    new = file.with_name(file.name + ".new")
    new.write_text(head.model_dump_json() + "\n", encoding="utf-8")
    new.chmod(0o600)
    new.replace(file)


def set_aside_head(url: str, head: Head) -> Path | None:
    """Keep a head that the store does not reach, for whoever looks into it."""
    file = beside_store(url, ".audit-head")
    if file is None or not file.exists():
        return None
    kept = file.with_name(f"{file.name}-of-{head.sequence}")
    file.replace(kept)
    return kept


def heads_set_aside(url: str) -> list[Path]:
    """Heads that a store was once older than; an operator who knows why removes them."""
    file = beside_store(url, ".audit-head")
    return sorted(file.parent.glob(f"{file.name}-of-*")) if file else []
