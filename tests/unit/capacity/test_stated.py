"""The numbers that a question states, in many ways of saying it."""

from __future__ import annotations

import pytest

from dbbuddy.capacity.stated import stated
from dbbuddy.context import SystemContext


@pytest.mark.parametrize(
    ("text", "today", "growth", "full"),
    [
        ("Our database is 800 GB and grows 40 GB a month on a 1 TB disk.", 800, 40, 1024),
        ("Aurora PostgreSQL cluster, currently 2.5 TB growing 5% per month", 2560, 128, None),
        ("disk 85% full of 500 GB, adding 2 GB per day", 425, 60.875, 500),
        ("currently using 420 GB out of 600GB, monthly growth of 15 GB", 420, 15, 600),
        ("The table is 1,200 GB with 32 GB of RAM; it grows by about 300 GB every quarter", 1200, 100, None),
        ("1.234,5 GB today, 12 GB/week", 1234.5, 52.1786, None),
        ("growing 10GB/week", None, 43.4821, None),
        ("we have 300 GB free on a 2 TB volume", 300, None, 2048),
    ],
)
def test_sizes_growth_and_the_end(text: str, today: float | None, growth: float | None, full: float | None) -> None:
    found = stated(text)
    assert found is not None
    for said, expected in ((found.today, today), (found.growth, growth), (found.full, full)):
        assert said == (None if expected is None else pytest.approx(expected, rel=1e-4))


@pytest.mark.parametrize("text", ["", "hello", "64 GB RAM and shared_buffers 16GB", "x" * 100_000, "5 % CPU", "GB a month"])
def test_texts_without_a_size_state_nothing(text: str) -> None:
    assert stated(text) is None


def test_absurd_sizes_are_no_numbers_to_carry() -> None:
    found = stated("99999999999999999999 TB, grows 1 GB a day")
    assert found is not None
    assert found.today is None


def test_the_address_carries_numbers_and_system() -> None:
    found = stated("It is 800 GB and grows 40 GB a month")
    assert found is not None
    parameters = found.parameters(SystemContext(service="rds-postgresql", engine="postgresql", environment="production"))
    assert parameters == {
        "today": "800",
        "growth": "40",
        "service": "rds-postgresql",
        "engine": "postgresql",
        "environment": "production",
    }
