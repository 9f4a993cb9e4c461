"""How fast the dashboards are, while a writer inserts: roll-ups, beside raw tables, pandas, and PostgreSQL.

python benchmarks/analytics.py                             1 million made-up messages over 400 days on DuckDB (some minutes)
python benchmarks/analytics.py --messages 10000000         the size that the targets are set for (30 minutes, 3 GB of disk)
python benchmarks/analytics.py --postgresql 1000000        the same pages on an embedded PostgreSQL of so many messages
python benchmarks/analytics.py --store FILE                on a store that an earlier run kept with --keep FILE
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dbbuddy.analytics import adoption, deflection, quality, refresh, speed  # noqa: E402
from dbbuddy.analytics.filter import Filter, Period  # noqa: E402
from dbbuddy.analytics.sample.logs import Logs, generate  # noqa: E402
from dbbuddy.analytics.sample.world import World  # noqa: E402
from dbbuddy.analytics.view import look  # noqa: E402
from dbbuddy.identity import User  # noqa: E402
from dbbuddy.store.store import Store  # noqa: E402
from tests.engines import servers  # noqa: E402
from tests.unit.analytics.logs import load  # noqa: E402

START = date(2025, 10, 6)
DAYS = 400
PARTS = 10
KEEP_DAYS = 36_500
ROUNDS = 7
WRITES_A_SECOND = 30
MANAGER = User("manager", "Manager", frozenset({"manager"}))
TARGETS = {30: 60, 400: 150}
RAW = {
    "people by day": "SELECT day, count(DISTINCT user_id) FROM exchanges WHERE day BETWEEN $1 AND $2 GROUP BY day",
    "people by month": (
        "SELECT date_trunc('month', CAST(day AS TIMESTAMP)), count(DISTINCT user_id) FROM exchanges "
        "WHERE day BETWEEN $1 AND $2 GROUP BY 1"
    ),
    "statuses": "SELECT status, count(*) FROM exchanges WHERE day BETWEEN $1 AND $2 GROUP BY status",
    "ratings": (
        "SELECT avg(f.stars), count(*) FROM feedback f JOIN exchanges e ON e.id = f.exchange_id "
        "WHERE e.day BETWEEN $1 AND $2 AND f.stars IS NOT NULL"
    ),
    "p95": (
        "SELECT provider, percentile_cont(0.95) WITHIN GROUP (ORDER BY latency_ms) FROM exchanges "
        "WHERE day BETWEEN $1 AND $2 GROUP BY provider"
    ),
}


def main() -> None:
    """Print the tables."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="dbbuddy-bench-") as folder:
        if options.postgresql:
            with servers.postgresql() as server:
                _measure(f"postgresql://postgres@/postgres?host={server.folder}", options.postgresql, "PostgreSQL")
            return
        path = options.store or Path(folder) / "store.duckdb"
        _measure(f"duckdb:///{path}", 0 if options.store else options.messages, "DuckDB")
        if options.keep:
            shutil.copyfile(path, options.keep)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--postgresql", type=int, default=0, metavar="MESSAGES")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--keep", type=Path)
    return parser.parse_args()


def _measure(url: str, messages: int, name: str) -> None:
    if messages:
        _fill(url, messages)
    store = Store(url)
    if name == "PostgreSQL":  # a throw-away server gathers no statistics by itself
        store.execute(
            *((f"ANALYZE {table}", ()) for table in ("exchanges", "feedback", "elaborations", "visits", "handovers")), timeout=600
        )
    began = time.perf_counter()
    store.transact(lambda session: refresh.refresh_all(session, datetime(2026, 11, 30), KEEP_DAYS), timeout=36_000)
    count, last = store.read("SELECT count(*), max(day) FROM exchanges", limit_seconds=600)[0]
    print(f"{name}, {count:,} messages; roll-ups brought up to date in {time.perf_counter() - began:.1f} s")
    with _writer(store, last) as commits:
        for days, target in TARGETS.items():
            _print_pages(store, Filter(Period(last - timedelta(days=days - 1), last)), target)
        newest = store.read("SELECT max(asked_at) FROM exchanges", limit_seconds=600)[0][0]
        took = min(_refresh(store, newest + timedelta(seconds=45 * n)) for n in (1, 2, 3))
        print(f"  a refresh on the writer: {took:.0f} ms")
    print(f"  {len(commits)} commits of the writer meanwhile: median {statistics.median(commits):.0f} ms")
    if name == "DuckDB":
        _pandas(store, last)
    store.close()


