"""A store with generated logs on each database, its roll-ups built in several refreshes as in real life."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dbbuddy.analytics.refresh import refresh_all
from dbbuddy.analytics.sample.logs import Logs, generate
from dbbuddy.analytics.sample.world import World
from dbbuddy.identity import User
from dbbuddy.store.store import Store
from tests.stores import BACKENDS
from tests.unit.analytics.logs import load
from tests.unit.analytics.truth import Truth

# Over the weeks in which summer time begins in America and in Europe.
WORLD = World(start=date(2026, 2, 20), days=60, people=40, teams=3, episodes_a_week=2.5, zone="Europe/Berlin")
NOW = datetime(2026, 6, 10, 12)
MANAGER = User("m", "Manager", frozenset({"manager"}))
DBA = User("d", "DBA", frozenset({"dba"}))
HEADS = {"Payments": 20, "Search": 18, "Logistics": 16}


@pytest.fixture(scope="session")
def logs() -> Logs:
    """With people who change their team, one of them in the middle of a day, and rows without team or category."""
    found = generate(WORLD)
    rows = found.exchanges
    rows.loc[(rows.user_id == "sample-0001") & (rows.asked_at > pd.Timestamp("2026-03-20 10:00")), "team"] = "Search"
    rows.loc[(rows.user_id == "sample-0004") & (rows.position > 0), "team"] = "Logistics"
    rows.loc[rows.index[::97], "team"] = None
    rows.loc[rows.index[5::89], ["category", "environment"]] = None
    return found


@pytest.fixture(scope="session")
def truth(logs: Logs) -> Truth:
    return Truth(logs)


@pytest.fixture(scope="session", params=BACKENDS)
def filled_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, logs: Logs) -> Iterator[str]:
    """The logs, come in three parts with a refresh after each: what is told of old exchanges is late."""
    url = _empty(request, tmp_path_factory)
    cuts = [datetime(2026, 3, 18), datetime(2026, 4, 8), NOW]
    before = datetime(1970, 1, 1)
    for cut in cuts:
        load(url, _between(logs, before, cut))
        store = Store(url)
        store.transact(lambda session, cut=cut: refresh_all(session, cut + timedelta(minutes=1), 400))
        store.close()
        before = cut
    yield url
    if url.startswith("postgresql"):
        request.getfixturevalue("postgresql_stores").drop(url)


def _empty(request: pytest.FixtureRequest, folders: pytest.TempPathFactory) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_stores").new())
    template: Path = request.getfixturevalue("duckdb_template")
    path = folders.mktemp("analytics") / "store.duckdb"
    shutil.copyfile(template, path)
    return f"duckdb:///{path}"


def _between(logs: Logs, after: datetime, until: datetime) -> Logs:
    columns = {
        "exchanges": "asked_at",
        "feedback": "given_at",
        "handovers": "created_at",
        "elaborations": "asked_at",
        "visits": "happened_at",
    }
    parts: dict[str, Any] = {}
    for name, column in columns.items():
        frame = getattr(logs, name)
        parts[name] = frame[(frame[column] > after) & (frame[column] <= until)]
    return replace(logs, **parts)


@pytest.fixture(scope="session")
def filled(filled_url: str) -> Iterator[Store]:
    opened = Store(filled_url)
    yield opened
    opened.close()
