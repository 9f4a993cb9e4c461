"""One fake server a test: what was asked of it belongs to that test alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dbbuddy.providers.prompt import Prompt
from tests.fakes.llm_server import FakeModels, fake_server
from tests.unit.providers.chains import prompt_of


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeModels]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    with fake_server() as running:
        yield running


@pytest.fixture(scope="session")
def prompt() -> Prompt:
    return prompt_of()
