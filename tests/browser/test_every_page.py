"""Each page opens by its own address, at both sizes, without a fault and without asking other machines."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request

from tests.browser.app import App, page_names
from tests.browser.browsing import Size, Window
from tests.browser.conftest import OpenWindow


# The entry last: a page has to open by its own address in a process in which `Home.py` has never run.
@pytest.mark.parametrize("size", ["desktop", "phone"])
@pytest.mark.parametrize("name", [*page_names()[1:], ""], ids=lambda name: name or "home")
def test_opens_cleanly(app: App, open_window: OpenWindow, name: str, size: Size) -> None:
    window = open_window(size)
    window.open(app.page(name))
    assert window.complaints() == []


def test_the_first_page_is_light(app: App, desktop: Window) -> None:
    """What is ours of it, over the wire: the font, images, components and what the script sends. Streamlit's own files are not."""
    ours: dict[str, int] = {}
    sent: list[int] = []

    finished: list[Request] = []
    desktop.page.on("requestfinished", lambda request: finished.append(request))
    desktop.page.on("websocket", lambda socket: socket.on("framereceived", lambda data: sent.append(len(data))))
    desktop.open(app.page())
    for request in finished:
        path = urlsplit(request.url).path
        if not path.startswith("/static/"):
            ours[path] = request.sizes()["responseBodySize"]
    assert any(path.endswith(".woff2") for path in ours), "the font is our own"
    assert sent, "the script's messages are counted"
    assert sum(ours.values()) + sum(sent) < 3_000_000, ours
