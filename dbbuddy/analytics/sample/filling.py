"""The demonstration store: sample data in a store of its own, labelled, never mixed with real data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from dbbuddy.analytics.refresh import refresh_all
from dbbuddy.analytics.sample.grading import graded
from dbbuddy.analytics.sample.logs import generate
from dbbuddy.analytics.sample.mark import LABEL
from dbbuddy.analytics.sample.world import TEAMS, World
from dbbuddy.context import CATEGORIES
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.diagnosis.library import load_library
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store, utc_now

URL = f"duckdb:///{DATA / 'sample.duckdb'}"
"""Where sample data lies unless another place is named."""

_SURE = 0.5
_DAYS = 200
_PEOPLE = 130
_TEAMS = 5
_CHUNK = 2_000
_KEEP_DAYS = 36_500
_BASELINE_WEEKS = 16
_TICKETS_A_WEEK = (14, 12, 8, 3, 3, 5)
"""By category, in the order of `CATEGORIES`, before the launch."""
_MINUTES = (55, 70, 75, 110, 60, 65)

HEADS = dict.fromkeys(TEAMS[:_TEAMS], _PEOPLE // _TEAMS)
"""The eligible developers of the sample's teams."""


def fill(store: Store, today: date) -> int:
    """Write sample data of the half year before `today` into an empty store; returns how many messages.

    Raises:
        StoreError: the store is not empty, or cannot be written.
    """
    for table in ("conversations", "exchanges", "baselines", "annotations"):
        if store.read(f"SELECT 1 FROM {table} LIMIT 1"):
            raise StoreError("The store is not empty. Sample data is never mixed with other data; name a new file with --to.")
    start = today - timedelta(days=_DAYS)
    now = utc_now()
    store.append({"annotations": list(_annotations(start, today, now))})
    logs = generate(World(start, _DAYS, _PEOPLE, _TEAMS, zone="UTC"))
    _ask_what_no_playbook_answers(logs.exchanges)
    tables = logs.tables()
    for name, frame in tables.items():
        for rows in _chunks(frame):
            store.append({name: rows}, timeout=60)
    store.append({"baselines": list(_baselines(start, now))})
    store.transact(lambda session: refresh_all(session, utc_now(), _KEEP_DAYS), timeout=120)
    store.append({"grades": list(graded(store, today))})
    return len(logs.exchanges)


def _ask_what_no_playbook_answers(exchanges: pd.DataFrame) -> None:
    """Give questions without a sure diagnosis a text, so that the gaps page has something to group: those with an unsure one
    the words of its playbook, those without any a topic that no playbook knows.
    """
    rng = np.random.default_rng(12)
    topics = load_yaml("samples/gap_questions.yaml")
    known = exchanges.status != "out_of_scope"
    unsure = known & (exchanges.confidence < _SURE)
    books = load_library().playbooks
    symptoms = [books[slug].head.symptoms for slug in exchanges.loc[unsure, "diagnosis"]]
    exchanges.loc[unsure, "question"] = [lines[rng.integers(len(lines))] for lines in symptoms]
    without = known & exchanges.diagnosis.isna()
    weights = 1 / np.arange(1, len(topics) + 1)
    asked = [topics[place] for place in rng.choice(len(topics), int(without.sum()), p=weights / weights.sum())]
    exchanges.loc[without, "question"] = [topic["questions"][rng.integers(len(topic["questions"]))] for topic in asked]
    for column in ("category", "engine", "codes"):
        exchanges.loc[without, column] = [topic[column] for topic in asked]


def _annotations(start: date, today: date, now: datetime) -> Iterator[dict[str, Any]]:
    marks = [(start, "Sample data, made up", LABEL), (start + timedelta(days=7), "Launch", "release")]
    marks += [(start + timedelta(days=60), "Training day", "training"), (today - timedelta(days=45), "New playbooks", "release")]
    for number, (day, label, kind) in enumerate(marks):
        yield {"id": f"sample-{number}", "day": day, "label": label, "kind": kind, "made_by": LABEL, "made_at": now}


def _baselines(start: date, now: datetime) -> Iterator[dict[str, Any]]:
    """Tickets to DBAs by week and category: even before the launch, then falling as more people ask the app."""
    rng = np.random.default_rng(11)
    launch = start - timedelta(days=start.weekday())
    for place in range(-_BASELINE_WEEKS, _DAYS // 7):
        left = 1.0 if place < 0 else 0.25 + 0.75 * np.exp(-(place + 1) / 6)
        for category, tickets, minutes in zip(CATEGORIES, _TICKETS_A_WEEK, _MINUTES, strict=True):
            week = launch + timedelta(weeks=place)
            yield {
                "id": f"sample-{place}-{category}",
                "category": category,
                "week": week,
                "tickets": int(rng.poisson(tickets * left)),
                "minutes_median": float(np.round(minutes * rng.uniform(0.85, 1.15))),
                "developers": _PEOPLE,
                "made_by": LABEL,
                "made_at": now,
            }


def _chunks(frame: pd.DataFrame) -> Iterator[list[dict[str, Any]]]:
    """The rows as the store takes them: Python's own types, None for what is missing."""
    columns = [_plain(frame[name]) for name in frame]
    names = [str(name) for name in frame]
    for start in range(0, len(frame), _CHUNK):
        rows = zip(*(column[start : start + _CHUNK] for column in columns), strict=True)
        yield [dict(zip(names, row, strict=True)) for row in rows]


def _plain(column: pd.Series[Any]) -> list[Any]:
    values = column.dt.to_pydatetime() if pd.api.types.is_datetime64_dtype(column) else column.astype(object)
    return [None if missing else _native(value) for value, missing in zip(values, column.isna(), strict=True)]


def _native(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
