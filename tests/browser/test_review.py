"""A review in a real browser: paste, finding, verified index, copy, chat; by mouse, keyboard and thumb; hostile names."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.browsing import Size, Window
from tests.browser.conftest import OpenWindow
from tests.unit.plans.made import HOSTILE

SQL = """SELECT id, fee FROM parcels
WHERE sender_id = 7 AND date(sent_at) = '2026-03-01'
ORDER BY sent_at DESC LIMIT 20 OFFSET 90000;
DELETE FROM parcels;"""
DDL = "CREATE TABLE parcels (id bigint PRIMARY KEY, sender_id bigint NOT NULL, sent_at timestamptz NOT NULL, fee numeric(8,2));"


def review(window: Window, app: App, sql: str, ddl: str = "", engine: str = "PostgreSQL") -> None:
    """Open the page, paste, choose the engine, review."""
    page = window.open(app.page("review"))
    page.get_by_label("SQL", exact=True).fill(sql)
    page.get_by_role("textbox", name="Tables (DDL), if you have it").fill(ddl)
    page.get_by_role("combobox", name="Engine").press("ArrowDown")
    page.get_by_role("option", name=engine, exact=True).click()
    window.settle()
    page.get_by_role("button", name="Review", exact=True).click()
    page.get_by_role("button", name="Ask about this").wait_for()
    window.settle(60)


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_from_the_paste_to_the_copied_index(app: App, open_window: OpenWindow, size: Size) -> None:
    window = open_window(size)
    window.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    review(window, app, SQL, DDL)
    page = window.page
    panel = page.locator(".st-key-review-panel")
    expect(panel).to_contain_text("DELETE changes every row of parcels")
    expect(panel).to_contain_text("line 4, column 13")

    note = page.locator("button.note").filter(has_text="date function around sent_at")
    note.click()
    window.settle()
    expect(panel).to_contain_text("is computed for every row")
    expect(panel).to_be_in_viewport()
    expect(note).to_have_attribute("aria-pressed", "true")
    panel.get_by_role("tab", name="The rewritten statement").click()
    window.settle()
    expect(panel).to_contain_text("sent_at >= '2026-03-01'")

    card = page.locator(".st-key-review-index-0")
    expect(card).to_contain_text("cheaper")
    expect(card.get_by_role("treeitem").filter(has_text="Seq Scan").first).to_be_visible()
    card.get_by_test_id("stCode").first.hover()
    card.get_by_role("button", name="Copy to clipboard").first.click()
    assert page.evaluate("navigator.clipboard.readText()").startswith("CREATE INDEX CONCURRENTLY parcels_")

    with page.expect_download() as download:
        page.get_by_role("button", name="Download Markdown").click()
    assert download.value.suggested_filename == "sql-review.md"
    text = download.value.path().read_text(encoding="utf-8")
    assert "Verified: PostgreSQL's planner uses it" in text
    assert window.complaints() == []


def test_findings_by_keyboard(app: App, desktop: Window) -> None:
    review(desktop, app, SQL, DDL)
    notes = desktop.page.locator("button.note")
    notes.first.focus()
    desktop.page.keyboard.press("Tab")
    second = notes.nth(1)
    expect(second).to_be_focused()
    desktop.page.keyboard.press("Enter")
    desktop.settle()
    expect(second).to_have_attribute("aria-pressed", "true")
    assert desktop.complaints() == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_bad_input_is_explained(app: App, open_window: OpenWindow, size: Size) -> None:
    window = open_window(size)
    page = window.open(app.page("review"))
    page.get_by_label("SQL", exact=True).fill("our database is slow since yesterday")
    page.get_by_role("button", name="Review", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("No SQL statement was recognised")
    window.settle()
    assert window.complaints() == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_hostile_names_stay_text(app: App, open_window: OpenWindow, size: Size) -> None:
    window = open_window(size)
    dialogs: list[str] = []
    window.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    name = HOSTILE.replace('"', '""')
    review(window, app, f'SELECT a FROM "{name}" WHERE "{name}" = 1 ORDER BY b;\nDELETE FROM "{name}";\n' + "W" * 3000)
    assert window.page.get_by_test_id("stMain").locator("img, script[src], svg[onload]").count() == 0
    assert dialogs == []
    assert window.complaints() == []


def test_asking_goes_to_the_chat(app: App, phone: Window) -> None:
    review(phone, app, SQL, DDL)
    phone.page.get_by_role("button", name="Ask about this").click()
    phone.page.get_by_test_id("stChatMessage").nth(1).wait_for()
    phone.settle()
    expect(phone.page.get_by_test_id("stChatMessage").first).to_contain_text("Please review this PostgreSQL SQL")
    assert phone.complaints() == []
