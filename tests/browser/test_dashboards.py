"""A manager looks at the dashboards: the filter stays over reload and pages, and figures leave as files."""

from __future__ import annotations

import csv
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.browsing import Window


def test_filter_stays_and_figures_leave(app: App, desktop: Window) -> None:
    page = desktop.open(app.page("adoption"))
    page.get_by_role("button", name="Show it with sample data").click()
    expect(page.get_by_text("Nothing here is about your developers")).to_be_visible(timeout=60_000)
    page.get_by_test_id("stPopoverButton").filter(has_text="Filter").click()
    page.get_by_label("Team", exact=True).click()
    page.keyboard.type("Sear")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Team: Search")).to_be_visible()
    desktop.settle()
    assert "team=Search" in page.url
    assert "sample=true" in page.url

    page.reload()
    expect(page.get_by_text("Team: Search")).to_be_visible(timeout=60_000)
    desktop.settle()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Quality").click()
    expect(page.get_by_role("heading", name="Quality", exact=True)).to_be_visible()
    expect(page.get_by_text("Team: Search")).to_be_visible()
    assert "team=Search" in page.url
    desktop.settle()

    page.get_by_text("Table and CSV: response times by provider").click()
    with page.expect_download() as download:
        page.get_by_test_id("stDownloadButton").filter(has_text="Download CSV").locator("visible=true").first.click()
    assert download.value.suggested_filename.startswith("dbbuddy-sample-times-")
    rows = list(csv.reader(Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()))
    assert ["# Team", "Search"] in rows
    assert any(row[:1] == ["Time to"] for row in rows)

    with page.expect_download() as download:
        page.get_by_role("button", name="One-page report").click()
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Team: Search" in text
    assert "Sample data, made up" in text
    assert desktop.complaints() == []


def test_fits_a_phone(app: App, phone: Window) -> None:
    for name in ("adoption", "quality"):
        page = phone.open(app.page(f"{name}?sample=true&period=Last+90+days"))
        expect(page.get_by_text("The exchanges behind these figures")).to_be_visible(timeout=60_000)
        phone.settle()
        assert phone.complaints() == []