def _print_pages(store: Store, chosen: Filter, target: int) -> None:
    days = chosen.period.days
    for page in (adoption_page, quality_page):
        times = sorted(_timed(partial(page, store, chosen)) for _ in range(ROUNDS))
        narrow = min(_timed(partial(page, store, replace(chosen, categories=("troubleshooting",)))) for _ in range(3))
        print(
            f"  {page.__name__:13} {days:4} days: median {times[ROUNDS // 2]:5.0f} ms, best {times[0]:5.0f} ms "
            f"(target {target}); of one category {narrow:.0f} ms"
        )
    period = (chosen.period.first, chosen.period.last)
    raw = {what: min(_timed(partial(store.read, sql, period, limit_seconds=600)) for _ in range(3)) for what, sql in RAW.items()}
    parts = ", ".join(f"{what} {ms:.0f}" for what, ms in raw.items())
    print(f"  raw tables    {days:4} days: {sum(raw.values()):.0f} ms for five questions ({parts})")


def _refresh(store: Store, now: datetime) -> float:
    """One refresh of many: what came in the 45 seconds before `now`."""
    store.execute(
        ("UPDATE r_state SET refreshed_at = $1, verified_at = $1 WHERE id = 1", (now - timedelta(seconds=45),)), timeout=600
    )
    return _timed(lambda: store.transact(lambda session: refresh.refresh(session, now, KEEP_DAYS), timeout=600))


def adoption_page(store: Store, chosen: Filter) -> None:
    view = look(store, MANAGER, chosen, {})
    days = adoption.days(view)
    adoption.weekly(view)
    adoption.months(view)
    adoption.active_days(view)
    adoption.stickiness(view, days)


def quality_page(store: Store, chosen: Filter) -> None:
    view = look(store, MANAGER, chosen, {})
    quality.answers(view)
    quality.answers_by_team(view)
    quality.outcomes(view)
    quality.calibration(view)
    speed.response_times(view)
    speed.response_time_weeks(view)
    speed.models(view)
    deflection.deflection(view)


def _fill(url: str, messages: int) -> None:
    """Generate in parts, so that little memory is needed; the same people go on asking."""
    Store(url).close()
    for part in range(PARTS):
        start = START + timedelta(days=part * DAYS // PARTS)
        logs = generate(World(start, DAYS // PARTS, people=8000, teams=8, episodes_a_week=10.2 * messages / 10e6, seed=part))
        load(url, _renamed(logs, f"{part}-"))
        print(f"  generated {part + 1} of {PARTS} parts", file=sys.stderr, flush=True)


def _renamed(logs: Logs, prefix: str) -> Logs:
    for frame, columns in (
        (logs.exchanges, ("id", "conversation_id")),
        (logs.feedback, ("exchange_id",)),
        (logs.handovers, ("id", "exchange_id")),
        (logs.elaborations, ("id", "exchange_id")),
    ):
        for column in columns:
            frame[column] = prefix + frame[column]
    return logs


@contextmanager
def _writer(store: Store, day: date) -> Iterator[list[float]]:
    """Visits, appended one by one as pages do."""
    times: list[float] = []
    end = threading.Event()

    def write() -> None:
        while not end.wait(1 / WRITES_A_SECOND):
            row = {"user_id": "sample-0001", "team": "Search", "happened_at": datetime(2026, 11, 5), "day": day, "page": "chat"}
            times.append(_timed(partial(store.append, {"visits": [row]}, timeout=600)))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield times
    finally:
        end.set()
        thread.join()


def _pandas(store: Store, last: date) -> None:
    began = time.perf_counter()
    frame = pd.DataFrame(
        store.read("SELECT day, user_id, status, provider, latency_ms FROM exchanges", limit_seconds=3600),
        columns=["day", "user_id", "status", "provider", "latency_ms"],
    )
    loaded = time.perf_counter() - began
    for days in TARGETS:
        part = frame[frame.day > last - timedelta(days=days)]
        took = _timed(
            lambda part=part: (
                part.groupby("day").user_id.nunique(),
                part.groupby(pd.to_datetime(part.day).dt.to_period("M")).user_id.nunique(),
                part.status.value_counts(),
                part.groupby("provider").latency_ms.quantile(0.95),
            )
        )
        print(f"  pandas          {days:4} days: {took:.0f} ms for four of the questions, after {loaded:.1f} s of loading")


def _timed(call: Callable[[], Any]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()
