"""Own playbooks in the running app, and the knowledge page under hands and keyboard."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app import App
from tests.browser.browsing import Window
from tests.unit.diagnosis.playbooks import playbook_text

QUESTION = "our nightly import hangs on MySQL 8.0, it waits for a lock since it runs together with the billing job"
LOCK = "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"
FIRST, SECOND = "Ask Maria for the import window.", "The import window is at four in the morning."


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("playbooks")


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, folder: Path) -> Iterator[App]:
    running = App(tmp_path_factory.mktemp("app"), DBBUDDY_PLAYBOOK_FOLDER=str(folder))
    running.start()
    yield running
    running.stop()


def save(folder: Path, cause: str) -> None:
    text = playbook_text("nightly-import", title="The nightly import meets the billing job")
    text = text.replace("What is going on, and how to tell it from its look-alikes.", cause)
    (folder / "nightly-import.md").write_text(text, encoding="utf-8")


def ask(window: Window, app: App, question: str = QUESTION) -> str:
    """The answer to a question in a new conversation."""
    page = window.open(app.page("chat"))
    page.get_by_test_id("stChatInputTextArea").fill(question)
    page.get_by_test_id("stChatInputTextArea").press("Enter")
    page.get_by_test_id("stChatMessage").nth(1).wait_for()
    window.settle()
    return page.get_by_test_id("stChatMessage").nth(1).inner_text()


def ask_until(window: Window, app: App, words: str, seconds: float = 40, question: str = QUESTION) -> str:
    """Ask anew until the words are in the answer; a change is looked for every two seconds and then built."""
    until = time.monotonic() + seconds
    answer = ask(window, app, question)
    while words not in answer and time.monotonic() < until:
        answer = ask(window, app, question)
    return answer


def test_a_playbook_changed_while_the_app_runs_is_used(app: App, folder: Path, desktop: Window) -> None:
    assert FIRST not in ask(desktop, app)
    save(folder, FIRST)
    assert FIRST in ask_until(desktop, app, FIRST)
    save(folder, SECOND)
    answer = ask_until(desktop, app, SECOND)
    assert SECOND in answer
    assert FIRST not in answer
    assert desktop.complaints() == []


def test_a_damaged_playbook_is_named_and_the_rest_works(app: App, folder: Path, desktop: Window) -> None:
    (folder / "damaged.md").write_text("---\nslug: [\n", encoding="utf-8")
    page = desktop.open(app.page("knowledge"))
    problem = page.get_by_text("1 playbook is left out")
    until = time.monotonic() + 40
    while not problem.count() and time.monotonic() < until:
        desktop.open(app.page("knowledge"))
    problem.click()
    expect(page.get_by_text("starts with no YAML head")).to_be_visible()
    assert desktop.complaints() == []


def test_writing_checking_and_downloading(app: App, phone: Window) -> None:
    page = phone.open(app.page("knowledge"))
    page.get_by_role("tab", name="Write and check").click()
    page.get_by_label("Test question").fill(QUESTION)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("Valid.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download my-first-playbook.md").click()
    assert download.value.suggested_filename == "my-first-playbook.md"
    phone.settle()
    assert phone.complaints() == []


def test_works_with_the_keyboard_alone(app: App, desktop: Window) -> None:
    page = desktop.open(app.page("knowledge"))
    page.get_by_label("Search", exact=True).focus()
    page.keyboard.type("lambda cannot reach")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Lambda cannot reach the database in time")).to_be_visible()
    desktop.settle()
    page.get_by_role("tab", name="Browse").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    desktop.settle()
    page.get_by_label("Text", exact=True).focus()
    page.keyboard.type("ERROR 1205 (HY000): Lock wait timeout exceeded")
    page.get_by_role("button", name="Explain the match").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Which playbooks come near")).to_be_visible()
    desktop.settle()
    assert desktop.complaints() == []


def test_a_copy_is_edited_checked_and_answers(app: App, folder: Path, desktop: Window, tmp_path: Path) -> None:
    page = desktop.open(app.page("knowledge"))
    page.get_by_label("Search", exact=True).fill("mysql-lock-wait-timeout")
    page.keyboard.press("Enter")
    desktop.settle()
    page.get_by_role("button", name="Edit a copy").click()
    desktop.settle()
    text = page.get_by_role("textbox", name="Playbook", exact=True)
    changed = text.input_value().replace("## Root cause\n", "## Root cause\nFirst look at the month-end job of the house.\n", 1)
    assert "month-end job" in changed
    text.fill(changed)
    page.get_by_label("Test question").fill(LOCK)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("Valid.")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert desktop.complaints() == []
    download.value.save_as(folder / download.value.suggested_filename)
    assert "month-end job of the house" in ask_until(desktop, app, "month-end job of the house", question=LOCK)
