"""The one thread that writes: what was confirmed is kept, whatever else fails or dies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from dbbuddy.store import writer as writer_module
from dbbuddy.store.backend import Backend, Session, open_backend
from dbbuddy.store.errors import DelayedError, StoreError, UnavailableError
from dbbuddy.store.history import exchanges, record_exchange
from dbbuddy.store.store import Store, utc_now
from tests.unit.store.elsewhere import written_until_killed
from tests.unit.store.exchanges import USER, exchange


def rows(name: str, page: str = "Ask") -> dict[str, list[dict[str, Any]]]:
    """A unit of one row, with a key."""
    return {"projections": [{"id": name, "user_id": "u", "name": page, "saved_at": utc_now(), "content": "{}"}]}


def insert(name: str) -> tuple[str, tuple[Any, ...]]:
    """The same as a statement, which fails if the key exists."""
    sql = "INSERT INTO projections (id, user_id, name, saved_at, content) VALUES ($1, 'u', '', $2, '')"
    return sql, (name, utc_now())


def names(store: Store) -> list[str]:
    return [row[0] for row in store.read("SELECT id FROM projections ORDER BY id")]


class Held:
    """A backend whose transactions wait until it is let go, so that jobs gather; it can also be out of order."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.go = threading.Event()
        self.begun = threading.Event()
        self.transactions = 0
        self.trouble: UnavailableError | None = None
        self.reopened = 0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        self.transactions += 1
        self.begun.set()
        assert self.go.wait(20)
        if self.trouble:
            raise self.trouble
        with self._backend.transaction() as session:
            yield session

    def reopen(self) -> None:
        self.reopened += 1
        if self.trouble:
            raise self.trouble
        self._backend.reopen()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)


