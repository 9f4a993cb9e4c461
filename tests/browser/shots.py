"""Photograph pages into shots/: every page at both sizes in light and dark, with what is wrong on each.

python -m tests.browser.shots                 # every page of an app of our own
python -m tests.browser.shots chat plans      # these pages
python -m tests.browser.shots --url http://localhost:8501 chat
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

from playwright.sync_api import Browser

from tests.browser.app import ROOT, App, page_names
from tests.browser.browsing import SIZES, Scheme, Size, chromium, window

SHOTS = ROOT / "shots"


def main() -> int:
    """Take the shots; the exit status is 1 if any page has a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", help="names of files in pages/, or home")
    parser.add_argument("--url", help="an app that runs already")
    options = parser.parse_args()
    names = ["" if name == "home" else name for name in options.pages] or page_names()
    SHOTS.mkdir(exist_ok=True)
    with _address(options.url) as address, chromium() as browser:
        faults = sum(
            _shoot(browser, address, name, size, scheme) for name in names for size in SIZES for scheme in get_args(Scheme)
        )
    print(f"{faults} faults; pictures in {SHOTS.relative_to(ROOT)}/")
    return 1 if faults else 0


def _shoot(browser: Browser, address: str, name: str, size: Size, scheme: Scheme) -> int:
    started = time.monotonic()
    with window(browser, size, scheme) as opened:
        page = opened.open(f"{address}/{name}")
        file = SHOTS / f"{name or 'home'}-{size}-{scheme}.png"
        page.screenshot(path=file)
        complaints = opened.complaints()
        print(
            f"{file.name:32} {time.monotonic() - started:4.1f} s  overflow {opened.overflow()} px, "
            f"exceptions {opened.exceptions()}, console errors {len(opened.console_errors)}, outside {len(opened.outside)}"
        )
    for complaint in complaints:
        print(f"    {complaint}")
    return len(complaints)


@contextmanager
def _address(url: str | None) -> Iterator[str]:
    if url:
        yield url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder:
        app = App(Path(folder))
        app.start()
        try:
            yield app.url
        finally:
            app.stop()


if __name__ == "__main__":
    sys.exit(main())
