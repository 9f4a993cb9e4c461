"""The roll-ups follow what is added late, deleted, purged and erased."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from dbbuddy.analytics import adoption, quality
from dbbuddy.analytics.deflection import deflection
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.refresh import refresh, refresh_all, refreshed_at, version
from dbbuddy.analytics.sample.filling import fill
from dbbuddy.analytics.sample.mark import is_sample
from dbbuddy.analytics.view import View, look
from dbbuddy.identity import LOCAL_USER
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from tests.unit.analytics.conftest import MANAGER

SPRING = Filter(Period(date(2026, 3, 1), date(2026, 6, 30)))
START = datetime(2026, 4, 1, 9)
LATE = datetime(2026, 6, 20)


def ask(store: Store, name: str, at: datetime, conversation: str = "", **more: object) -> None:
    row = {"id": name, "conversation_id": conversation or name, "user_id": "u", "position": 0, "asked_at": at, "day": at.date()}
    row |= {"team": "T", "question": "", "advice": "{}", "status": "answered", "category": "troubleshooting", "engine": "mysql"}
    row |= {"diagnosis": "deadlock", "confidence": 0.8, "provider": "rules", "latency_ms": 10.0, "codes": ""}
    store.append({"exchanges": [row | more]})


def tell(store: Store, name: str, at: datetime, **more: object) -> None:
    store.append({"feedback": [{"exchange_id": name, "user_id": "u", "given_at": at, "day": at.date()} | more]})


def seen(store: Store, now: datetime = LATE) -> View:
    store.transact(lambda session: refresh_all(session, now, 400))
    return look(store, LOCAL_USER, SPRING, {})


def outcome(store: Store, now: datetime = LATE) -> quality.Outcomes:
    return quality.outcomes(seen(store, now)).total


DAY = timedelta(days=1)


Event = tuple[str, float, dict[str, object]]
"""`ask` a question or `tell` something of the first one, so many days after the start."""
CASES: list[tuple[list[Event], str]] = [
    ([("ask", 0, {})], "assumed"),
    ([("ask", 0, {"status": "needs_details", "diagnosis": None})], "unresolved"),
    ([("ask", 0, {"status": "out_of_scope", "diagnosis": None})], "declined"),
    ([("ask", 0, {}), ("tell", 1, {"outcome": "solved"})], "confirmed"),
    ([("ask", 0, {}), ("tell", 1, {"outcome": "solved"}), ("tell", 30, {"held": False})], "unresolved"),
    ([("ask", 0, {}), ("tell", 1, {"outcome": "not_solved"}), ("tell", 2, {"held": True})], "confirmed"),
    ([("ask", 0, {}), ("tell", 1, {"stars": 4})], "confirmed"),
    ([("ask", 0, {}), ("tell", 1, {"stars": 5}), ("tell", 2, {"stars": 3})], "assumed"),
    ([("ask", 0, {}), ("tell", 1, {"stars": 1})], "unresolved"),
    ([("ask", 0, {}), ("tell", 1, {"stars": 1, "outcome": "solved"})], "confirmed"),
    ([("ask", 0, {}), ("tell", 1, {"outcome": "handed_over"}), ("tell", 2, {"outcome": "solved"})], "handed_over"),
    ([("ask", 0, {}), ("tell", 1, {"outcome": "solved"}), ("ask", 6, {})], "unresolved"),
    ([("ask", 0, {}), ("ask", 6, {}), ("tell", 20, {"outcome": "solved"})], "confirmed"),
]


def test_what_counts_as_solved(store: Store) -> None:
    """Each case is a person of their own. What happens comes day by day, with a refresh after each."""
    events = sorted((days, person, place) for person, (some, _) in enumerate(CASES) for place, (_, days, _) in enumerate(some))
    for day in sorted({days for days, _, _ in events}):
        at = START + day * DAY
        for _, person, place in (event for event in events if event[0] == day):
            kind, _, more = CASES[person][0][place]
            if kind == "ask":
                ask(store, f"{person}-{place}", at, user_id=f"u{person}", **more)
            else:
                tell(store, f"{person}-0", at, **more)
        store.transact(lambda session, at=at: refresh(session, at + timedelta(minutes=1), 400))
    found = store.read("SELECT u.user_id, e.outcome FROM r_episodes e JOIN r_users u ON u.number = e.user_number")
    assert sorted(found) == sorted((f"u{person}", expected) for person, (_, expected) in enumerate(CASES))


def test_seven_days_part_two_problems_and_thirty_minutes_two_sessions(store: Store) -> None:
    ask(store, "a", START)
    ask(store, "b", START + timedelta(minutes=29))
    ask(store, "c", START + timedelta(minutes=59))
    ask(store, "d", START + timedelta(minutes=59) + 7 * DAY)
    ask(store, "e", START + timedelta(minutes=60) + 14 * DAY)
    found = outcome(store)
    assert (found.episodes, found.sessions) == (2, 4)


def test_an_episode_is_open_for_seven_whole_days(store: Store) -> None:
    ask(store, "a", START)
    assert outcome(store, START + 7 * DAY).open == 1
    assert outcome(store, START + 8 * DAY).assumed == 1


def test_what_was_deleted_disappears(store: Store) -> None:
    for number in range(3):
        ask(store, f"e{number}", START + number * DAY)
    assert len(adoption.days(seen(store))) == 3
    store.execute(("DELETE FROM exchanges WHERE id = $1", ("e1",)))
    assert [row.day.day for row in adoption.days(seen(store, LATE + timedelta(hours=1)))] == [1, 3]
    assert outcome(store, LATE + timedelta(hours=1)).sessions == 2


def test_what_was_committed_late_appears(store: Store) -> None:
    ask(store, "a", START)
    seen(store)
    ask(store, "b", START + 2 * DAY)
    assert [row.day.day for row in adoption.days(seen(store, LATE + timedelta(hours=1)))] == [1, 3]


def test_counts_outlive_the_raw_rows_but_people_do_not(store: Store) -> None:
    ask(store, "old", START)
    ask(store, "new", LATE - DAY)
    seen(store)
    store.execute(("DELETE FROM exchanges WHERE id = $1", ("old",)))
    store.transact(lambda session: refresh_all(session, LATE + timedelta(hours=1), 30))
    view = look(store, LOCAL_USER, SPRING, {})
    assert quality.answers(view)[0].counts.messages == 2
    assert store.read("SELECT count(*) FROM r_sessions WHERE first_day < $1", (date(2026, 5, 1),)) == [(0,)]
    assert store.read("SELECT count(*) FROM r_activity WHERE day < $1", (date(2026, 5, 1),)) == [(0,)]


def test_the_version_grows_only_when_something_came(store: Store) -> None:
    ask(store, "a", START)
    seen(store)
    before = version(store)
    seen(store, LATE + timedelta(seconds=45))
    assert version(store) == before
    assert refreshed_at(store) == LATE + timedelta(seconds=45)
    ask(store, "b", LATE)
    seen(store, LATE + timedelta(minutes=2))
    assert version(store) > before


def test_tickets_against_those_before_the_launch(store: Store) -> None:
    ask(store, "a", START)
    made = {"category": "troubleshooting", "minutes_median": 30.0, "made_by": "m", "made_at": START}
    weeks = [(date(2026, 2, 2) + n * timedelta(days=7), 20, 100) for n in range(8)]
    weeks += [(date(2026, 4, 6) + n * timedelta(days=7), 8, 200) for n in range(8)]
    rows = [made | {"id": str(week), "week": week, "tickets": n, "developers": heads} for week, n, heads in weeks]
    store.append({"baselines": rows})
    found = deflection(seen(store))
    assert found.total.value == pytest.approx(0.8)
    assert found.total.n == 160
    assert found.total.low < 0.8 < found.total.high
    assert found.total.met is True
    assert [week.rate for week in found.weeks] == [20.0] * 8 + [4.0] * 8


def test_the_demonstration_store_is_full_labelled_and_apart(duckdb_url: str) -> None:
    store = Store(duckdb_url)
    assert not is_sample(store)
    today = date(2026, 6, 1)
    assert fill(store, today) > 5_000
    assert is_sample(store)
    with pytest.raises(StoreError, match="not empty"):
        fill(store, today)
    view = look(store, MANAGER, Filter(Period(today - 90 * DAY, today)), {})
    assert not view.suppressed
    assert len(view.teams) == 5
    assert quality.outcomes(view).total.confirmed > 100
    assert deflection(view).total.value > 0.3
    store.close()
