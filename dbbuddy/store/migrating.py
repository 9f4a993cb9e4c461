"""Bringing the tables up to date: numbered SQL files, each applied once, all or nothing, and never edited afterwards.

`0007_name.sql` runs on both databases. Where they must differ, `0007_name.duckdb.sql` and `0007_name.postgresql.sql` stand
in its place; a database without a file of that number has nothing to do for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dbbuddy.store.backend import BackendName, Session
from dbbuddy.store.errors import StoreError

MIGRATIONS = Path(__file__).parent / "migrations"

_LEDGER = "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name VARCHAR, applied_at TIMESTAMP, checksum VARCHAR)"


@dataclass(frozen=True)
class Migration:
    """One step of the schema; `sql` is empty where this database has nothing to do."""

    number: int
    name: str
    sql: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the text, whatever line ends the file came with."""
        return hashlib.sha256("\n".join(self.sql.splitlines()).encode()).hexdigest()


def migrations(backend: BackendName, folder: Path | None = None) -> list[Migration]:
    """The steps for a database, in order."""
    steps: dict[int, Migration] = {}
    for file in sorted((folder or MIGRATIONS).glob("*.sql")):
        number = int(file.name.partition("_")[0])
        name, _, variant = file.stem.partition(".")
        if variant in ("", backend):
            steps[number] = Migration(number, name, file.read_text(encoding="utf-8"))
        else:
            steps.setdefault(number, Migration(number, name, ""))
    return [steps[number] for number in sorted(steps)]


def migrate(transaction: Callable[[], AbstractContextManager[Session]], steps: list[Migration]) -> None:
    """Apply the steps that are missing. Other processes must be kept out meanwhile.

    Raises:
        StoreError: a step failed (those before it stay), an applied one was edited, or the database is of a newer DB-Buddy.
    """
    with transaction() as session:
        session.run(_LEDGER)
        session.run("ALTER TABLE migrations ADD COLUMN IF NOT EXISTS checksum VARCHAR")
        applied = dict(session.run("SELECT number, checksum FROM migrations"))
        _check(applied, steps)
        for step in steps:  # the first version kept no checksums
            if step.number in applied and applied[step.number] is None:
                session.run("UPDATE migrations SET checksum = $1 WHERE number = $2", (step.checksum, step.number))
    for step in steps:
        if step.number not in applied:
            _apply(transaction, step)


def _check(applied: dict[int, str | None], steps: list[Migration]) -> None:
    newest = max((step.number for step in steps), default=0)
    if applied and max(applied) > newest:
        raise StoreError(
            f"The store was written by a newer DB-Buddy (schema {max(applied)}; this one knows up to {newest}). "
            "Start the newer version, or set DBBUDDY_DATABASE_URL to another store."
        )
    for step in steps:
        if applied.get(step.number) not in (None, step.checksum):
            raise StoreError(
                f"The migration {step.name} was edited after it was applied to this store. "
                "Restore the file as it was released; put changes into a new migration."
            )


def _apply(transaction: Callable[[], AbstractContextManager[Session]], step: Migration) -> None:
    try:
        with transaction() as session:
            if step.sql.strip():
                session.run(step.sql)
            now = datetime.now(UTC).replace(tzinfo=None)
            row = (step.number, step.name, now, step.checksum)
            session.run("INSERT INTO migrations (number, name, applied_at, checksum) VALUES ($1, $2, $3, $4)", row)
    except StoreError as error:
        raise StoreError(f"The migration {step.name} failed and left nothing behind: {error}") from error
