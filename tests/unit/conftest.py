"""What unit tests share: one advisor over the built-in playbooks, and how hypothesis searches."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from dbbuddy.advisor import Advisor, default_advisor
from tests.stores import duckdb_template, duckdb_url, postgresql_stores, postgresql_url, store, store_url  # noqa: F401

settings.register_profile(
    "unit", max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)
settings.load_profile("unit")


@pytest.fixture(scope="session")
def advisor() -> Advisor:
    """Answers from the built-in playbooks; built once for all tests."""
    return default_advisor()
