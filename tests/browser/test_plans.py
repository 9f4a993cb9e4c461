"""A plan in a real browser: paste, finding, step, views, share; by mouse, keyboard and thumb; hostile names; 5,000 steps."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from dbbuddy.data_files import DATA
from tests.browser.app import App
from tests.browser.browsing import Size, Window
from tests.browser.conftest import OpenWindow
from tests.unit.plans.made import HOSTILE

SLOW = (DATA / "samples" / "plans" / "postgresql-sort-on-disk.json").read_text(encoding="utf-8")
TEXT = (DATA / "samples" / "plans" / "postgresql-subquery.txt").read_text(encoding="utf-8")


def paste(window: Window, app: App, text: str) -> None:
    """Open the page, paste, read."""
    page = window.open(app.page("plans"))
    page.get_by_label("Plan", exact=True).fill(text)
    page.get_by_role("button", name="Read the plan").click()
    page.get_by_test_id("stMetric").first.wait_for()
    window.settle()


def view(window: Window, name: str) -> None:
    window.page.get_by_role("tab", name=name, exact=True).click()
    window.settle()


def tree_row(window: Window, text: str) -> Locator:
    return window.page.get_by_role("treeitem").filter(has_text=text).first


def chosen_step(window: Window) -> Locator:
    return window.page.locator(".st-key-plans-step").get_by_role("heading").first


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_from_the_paste_to_the_shared_file(app: App, open_window: OpenWindow, tmp_path: Path, size: Size) -> None:
    window = open_window(size)
    paste(window, app, SLOW)
    page = window.page
    expect(page.get_by_role("heading", name="Index Scan on order_items alone takes 73 % of the time")).to_be_visible()
    expect(page.get_by_text("Rows are read only to be skipped").first).to_be_visible()

    page.get_by_text("A sort spills to disk").first.click()
    page.get_by_role("button", name="Step 6: Sort").click()
    window.settle()
    expect(chosen_step(window)).to_have_text("Sort")
    expect(tree_row(window, "o.placed_at DESC")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".st-key-plans-views")).to_be_in_viewport()

    tree_row(window, "WindowAgg").click()
    expect(chosen_step(window)).to_have_text("WindowAgg")
    for name in ("Flame", "Table", "Row flow", "Text", "Compare"):
        view(window, name)
        assert window.complaints() == [], name

    page.get_by_role("button", name="Share").click()
    page.get_by_text("Hide names and literals").click()
    window.settle()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download HTML").click()
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert window.complaints() == []

    other = open_window(size)
    other.page.goto(file.as_uri())
    expect(other.page.get_by_role("heading", level=1)).to_contain_text("Rows are read only to be skipped")
    text = other.page.locator("body").inner_text()
    assert "order_items" not in text
    assert "table_1" in text
    assert other.complaints() == []


def test_the_tree_by_keyboard(app: App, desktop: Window) -> None:
    paste(desktop, app, SLOW)
    rows = desktop.page.get_by_role("treeitem")
    count = rows.count()
    rows.first.focus()
    desktop.page.keyboard.press("ArrowLeft")
    expect(rows).to_have_count(1)
    desktop.page.keyboard.press("ArrowRight")
    expect(rows).to_have_count(count)
    desktop.page.keyboard.press("ArrowDown")
    desktop.page.keyboard.press("Enter")
    expect(chosen_step(desktop)).to_have_text("Incremental Sort")
    assert desktop.complaints() == []


def test_a_line_of_the_text_leads_to_its_step(app: App, desktop: Window) -> None:
    paste(desktop, app, TEXT)
    view(desktop, "Text")
    desktop.page.locator(".line.linked").filter(has_text="Aggregate").click()
    expect(chosen_step(desktop)).to_have_text("Aggregate")
    assert desktop.complaints() == []


def test_a_bar_leads_to_its_step(app: App, desktop: Window) -> None:
    paste(desktop, app, TEXT)
    view(desktop, "Flame")
    chart = desktop.page.get_by_test_id("stPlotlyChart").last
    chart.scroll_into_view_if_needed()
    bars = chart.locator(".point path")
    box = bars.nth(1).bounding_box()
    assert box
    desktop.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(desktop.page.locator(".st-key-plans-step")).to_contain_text("orders o")
    assert desktop.complaints() == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_five_thousand_steps_stay_usable(app: App, open_window: OpenWindow, tmp_path: Path, size: Size) -> None:
    scan = "  ->  Seq Scan on part_{0} p  (cost=0.00..20.00 rows=10 width=8) (actual time=0.01..1.0 rows=10 loops=1)"
    head = "Append  (cost=0.00..100000.00 rows=10 width=8) (actual time=0.01..5000.0 rows=10 loops=1)"
    window = open_window(size)
    file = tmp_path / "large.txt"
    file.write_text("\n".join([head, *(scan.format(number) for number in range(5_000))]))
    window.open(app.page("plans"))
    window.page.locator("input[type=file]").set_input_files(file)
    window.page.get_by_test_id("stMetric").first.wait_for()
    window.settle()
    rows = window.page.get_by_role("treeitem")
    assert rows.count() < 400
    before = rows.count()
    window.page.get_by_text("more steps below").last.click()
    expect(rows).not_to_have_count(before, timeout=15_000)
    for name in ("Flame", "Table", "Row flow", "Text"):
        view(window, name)
    assert window.complaints() == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_hostile_names_stay_text(app: App, open_window: OpenWindow, size: Size) -> None:
    window = open_window(size)
    dialogs: list[str] = []
    window.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    name = HOSTILE.replace('"', '""')
    paste(window, app, TEXT.replace("order_items i", f'"{name}" i').replace("orders o", f'"{name}" o'))
    for each in ("Tree", "Flame", "Table", "Row flow", "Text"):
        view(window, each)
        assert window.page.get_by_test_id("stMain").locator("img, script[src], svg[onload]").count() == 0
    assert dialogs == []
    assert window.complaints() == []


def test_asking_goes_to_the_chat(app: App, phone: Window) -> None:
    paste(phone, app, TEXT)
    phone.page.get_by_role("button", name="Ask about this plan").click()
    phone.page.get_by_test_id("stChatMessage").nth(1).wait_for()
    phone.settle()
    expect(phone.page.get_by_test_id("stChatMessage").first).to_contain_text("Why is this PostgreSQL query slow")
    assert phone.complaints() == []
