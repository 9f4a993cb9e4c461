"""The one thread that writes: what was confirmed is kept, whatever else fails or dies."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from dbbuddy.store.writer import Writer
from tests.unit.store.elsewhere import written_until_killed
from tests.unit.store.exchanges import exchange

INSERT = "INSERT INTO t VALUES ($1)"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "t.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t (n INTEGER PRIMARY KEY)")
    return path


@pytest.fixture
def writer(file: Path) -> Iterator[Writer]:
    opened = Writer(duckdb.connect(str(file)))
    yield opened
    opened.close()


def numbers(file: Path) -> list[int]:
    with duckdb.connect(str(file)) as connection:
        return [row[0] for row in connection.execute("SELECT n FROM t ORDER BY n").fetchall()]


def test_what_was_written_is_there(writer: Writer, file: Path) -> None:
    writer.write((INSERT, (1,)))
    writer.write((INSERT, (2,)), (INSERT, (3,)))
    writer.close()
    assert numbers(file) == [1, 2, 3]


def test_statements_of_one_call_are_kept_together_or_not_at_all(writer: Writer, file: Path) -> None:
    writer.write((INSERT, (1,)))
    with pytest.raises(StoreError, match="could not save"):
        writer.write((INSERT, (2,)), (INSERT, (1,)))
    writer.write((INSERT, (3,)))
    writer.close()
    assert numbers(file) == [1, 3]


@pytest.mark.parametrize(
    "bad", [("NONSENSE", ()), (INSERT, ("x",)), (INSERT, ()), (INSERT, (object(),)), ("INSERT INTO nowhere VALUES (1)", ())]
)
def test_a_bad_write_is_refused_and_the_next_one_works(writer: Writer, file: Path, bad: tuple[str, tuple[object, ...]]) -> None:
    with pytest.raises(StoreError, match="could not save this"):
        writer.write(bad)
    writer.write((INSERT, (7,)))
    writer.close()
    assert numbers(file) == [7]


class Held:
    """A connection whose first transaction waits until it is let go, so that jobs gather behind it."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.go = threading.Event()
        self.begun = threading.Event()
        self.transactions = 0

    def begin(self) -> None:
        self.transactions += 1
        self.begun.set()
        self.go.wait(20)
        self._connection.begin()

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def outcomes(writer: Writer, values: list[int]) -> dict[int, bool]:
    """Which of the values were confirmed, written all at once."""

    def write(value: int) -> bool:
        try:
            writer.write((INSERT, (value,)))
        except StoreError:
            return False
        return True

    with ThreadPoolExecutor(len(values)) as pool:
        return dict(zip(values, pool.map(write, values), strict=True))


class Gathering:
    """A writer that is busy with its first job (0) while others gather behind it."""

    def __init__(self, file: Path) -> None:
        self.connection = Held(duckdb.connect(str(file)))
        self.writer = Writer(self.connection)  # type: ignore[arg-type]
        self._queued = threading.Semaphore(0)
        self._pool = ThreadPoolExecutor(30)
        put = self.writer._jobs.put

        def counted(*arguments: Any, **options: Any) -> None:
            put(*arguments, **options)
            self._queued.release()

        self.writer._jobs.put = counted  # type: ignore[method-assign]
        self.first = self.write(0)
        assert self.connection.begun.wait(20)

    def write(self, value: int) -> Future[None]:
        """Write from another thread; returns when the job is queued."""
        return self.run(self.writer.write, (INSERT, (value,)))

    def run(self, call: Callable[..., None], *arguments: Any) -> Future[None]:
        """Call from another thread; returns when that has queued something."""
        future = self._pool.submit(call, *arguments)
        assert self._queued.acquire(timeout=20)
        return future

    def go(self) -> None:
        self.connection.go.set()
        self._pool.shutdown()


def test_one_bad_job_does_not_spoil_its_batch(file: Path) -> None:
    gathering = Gathering(file)
    good = [gathering.write(value) for value in range(1, 10)]
    bad = gathering.write(0)
    good += [gathering.write(value) for value in range(10, 20)]
    gathering.go()
    assert [job.result() for job in (gathering.first, *good)] == [None] * 20
    with pytest.raises(StoreError):
        bad.result()
    gathering.writer.close()
    assert numbers(file) == list(range(20))


def test_what_waits_is_committed_together(file: Path) -> None:
    gathering = Gathering(file)
    jobs = [gathering.write(value) for value in range(1, 20)]
    gathering.go()
    assert [job.result() for job in jobs] == [None] * 19
    gathering.writer.close()
    assert gathering.connection.transactions == 2


def test_close_writes_what_waits(file: Path) -> None:
    gathering = Gathering(file)
    jobs = [gathering.write(value) for value in range(1, 20)]
    closing = gathering.run(gathering.writer.close)
    gathering.go()
    closing.result()
    assert [job.result() for job in jobs] == [None] * 19
    assert numbers(file) == list(range(20))


def test_a_write_that_is_not_confirmed_in_time_says_so(file: Path) -> None:
    held = Held(duckdb.connect(str(file)))
    writer = Writer(held)  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="may not be saved"):
        writer.write((INSERT, (1,)), timeout=0.01)
    held.go.set()
    writer.close()
    assert numbers(file) == [1]


def test_a_closed_writer_refuses(writer: Writer) -> None:
    writer.close()
    with pytest.raises(StoreError, match="closed"):
        writer.write((INSERT, (1,)))


def test_many_threads(file: Path) -> None:
    writer = Writer(duckdb.connect(str(file)))
    with ThreadPoolExecutor(40) as pool:
        list(pool.map(lambda value: writer.write((INSERT, (value,))), range(400)))
    writer.close()
    assert numbers(file) == list(range(400))


def test_of_many_threads_with_the_same_key_one_is_confirmed(file: Path) -> None:
    writer = Writer(duckdb.connect(str(file)))
    with ThreadPoolExecutor(20) as pool:
        confirmed = list(pool.map(lambda _: outcomes(writer, [1])[1], range(20)))
    writer.close()
    assert confirmed.count(True) == 1
    assert numbers(file) == [1]


def test_many_threads_write_and_read_one_store(tmp_path: Path) -> None:
    url = f"duckdb:///{tmp_path / 'store.duckdb'}"
    store = Store(url)

    def converse(number: int) -> int:
        for position in range(4):
            store.record_exchange(exchange(conversation_id=f"c{number}", user_id=f"u{number}", position=position))
        return len(store.exchanges(f"c{number}", f"u{number}"))

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(converse, range(16))) == [4] * 16
    store.close()
    again = Store(url)
    assert [len(again.exchanges(f"c{number}", f"u{number}")) for number in range(16)] == [4] * 16
    again.close()


@pytest.mark.parametrize("confirmed", [1, 7, 20, 50, 120])
def test_a_killed_process_loses_nothing_that_was_confirmed(tmp_path: Path, confirmed: int) -> None:
    url = f"duckdb:///{tmp_path / 'store.duckdb'}"
    seen = written_until_killed(url, confirmed)
    store = Store(url)
    kept = {one.id for one in store.exchanges("c", "u")}
    store.close()
    assert len(seen) >= confirmed
    assert set(seen) <= kept
