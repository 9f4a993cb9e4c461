"""Every page, empty and with content, light and dark: nothing that keeps people out; and every way by keyboard."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.accessibility import findings
from tests.browser.app import App, page_names
from tests.browser.browsing import Window
from tests.browser.test_journeys import SAMPLE, last_answer, send

expect.set_options(timeout=20_000)


def content(window: Window, app: App) -> dict[str, list[str]]:
    """What is found on an answer with all its parts open, a plan, a review and their examples."""
    page = window.open(app.page("chat"))
    send(window, f"{SAMPLE}, Aurora PostgreSQL in production")
    for expander in last_answer(window).get_by_test_id("stExpander").all():
        expander.locator("summary").click()
    page.get_by_role("radio", name="Hand over to a DBA").click()
    window.settle()
    found = {"an answer": findings(page)}
    for name, example in (("plans", "sort on disk"), ("review", "migration that locks")):
        window.open(app.page(name))
        page.get_by_role("radio", name=example).click()
        page.get_by_role("button", name="Ask about this").wait_for()
        window.settle(60)
        found[name] = findings(page)
    return found


def test_nothing_keeps_people_out(app: App, desktop: Window) -> None:
    found = content(desktop, app)
    for name in page_names():
        desktop.open(app.page(name))
        found[name or "home"] = findings(desktop.page)
    assert {name: faults for name, faults in found.items() if faults} == {}
    assert desktop.complaints() == []


def test_the_check_finds_faults(desktop: Window) -> None:
    desktop.page.set_content("<html lang=en><main><h1>x</h1><img src='data:,'><p style='color:#bbb'>pale</p></main>")
    found = " ".join(findings(desktop.page))
    assert "image-alt" in found
    assert "color-contrast" in found


def test_everywhere_by_keyboard(app: App, desktop: Window) -> None:
    """Ctrl+K to a playbook and to a page, F1 for help, focus that can be seen."""
    page = desktop.open(app.page())
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.type("lambda cannot")
    expect(page.get_by_role("option").first).to_contain_text("Lambda cannot reach the database in time")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Lambda cannot reach the database in time")).to_be_visible()
    desktop.settle()
    assert findings(page) == []
    page.keyboard.press("Control+k")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_focused()
    page.keyboard.type("SQL review")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What is wrong with this SQL?")).to_be_visible()
    desktop.settle()
    page.keyboard.press("F1")
    expect(page.get_by_role("dialog")).to_contain_text("Paste a query, a script or a migration")
    assert findings(page) == []
    page.get_by_role("dialog").get_by_role("link", name="The whole guide").click()
    expect(page.get_by_role("heading", name="SQL review")).to_be_visible()
    desktop.settle()
    page.keyboard.press("Tab")
    seen = page.evaluate("() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow; }")
    assert seen != "nonenone", "the focus is drawn"
    assert desktop.complaints() == []
