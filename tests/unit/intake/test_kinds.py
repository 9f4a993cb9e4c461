"""What kind of text was pasted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.intake.kinds import KIND_NAMES, Kind, kinds_of

TEXTS: list[tuple[Kind, str]] = [
    ("question", "Our reports are slow since Monday, what can we do?"),
    ("error", "ORA-01555: snapshot too old"),
    ("error", "FATAL: sorry, too many clients already"),
    ("error", "Traceback (most recent call last):\n  File 'a.py'"),
    ("error", "org.postgresql.util.PSQLException: the server closed\n    at org.postgresql.Driver.connect(Driver.java:1)"),
    ("error", "Msg 1205, Level 13, State 51, Line 1"),
    ("error", "ERROR 1045 (28000): Access denied"),
    ("error", "2024-01-01 Task timed out after 3.00 seconds"),
    ("sql", "select id\nfrom orders where status = 'open'"),
    ("sql", "WITH t AS (SELECT 1) SELECT * FROM t"),
    ("sql", "update orders set status = 1 where id = 2"),
    ("plan", "Seq Scan on orders  (cost=0.00..155.00 rows=1 width=4)"),
    ("plan", '[{"Plan": {"Node Type": "Seq Scan"}}]'),
    ("plan", '<ShowPlanXML xmlns="http://schemas.microsoft.com/sqlserver/2004/07/showplan">'),
    ("plan", "| id | select_type | table  | type |"),
    ("plan", "Plan hash value: 1234\n| Id  | Operation         |"),
    ("ddl", "CREATE TABLE orders (id bigint primary key)"),
    ("ddl", "create unique index on orders (id)"),
    ("config", "shared_buffers = 4GB\nwork_mem = 64MB\nmax_connections = 200"),
    ("config", "[mysqld]\ninnodb_buffer_pool_size=1G"),
]


@pytest.mark.parametrize(("kind", "text"), TEXTS)
def test_the_telling_kind_stands_first(kind: Kind, text: str) -> None:
    assert kinds_of(text)[0] == kind


def test_a_text_may_hold_several_kinds() -> None:
    text = "Why is this slow?\nSELECT * FROM orders;\nSeq Scan on orders  (cost=0.00..155.00 rows=1 width=4)"
    assert kinds_of(text) == ("plan", "sql")


def test_every_kind_has_a_name_for_people() -> None:
    assert {kind for kind, _ in TEXTS} == set(KIND_NAMES)


@given(st.text(max_size=200))
def test_any_text_has_a_kind(text: str) -> None:
    assert set(kinds_of(text)) <= set(KIND_NAMES)


@pytest.mark.parametrize(
    "hard", ["select " * 20_000, "a = b\n" * 20_000, " " * 100_000 + "|", "(cost=1." * 20_000, "\tat a." * 20_000]
)
def test_texts_made_to_be_slow(hard: str) -> None:
    assert kinds_of(hard)
