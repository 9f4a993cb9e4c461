"""Opening the store: made when missing, brought up to date, and a clear message when it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from dbbuddy.store import connection
from dbbuddy.store.connection import MIGRATIONS, open_database
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from tests.unit.store.elsewhere import NOBODY, opened_elsewhere
from tests.unit.store.exchanges import exchange


def url(path: Path) -> str:
    return f"duckdb:///{path}"


def tables(path: Path) -> set[str]:
    with duckdb.connect(str(path)) as opened:
        return {row[0] for row in opened.execute("SELECT table_name FROM information_schema.tables").fetchall()}


def test_folders_and_tables_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "store.duckdb"
    open_database(url(path)).close()
    assert {"migrations", "conversations", "exchanges", "feedback"} <= tables(path)


def test_each_migration_is_applied_once(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    for _ in range(3):
        open_database(url(path)).close()
    with duckdb.connect(str(path)) as opened:
        applied = opened.execute("SELECT number FROM migrations ORDER BY number").fetchall()
    assert [row[0] for row in applied] == list(range(1, len(list(MIGRATIONS.glob("*.sql"))) + 1))


def test_migrations_are_numbered_without_gaps() -> None:
    numbers = [int(file.name[:4]) for file in sorted(MIGRATIONS.glob("*.sql"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_later_migration_is_applied_to_a_store_with_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, folder = tmp_path / "store.duckdb", tmp_path / "migrations"
    store = Store(url(path))
    one = exchange()
    store.record_exchange(one)
    store.close()
    folder.mkdir()
    for file in MIGRATIONS.glob("*.sql"):
        (folder / file.name).write_text(file.read_text())
    (folder / "9000_later.sql").write_text("CREATE TABLE later (n INTEGER); INSERT INTO later VALUES (1);")
    monkeypatch.setattr(connection, "MIGRATIONS", folder)
    store = Store(url(path))
    assert store.exchanges(one.conversation_id, "u") == [one]
    store.close()
    assert "later" in tables(path)


def test_a_migration_that_fails_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, folder = tmp_path / "store.duckdb", tmp_path / "migrations"
    folder.mkdir()
    (folder / "0001_good.sql").write_text("CREATE TABLE good (n INTEGER)")
    (folder / "0002_bad.sql").write_text("CREATE TABLE half (n INTEGER); CREATE TABLE good (n INTEGER)")
    monkeypatch.setattr(connection, "MIGRATIONS", folder)
    with pytest.raises(StoreError, match="good"):
        open_database(url(path))
    assert tables(path) == {"migrations", "good"}
    (folder / "0002_bad.sql").write_text("CREATE TABLE half (n INTEGER)")
    open_database(url(path)).close()
    assert "half" in tables(path)


@pytest.mark.parametrize("wrong", ["", "postgres://x", "duckdb://x", "/tmp/x.duckdb", "sqlite:///x"])
def test_a_wrong_setting_says_what_to_write(wrong: str) -> None:
    with pytest.raises(StoreError, match=r"write duckdb:///path/to/file\.duckdb"):
        open_database(wrong)


@pytest.mark.parametrize("content", [b"hello world" * 1000, b"\x00" * 20_000, b"", b"SQLite format 3\x00" + b"\x00" * 5000])
def test_a_file_that_is_no_store_is_called_so_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "blocked-lock.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged or is no DuckDB file\. Move it away"):
        Store(url(path))
    assert path.read_bytes() == content


def test_a_store_with_damaged_pages_is_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    store = Store(url(path))
    store.record_exchange(exchange(question="x" * 100_000))
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(byte ^ 0xFF for byte in data[4096:])
    path.write_bytes(data)
    with pytest.raises(StoreError, match="is damaged"):
        Store(url(path))


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(url(tmp_path))


def test_a_path_below_a_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="Check that its folder exists and can be written"):
        Store(url(tmp_path / "file" / "store.duckdb"))


def test_a_store_in_use_is_called_so(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    store = Store(url(path))
    assert "is in use by another process. Stop that process, or set DBBUDDY_DATABASE_URL" in opened_elsewhere(url(path))
    store.record_exchange(exchange(conversation_id="c"))
    assert len(store.exchanges("c", "u")) == 1
    store.close()
    assert opened_elsewhere(url(path)) == "opened"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "readonly"
    folder.mkdir()
    folder.chmod(0o555)
    # Root may write anywhere, so as root the store is opened by a user who may not.
    user = NOBODY if os.geteuid() == 0 else None
    for place in (tmp_path, *tmp_path.parents):
        if place.name.startswith(("pytest-", "popen-")) and user:
            place.chmod(0o755)
    said = opened_elsewhere(url(folder / "store.duckdb"), user)
    assert "cannot be opened" in said
    assert "Check that its folder exists and can be written" in said
