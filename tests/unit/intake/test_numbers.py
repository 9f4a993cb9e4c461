"""Numbers that the user states, for arithmetic."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.intake.numbers import find_facts


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (
            "200 Lambdas × 5 connections against a max_connections of 405",
            {"instances": 200, "pool_size": 5, "max_connections": 405},
        ),
        ("max pool size of 100 on 12 app servers", {"pool_size": 100, "instances": 12}),
        ("maximumPoolSize=20, 10 pods, 4 workers", {"pool_size": 20, "instances": 10, "processes": 4}),
        ("the pool is already at 20", {"pool_size": 20}),
        ("10 connections per pod, 30 pods", {"pool_size": 10, "instances": 30}),
        ("replicas: 6", {"instances": 6}),
        ("max_connections is 100 max", {"max_connections": 100}),
        ("max_connections = 400 mostly idle", {"max_connections": 400}),
        ("a pool of 5 keeps failing", {"pool_size": 5}),
        ("5k rows", {"total_rows": 5_000}),
        ("1,300 rows", {"total_rows": 1_300}),
        ("50.000 rows", {"total_rows": 50_000}),
        ("2,5 million rows", {"total_rows": 2_500_000}),
        ("2.5 million rows", {"total_rows": 2_500_000}),
        ("3 bn rows", {"total_rows": 3e9}),
        ("600 inserts per minute", {"rows_per_second": 10}),
        ("86,400 events a day", {"rows_per_second": 1}),
        ("rows of 1.5 kB", {"row_bytes": 1500}),
        ("200 bytes per row", {"row_bytes": 200}),
        ("64 GiB of RAM", {"memory_bytes": 64 * 2**30}),
        ("16 vCPUs", {"cores": 16}),
        ("keep it for 2 years", {"months": 24}),
        ("with 3 indexes", {"indexes": 3}),
    ],
)
def test_numbers_with_their_meaning(text: str, facts: dict[str, float]) -> None:
    found = find_facts(text).values
    assert {name: found.get(name) for name in facts} == facts


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("100 connections on our servers", "instances"),
        ("pool size 20, pods restart", "instances"),
        ("port 5432 on our servers", "instances"),
        ("the pool is full", "pool_size"),
        ("version 16", "cores"),
        ("no numbers at all", "months"),
    ],
)
def test_other_numbers_are_left_alone(text: str, wrong: str) -> None:
    assert find_facts(text).get(wrong) is None


@pytest.mark.parametrize("digits", ["9" * 400, "9" * 5_000, "1" + "0" * 20, "1.2.3", "1,2,3.4,5"])
def test_absurd_numbers_are_no_facts(digits: str) -> None:
    values = find_facts(f"pool of {digits} on {digits} servers, max_connections = {digits}, {digits} rows per second").values
    assert all(value < 1e15 for value in values.values())


PIECES = st.sampled_from(
    [
        " ",
        "pool of ",
        "max_connections ",
        " servers",
        " rows",
        " per ",
        "second",
        "k",
        " million",
        ",",
        ".",
        "×",
        " GB",
        " of RAM",
        " vCPU",
        "٣",
        "²",
        "1e9",
        "-5",
        "0",
    ]
)


@given(st.lists(PIECES | st.integers(0, 10**20).map(str) | st.text(max_size=4), max_size=14).map("".join))
def test_every_fact_can_be_reckoned_with(text: str) -> None:
    for value in find_facts(text).values.values():
        assert math.isfinite(value)
        assert value >= 0


@pytest.mark.parametrize("hard", ["1," * 50_000, "1" * 100_000, "pool of " * 20_000, "5 a b c d " * 10_000, "1 rows " * 15_000])
def test_texts_made_to_be_slow(hard: str) -> None:
    assert all(map(math.isfinite, find_facts(hard).values.values()))
