"""The running app and windows onto it. Each test file has an app with an empty store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser

from tests.browser.app import App
from tests.browser.browsing import MissingChromiumError, Scheme, Size, Window, chromium, window
from tests.effort import FULL
from tests.require import missing

# The dearest journeys run with `make test-full` only: each has an app, logins or models of its own.
_DEAR = ("accessible", "access", "capacity", "dashboards", "memory", "model_text")
collect_ignore = [] if FULL else [f"test_{name}.py" for name in _DEAR]

OpenWindow = Callable[..., Window]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app, started; `app.restart()` keeps its store."""
    running = App(tmp_path_factory.mktemp("app"))
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    try:
        with chromium() as started:
            yield started
    except MissingChromiumError as error:
        missing("Chromium", error.bring)


@pytest.fixture
def open_window(browser: Browser) -> Iterator[OpenWindow]:
    """Opens windows: `open_window("phone", "dark")`."""
    with ExitStack() as opened:

        def open_one(size: Size = "desktop", scheme: Scheme = "light") -> Window:
            return opened.enter_context(window(browser, size, scheme))

        yield open_one


@pytest.fixture
def desktop(open_window: OpenWindow) -> Window:
    """A window of 1440 x 900."""
    return open_window("desktop")


@pytest.fixture
def phone(open_window: OpenWindow) -> Window:
    """A phone of 390 x 844."""
    return open_window("phone")
