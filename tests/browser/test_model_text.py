"""A model's text in a real browser: it causes no request and no script, streamed, finished, after a reload, on other pages."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import App
from tests.browser.browsing import Window
from tests.browser.conftest import OpenWindow
from tests.fakes.hostile import hostile_answer
from tests.fakes.llm_server import FakeModels, fake_server

HANGS = "App hangs on PostgreSQL 15, sessions are idle in transaction and updates wait for locks"


@pytest.fixture(scope="module")
def models() -> Iterator[FakeModels]:
    with fake_server() as server:
        yield server


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, models: FakeModels) -> Iterator[App]:
    """The app with a local model that can be slow."""
    running = App(tmp_path_factory.mktemp("app"), **models.environment("ollama", model="slow"))
    running.start()
    yield running
    running.stop()


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """An address of this machine, and every path that was asked for there."""
    asked: list[str] = []

    class Note(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the output belongs to the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Note)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()


def send(window: Window, text: str) -> None:
    box = window.page.get_by_test_id("stChatInputTextArea")
    box.fill(text)
    box.press("Enter")
    expect(box).to_have_value("")


def foreign_links(page: Page) -> list[str]:
    """Addresses that a click would lead to, but for the app itself and for manuals."""
    found: list[str] = page.evaluate("[...document.querySelectorAll('a[href]')].map(link => link.href)")
    return [address for address in found if not re.match(r"http://localhost[:/]|https://www\.postgresql\.org/|#", address)]


def acted(page: Page) -> list[str]:
    """Elements in the model's part that only an acting form can have made."""
    made = "img, iframe, object, embed, video, audio, script, style, link, meta, form, svg image, .katex"
    return list(
        page.evaluate(
            "made => [...document.querySelectorAll(`[class*='st-key-elaboration-'] :is(${made})`)].map(one => one.outerHTML)",
            made,
        )
    )


def stop_button(page: Page) -> Locator:
    """The model's, not the one in the app's header."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop")


def test_a_hostile_answer_asks_for_nothing_and_leads_nowhere(app: App, models: FakeModels, open_window: OpenWindow) -> None:
    window = open_window()
    requests: list[str] = []
    window.page.on("request", lambda request: requests.append(request.url))
    with listener() as (url, asked):
        text = hostile_answer(url)
        models.pause = 0.0004
        models.answer(list(text))
        window.open(app.page("chat"))
        send(window, HANGS)
        writing = stop_button(window.page)
        expect(writing).to_be_visible(timeout=20_000)
        while writing.is_visible():
            assert not acted(window.page)
            window.page.wait_for_timeout(250)
        expect(window.page.get_by_text("Written by slow")).to_be_visible(timeout=20_000)
        window.settle()
        assert "About image-in-table" in window.page.inner_text('[class*="st-key-elaboration-"]')
        for look in ("finished", "reloaded"):
            if look == "reloaded":
                window.page.reload()
                window.settle()
                expect(window.page.get_by_text("Written by slow")).to_be_visible()
            assert not acted(window.page), look
            assert not foreign_links(window.page), look
        for other in ("knowledge", ""):
            window.open(app.page(other))
        assert asked == []
        assert not [address for address in requests if address.startswith(url)]
        assert not window.outside
        assert not window.complaints()


def test_clicks_while_it_writes_lose_nothing_and_stop_stops(app: App, models: FakeModels, open_window: OpenWindow) -> None:
    window = open_window()
    models.pause = 0.25
    models.answer([f"Line {number} of the model.\n\n" for number in range(40)])
    page = window.open(app.page("chat"))
    send(window, HANGS)
    expect(page.get_by_text("Line 2 of the model.")).to_be_visible(timeout=20_000)
    page.get_by_role("radio", name="4 out of 5 stars").click()
    expect(page.get_by_text("Line 6 of the model.")).to_be_visible(timeout=20_000)
    send(window, "the sessions come from a batch job")
    expect(page.get_by_text("Line 12 of the model.").first).to_be_visible(timeout=20_000)
    for stop in stop_button(page).all():
        stop.click()
    expect(page.get_by_text("Stopped by you").first).to_be_visible(timeout=20_000)
    expect(page.get_by_text("Line 12 of the model.").first).to_be_visible()
    expect(page.get_by_role("radio", name="4 out of 5 stars").first).to_have_attribute("aria-checked", "true")
    if stop_button(page).count():
        stop_button(page).first.click()
    expect(stop_button(page)).to_have_count(0, timeout=20_000)
    window.settle()
    assert not window.exceptions()
    page.reload()
    window.settle()
    expect(page.get_by_text("Line 12 of the model.").first).to_be_visible()
    expect(page.get_by_text("Stopped by you").first).to_be_visible()
