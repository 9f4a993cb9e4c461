"""Each page opens by its own address, at both sizes, without a fault and without asking other machines."""

from __future__ import annotations

import pytest

from tests.browser.app import App, page_names
from tests.browser.browsing import Size
from tests.browser.conftest import OpenWindow


@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("name", page_names(), ids=lambda name: name or "home")
def test_opens_cleanly(app: App, open_window: OpenWindow, name: str, size: Size) -> None:
    window = open_window(size)
    window.open(app.page(name))
    assert window.complaints() == []


@pytest.mark.parametrize("name", page_names()[1:])
def test_opens_first_on_a_fresh_process(app: App, open_window: OpenWindow, name: str) -> None:
    app.restart()
    window = open_window()
    window.open(app.page(name))
    assert window.complaints() == []
