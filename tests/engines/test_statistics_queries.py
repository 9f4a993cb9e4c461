"""The queries that export statistics print, on real servers, what the review takes."""

from __future__ import annotations

import json

from dbbuddy.data_files import DATA
from dbbuddy.sqlreview.ddl import build_schema
from dbbuddy.sqlreview.indexes import apply_stats
from dbbuddy.sqlreview.inputs import stats_of
from tests.engines import servers

TABLE = "CREATE TABLE parcels (id INTEGER PRIMARY KEY, stage VARCHAR(20), fee INTEGER)"
ROWS = ", ".join(f"({n}, {'NULL' if n % 4 == 0 else repr(f's{n % 3}')}, {n % 50})" for n in range(1, 1001))


def export(engine: str) -> str:
    return (DATA / "statistics_queries" / f"{engine}.sql").read_text(encoding="utf-8")


def test_postgresql(postgresql_server: servers.PostgreSQL) -> None:
    with postgresql_server.connect() as connection:
        connection.execute("DROP TABLE IF EXISTS public.parcels")
        connection.execute(TABLE.replace("TABLE parcels", "TABLE public.parcels"))  # type: ignore[arg-type]
        connection.execute(f"INSERT INTO public.parcels VALUES {ROWS}")  # type: ignore[arg-type]
        connection.execute("VACUUM ANALYZE public.parcels")
        row = connection.execute(export("postgresql")).fetchone()  # type: ignore[arg-type]
        connection.execute("DROP TABLE public.parcels")
    assert row
    stats = stats_of(json.dumps(row[0]))
    assert stats["parcels"]["rows"] == 1000
    assert 0 <= stats["parcels"]["visible_share"] <= 1
    assert stats["parcels"]["columns"]["id"]["distinct"] == 1000
    stage = stats["parcels"]["columns"]["stage"]
    assert (stage["distinct"], stage["null_share"]) == (3, 0.25)
    schema = build_schema(TABLE, "postgresql")
    assert apply_stats(schema, stats)[1] == []
    assert schema.tables["parcels"].distinct["stage"] == 3


def test_mariadb(mariadb_server: servers.MariaDB) -> None:
    with mariadb_server.connect() as connection, connection.cursor() as cursor:
        for statement in (
            "CREATE OR REPLACE DATABASE exported",
            "USE exported",
            TABLE,
            "CREATE INDEX parcels_stage ON parcels (stage)",
            f"INSERT INTO parcels VALUES {ROWS}",
            "ANALYZE TABLE parcels",
        ):
            cursor.execute(statement)
        cursor.execute(export("mariadb"))
        (text,) = cursor.fetchone() or ("",)
        cursor.execute("DROP DATABASE exported")
    stats = stats_of(text)
    assert 500 <= stats["parcels"]["rows"] <= 2000
    columns = stats["parcels"]["columns"]
    assert 900 <= columns["id"]["distinct"] <= 1100
    assert 3 <= columns["stage"]["distinct"] <= 8
    schema = build_schema(TABLE, "mariadb")
    assert apply_stats(schema, stats)[1] == []
    assert schema.tables["parcels"].rows
