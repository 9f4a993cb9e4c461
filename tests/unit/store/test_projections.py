"""Saved projections belong to their owner, are sealed like all texts, and go with the account."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dbbuddy.identity import LOCAL_USER, User
from dbbuddy.store.accounts import erase, export, held
from dbbuddy.store.projections import (
    ProjectionError,
    delete_projection,
    rename_projection,
    save_projection,
    saved_content,
    saved_projections,
)
from dbbuddy.store.store import Store
from tests.unit.store.conftest import ChangeSettings

OTHER = User("other", "Other", LOCAL_USER.roles, "b")


@pytest.fixture
def store(tmp_path: Path, change_settings: ChangeSettings) -> Iterator[Store]:
    url = f"duckdb:///{tmp_path / 'store.duckdb'}"
    change_settings(database_url=url)
    opened = Store(url)
    yield opened
    opened.close()


def test_only_the_owner_sees_opens_renames_and_deletes_it(store: Store) -> None:
    mine = save_projection(store, LOCAL_USER, "  orders \n database ", '{"a": 1}')
    assert [one.name for one in saved_projections(store, LOCAL_USER)] == ["orders database"]
    assert saved_content(store, LOCAL_USER, mine) == '{"a": 1}'
    assert saved_projections(store, OTHER) == []
    assert saved_content(store, OTHER, mine) is None
    rename_projection(store, OTHER, mine, "stolen")
    delete_projection(store, OTHER, mine)
    rename_projection(store, LOCAL_USER, mine, "orders")
    assert [one.name for one in saved_projections(store, LOCAL_USER)] == ["orders"]
    delete_projection(store, LOCAL_USER, mine)
    assert saved_content(store, LOCAL_USER, mine) is None


@pytest.mark.parametrize("name", ["", "  \n "])
def test_it_needs_a_name(store: Store, name: str) -> None:
    with pytest.raises(ProjectionError, match="Give the projection a name"):
        save_projection(store, LOCAL_USER, name, "{}")


def test_too_large_is_refused(store: Store) -> None:
    with pytest.raises(ProjectionError, match="too much to save"):
        save_projection(store, LOCAL_USER, "large", "x" * 5_000_001)


@pytest.mark.parametrize("mode", ["metadata", "off"])
def test_where_no_texts_are_kept_nothing_is_saved(store: Store, change_settings: ChangeSettings, mode: str) -> None:
    change_settings(storage_mode=mode)
    with pytest.raises(ProjectionError, match="Export the projection instead"):
        save_projection(store, LOCAL_USER, "orders", "{}")
    assert store.read("SELECT count(*) FROM projections") == [(0,)]


def test_name_and_content_are_sealed(store: Store, change_settings: ChangeSettings) -> None:
    change_settings(encryption_keys="k1:" + base64.b64encode(b"k" * 32).decode())
    kept = save_projection(store, LOCAL_USER, "orders", "secret size")
    raw = store.read("SELECT name, content FROM projections")[0]
    assert "orders" not in raw[0]
    assert "secret" not in raw[1]
    assert saved_content(store, LOCAL_USER, kept) == "secret size"


def test_it_is_part_of_the_account(store: Store) -> None:
    save_projection(store, LOCAL_USER, "orders", '{"size": 800}')
    theirs = save_projection(store, OTHER, "theirs", "{}")
    assert held(store, LOCAL_USER)["projections"] == 1
    with zipfile.ZipFile(io.BytesIO(export(store, LOCAL_USER))) as archive:
        rows = json.loads(archive.read("everything.json"))["projections"]
    assert [(row["name"], row["content"]) for row in rows] == [("orders", '{"size": 800}')]
    assert erase(store, LOCAL_USER.id, LOCAL_USER)["projections"] == 1
    assert saved_projections(store, LOCAL_USER) == []
    assert saved_content(store, OTHER, theirs) == "{}"