class Gathering:
    """A store whose writer is busy with its first unit (`0`) while others gather behind it."""

    def __init__(self, url: str) -> None:
        self.backend = Held(open_backend(url))
        self.store = Store.over(self.backend)  # type: ignore[arg-type]
        self._pool = ThreadPoolExecutor(30)
        self.first = self._pool.submit(self.store.append, rows("0"))
        assert self.backend.begun.wait(20)

    def run(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Call from another thread; returns when it has queued its unit."""
        before = self.store.health().waiting
        future = self._pool.submit(call, *arguments)
        while self.store.health().waiting == before and not future.done():
            threading.Event().wait(0.001)
        return future

    def go(self) -> None:
        self.backend.go.set()
        self._pool.shutdown()


@pytest.fixture
def gathering(store_url: str) -> Iterator[Gathering]:
    opened = Gathering(store_url)
    yield opened
    opened.go()
    opened.store.close()


def test_rows_of_one_unit_are_kept_together_or_not_at_all(store: Store) -> None:
    bad = {**rows("a"), "shares": [{"conversation_id": None, "owner_id": "u", "colleague_id": "v", "shared_at": utc_now()}]}
    with pytest.raises(StoreError, match="conversation_id"):
        store.append(bad)
    store.append({**rows("b"), "visits": []})
    assert names(store) == ["b"]


def test_statements_of_one_call_are_kept_together_or_not_at_all(store: Store) -> None:
    store.execute(insert("a"))
    with pytest.raises(StoreError):
        store.execute(insert("b"), insert("a"))
    store.execute(insert("c"), insert("d"))
    assert names(store) == ["a", "c", "d"]


@pytest.mark.parametrize("bad", [("NONSENSE", ()), ("SELECT $1, $2", (1,)), ("INSERT INTO nowhere VALUES (1)", ())])
def test_a_bad_statement_is_refused_and_the_next_one_works(store: Store, bad: tuple[str, tuple[object, ...]]) -> None:
    with pytest.raises(StoreError, match="could not do this"):
        store.execute(bad)
    store.append(rows("a"))
    assert names(store) == ["a"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"nowhere": [{"a": 1}]}, "no table 'nowhere'"),
        ({"projections": [{"colour": "red"}]}, "no column 'colour'"),
        ({"projections": [{"id": 1}]}, "int is no text"),
        ({"projections": [{"saved_at": "yesterday"}]}, "UTC without a zone"),
        ({"exchanges": [{"position": 2**31}]}, "too large"),
        ({"exchanges": [{"position": True}]}, "bool is no whole number"),
        ({"exchanges": [{"latency_ms": "1"}]}, "str is no number"),
        ({"exchanges": [{"day": utc_now()}]}, "datetime is no date"),
        ({"conversations": [{"pinned": 1}]}, "int is neither true nor false"),
    ],
)
def test_rows_of_the_wrong_shape_are_refused_before_they_reach_others(store: Store, wrong: Any, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        store.append(wrong)


def test_a_function_reads_and_writes_in_one_transaction(store: Store) -> None:
    def renumber(session: Session) -> int:
        ((before,),) = session.run("SELECT count(*) FROM projections")
        session.run(*insert(f"n{before}"))
        return int(before)

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(lambda _: store.transact(renumber), range(24))) == list(range(24))


def test_what_a_function_raises_reaches_its_caller_and_nothing_is_kept(store: Store) -> None:
    def fail(session: Session) -> None:
        session.run(*insert("a"))
        raise LookupError("as it should")

    with pytest.raises(LookupError, match="as it should"):
        store.transact(fail)
    assert names(store) == []


def test_one_bad_unit_does_not_spoil_its_batch(gathering: Gathering) -> None:
    store = gathering.store
    good = [gathering.run(store.append, rows(f"a{n}")) for n in range(10)]
    bad = [gathering.run(store.execute, insert("0")), gathering.run(store.append, {"projections": [{"id": "half"}]})]
    good += [gathering.run(store.execute, insert(f"b{n}")) for n in range(10)]
    gathering.go()
    assert [job.result() for job in (gathering.first, *good)] == [None] * 21
    for job in bad:
        with pytest.raises(StoreError):
            job.result()
    assert names(store) == ["0", *(f"a{n}" for n in range(10)), *(f"b{n}" for n in range(10))]


def test_what_waits_is_committed_together(gathering: Gathering) -> None:
    jobs = [gathering.run(gathering.store.append, rows(f"a{n}")) for n in range(19)]
    gathering.go()
    assert [job.result() for job in jobs] == [None] * 19
    assert gathering.backend.transactions == 2


def test_close_writes_what_waits(gathering: Gathering, store_url: str) -> None:
    jobs = [gathering.run(gathering.store.append, rows(f"a{n}")) for n in range(19)]
    closing = threading.Thread(target=gathering.store.close)
    closing.start()
    gathering.go()
    closing.join()
    assert [job.result() for job in jobs] == [None] * 19
    again = Store(store_url)
    assert len(names(again)) == 20
    again.close()


def test_a_write_that_is_not_confirmed_in_time_says_so(gathering: Gathering) -> None:
    with pytest.raises(StoreError, match="may not be saved"):
        gathering.store.append(rows("late"), timeout=0.01)
    gathering.go()
    assert gathering.first.result() is None
    gathering.store.append(rows("z"))
    assert names(gathering.store) == ["0", "late", "z"]


def test_a_statement_whose_caller_gave_up_is_not_run(gathering: Gathering) -> None:
    with pytest.raises(StoreError, match="may not be saved"):
        gathering.store.execute(insert("late"), timeout=0.01)
    gathering.go()
    gathering.store.append(rows("z"))
    assert names(gathering.store) == ["0", "z"]


def test_a_full_queue_refuses_in_words(gathering: Gathering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_WAITING", 3)
    jobs = [gathering.run(gathering.store.append, rows(f"a{n}")) for n in range(3)]
    with pytest.raises(StoreError, match="cannot keep up; nothing was saved"):
        gathering.store.append(rows("too many"), timeout=0.01)
    gathering.go()
    assert [job.result() for job in jobs] == [None] * 3


def test_a_closed_store_refuses(store: Store) -> None:
    store.close()
    store.close()
    for call in (lambda: store.append(rows("a")), lambda: store.execute(insert("a")), lambda: store.read("SELECT 1")):
        with pytest.raises(StoreError, match="closed"):
            call()
    assert store.health().state == "closed"


class TestOutOfOrder:
    """The disk is full, or the server is away."""

    @pytest.mark.parametrize("reopen", [False, True])
    def test_rows_wait_and_are_kept_when_it_works_again(self, gathering: Gathering, reopen: bool) -> None:
        waiting = gathering.run(gathering.store.append, rows("a"))
        gathering.backend.trouble = UnavailableError("No space. Free some.", reopen=reopen)
        gathering.go()
        for job in (gathering.first, waiting):
            with pytest.raises(DelayedError, match=r"waits in memory .* No space\. Free some\."):
                job.result()
        with pytest.raises(DelayedError):
            gathering.store.append(rows("b"))
        health = gathering.store.health()
        assert (health.state, health.message) == ("delayed", "No space. Free some.")
        assert gathering.store.read("SELECT count(*) FROM projections") == [(0,)]
        gathering.backend.trouble = None
        until(lambda: gathering.store.health().state == "ok")
        assert names(gathering.store) == ["0", "a", "b"]
        assert (gathering.backend.reopened > 0) is reopen

    def test_statements_are_given_up(self, gathering: Gathering) -> None:
        waiting = gathering.run(gathering.store.execute, insert("a"))
        gathering.backend.trouble = UnavailableError("Away.", reopen=False)
        gathering.go()
        with pytest.raises(StoreError, match=r"Nothing was saved\. Away"):
            waiting.result()
        with pytest.raises(StoreError, match=r"Nothing was saved\. Away"):
            gathering.store.execute(insert("b"))
        gathering.backend.trouble = None
        until(lambda: gathering.store.health().state == "ok")
        assert names(gathering.store) == ["0"]

    def test_it_can_be_closed(self, gathering: Gathering, caplog: pytest.LogCaptureFixture) -> None:
        gathering.backend.trouble = UnavailableError("Away.", reopen=False)
        gathering.go()
        with pytest.raises(DelayedError):
            gathering.first.result()
        gathering.store.close()
        assert "closed with 1 units that could not be written" in caplog.text


class TestPeriodicWork:
    def test_runs_now_and_again_on_the_writers_thread(self, store: Store) -> None:
        threads = []
        store.every(0.01, "count", lambda session: threads.append((threading.current_thread().name, session.run("SELECT 1"))))
        until(lambda: len(threads) >= 3)
        assert set(map(repr, threads)) == {repr(("store-writer", [(1,)]))}

    def test_that_fails_is_told_and_stops_nothing(self, store: Store) -> None:
        runs = []

        def fail(session: Session) -> None:
            session.run(*insert("never"))
            runs.append(1)
            raise ZeroDivisionError("as it should")

        store.every(0.01, "roll-up", fail)
        until(lambda: len(runs) >= 2 and "roll-up: as it should" in store.health().notes)
        store.append(rows("a"))
        assert names(store) == ["a"]
        assert store.health().state == "ok"

    def test_cannot_wait_for_itself(self, store: Store) -> None:
        store.every(60, "deadlock", lambda session: store.append(rows("a")))
        until(lambda: any("cannot wait for itself" in note for note in store.health().notes))

    def test_is_done_by_one_replica_at_a_time(self, postgresql_url: str) -> None:
        replicas = [Store(postgresql_url) for _ in range(2)]
        inside, go = threading.Event(), threading.Event()
        ran = []

        def first(session: Session) -> None:
            inside.set()
            assert go.wait(20)

        replicas[0].every(60, "roll-up", first)
        assert inside.wait(20)
        replicas[1].every(60, "roll-up", lambda session: ran.append("roll-up"))
        replicas[1].every(60, "other", lambda session: ran.append("other"))
        until(lambda: ran)
        go.set()
        for replica in replicas:
            replica.close()
        assert ran == ["other"]


def until(true: Callable[[], object]) -> None:
    """Wait for something that another thread brings about."""
    for _ in range(2000):
        if true():
            return
        threading.Event().wait(0.01)
    pytest.fail("it did not happen within 20 s")


def test_a_query_over_its_time_is_stopped_and_the_next_one_works(store: Store) -> None:
    with pytest.raises(StoreError, match=r"longer than 0\.1 s and was stopped"):
        store.read("SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b", limit_seconds=0.1)
    assert store.read("SELECT 7 / 2, 1 + $1", (1,)) == [(3, 2)]


def test_numbers_are_the_same_types_on_both(store: Store) -> None:
    ((total, mean, part),) = store.read(
        "SELECT sum(n), avg(n), round(CAST(1.25 AS NUMERIC(9, 2)), 1) FROM (VALUES (CAST(1 AS BIGINT)), (3)) t (n)"
    )
    assert [repr(value) for value in (total, mean, part)] == ["4", "2.0", "1.3"]


def test_many_threads_write_and_read_one_store(store_url: str) -> None:
    store = Store(store_url)

    def converse(number: int) -> int:
        for position in range(4):
            record_exchange(store, USER, exchange(conversation_id=f"c{number}", position=position))
        return len(exchanges(store, USER, f"c{number}"))

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(converse, range(16))) == [4] * 16
    store.close()
    again = Store(store_url)
    assert [len(exchanges(again, USER, f"c{number}")) for number in range(16)] == [4] * 16
    again.close()


@pytest.mark.parametrize("confirmed", [1, 20, 200])
def test_a_killed_process_loses_nothing_that_was_confirmed(duckdb_url: str, confirmed: int) -> None:
    seen = written_until_killed(duckdb_url, confirmed, threads=32)
    store = Store(duckdb_url)
    kept = {row[0] for row in store.read("SELECT id FROM exchanges")}
    torn = store.read("SELECT count(*) FROM exchanges e LEFT JOIN conversations c ON c.id = e.conversation_id WHERE c.id IS NULL")
    store.close()
    assert len(seen) >= confirmed
    assert set(seen) <= kept
    assert torn == [(0,)]
