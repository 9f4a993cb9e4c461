"""Sums over the user's numbers, with their working shown."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, SystemContext
from dbbuddy.diagnosis.arithmetic import CALCULATIONS, calculate
from dbbuddy.intake.numbers import Facts, find_facts

NOTHING = SystemContext()


def lines(name: str, text: str, context: SystemContext = NOTHING) -> str:
    return "\n".join(calculate([name], find_facts(text), context))


def test_connections_against_the_limit() -> None:
    shown = lines("connection_demand", "200 Lambdas × 5 connections against a max_connections of 405")
    assert "200 instances × a pool of 5 = **1,000 connections**" in shown
    assert "against max_connections = 405 (over by 595)" in shown
    assert "80 % of 405 over 200 pools leaves **1 connections per pool**" in shown


def test_connections_that_fit() -> None:
    shown = lines("connection_demand", "pool size 5, 10 pods, max_connections = 500")
    assert "**50 connections** at full load, against max_connections = 500 (10% of it)." in shown


def test_several_factors_are_multiplied() -> None:
    assert "10 instances × 4 processes each × a pool of 20 = **800 connections**" in lines(
        "connection_demand", "maximumPoolSize=20, 10 pods, 4 workers"
    )


@pytest.mark.parametrize("text", ["pool size 20", "10 pods", "nothing"])
def test_a_missing_number_gives_no_sum(text: str) -> None:
    assert lines("connection_demand", text) == ""


def test_rows_by_time() -> None:
    assert "10 rows a second = **864,000 rows per day** = 25,920,000 in 30 days" in lines("row_rate", "600 inserts per minute")


def test_storage_names_each_part() -> None:
    shown = lines("storage_growth", "1000 rows per second, 200 bytes per row, for 12 months", SystemContext(engine="postgresql"))
    assert "200 B + 28 B overhead + 1 index(es) × about 24 B = 252 B" in shown
    assert "**21.8 GB per day** and **7.9 TB in 12 months**" in shown


def test_pool_and_memory() -> None:
    assert "16 cores × 2 + 1 ≈ **33 active connections**" in lines("pool_sizing", "we have 16 cores")
    assert "500 sessions × about 10 MB = 5.0 GB" in lines("memory_budget", "max_connections = 500")


def test_each_line_once() -> None:
    facts = find_facts("10 rows per second")
    assert len(calculate(["row_rate", "storage_growth", "row_rate"], facts, NOTHING)) == 1


NUMBERS = st.floats(0, 1e15) | st.sampled_from([0.0, 1.0, 0.001, 5e-324])
FACTS = st.dictionaries(
    st.sampled_from(
        [
            "pool_size",
            "instances",
            "processes",
            "threads",
            "services",
            "pools",
            "max_connections",
            "rows_per_second",
            "row_bytes",
            "indexes",
            "months",
            "cores",
        ]
    ),
    NUMBERS,
)


@given(FACTS, st.sampled_from([None, *ENGINES]))
def test_any_numbers_give_readable_lines(values: dict[str, float], engine: str | None) -> None:
    for line in calculate(CALCULATIONS, Facts(values), SystemContext.of(engine=engine)):
        assert not re.search(r"\b(nan|inf)\b", line)
        assert line.endswith((".", "extra."))
