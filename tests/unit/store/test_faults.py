"""A full disk, a dead connection, a locked or torn file: nothing confirmed is lost, reading goes on, and it is said what to do."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from dbbuddy.store import duckdb_backend
from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.errors import DelayedError, StoreError
from dbbuddy.store.repair import repair
from dbbuddy.store.store import Store
from tests.disks import NoSmallDiskError, fill, small_disk
from tests.unit.store.elsewhere import written_until_killed
from tests.unit.store.test_writer import names, rows, until


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    try:
        with small_disk(tmp_path / "disk", megabytes=48) as folder:
            yield folder
    except NoSmallDiskError:
        pytest.skip("only root can make a small disk here")


def long_rows(name: str, size: int) -> dict[str, list[dict[str, object]]]:
    (row,) = rows(name)["projections"]
    return {"projections": [{**row, "content": random.Random(name).randbytes(size // 2).hex()}]}


def written_until_full(store: Store, size: int) -> list[str]:
    """Which rows were confirmed before one had to wait."""
    confirmed: list[str] = []
    for number in range(500):
        try:
            store.append(long_rows(f"r{number:03}", size))
        except DelayedError:
            return [*confirmed]
        confirmed.append(f"r{number:03}")
    pytest.fail("the disk was never full")


@pytest.mark.parametrize(
    ("leave", "size"), [(300_000, 20_000), (20_000_000, 1_000_000)], ids=["in the log", "while the log is folded into the file"]
)
def test_on_a_full_disk_nothing_confirmed_is_lost_and_it_goes_on_without_a_restart(disk: Path, leave: int, size: int) -> None:
    store = Store.over(DuckDBBackend(disk / "store.duckdb", reserve=0))
    filler = fill(disk, leave)
    confirmed = written_until_full(store, size)
    assert confirmed
    until(lambda: len(readable(store)) >= len(confirmed))
    assert set(confirmed) <= set(readable(store))
    with pytest.raises(DelayedError, match="saved as soon as the store works again"):
        store.append(rows("meanwhile"))
    with pytest.raises(StoreError):
        store.execute(("DELETE FROM projections", ()))
    health = store.health()
    assert health.state == "delayed"
    assert "Free some space" in health.message
    filler.unlink()
    until(lambda: store.health().state == "ok")
    assert {*confirmed, "meanwhile"} <= set(names(store))
    store.close()
    again = Store.over(DuckDBBackend(disk / "store.duckdb", reserve=0))
    assert {*confirmed, "meanwhile"} <= set(names(again))
    again.close()


def readable(store: Store) -> list[str]:
    try:
        return names(store)
    except StoreError:
        return []


def test_before_the_disk_is_full_writing_waits(duckdb_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(duckdb_url)
    usage = shutil.disk_usage
    nearly_full = usage("/")._replace(free=duckdb_backend.RESERVE_BYTES - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly_full)
    with pytest.raises(DelayedError, match=r"nearly full \(63 MB left, 64 MB are needed\)\. Free some space"):
        store.append(rows("a"))
    assert any("Only 63 MB are left" in note for note in store.health().notes)
    monkeypatch.setattr(shutil, "disk_usage", usage)
    until(lambda: store.health().state == "ok")
    assert names(store) == ["a"]
    store.close()


def test_a_lost_connection_is_made_anew_and_nobody_notices(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    store.append(rows("a"))
    with psycopg.connect(postgresql_url, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    store.append(rows("b"))
    assert names(store) == ["a", "b"]
    assert store.health().state == "ok"
    store.close()


def test_a_server_that_is_away_delays_and_then_gets_everything(postgresql_url: str) -> None:
    store = Store(postgresql_url)
    name = postgresql_url.partition("postgres@/")[2].partition("?")[0]
    server = postgresql_url.replace(f"/{name}?", "/postgres?")
    with psycopg.connect(server, autocommit=True) as other:
        other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1".replace("$1", f"'{name}'"))
        with pytest.raises(DelayedError, match="cannot be reached"):
            store.append(rows("a"))
        with pytest.raises(StoreError, match="Nothing was saved|not certain"):
            store.execute(("DELETE FROM projections", ()))
        other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    until(lambda: store.health().state == "ok")
    assert names(store) == ["a"]
    store.close()


def torn(url: str) -> tuple[Path, set[str], str]:
    """A store whose last write did not reach the disk whole; what was confirmed before that, and what opening it says."""
    path = Path(url.removeprefix("duckdb:///"))
    confirmed = set(written_until_killed(url, 30, threads=1)[:-2])
    log = path.with_name(path.name + ".wal")
    with log.open("r+b") as file:
        file.seek(-300, 2)
        file.write(bytes(64))
    with pytest.raises(StoreError) as said:
        Store(url)
    return path, confirmed, str(said.value)


def test_a_torn_log_is_repaired_on_command_only_and_all_before_the_tear_is_kept(duckdb_url: str) -> None:
    path, confirmed, said = torn(duckdb_url)
    assert "Run `python -m dbbuddy repair`" in said
    before = path.with_name(path.name + ".wal").read_bytes()
    done = repair(path)
    assert done is not None
    assert (done.aside / f"{path.name}.wal").read_bytes() == before
    assert (done.aside / path.name).exists()
    assert done.cut > 0
    assert done.kept + done.cut == len(before)
    store = Store(duckdb_url)
    kept = {row[0] for row in store.read("SELECT id FROM exchanges")}
    assert confirmed <= kept
    assert done.exchanges == len(kept)
    store.close()
    assert repair(path) is None


def test_a_store_in_use_or_of_another_kind_is_not_repaired(duckdb_url: str, tmp_path: Path) -> None:
    path = Path(duckdb_url.removeprefix("duckdb:///"))
    assert repair(path) is None
    other = tmp_path / "other.duckdb"
    other.write_bytes(b"x" * 20_000)
    with pytest.raises(StoreError, match="damaged or is no DuckDB file"):
        repair(other)
    with pytest.raises(StoreError, match="There is no store"):
        repair(tmp_path / "nowhere.duckdb")
    assert other.read_bytes() == b"x" * 20_000
