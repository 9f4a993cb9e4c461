"""The user's own names: what SQL that is meant to run as it stands may speak of."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.diagnosis.placeholders import DEFAULTS
from dbbuddy.intake.names import find_names, find_query_columns


@pytest.mark.parametrize(
    ("text", "placeholder", "name"),
    [
        ("ALTER TABLE shop.orders ADD COLUMN x int", "table", "shop.orders"),
        ("DELETE FROM outbox_events WHERE done", "table", "outbox_events"),
        ("update customers set name = 'x'", "table", "customers"),
        ("SELECT a,\n b\nFROM invoices i JOIN x", "table", "invoices"),
        ("SELECT * FROM [dbo].[Orders]", "table", "dbo.Orders"),
        ('select * from "public"."orders"', "table", "public.orders"),
        ("INSERT INTO `events` VALUES (1)", "table", "events"),
        ('relation "invoices" does not exist', "table", "invoices"),
        ("Table 'shop.orders' doesn't exist", "table", "shop.orders"),
        ("the order_items table is huge", "table", "order_items"),
        ('violates unique constraint "orders_pkey"', "constraint", "orders_pkey"),
        ("Access denied for user 'shop'@'10.0.0.1'", "user", "shop"),
        ('role "reporting" does not exist', "user", "reporting"),
        ('database "shop" does not exist', "database", "shop"),
        ('replication slot "debezium"', "slot", "debezium"),
        ("in tablespace USERS_TEMP", "tablespace", "USERS_TEMP"),
        ("sql_id = 7ws837zynp1zv", "sql_id", "7ws837zynp1zv"),
        ("process 4711 waits for ShareLock", "pid", "4711"),
    ],
)
def test_names_in_the_text(text: str, placeholder: str, name: str) -> None:
    assert find_names(text)[placeholder] == name


@pytest.mark.parametrize(
    "text",
    [
        "ALTER TABLE takes forever",
        "our alter table blocks everything",
        "we delete from time to time",
        "insert into was slow",
        "select the rows from our table",
        "delete from it",
        "SELECT * FROM information_schema.tables".replace(".tables", ""),
    ],
)
def test_prose_names_no_table(text: str) -> None:
    assert "table" not in find_names(text)


@pytest.mark.parametrize(
    "name",
    [
        "x--y",
        "a$$b",
        "orders;drop",
        "or'ders",
        "a/*b",
        "tab\nle",
        "ord ers",
        "orders.",
        "a..b",
        ".a",
        "9lives",
        "-a",
        "x" * 65,
        "app-user",
        "naïve",
        "$x",
    ],
)
def test_odd_names_are_not_taken(name: str) -> None:
    for text in (f'role "{name}"', f"Access denied for user '{name}'@'h'", f"Table '{name}' is full", f'database "{name}" is gone'):
        found = find_names(text)
        assert name not in found.values()
        assert all(re.fullmatch(r"[\w.$]+", value) for value in found.values())


def test_the_first_usable_name_is_taken() -> None:
    assert find_names("table 'a--b' and table 'orders'")["table"] == "orders"


SQL_PIECES = st.sampled_from(
    [
        "ALTER TABLE ",
        "select * from ",
        "update ",
        " set ",
        "user '",
        'role "',
        "table `",
        'constraint "',
        "pid ",
        "schema '",
        "--",
        "/*",
        "*/",
        ";",
        "$$",
        "'",
        '"',
        "`",
        "[",
        "]",
        ".",
        "\\",
        "orders",
        "\n",
        "@",
        "$",
    ]
)


@given(st.lists(SQL_PIECES | st.text(max_size=6), max_size=12).map("".join))
def test_no_name_can_leave_its_place_in_sql(text: str) -> None:
    found = find_names(text)
    assert set(found) <= set(DEFAULTS)
    for name in found.values():
        assert re.fullmatch(r"[A-Za-z0-9_.$]{1,64}", name)
        assert "$$" not in name
        assert ".." not in name
        assert not name.endswith((".", "$"))


@pytest.mark.parametrize("hard", ["select " * 20_000, "table '" * 20_000, "a" * 100_000, "update a" * 20_000, "x_y " * 25_000])
def test_texts_made_to_be_slow(hard: str) -> None:
    assert set(find_names(hard)) <= set(DEFAULTS)


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("SELECT * FROM orders WHERE DATE(created_at) = '2024-11-29' reads all rows", {"column2": "created_at"}),
        (
            "select id from posts p where p.status = 'live' order by p.published_at desc",
            {"column": "status", "column2": "published_at"},
        ),
        ("select date_trunc('day', o.placed_on) from o where o.shop = $1", {"column": "shop", "column2": "placed_on"}),
        ("select * from a join b on a.id = b.id where a.x = 1", {}),
        ("select * from a, b where a.x = 1", {}),
        ("we select a plan from time to time, with cost = 5", {}),
    ],
)
def test_columns_of_a_query_over_one_table(text: str, columns: dict[str, str]) -> None:
    assert find_query_columns(text) == columns
