"""Capacity in a real browser: two numbers, and the production sizing of a growing Aurora PostgreSQL, exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.browsing import Size, Window
from tests.browser.conftest import OpenWindow


def tab(window: Window, name: str) -> None:
    window.page.get_by_role("tab", name=name, exact=True).click()
    window.settle()


def test_two_numbers_by_keyboard_and_their_address(app: App, phone: Window) -> None:
    page = phone.open(app.page("capacity"))
    page.get_by_label("Today, GB").fill("800")
    page.keyboard.press("Tab")
    page.get_by_label("Growth a month").fill("40")
    page.keyboard.press("Tab")
    page.get_by_label("Full at (if known)").fill("1000")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Storage is full (1,000 GB) between")).to_be_visible()
    phone.settle()
    assert phone.complaints() == []
    said = page.get_by_role("heading", level=2).first.inner_text()
    assert "today=800" in page.url
    page.reload()
    expect(page.get_by_role("heading", name=said)).to_be_visible()


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_production_sizing_for_a_growing_aurora_postgresql(app: App, open_window: OpenWindow, tmp_path: Path, size: Size) -> None:
    window = open_window(size, "light" if size == "desktop" else "dark")
    page = window.open(app.page("capacity"))
    page.get_by_text("Growing Aurora PostgreSQL").click()
    expect(page.get_by_role("heading", name="Storage reaches 1,500 GB between")).to_be_visible()
    window.settle()
    expect(page.get_by_text("First to break: warning at 80 %")).to_be_visible()

    tab(window, "Back-test")
    expect(page.get_by_text("Asked 90 days ago we would have said")).to_be_visible()
    tab(window, "Sizing")
    page.get_by_label("Queries a second, peak").fill("4000")
    page.get_by_label("CPU ms of one").fill("1.2")
    page.get_by_label("IOPS, peak").fill("6000")
    page.keyboard.press("Enter")
    expect(page.get_by_text("= 4.8 busy cores at today's peak")).to_be_visible()
    expect(page.get_by_role("heading", name="Take 2 × db.")).to_be_visible()
    for name, said in (
        ("Parameters", "modify-db-cluster-parameter-group"),
        ("Cost", "A band, never one figure"),
        ("Roadmap", "Enlarge the volume"),
    ):
        tab(window, name)
        expect(page.get_by_text(said).first).to_be_visible()
        assert window.complaints() == [], name

    page.get_by_role("button", name="Export").click()
    window.settle()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download HTML").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    other = open_window(size)
    other.page.goto(file.as_uri())
    text = other.page.locator("body").inner_text()
    for part in (
        "Storage reaches 1,500 GB",
        "Take db.",
        "4.8 busy cores",
        "Parameters",
        "Cost",
        "Roadmap",
        "aws cloudwatch put-metric-alarm",
    ):
        assert part in text
    assert other.page.locator("svg").count() == 1
    assert other.complaints() == []
