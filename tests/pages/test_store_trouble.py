"""A store that stops working while the app runs: answers go on, and the page says what is not saved yet."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable

import pytest

from dbbuddy.identity import LOCAL_USER
from dbbuddy.store.history import conversations
from dbbuddy.store.store import Store
from tests.pages.conftest import OpenPage

QUESTION = "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"


def test_a_full_disk_is_said_and_what_was_answered_is_saved_later(
    open_chat: OpenPage, stored: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_chat()
    usage = shutil.disk_usage
    full = usage("/")._replace(free=1_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: full)
    page.chat_input[0].set_value(QUESTION).run()
    said = " ".join(warning.value for warning in page.warning).replace("\\", "")
    assert "saved as soon as the store works again" in said
    assert "Free some space" in said
    assert any("Root cause" in text.value for text in (*page.markdown, *page.subheader, *page.caption)), "the answer is shown"
    page.run()
    said = " ".join(warning.value for warning in page.warning).replace("\\", "")
    assert "New answers are shown, and saved as soon as the store works again" in said
    monkeypatch.setattr(shutil, "disk_usage", usage)
    until = time.monotonic() + 20
    while stored().health().state != "ok" and time.monotonic() < until:
        time.sleep(0.02)
    page.run()
    assert [warning.value for warning in page.warning] == []
    assert [one.exchanges for one in conversations(stored(), LOCAL_USER)] == [1]
