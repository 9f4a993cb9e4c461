"""Settings that hold for one test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dbbuddy.settings import settings

ChangeSettings = Callable[..., None]


@pytest.fixture
def change_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[ChangeSettings]:
    """`change_settings(storage_mode="metadata")`."""

    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"DBBUDDY_{name.upper()}", value)
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()
