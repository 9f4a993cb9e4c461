"""Pages run in-process, each test with a store of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Store
from dbbuddy.ui import resources

ROOT = Path(__file__).parent.parent.parent

OpenPage = Callable[..., AppTest]


@pytest.fixture(scope="session", autouse=True)
def packages_searched_once() -> Iterator[None]:
    """Every new AppTest would search all installed packages for components, which takes as long as the test itself."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def store_file(tmp_path: Path) -> Path:
    """Where the app of this test keeps its conversations."""
    return tmp_path / "store.duckdb"


@pytest.fixture(autouse=True)
def own_store(store_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The settings of this test; the playbooks stay loaded between tests."""
    monkeypatch.setenv("DBBUDDY_DATABASE_URL", f"duckdb:///{store_file}")
    settings.cache_clear()
    resources.question_limit.clear()
    yield
    let_go_of_the_store()
    settings.cache_clear()


def let_go_of_the_store() -> None:
    """As at the end of the process: the next page opens the file anew."""
    with suppress(StoreError):  # some tests are about a store that does not open
        resources.opened_store().close()
    resources.opened_store.clear()


@pytest.fixture
def other_playbooks() -> Iterator[None]:
    """For tests that change which playbooks there are."""
    st.cache_resource.clear()
    yield
    st.cache_resource.clear()


@pytest.fixture
def open_chat() -> OpenPage:
    """Opens the chat page in a new session, with parameters of its address."""

    def open_one(**parameters: str) -> AppTest:
        page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
        page.query_params.update(parameters)
        page.switch_page("pages/chat.py").run()
        assert not page.exception
        return page

    return open_one


@pytest.fixture
def stored(store_file: Path) -> Callable[[], Store]:
    """The store that the app of this test writes to."""

    def opened() -> Store:
        store = resources.store()
        assert store is not None
        return store

    return opened
