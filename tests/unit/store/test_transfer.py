"""Backups, restoring and moving: proven to be the same, never half done, also beside a running app."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from dbbuddy.cli.main import main
from dbbuddy.settings import settings
from dbbuddy.store import backups, requests
from dbbuddy.store.backend import open_backend
from dbbuddy.store.backups import ScheduledBackups, backup, restore
from dbbuddy.store.duckdb_backend import DuckDBBackend
from dbbuddy.store.errors import InUseError, StoreError
from dbbuddy.store.history import conversations, exchanges, record_exchange
from dbbuddy.store.outcomes import record_feedback
from dbbuddy.store.requests import RequestWatcher, ask
from dbbuddy.store.store import Store
from dbbuddy.store.transfer import move
from tests.stores import PostgreSQLStores
from tests.unit.store.exchanges import USER, exchange
from tests.unit.store.test_writer import names, rows, until

QUESTIONS = ("Größe 😀 'quoted' \\ back", "x" * 100_000, "line\nline\ttab", '{"json": ["a", null]}', "{1,2,NULL}")


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with rows of every type."""
    for number, question in enumerate(QUESTIONS):
        record_exchange(store, USER, exchange(id=f"e{number}", conversation_id="c", position=number, question=question))
    record_feedback(store, USER, "e1", stars=3)
    record_feedback(store, USER, "e1", outcome="solved")
    return store


