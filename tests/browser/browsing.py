"""Chromium, driven by Playwright: windows of two sizes, waiting until a page is at rest, and what is wrong with it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, Route, sync_playwright

Size = Literal["desktop", "phone"]
Scheme = Literal["light", "dark"]

SIZES: dict[Size, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True, "has_touch": True},
}
_FLAGS = [
    "--no-sandbox",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-sync",
    "--disable-component-update",
    "--disable-quic",
]
# On a deep link Streamlit's client first asks below the page's own path, and gets a 404.
_EXPECTED_404 = re.compile(r"/\w+/_stcore/(health|host-config)$")

_QUIET = """async () => {
    await document.fonts.ready;
    await new Promise(resolve => {
        let timer = setTimeout(resolve, 400);
        new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(resolve, 400); })
            .observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true});
        setTimeout(resolve, 5000);
    });
}"""


class MissingChromiumError(RuntimeError):
    """There is no Chromium on this machine."""

    bring = "apt-get install --no-install-recommends chromium-headless-shell fonts-liberation fonts-noto-color-emoji"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The operating system's Chromium, without a window; the shell without its own user interface takes half the CPU.

    Raises:
        MissingChromiumError: it is not installed.
    """
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    if not program:
        raise MissingChromiumError
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """One browser window with a session of its own, and what went wrong in it so far."""

    page: Page
    console_errors: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        """Go to the address and wait until the page is at rest."""
        self.page.goto(address)
        self.settle()
        return self.page

    def settle(self, seconds: float = 30) -> None:
        """Wait until the script has run, nothing is loading, and the page has not changed for 400 ms."""
        self.page.wait_for_selector(
            '[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached", timeout=seconds * 1000
        )
        for name in ("stAppSkeleton", "stSkeleton", "stSpinner"):
            self.page.wait_for_selector(f'[data-testid="{name}"]', state="detached", timeout=seconds * 1000)
        self.page.evaluate(_QUIET)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(
            self.page.evaluate(
                """() => {
                    const inner = document.querySelector('[data-testid="stMain"]');
                    const boxes = [document.documentElement, ...(inner ? [inner] : [])];
                    return Math.max(...boxes.map(box => box.scrollWidth - box.clientWidth));
                }"""
            )
        )

    def exceptions(self) -> int:
        """How many Python exceptions the page shows."""
        return self.page.locator('[data-testid="stException"]').count()

    def complaints(self) -> list[str]:
        """Everything that a good page does not have, as sentences; an empty list if it is fine."""
        found = [f"console: {text}" for text in self.console_errors]
        found += [f"failed request: {text}" for text in self.failed]
        found += [f"request to another machine: {text}" for text in self.outside]
        if self.exceptions():
            found.append(f"{self.exceptions()} exception(s) on the page")
        if self.overflow() > 0:
            found.append(f"{self.overflow()} px wider than the window")
        return found


@contextmanager
def window(browser: Browser, size: Size = "desktop", scheme: Scheme = "light") -> Iterator[Window]:
    """A new window. Requests to other machines are noted and do not leave."""
    context = browser.new_context(color_scheme=scheme, locale="en-US", **SIZES[size])
    context.set_default_timeout(20_000)
    opened = Window(context.new_page())
    context.route(re.compile(r"^https?://(?!localhost[:/]|127\.0\.0\.1[:/])"), lambda route: _stay_here(opened, route))
    opened.page.on("console", lambda message: _note_console(opened, message))
    opened.page.on("pageerror", lambda error: opened.console_errors.append(str(error)))
    opened.page.on("response", lambda response: _note_response(opened, response))
    opened.page.on("requestfailed", lambda request: _note_failure(opened, request))
    try:
        yield opened
    finally:
        context.close()


def _stay_here(opened: Window, route: Route) -> None:
    opened.outside.append(route.request.url)
    route.abort()


def _note_console(opened: Window, message: ConsoleMessage) -> None:
    address = message.location.get("url", "")
    if message.type == "error" and not _EXPECTED_404.search(urlsplit(address).path) and address not in opened.outside:
        opened.console_errors.append(message.text)


def _note_response(opened: Window, response: Response) -> None:
    if response.status >= 400 and not _EXPECTED_404.search(urlsplit(response.url).path):
        opened.failed.append(f"{response.status} {response.url}")


def _note_failure(opened: Window, request: Request) -> None:
    if request.url not in opened.outside and request.failure != "net::ERR_ABORTED":
        opened.failed.append(f"{request.failure} {request.url}")
