"""The queries that bring sizes out of the engines, on real servers: what they print is read as a history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dbbuddy.capacity.history.read import histories, load_text
from dbbuddy.capacity.queries import history_queries
from tests.engines import servers


def statements(place: str, title: str) -> list[str]:
    """The statements of one query, comments left out."""
    (code,) = (query.code for query in history_queries()[place] if query.title == title)
    lines = [line for line in code.splitlines() if not line.startswith("--")]
    return [text for text in "\n".join(lines).split(";\n") if text.strip()]


def printed(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """As psql prints it."""
    table = [" | ".join(str(cell) for cell in row) for row in [names, *rows]]
    return "\n".join([table[0], "-+-".join("---" for _ in names), *table[1:]])


def read(description: Any, rows: Sequence[Sequence[object]]) -> None:
    found = histories(load_text(printed([column[0] for column in description], rows))).histories
    assert found
    assert all((history.metric, history.unit) == ("storage", "GB") and history.values.min() >= 0 for history in found)
    assert sum(history.values.max() for history in found) > 0


def test_postgresql(postgresql_server: servers.PostgreSQL) -> None:
    create, insert, select = statements("PostgreSQL", "Size of a database, kept from now on")
    (now,) = statements("PostgreSQL", "Today's size, for the two numbers")
    with postgresql_server.connect() as connection:
        for text in (create, insert, insert, select):
            cursor = connection.execute(text)  # type: ignore[arg-type]
        read(cursor.description, cursor.fetchall())
        assert connection.execute(now).fetchall()  # type: ignore[arg-type]
        connection.execute("DROP TABLE dba_size_log")


def test_mariadb(mariadb_server: servers.MariaDB) -> None:
    create, event, select = statements("MySQL and MariaDB", "Size of all schemas, kept from now on")
    with mariadb_server.connect() as connection, connection.cursor() as cursor:
        for text in ("CREATE OR REPLACE DATABASE sized", "USE sized", create, event, event[event.index("INSERT") :]):
            cursor.execute(text)
        cursor.execute(select)
        read(cursor.description, cursor.fetchall())
        cursor.execute("DROP DATABASE sized")
