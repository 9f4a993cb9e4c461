"""Generated logs written into a store's tables in bulk, past the store's own writer."""

from __future__ import annotations

import duckdb
import pandas as pd
import psycopg

from dbbuddy.analytics.sample.logs import Logs

CHUNK = 500_000


def load_duckdb(path: str, tables: dict[str, pd.DataFrame]) -> None:
    """Append the tables to a DuckDB file that nobody else has open."""
    with duckdb.connect(path) as connection:
        for name, frame in tables.items():
            columns = ", ".join(f'"{column}"' for column in frame)
            for start in range(0, len(frame), CHUNK):
                chunk = frame.iloc[start : start + CHUNK].astype(object).where(lambda part: part.notna(), None)  # noqa: F841
                connection.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM chunk")


def load_postgresql(dsn: str, tables: dict[str, pd.DataFrame]) -> None:
    """Append the tables by COPY."""
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        for name, frame in tables.items():
            columns = ", ".join(f'"{column}"' for column in frame)
            with cursor.copy(f"COPY {name} ({columns}) FROM STDIN") as copy:
                for start in range(0, len(frame), CHUNK):
                    chunk = frame.iloc[start : start + CHUNK].astype(object)
                    for row in chunk.where(chunk.notna(), None).itertuples(index=False):
                        copy.write_row(row)


def load(url: str, logs: Logs) -> None:
    """Append logs without their conversations, which no figure reads."""
    tables = {name: frame for name, frame in logs.tables().items() if name != "conversations"}
    if url.startswith("duckdb:///"):
        load_duckdb(url.removeprefix("duckdb:///"), tables)
    else:
        load_postgresql(url, tables)
