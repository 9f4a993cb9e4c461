"""The tables are brought up to date: once, all or nothing, with the data of every earlier version."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import psycopg
import pytest

from dbbuddy.identity import User
from dbbuddy.store import history, migrating
from dbbuddy.store.errors import StoreError
from dbbuddy.store.migrating import MIGRATIONS, migrations
from dbbuddy.store.store import Store
from tests.stores import PostgreSQLStores
from tests.unit.store.exchanges import USER, exchange

FIXTURES = Path(__file__).parent / "fixtures"
ANN = User("ann", "Ann", frozenset({"developer"}))


@pytest.fixture(params=["duckdb", "postgresql"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it."""
    if request.param == "duckdb":
        yield f"duckdb:///{tmp_path / 'new' / 'store.duckdb'}"
        return
    stores: PostgreSQLStores = request.getfixturevalue("postgresql_stores")
    url = stores.new("template0")
    yield url
    stores.drop(url)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, used instead of them."""
    copy = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, copy)
    monkeypatch.setattr(migrating, "MIGRATIONS", copy)
    return copy


def applied(url: str) -> list[tuple[int, str]]:
    store = Store(url)
    try:
        return [(number, name) for number, name in store.read("SELECT number, name FROM migrations ORDER BY number")]
    finally:
        store.close()


def has_table(url: str, name: str) -> bool:
    store = Store(url)
    try:
        return name in store.backend.columns
    finally:
        store.close()


def test_each_is_applied_once_in_order(new_url: str) -> None:
    first = applied(new_url)
    assert [number for number, _ in first] == list(range(1, len(first) + 1))
    assert first[0] == (1, "0001_conversations")
    assert applied(new_url) == first


def test_both_databases_go_through_the_same_numbers_with_the_same_tables(
    duckdb_url: str, postgresql_stores: PostgreSQLStores
) -> None:
    assert [step.number for step in migrations("duckdb")] == [step.number for step in migrations("postgresql")]
    url = postgresql_stores.new()
    names = []
    for one in (duckdb_url, url):
        store = Store(one)
        names.append({table: list(columns) for table, columns in store.backend.columns.items()})
        store.close()
    postgresql_stores.drop(url)
    assert names[0] == names[1]
    assert {"conversations", "exchanges", "feedback", "audit"} <= set(names[0])


def test_a_file_for_one_database_is_nothing_to_the_other(folder: Path) -> None:
    number = len(migrations("duckdb")) + 1
    (folder / f"{number:04}_only.postgresql.sql").write_text("CREATE TABLE a (n INTEGER)")
    assert [step.sql for step in migrations("duckdb", folder)][-1] == ""
    assert [step.sql for step in migrations("postgresql", folder)][-1] == "CREATE TABLE a (n INTEGER)"


def test_a_later_one_is_applied_to_a_store_with_content(new_url: str, folder: Path) -> None:
    one = exchange()
    store = Store(new_url)
    history.record_exchange(store, USER, one)
    store.close()
    (folder / "9000_later.sql").write_text("CREATE TABLE later (n INTEGER); INSERT INTO later VALUES (1);")
    store = Store(new_url)
    assert store.read("SELECT n FROM later") == [(1,)]
    assert history.exchanges(store, USER, one.conversation_id) == [one]
    store.close()


def test_one_that_fails_leaves_nothing_behind(new_url: str, folder: Path) -> None:
    (folder / "8999_good.sql").write_text("CREATE TABLE good (n INTEGER)")
    bad = folder / "9000_bad.sql"
    bad.write_text("CREATE TABLE half (n INTEGER); CREATE TABLE good (n INTEGER)")
    with pytest.raises(StoreError, match="good"):
        Store(new_url)
    bad.unlink()
    assert has_table(new_url, "good")
    assert not has_table(new_url, "half")
    bad.write_text("CREATE TABLE half (n INTEGER)")
    assert has_table(new_url, "half")


def test_one_that_was_edited_afterwards_is_named(new_url: str, folder: Path) -> None:
    Store(new_url).close()
    file = folder / "0002_memory.sql"
    file.write_text(file.read_text() + "\n-- edited\n")
    with pytest.raises(StoreError, match=r"0002_memory was edited.*put changes into a new migration"):
        Store(new_url)


def test_other_line_ends_are_no_edit(new_url: str, folder: Path) -> None:
    Store(new_url).close()
    file = folder / "0002_memory.sql"
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    Store(new_url).close()


def test_a_store_of_a_newer_version_is_refused_and_left_alone(new_url: str, folder: Path) -> None:
    later = folder / "9000_later.sql"
    later.write_text("CREATE TABLE later (n INTEGER)")
    Store(new_url).close()
    later.unlink()
    with pytest.raises(StoreError, match=r"newer DB-Buddy \(schema 9000; .* Start the newer version"):
        Store(new_url)
    later.write_text("CREATE TABLE later (n INTEGER)")
    assert has_table(new_url, "later")


def test_of_eight_replicas_that_start_at_once_one_applies_each(postgresql_stores: PostgreSQLStores) -> None:
    url = postgresql_stores.new("template0")
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(Store, [url] * 8))
    assert stores[7].read("SELECT count(*), count(DISTINCT number) FROM migrations") == [(len(migrations("postgresql")),) * 2]
    for store in stores:
        store.close()
    postgresql_stores.drop(url)


def version_1_on_duckdb(path: Path) -> str:
    """A store as the first version left it."""
    path.write_bytes(gzip.decompress((FIXTURES / "version1.duckdb.gz").read_bytes()))
    return f"duckdb:///{path}"


def version_1_on_postgresql(stores: PostgreSQLStores) -> str:
    url = stores.new("template0")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((FIXTURES / "version1.postgresql.sql").read_text())
    return url


@pytest.fixture(params=["duckdb", "postgresql"])
def version_1(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "duckdb":
        yield version_1_on_duckdb(tmp_path / "old.duckdb")
        return
    stores: PostgreSQLStores = request.getfixturevalue("postgresql_stores")
    url = version_1_on_postgresql(stores)
    yield url
    stores.drop(url)


def test_a_store_of_version_1_keeps_its_data(version_1: str) -> None:
    store = Store(version_1)
    (listed,) = history.conversations(store, ANN)
    first, second = history.exchanges(store, ANN, listed.id)
    assert (listed.id, listed.title, listed.exchanges) == ("c1", "Deadlock from different lock order", 2)
    assert (first.question, first.stars, first.outcome) == ("postgres deadlock detected 40P01 on table orders", 4, "solved")
    assert (first.advice.diagnoses[0].slug, second.question) == ("pg-deadlock", "it is slow")
    assert store.read("SELECT question, day FROM exchanges WHERE id = 'e2'") == [
        ("ORA-01555 snapshot too old; größe 😀", date(2026, 11, 5))
    ]
    assert store.read("SELECT count(*) FROM migrations WHERE checksum IS NULL") == [(0,)]
    history.record_exchange(store, ANN, exchange(conversation_id="c1", user_id="ann", position=2))
    assert len(history.exchanges(store, ANN, "c1")) == 3
    store.close()


@pytest.mark.parametrize("before", range(1, len(migrations("duckdb"))))
def test_every_earlier_version_migrates_with_its_data(new_url: str, before: int, folder: Path) -> None:
    later = [file for file in folder.glob("*.sql") if int(file.name[:4]) > before]
    texts = {file: file.read_text() for file in later}
    for file in later:
        file.unlink()
    store = Store(new_url)
    known = store.backend.columns["exchanges"]
    row = {"id": "e", "conversation_id": "c", "user_id": "u", "position": 0, "asked_at": exchange().asked_at, "question": "Why?"}
    row |= {"advice": exchange().advice.model_dump_json(), "status": "answered", "provider": "rules", "latency_ms": 1.0}
    row |= {name: value for name, value in {"team": "t", "codes": "40P01"}.items() if name in known}
    store.append({"exchanges": [row]})
    store.close()
    for file, text in texts.items():
        file.write_text(text)
    store = Store(new_url)
    (found,) = history.exchanges(store, USER, "c")
    assert (found.question, found.advice) == ("Why?", exchange().advice)
    store.close()
