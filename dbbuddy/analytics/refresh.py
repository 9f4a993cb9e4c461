"""Keeping the roll-ups true: work of the store's writer, in one transaction, from the raw rows of what was touched.

A refresh takes what came since the last one, with some minutes of overlap for rows that were committed late, and computes
anew every day and every person's problems that these rows belong to; feedback on an old exchange touches that exchange's day.
From time to time the raw rows of each day are counted: what was deleted, imported or committed very late shows there.
Days whose raw rows were purged keep their figures; what is kept about single people ends with the raw rows.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from dbbuddy.analytics.queries import Reads, Row, queries
from dbbuddy.store.backend import Session
from dbbuddy.store.store import Store, utc_now

SECONDS = 45.0
"""How often the writer refreshes."""
_OVERLAP = timedelta(minutes=10)
_VERIFY = timedelta(minutes=10)

_AHEAD = timedelta(days=1)
"""Clocks of other replicas may run ahead."""
_PART = 100_000
"""So many messages are worked off at a time; about a second's work."""
_AT_A_TIME_SECONDS = 2.0
_MANY = 2_000
"""Above so many touched rows hash joins are surely better than loops."""

_TOUCH = ("touch_exchanges", "touch_feedback", "touch_handovers", "touch_elaborations", "touch_visits")
_DAYS = (
    "number_users",
    "pair",
    "number_slices",
    "clear_activity_by",
    "fill_activity_by",
    "clear_activity",
    "fill_activity",
    "first_days",
    "clear_day",
    "fill_day",
    "clear_week",
    "fill_week",
    "clear_month",
    "fill_month",
    "clear_models",
    "fill_models",
    "clear_latency_by",
    "fill_latency_by",
    "clear_latency",
    "fill_latency",
)
_SESSIONS = ("clear_sessions", "fill_sessions", "reopen_episodes", "reopened_days")
_EPISODES = ("clear_episodes", "fill_episodes", "filled_days")
_EPISODE_DAYS = ("clear_episode_day", "fill_episode_day", "clear_calibration", "fill_calibration")
_CLEAR = ("clear_touched", "clear_pairs", "clear_redo", "clear_reopened", "clear_episode_days")
_PURGE = ("purge_activity", "purge_activity_by", "purge_week", "purge_month", "purge_sessions", "purge_episodes", "purge_users")


def keep_fresh(store: Store, keep_days: int) -> None:
    """Have the store's writer refresh the roll-ups from now on. `keep_days`: how long what is kept about people stays."""
    store.every(SECONDS, "dashboards", lambda session: _catch_up(session, keep_days))


def _catch_up(session: Session, keep_days: int) -> None:
    """Refresh until all is new or the writer has been kept for long enough; the rest follows the next time."""
    began = time.monotonic()
    while not refresh(session, utc_now(), keep_days) and time.monotonic() - began < _AT_A_TIME_SECONDS:
        pass


def version(store: Reads) -> int:
    """Grows with every refresh that changed something: the key under which results may be cached."""
    rows = queries("refresh")["state"].read(store, {})
    return int(rows[0][2])


def refreshed_at(store: Reads) -> datetime:
    """When the roll-ups were brought up to date, in UTC; 1970 before the first time."""
    moment: datetime = queries("refresh")["state"].read(store, {})[0][0]
    return moment


def refresh(session: Session, now: datetime, keep_days: int) -> bool:
    """Bring all roll-ups up to date as of `now` (UTC), or a part of them if there is much to do; returns whether that was all."""
    last, verified, _ = _run(session, "state", {})[0]
    until = _until(session, last, now)
    end = until + _AHEAD if until == now else until
    for name in _TOUCH:
        _run(session, name, {"since": last - _OVERLAP, "until": end})
    if until == now and now - verified >= _VERIFY:
        _verify(session, now, keep_days)
    _recompute(session, until, end)
    return until == now


