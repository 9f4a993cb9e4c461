"""What a user lives through, in a real browser: from the first click to finding everything again after a restart."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.app import App
from tests.browser.browsing import Size, Window
from tests.browser.conftest import OpenWindow

SAMPLE = 'Receiving "connection timed-out" error on lambda logs connecting to RDS'
HOSTILE = (
    "<img src=x onerror=alert(1)> ![](https://github.com/x.png) ![](http://127.0.0.1:9/x) </div><script>alert(2)</script> "
    "<svg/onload=alert(3)> $$x$$ :red[boo] "
)
# Where the page's own bar and its bottom part begin.
TOP, BOTTOM = 60, 200
AFTER = "Limit  (cost=0.43..1.20 rows=20 width=52) (actual time=0.050..0.900 rows=20 loops=1)\nExecution Time: 1.000 ms"


@pytest.fixture
def new_app(tmp_path: Path) -> Iterator[App]:
    """The app with a store in which nothing has ever been."""
    running = App(tmp_path)
    running.start()
    yield running
    running.stop()


def send(window: Window, text: str) -> None:
    """Type into the input and send."""
    box = window.page.get_by_test_id("stChatInputTextArea")
    box.fill(text)
    box.press("Enter")
    expect(box).to_have_value("")
    window.settle()


def last_answer(window: Window) -> Locator:
    return window.page.get_by_test_id("stChatMessage").last


def say_where(window: Window, *choices: str) -> None:
    """The guided path up to the issue: the choices, then Aurora PostgreSQL, production."""
    page = window.page
    page.get_by_role("tab", name="Guide me").click()
    page.get_by_role("button", name="Troubleshooting").click()
    window.settle()
    form = page.get_by_role("tabpanel", name="Guide me")
    for choice in choices:
        form.get_by_role("radio", name=choice, exact=True).click()
        window.settle()
    form.get_by_role("combobox", name="Service").press("ArrowDown")
    page.get_by_role("option", name="Amazon Aurora PostgreSQL").click()
    window.settle()
    form.get_by_role("radio", name="Production", exact=True).click()
    window.settle()


def rated(window: Window) -> None:
    """Four stars and "solved" are shown."""
    expect(window.page.get_by_role("radio", name="4 out of 5 stars")).to_have_attribute("aria-checked", "true")
    expect(window.page.get_by_role("radio", name="Solved it")).to_have_attribute("aria-checked", "true")


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_the_sample(app: App, open_window: OpenWindow, size: Size) -> None:
    window = open_window(size)
    page = window.open(app.page("chat"))  # by its own address, at first on a fresh process
    say_where(window, *(("Cloud", "AWS", "PostgreSQL") if size == "desktop" else ()))  # they follow from the service, too
    page.get_by_label("What is the problem?").fill(SAMPLE)
    page.get_by_role("button", name="Get the answer").click()
    expect(page.get_by_role("heading", name="Root cause analysis")).to_be_visible()
    window.settle()

    for expander in page.get_by_test_id("stExpander").all():
        expander.locator("summary").click()
    text = last_answer(window).inner_text().lower()
    for told in ("security group", "vpc", "subnet", "max_connections", "rds proxy", "databaseconnections", "pg_stat_activity"):
        assert told in text
    for foreign in ("mysql", "oracle", "sql server", "mariadb"):
        assert foreign not in text

    page.get_by_role("radio", name="4 out of 5 stars").click()
    page.get_by_role("radio", name="Solved it").click()
    expect(page.get_by_text("Thank you, that is noted.")).to_be_visible()
    assert window.complaints() == []
    address = page.url
    app.stop()

    name = address.partition("?c=")[2]
    with duckdb.connect(str(app.folder / "store.duckdb"), read_only=True) as store:
        given = store.execute(
            "SELECT max(stars), max(outcome) FROM feedback JOIN exchanges ON id = exchange_id WHERE conversation_id = $1",
            [name],
        ).fetchone()
    assert given == (4, "solved")

    app.start()
    again = open_window(size)
    again.open(address)
    rated(again)
    again.page.goto(app.page("chat"))
    again.settle()
    if size == "phone":
        again.page.get_by_test_id("stExpandSidebarButton").click()
    again.page.get_by_test_id("stSidebar").get_by_role("button", name="Lambda").first.click()
    expect(again.page.get_by_role("heading", name="Root cause analysis")).to_be_in_viewport()
    rated(again)
    assert again.complaints() == []


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_an_answer_is_read_from_its_start(app: App, open_window: OpenWindow, size: Size) -> None:
    window = open_window(size)
    page = window.open(app.page("chat"))
    send(window, f"{SAMPLE}, Aurora PostgreSQL in production")
    page.wait_for_timeout(1500)
    follow_up = "the security group is fine, it happens only under load"
    send(window, follow_up)
    page.wait_for_timeout(1500)
    question = page.get_by_text(follow_up).bounding_box()
    assert question
    assert TOP <= question["y"] <= BOTTOM
    page.get_by_test_id("stMain").evaluate("main => main.dispatchEvent(new WheelEvent('wheel', {bubbles: true}))")
    page.get_by_test_id("stMain").evaluate("main => { main.scrollTop = 0; }")
    page.get_by_role("radio", name="3 out of 5 stars").last.dispatch_event("click")
    page.wait_for_timeout(1500)
    assert page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0, "the reader is left where he is"


def test_a_correction_answers_for_the_right_engine(app: App, desktop: Window) -> None:
    page = desktop.open(app.page("chat"))
    send(desktop, "Aurora PostgreSQL: connection timed-out error on lambda logs connecting to RDS")
    page.locator('[data-testid="stPopoverButton"]:visible').click()
    page.get_by_role("radio", name="MySQL", exact=True).click()
    desktop.settle()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
    desktop.settle()
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    assert "MySQL" in page.locator('[data-testid="stPopoverButton"]:visible').inner_text()
    assert "pg_stat" not in last_answer(desktop).inner_text()
    assert desktop.complaints() == []


def test_a_reload_in_the_middle_asks_once(app: App, desktop: Window, tmp_path: Path) -> None:
    page = desktop.open(app.page("chat"))
    question = "MySQL error 1205 lock wait timeout, asked before a reload"
    box = page.get_by_test_id("stChatInputTextArea")
    box.fill(question)
    box.press("Enter")
    page.reload()
    desktop.settle()
    page.reload()
    desktop.settle()
    for file in app.folder.glob("store.duckdb*"):  # a copy, as the app holds the file
        shutil.copy(file, tmp_path)
    with duckdb.connect(str(tmp_path / "store.duckdb")) as store:
        asked = store.execute("SELECT count(*) FROM exchanges WHERE question = $1", [question]).fetchone()
    assert asked
    assert asked[0] <= 1


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_hostile_text_stays_text(app: App, open_window: OpenWindow, tmp_path: Path, size: Size) -> None:
    window = open_window(size)
    dialogs: list[str] = []
    window.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    file = tmp_path / "<img src=x onerror=alert(4)>![](x).log"
    file.write_text(f"MySQL ERROR 1205 (HY000): Lock wait timeout exceeded {HOSTILE}\n")
    page = window.open(app.page("chat"))
    send(window, HOSTILE)
    expect(page.get_by_test_id("stChatMessage").first).to_contain_text("<script>alert(2)</script>")
    send(window, f"table `{HOSTILE}` on MySQL: ERROR 1205 Lock wait timeout exceeded\n" + "W" * 3000)
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_test_id("stFileChip").wait_for()
    send(window, "and this?")
    page.wait_for_timeout(500)
    assert page.get_by_test_id("stChatMessage").count() == 6
    assert page.get_by_test_id("stMain").locator("img, script[src], svg[onload]").count() == 0
    assert dialogs == []
    assert window.complaints() == []


def test_bad_files_are_explained(app: App, phone: Window, tmp_path: Path) -> None:
    page = phone.open(app.page("chat"))
    for name, data, reason in (("photo.png", b"\x89PNG", "file type"), ("core.log", b"\x7fELF\0\0\1", "binary")):
        file = tmp_path / name
        file.write_bytes(data)
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_test_id("stChatInputSubmitButton").click()
        expect(page.get_by_role("alert")).to_contain_text(reason)
        expect(page.get_by_role("alert")).to_contain_text(name)
        phone.settle()
    assert phone.complaints() == []


def test_from_an_error_over_a_follow_up_to_solved(app: App, phone: Window) -> None:
    page = phone.open(app.page())
    page.get_by_role("button", name="Ask a question").click()
    expect(page.get_by_role("heading", name="What is the database doing to you?")).to_be_visible()
    phone.settle()
    send(phone, "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction")
    expect(last_answer(phone).get_by_role("heading", name="Fix now")).to_be_visible()
    first = last_answer(phone).inner_text()
    send(phone, "an idle session holds the lock since an hour")
    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
    assert last_answer(phone).inner_text() != first
    page.get_by_role("radio", name="Solved it").last.click()
    expect(page.get_by_text("Thank you, that is noted.")).to_be_visible()
    phone.settle()
    assert phone.complaints() == []


def test_from_a_plan_over_its_finding_to_the_comparison(app: App, desktop: Window) -> None:
    page = desktop.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desktop.open(app.page("plans"))
    page.get_by_role("radio", name="sort on disk").click()
    page.get_by_test_id("stMetric").first.wait_for()
    desktop.settle()
    finding = page.get_by_test_id("stExpander").filter(has_text="A sort spills to disk").first
    finding.locator("summary").click()
    desktop.settle()
    finding.get_by_test_id("stCode").first.hover()
    finding.get_by_role("button", name="Copy to clipboard").first.click()
    assert "work_mem" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("tab", name="Compare", exact=True).click()
    desktop.settle()
    page.get_by_label("Second plan", exact=True).fill(AFTER)
    page.keyboard.press("Control+Enter")
    expect(page.locator(".st-key-plans-comparison")).to_contain_text("faster")
    desktop.settle()
    assert desktop.complaints() == []


def test_a_new_installation_from_empty_over_sample_data_to_real(new_app: App, desktop: Window) -> None:
    page = desktop.open(new_app.page("adoption"))
    page.get_by_role("button", name="Show it with sample data").click()
    page.get_by_test_id("stPlotlyChart").first.wait_for()
    expect(page).to_have_url(new_app.page("adoption?sample=true"))
    desktop.settle(60)
    page.get_by_text("Sample data", exact=True).first.click()
    expect(page.get_by_role("button", name="Show it with sample data")).to_be_visible()
    desktop.settle()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Ask").click()
    expect(page.get_by_text("Your conversations will be listed here.")).to_be_visible()
    page.get_by_role("radio", name="MySQL lock wait timeout").click()
    expect(page.get_by_role("heading", name="Root cause analysis")).to_be_visible()
    desktop.settle()
    expect(page.get_by_test_id("stSidebar").locator('[class*="st-key-resume-"]').first).to_be_visible()
    assert desktop.complaints() == []
