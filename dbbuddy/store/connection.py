"""Opening the DuckDB file and bringing its tables up to date."""

from __future__ import annotations

from pathlib import Path

import duckdb

from dbbuddy.store.errors import StoreError, opening_failed

MIGRATIONS = Path(__file__).parent / "migrations"
# Otherwise a file of another product makes DuckDB fetch code for it.
_NO_DOWNLOADS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


def open_database(url: str) -> duckdb.DuckDBPyConnection:
    """Connect and apply the migrations that are missing, each in a transaction of its own.

    Raises:
        StoreError: the URL is not one of ours, or the file cannot be opened or brought up to date.
    """
    if not url.startswith("duckdb:///"):
        raise StoreError(f"DBBUDDY_DATABASE_URL is {url!r}; write duckdb:///path/to/file.duckdb")
    path = Path(url.removeprefix("duckdb:///")).expanduser()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = duckdb.connect(str(path), config=_NO_DOWNLOADS)
        _migrate(connection)
    except (OSError, duckdb.Error) as error:
        raise opening_failed(path, error) from error
    return connection


def _migrate(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name VARCHAR, applied_at TIMESTAMP)")
    done = {row[0] for row in connection.execute("SELECT number FROM migrations").fetchall()}
    for file in sorted(MIGRATIONS.glob("*.sql")):
        number = int(file.name.partition("_")[0])
        if number in done:
            continue
        connection.begin()
        try:
            connection.execute(file.read_text(encoding="utf-8"))
            connection.execute("INSERT INTO migrations VALUES ($1, $2, CAST(now() AS TIMESTAMP))", [number, file.stem])
            connection.commit()
        except duckdb.Error:
            connection.rollback()
            raise