@pytest.fixture(params=["duckdb", "postgresql"])
def target_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Another empty store, on each database in turn."""
    if request.param == "duckdb":
        yield f"duckdb:///{tmp_path / 'target.duckdb'}"
        return
    stores: PostgreSQLStores = request.getfixturevalue("postgresql_stores")
    url = stores.new("template0")
    yield url
    stores.drop(url)


def all_rows(store: Store) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: sorted(store.read(f'SELECT {", ".join(sorted(columns))} FROM "{table}"'), key=repr)
        for table, columns in store.backend.columns.items()
        if table != "migrations"
    }


def test_what_is_moved_is_the_same(filled: Store, store_url: str, target_url: str) -> None:
    before = all_rows(filled)
    filled.close()
    source, target = open_backend(store_url), open_backend(target_url)
    copied = move(source, target)
    with pytest.raises(StoreError, match="The target is not empty"):
        move(source, target)
    source.close()
    target.close()
    moved = Store(target_url)
    assert all_rows(moved) == before
    assert copied["exchanges"].rows == len(QUESTIONS)
    assert exchanges(moved, USER, "c")[1].stars == 3
    moved.close()


def test_a_move_that_breaks_off_leaves_an_empty_target(
    filled: Store, store_url: str, target_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled.close()
    source, target = open_backend(store_url), open_backend(target_url)
    with monkeypatch.context() as broken:
        broken.setattr("dbbuddy.store.transfer.digest", lambda *_: None)
        with pytest.raises((StoreError, AttributeError)):
            move(source, target)
    copied = move(source, target)
    assert copied["exchanges"].rows == len(QUESTIONS)
    source.close()
    target.close()


def test_a_backup_brings_everything_back(filled: Store, tmp_path: Path, target_url: str) -> None:
    file = tmp_path / "backups" / "b.duckdb"
    before = all_rows(filled)
    filled.backup(file)
    record_exchange(filled, USER, exchange(conversation_id="later"))
    assert file.stat().st_mode & 0o077 == 0
    content = file.read_bytes()
    restore(target_url, file)
    assert file.read_bytes() == content
    restored = Store(target_url)
    assert all_rows(restored) == before
    restored.close()
    assert [entry.name for entry in file.parent.iterdir()] == ["b.duckdb"]


def test_a_backup_is_of_one_moment_while_others_write(store: Store, tmp_path: Path) -> None:
    end = threading.Event()
    written: list[str] = []

    def write() -> None:
        while not end.is_set():
            store.append({**rows(f"r{len(written):05}"), "visits": []})
            written.append(f"r{len(written):05}")

    writer = threading.Thread(target=write)
    writer.start()
    until(lambda: len(written) > 3)
    before = len(written)
    store.backup(tmp_path / "b.duckdb")
    after = len(written) + 1
    end.set()
    writer.join()
    with duckdb.connect(str(tmp_path / "b.duckdb"), read_only=True) as opened:
        found = [row[0] for row in opened.execute("SELECT id FROM projections ORDER BY id").fetchall()]
    assert before <= len(found) <= after
    assert found == written[: len(found)]
    assert store.health().state == "ok"


def test_a_restored_store_keeps_the_old_one_beside(duckdb_url: str, tmp_path: Path) -> None:
    path = Path(duckdb_url.removeprefix("duckdb:///"))
    backup(duckdb_url, tmp_path / "empty.duckdb")
    store = Store(duckdb_url)
    store.append(rows("a"))
    store.close()
    said = restore(duckdb_url, tmp_path / "empty.duckdb")
    (kept,) = path.parent.glob("*.before-restore-*")
    assert str(kept) in said
    store = Store(duckdb_url)
    assert names(store) == []
    store.close()
    with duckdb.connect(str(kept)) as old:
        assert old.execute("SELECT id FROM projections").fetchall() == [("a",)]


def test_a_damaged_store_can_be_restored(duckdb_url: str, tmp_path: Path) -> None:
    backup(duckdb_url, tmp_path / "b.duckdb")
    Path(duckdb_url.removeprefix("duckdb:///")).write_bytes(b"broken" * 5000)
    restore(duckdb_url, tmp_path / "b.duckdb")
    store = Store(duckdb_url)
    store.append(rows("a"))
    store.close()


def test_no_backup_is_overwritten_and_no_rubbish_restored(duckdb_url: str, tmp_path: Path) -> None:
    backup(duckdb_url, tmp_path / "b.duckdb")
    with pytest.raises(StoreError, match="exists already"):
        backup(duckdb_url, tmp_path / "b.duckdb")
    (tmp_path / "rubbish").write_bytes(b"x" * 50_000)
    with duckdb.connect(str(tmp_path / "foreign.duckdb")) as foreign:
        foreign.execute("CREATE TABLE t (n INTEGER)")
    for name in ("rubbish", "foreign.duckdb"):
        with pytest.raises(StoreError, match="damaged or is no backup of DB-Buddy"):
            restore(duckdb_url, tmp_path / name)
    with pytest.raises(StoreError, match="There is no backup"):
        restore(duckdb_url, tmp_path / "nowhere")
    Store(duckdb_url).close()


def test_a_copy_that_differs_is_found(duckdb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(duckdb_url)
    store.append(rows("a"))
    copy = backups.files.copy_database

    def lossy(cursor: duckdb.DuckDBPyConnection, target: Path) -> object:
        expected = copy(cursor, target)
        with duckdb.connect(str(target)) as opened:
            opened.execute("UPDATE projections SET content = 'other'")
        return expected

    monkeypatch.setattr(backups.files, "copy_database", lossy)
    with pytest.raises(StoreError, match="the tables projections differ"):
        store.backup(tmp_path / "b.duckdb")
    with pytest.raises(StoreError, match="all is as before"):
        store.compact()
    assert not (tmp_path / "b.duckdb").exists()
    store.append(rows("b"))
    assert names(store) == ["a", "b"]
    store.close()


def test_compacting_leaves_no_trace_of_what_was_deleted(store_url: str) -> None:
    canary = "canary-" + "7f3a9c51" * 8
    store = Store(store_url)
    if isinstance(store.backend, DuckDBBackend):
        store.close()
        path = store.backend.path
        with duckdb.connect(str(path)) as opened:  # compressed text could not be found, and the test would prove nothing
            opened.execute("SET force_compression = 'uncompressed'")
            opened.execute("INSERT INTO projections VALUES ('x', 'u', 'n', now(), repeat($1, 100))", [canary])
        assert canary.encode() in path.read_bytes()
        store = Store(store_url)
        store.execute(("DELETE FROM projections", ()))
        store.compact()
        assert not any(canary.encode() in file.read_bytes() for file in path.parent.iterdir())
    store.append(rows("a"))
    store.compact()
    store.append(rows("b"))
    assert names(store) == ["a", "b"]
    store.close()


class TestBesideARunningApp:
    @pytest.fixture
    def running(self, duckdb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
        """A store that an app has open, and settings that name it."""
        monkeypatch.setattr(requests, "_LOOK_SECONDS", 0.02)
        monkeypatch.setenv("DBBUDDY_DATABASE_URL", duckdb_url)
        settings.cache_clear()
        store = Store(duckdb_url)
        assert isinstance(store.backend, DuckDBBackend)
        store.attach(RequestWatcher(store, store.backend))
        yield store
        store.close()
        settings.cache_clear()

    def test_the_commands_have_the_app_do_it(
        self, running: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def in_use(*_: object) -> None:  # as another process would be told
            raise InUseError

        monkeypatch.setattr(backups, "backup", in_use)
        monkeypatch.setattr(backups, "restore", in_use)
        running.append(rows("a"))
        assert main(["backup", "--to", str(tmp_path / "b.duckdb")]) == 0
        running.append(rows("b"))
        assert main(["backup", "--to", str(tmp_path / "b.duckdb")]) == 2
        assert main(["restore", "--from", str(tmp_path / "b.duckdb")]) == 0
        assert names(running) == ["a"]
        running.append(rows("c"))
        assert names(running) == ["a", "c"]
        told = capsys.readouterr()
        assert "The running app wrote" in told.out
        assert "The running app restored" in told.out
        assert "exists already" in told.err
        assert not [file for file in tmp_path.iterdir() if "request" in file.name or "answer" in file.name]

    @pytest.mark.parametrize("rubbish", ["", "{}", "[1]", '{"id": "../../x", "command": "backup", "file": "/x"}', "\x00"])
    def test_rubbish_beside_the_store_is_swept_away(self, running: Store, tmp_path: Path, rubbish: str) -> None:
        request = tmp_path / "store.duckdb.request"
        request.write_text(rubbish)
        until(lambda: not request.exists())
        assert ask(tmp_path / "store.duckdb", "backup", tmp_path / "b.duckdb").endswith("read it back.")

    def test_nobody_who_answers_is_said(self, duckdb_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(requests, "_TAKEN_WITHIN_SECONDS", 0.05)
        with pytest.raises(StoreError, match="does not answer"):
            ask(tmp_path / "store.duckdb", "backup", tmp_path / "b.duckdb")
        assert not list(tmp_path.glob("*request*"))


def test_scheduled_backups_are_written_when_due_and_the_oldest_deleted(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "_LOOK_SECONDS", 0.02)
    folder = tmp_path / "backups"
    for day in range(1, 5):
        old = folder / f"dbbuddy-2026010{day}-000000.duckdb"
        old.parent.mkdir(exist_ok=True)
        old.write_bytes(b"old")
        written = old.stat().st_mtime - timedelta(days=30 - day).total_seconds()
        os.utime(old, (written, written))
    (folder / "mine.duckdb").write_bytes(b"not ours")
    record_exchange(store, USER, exchange())
    store.attach(ScheduledBackups(store, folder, hours=24, kept=3))
    until(lambda: len(list(folder.glob("dbbuddy-*.duckdb"))) == 3)
    newest = max(folder.glob("dbbuddy-*.duckdb"))
    url = f"duckdb:///{tmp_path / 'again.duckdb'}"
    restore(url, newest)
    again = Store(url)
    assert len(conversations(again, USER)) == 1
    again.close()
    assert (folder / "mine.duckdb").exists()


def test_a_scheduled_backup_that_fails_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store.attach(ScheduledBackups(store, tmp_path / "file" / "folder", hours=24, kept=3))
    until(lambda: any("The scheduled backup into" in note for note in store.health().notes))