def refresh_all(session: Session, now: datetime, keep_days: int) -> None:
    """Bring all roll-ups up to date, however long it takes."""
    while not refresh(session, now, keep_days):
        pass


def _until(session: Session, last: datetime, now: datetime) -> datetime:
    """The end of the next part: after some days that have enough messages together, at most `now`."""
    if now - last <= timedelta(days=1):
        return now
    messages = 0
    for day, n in _run(session, "backlog", {"since": last}):
        messages += n
        if messages >= _PART:
            end = datetime.combine(day, datetime.min.time()) + timedelta(days=1)
            return min(now, max(end, last + timedelta(hours=1)))
    return now


def _recompute(session: Session, now: datetime, end: datetime) -> None:
    """Compute anew what is touched, from rows before `end`, and set the clock to `now`."""
    touched, first, last = _run(session, "touched", {})[0]
    if touched:
        if touched > _MANY and str(session.run("SELECT version()")[0][0]).startswith("PostgreSQL"):
            session.run("SET LOCAL enable_nestloop = off")  # tables filled a moment ago have no statistics: it would loop for ever
        parameters = _range(first, last)
        for name in _DAYS:
            _run(session, name, parameters)
        _recompute_people(session, end)
        for name in _CLEAR:
            _run(session, name, {})
    _run(session, "done", {"now": now, "step": 1 if touched else 0})


def _recompute_people(session: Session, end: datetime) -> None:
    """Sessions and episodes of the people whose sessions may have changed, and the counts of these episodes."""
    _run(session, "find_redo", {})
    since = _run(session, "redo_since", {})[0][0]
    if since is None:
        return
    parameters: dict[str, Any] = {"until": end, "redo_since": since}
    for name in _SESSIONS:
        _run(session, name, parameters)
    reopened = _run(session, "reopened_since", {})[0][0]
    parameters["reopened_since"] = min(since, reopened or since)
    for name in _EPISODES:
        _run(session, name, parameters)
    parameters["first_episode_day"], parameters["last_episode_day"] = _run(session, "episode_days", {})[0]
    for name in _EPISODE_DAYS:
        _run(session, name, parameters)


def _range(first: date, last: date) -> dict[str, Any]:
    """The days touched, widened to whole weeks (from Monday) and months."""
    return {
        "first_day": first,
        "last_day": last,
        "first_week": first - timedelta(days=first.weekday()),
        "after_weeks": last + timedelta(days=7 - last.weekday()),
        "first_month": first.replace(day=1),
        "after_months": (last.replace(day=1) + timedelta(days=32)).replace(day=1),
    }


def _verify(session: Session, now: datetime, keep_days: int) -> None:
    """Touch every day before today whose raw rows are not as many as when they were counted last."""
    today = now.date() - timedelta(days=1)  # nowhere on earth is it earlier
    kept = {(source, day): n for source, day, n in _run(session, "counted", {})}
    if not kept:  # the first time: all was touched
        _run(session, "count_all", {"today": today})
        _run(session, "verified", {"now": now})
        return
    found = {(source, day): n for source, day, n in _run(session, "counts", {"today": today})}
    oldest = _run(session, "oldest", {})[0][0]
    for source, day in kept.keys() | found.keys():
        n = found.get((source, day), 0)
        if n == kept.get((source, day), 0) or oldest is None or day < oldest:
            continue
        _run(session, "touch_rated_on" if source == "feedback" else "touch_day", {"day": day})
        _run(session, "uncount", {"source": source, "day": day})
        _run(session, "count", {"source": source, "day": day, "n": n})
    for name in _PURGE:
        _run(session, name, {"before": now.date() - timedelta(days=keep_days)})
    _run(session, "verified", {"now": now})


def _run(session: Session, name: str, parameters: Mapping[str, Any]) -> list[Row]:
    query = queries("refresh")[name]
    return session.run(query.sql, query.values(parameters))
