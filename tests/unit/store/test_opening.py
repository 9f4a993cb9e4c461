"""Opening the store: made when missing, and a clear message that says what to do when it cannot be used."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
import pytest

from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import exchanges, record_exchange
from dbbuddy.store.store import Store
from tests.unit.store.elsewhere import NOBODY, opened_elsewhere
from tests.unit.store.exchanges import USER, exchange


def url(path: Path) -> str:
    return f"duckdb:///{path}"


def test_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "store.duckdb"
    Store(url(path)).close()
    assert path.exists()


@pytest.mark.parametrize("wrong", ["", "duckdb://x", "/tmp/x.duckdb", "sqlite:///x", "mysql://x"])
def test_a_wrong_setting_says_what_to_write(wrong: str) -> None:
    with pytest.raises(StoreError, match=r"write duckdb:///path/to/file\.duckdb or postgresql://"):
        Store(wrong)


def test_a_secret_in_a_wrong_setting_is_not_repeated() -> None:
    with pytest.raises(StoreError) as told:
        Store("mysql://root:hunter2@host/db")
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "unreachable", ["postgresql://nobody:hunter2@127.0.0.1:9/x", "postgresql:///x?host=/nowhere", "postgresql://h:notaport/x"]
)
def test_a_server_that_cannot_be_reached_is_said_without_its_password(unreachable: str) -> None:
    with pytest.raises(StoreError, match="Check DBBUDDY_DATABASE_URL") as told:
        Store(unreachable)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize("content", [b"hello world" * 1000, b"\x00" * 20_000, b"", b"SQLite format 3\x00" + b"\x00" * 5000])
def test_a_file_that_is_no_store_is_called_so_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "blocked-lock.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"is damaged or is no DuckDB file\. Move it away"):
        Store(url(path))
    assert path.read_bytes() == content


def test_a_store_with_damaged_pages_is_called_damaged(duckdb_url: str) -> None:
    path = Path(duckdb_url.removeprefix("duckdb:///"))
    store = Store(duckdb_url)
    record_exchange(store, USER, exchange(question="x" * 100_000))
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(byte ^ 0xFF for byte in data[4096:])
    path.write_bytes(data)
    with pytest.raises(StoreError, match=r"is damaged .* dbbuddy restore --from FILE"):
        Store(duckdb_url)


def test_a_folder_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        Store(url(tmp_path))


def test_a_path_below_a_file_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="Check that its folder exists and can be written"):
        Store(url(tmp_path / "file" / "store.duckdb"))


def test_a_store_in_use_is_called_so_with_the_process_that_has_it(duckdb_url: str) -> None:
    store = Store(duckdb_url)
    said = opened_elsewhere(duckdb_url)
    assert f"is in use by another process (PID {os.getpid()}). Stop that process, or set DBBUDDY_DATABASE_URL" in said
    record_exchange(store, USER, exchange(conversation_id="c"))
    assert len(exchanges(store, USER, "c")) == 1
    store.close()
    assert opened_elsewhere(duckdb_url) == "opened"


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


@pytest.mark.parametrize(
    "escape",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "COPY (SELECT 1) TO '/tmp/dbbuddy-escape.csv'",
        "ATTACH '/tmp/dbbuddy-escape.duckdb'",
        "SET enable_external_access = true",
        "INSTALL httpfs",
    ],
)
def test_an_open_store_reaches_no_other_file(duckdb_url: str, escape: str) -> None:
    store = Store(duckdb_url)
    with pytest.raises(StoreError):
        store.read(escape)
    store.close()
    assert not list(Path("/tmp").glob("dbbuddy-escape*"))


def test_a_file_made_here_can_be_read_by_the_long_supported_version_too(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    Store(url(path)).close()
    with duckdb.connect(str(path), read_only=True) as opened:
        ((_, tags),) = opened.execute("SELECT database_name, tags FROM duckdb_databases() WHERE database_name = 'store'").fetchall()
    assert tags["storage_version"].startswith("v1.4")
