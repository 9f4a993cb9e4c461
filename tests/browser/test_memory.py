"""What two users do with their history in a real browser: find, name, pin, hand over, take along, share, read, delete, erase."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import App
from tests.browser.browsing import Window
from tests.browser.conftest import OpenWindow
from tests.browser.entrance import app_with_login, come_with, cookie_of
from tests.browser.test_journeys import send
from tests.fakes.receiver import Answer, Receiver, receiver

LOCK = "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; UPDATE orders SET a=1 WHERE b=2"
DEADLOCK = "postgres: deadlock detected 40P01 in production"

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def hook() -> Iterator[Receiver]:
    """Refuses the first ticket, then takes it."""
    with receiver(Answer(404)) as known:
        yield known


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, hook: Receiver) -> Iterator[App]:
    """The app with a login and with a receiver of tickets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBBUDDY_WEBHOOK_URL", hook.url)
        patch.setenv("DBBUDDY_WEBHOOK_SHAPE", "teams")
        with app_with_login(tmp_path_factory.mktemp("memory")) as running:
            yield running


def person(app: App, window: Window, name: str) -> tuple[Page, str]:
    """Somebody on the account page, and the id that stands there."""
    come_with(window, app, cookie_of(app, name))
    page = window.open(app.page("account"))
    caption = page.get_by_text("Your id, for sharing").inner_text()
    return page, caption.partition(": ")[2].strip()


def choose(window: Window, about: str, action: str) -> None:
    """An action from the menu of a conversation of the list."""
    window.page.get_by_role("button", name=f"More about {about}").first.click()
    window.page.get_by_role("menuitem", name=action).click()
    window.settle()


def listed(page: Page) -> list[str]:
    return page.get_by_test_id("stSidebar").locator('[class*="st-key-resume-"]').all_inner_texts()


def test_a_history_of_ones_own(app: App, hook: Receiver, open_window: OpenWindow, tmp_path: Path) -> None:
    erin, carol = open_window(), open_window("phone")
    _, carols_id = person(app, carol, "carol")
    page, _ = person(app, erin, "erin")
    erin.open(app.page("chat"))
    for question in (LOCK, DEADLOCK):
        page.get_by_role("button", name="New question").click()
        erin.settle()
        send(erin, question)

    page.get_by_placeholder("Search your conversations").fill("orders timeout")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stSidebar").locator('[class*="st-key-resume-"]')).to_have_count(1)
    choose(erin, "orders", "Rename")
    page.get_by_label("Title").fill("Lock of the night, ask jane.doe@example.com")
    page.get_by_role("button", name="Save").click()
    erin.settle()
    page.get_by_placeholder("Search your conversations").fill("")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stSidebar").get_by_text("Lock of the night, ask <EMAIL_1>").first).to_be_visible()
    choose(erin, "Lock of the night", "Pin")
    expect(page.get_by_test_id("stSidebar").get_by_text("Pinned", exact=True)).to_be_visible()
    assert "Lock of the night" in listed(page)[0]

    page.get_by_text("Hand over to a DBA").click()
    page.get_by_label("What should the DBA know?").fill("since the release of Monday")
    page.get_by_role("button", name="Send the ticket to Microsoft Teams").click()
    expect(page.get_by_text("It refused the ticket with 404")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("Microsoft Teams has it since")).to_be_visible()
    assert len(hook.received) == 2
    assert "since the release of Monday" in hook.received[1][1].decode()
    with page.expect_download() as download:
        page.get_by_role("button", name="Ticket as Markdown").click()
    text = Path(download.value.path()).read_text()
    assert "since the release of Monday" in text
    assert "deadlock detected" in text

    page.get_by_role("button", name="Tell more").click()
    page.get_by_label("Minutes this saved you").fill("40")
    page.get_by_role("button", name="Save").click()
    erin.settle()

    choose(erin, "Lock of the night", "Export")
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON", exact=True).click()
    exported = json.loads(Path(download.value.path()).read_text())
    assert "1205" in exported["exchanges"][0]["question"]
    page.keyboard.press("Escape")
    erin.settle()
    choose(erin, "Lock of the night", "Share")
    page.get_by_role("textbox", name="User id of the colleague").fill("nobody-at-all")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text("Nobody with this user id")).to_be_visible()
    page.get_by_role("textbox", name="User id of the colleague").fill(carols_id)
    page.get_by_role("button", name="Share", exact=True).click()
    address = page.get_by_role("dialog").locator("code").inner_text()
    assert address.startswith(app.page("chat?c="))
    expect(page.get_by_role("button", name="No longer")).to_be_visible()

    theirs = carol.open(address)
    expect(theirs.get_by_text("shared with you to read")).to_be_visible()
    expect(theirs.get_by_text("Lock wait timeout exceeded").first).to_be_visible()
    assert theirs.get_by_test_id("stChatInputTextArea").count() == 0
    theirs.get_by_role("button", name="Start from this answer").click()
    carol.settle()
    send(carol, "the lock is held by an idle session")
    expect(theirs.get_by_text("Goes on from:")).to_be_visible()
    assert carol.complaints() == []

    page.get_by_role("button", name="No longer").click()
    erin.settle()
    page.keyboard.press("Escape")
    theirs = carol.open(address)
    expect(theirs.get_by_text("does not exist, or it is not yours")).to_be_visible()

    choose(erin, "Deadlock", "Delete")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_test_id("stSidebar").locator('[class*="st-key-resume-"]')).to_have_count(1)

    page = erin.open(app.page("account"))
    page.get_by_role("button", name="Verify the log").click()
    expect(page.get_by_text("The log is whole, and it fits its head")).to_be_visible()
    page.get_by_role("button", name="Take all of it along").click()
    erin.settle()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save the file").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        assert len(json.loads(archive.read("everything.json"))["exchanges"]) == 1
    page.get_by_role("button", name="Erase all of it").click()
    page.get_by_label("Write “erase” to go on").fill("erase")
    page.get_by_role("button", name="Erase", exact=True).click()
    expect(page.get_by_text("All that was kept about you is erased")).to_be_visible()
    page = erin.open(app.page("chat"))
    assert listed(page) == []
    assert erin.complaints() == []
    assert listed(carol.open(app.page("chat"))) != [], "what others have stays"
