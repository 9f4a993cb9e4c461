"""Logging in, in a real browser against a real identity provider: who sees which page, and that a login cannot be made up."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from playwright.sync_api import Page, expect

from dbbuddy.ui.page import PAGES, PageLink
from tests.browser.app import App
from tests.browser.browsing import Window
from tests.browser.conftest import OpenWindow
from tests.browser.entrance import HeaderProxy, app_with_login, come_with, cookie_of, cookies, said_of, sign_in
from tests.browser.test_journeys import last_answer, send

ROLES = {
    "alice": {"developer", "dba"},
    "bob": {"developer", "manager"},
    "carol": {"developer"},
    "erin": {"developer", "admin"},
}
SECRET = "a shared secret of more than 32 bytes"
HEADER = "X-Dbbuddy-Identity"
AT_THE_PROVIDER = re.compile("/oauth2/end_session")
_GO = "path => { history.pushState({}, '', path); dispatchEvent(new PopStateEvent('popstate')); }"

expect.set_options(timeout=20_000)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app with a login."""
    with app_with_login(tmp_path_factory.mktemp("access")) as running:
        yield running


def asks_to_sign_in(page: Page, button: str = "Sign in") -> None:
    """The login page, and nothing of the app."""
    expect(page.get_by_role("button", name=button, exact=True)).to_be_visible()
    expect(page.get_by_test_id("stPageLink")).to_have_count(0)
    expect(page.get_by_test_id("stButton")).to_have_count(1)


def go(page: Page, link: PageLink) -> None:
    """To another page within the open session, as the browser's buttons do; until its script has run."""
    page.evaluate(_GO, "/" if link is PAGES[0] else f"/{Path(link.path).stem}")
    page.wait_for_function("title => document.title.startsWith(title)", arg="DB-Buddy" if link is PAGES[0] else f"{link.label} ·")
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', state="attached")


def opens_knowledge(window: Window, app: App) -> None:
    window.page.goto(app.page("knowledge"))
    expect(window.page.get_by_role("heading", name="Knowledge")).to_be_visible()


def test_each_role_opens_its_pages_and_no_others(app: App, open_window: OpenWindow) -> None:
    for person, roles in ROLES.items():
        window = open_window()
        come_with(window, app, cookie_of(app, person))
        page = window.open(app.page())
        links = page.get_by_test_id("stSidebar").get_by_test_id("stPageLink")
        shown = {name.strip().rpartition("\n")[2] for name in links.all_inner_texts()}
        assert shown == {link.label for link in PAGES if link.role in roles} | {f"{person.title()} Example"}
        for link in PAGES[1:]:
            go(page, link)
            refused = page.get_by_text("This page is for the role").count()
            assert refused == (link.role not in roles), (person, link.label)
        assert window.complaints() == []


def test_a_stranger_is_told_whom_to_ask_on_every_page(app: App, open_window: OpenWindow) -> None:
    window = open_window("phone")
    page = sign_in(window, app, "mallory")
    for link in PAGES:
        go(page, link)
        expect(page.get_by_text("No access yet")).to_be_visible()
        expect(page.get_by_test_id("stPageLink")).to_have_count(0)
    assert window.complaints() == []


def test_a_deep_link_on_a_fresh_process_asks_to_sign_in_and_is_found_again(app: App, open_window: OpenWindow) -> None:
    app.restart()
    window = open_window()
    window.page.goto(app.page("chat"))
    asks_to_sign_in(window.page)
    for link in PAGES[1:]:
        go(window.page, link)
        asks_to_sign_in(window.page)
    page = sign_in(window, app, "alice", "knowledge")
    expect(page).to_have_url(app.page("knowledge"))
    assert window.complaints() == []


def test_a_login_cannot_be_made_up_or_kept(app: App, open_window: OpenWindow) -> None:
    good = cookie_of(app, "alice")
    payload, _, signature = good.partition(".")
    now = int(time.time())
    forged = [
        f"{payload[:-4]}AAAA.{signature}",
        cookie_of(app, "alice", "another cookie secret of more than 32 signs"),
        cookie_of(app, "alice", aud=["payroll"]),
        cookie_of(app, "alice", is_logged_in="yes"),
    ]
    window = open_window()
    for value in forged:
        come_with(window, app, value)
        window.page.goto(app.page("knowledge"))
        asks_to_sign_in(window.page)
    for ended in ({"exp": now - 1}, {"iat": now - 9 * 3600}):
        come_with(window, app, cookie_of(app, "alice", **ended))
        window.page.goto(app.page("knowledge"))
        asks_to_sign_in(window.page, "Sign in again")
    come_with(window, app, good)
    opens_knowledge(window, app)


def test_a_copied_cookie_opens_nothing_after_signing_out(app: App, open_window: OpenWindow) -> None:
    owner, thief = open_window(), open_window()
    sign_in(owner, app, "alice")
    thief.page.context.add_cookies(cookies(owner))
    opens_knowledge(thief, app)

    owner.page.get_by_role("button", name="Sign out").click()
    expect(owner.page).to_have_url(AT_THE_PROVIDER)
    owner.page.goto(app.page("knowledge"))
    asks_to_sign_in(owner.page)
    thief.page.get_by_role("tab", name="Write and check").click()  # in the page that was open already
    asks_to_sign_in(thief.page, "Sign in again")
    thief.page.goto(app.page("knowledge"))
    expect(thief.page.get_by_text("You have signed out")).to_be_visible()

    earlier = int(time.time()) - 60
    come_with(owner, app, cookie_of(app, "alice", iat=earlier, nonce="phone"))
    owner.page.goto(app.page("account"))
    owner.page.get_by_role("button", name="Sign out everywhere").click()
    expect(owner.page).to_have_url(AT_THE_PROVIDER)
    come_with(thief, app, cookie_of(app, "alice", iat=earlier, nonce="laptop"))
    thief.page.goto(app.page("knowledge"))
    expect(thief.page.get_by_text("You have signed out")).to_be_visible()


def test_two_people_at_once_see_nothing_of_each_other(app: App, open_window: OpenWindow) -> None:
    secret = {
        "alice": "ERROR: deadlock detected in PostgreSQL on table zebra_orders",
        "carol": "ORA-01555 snapshot too old yak_ledger",
    }
    window = {person: open_window() for person in secret}
    for person in secret:
        come_with(window[person], app, cookie_of(app, person))
        window[person].open(app.page("chat"))
    for person, text in secret.items():
        send(window[person], text)
    address = {person: window[person].page.url for person in secret}
    for person, other in (("alice", "carol"), ("carol", "alice")):
        page = window[person].page
        assert "?c=" in address[person]
        assert secret[person].split()[-1] in page.content()
        send(window[person], "that did not help")
        assert secret[other].split()[-1] not in last_answer(window[person]).inner_text()
        page.goto(address[other])
        expect(page.get_by_text("does not exist, or it is not yours")).to_be_visible()
        assert secret[other].split()[-1] not in page.content()
        page.goto(app.page("chat"))
        window[person].settle()
        listed = page.get_by_test_id("stSidebar").inner_text()
        assert ("deadlock" in listed.lower()) == (person == "alice")
        assert window[person].complaints() == []


@pytest.fixture(scope="module")
def proxied(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, HeaderProxy]]:
    """The app behind a proxy that names its visitors."""
    folder = tmp_path_factory.mktemp("header")
    (folder / "access.yaml").write_text("roles:\n  dba: {groups: [dbas]}\n")
    running = App(
        folder,
        DBBUDDY_ACCESS_FILE=str(folder / "access.yaml"),
        DBBUDDY_IDENTITY_HEADER=HEADER,
        DBBUDDY_IDENTITY_HEADER_KEY=SECRET,
    )
    running.start()
    proxy = HeaderProxy(running.port, HEADER)
    yield running, proxy
    proxy.close()
    running.stop()


def token(secret: str = SECRET, **changed: Any) -> str:
    now = int(time.time())
    claims = {"sub": "alice", "iat": now, "exp": now + 60, **said_of("alice"), **changed}
    return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(secret))


def visit(window: Window, address: str, value: str, proxy: HeaderProxy) -> Page:
    proxy.value = value
    window.page.goto(address)
    return window.page


def test_a_header_counts_only_with_the_proxys_signature(proxied: tuple[App, HeaderProxy], open_window: OpenWindow) -> None:
    app, proxy = proxied
    window = open_window()
    page = visit(window, f"{proxy.url}/knowledge", token(), proxy)
    expect(page.get_by_role("heading", name="Knowledge")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_text("Alice Example")).to_be_visible()
    window.settle()
    assert page.get_by_role("button", name="Sign out").count() == 0
    assert window.complaints() == []

    lies = {
        "nothing": "",
        "another secret": token("some other secret of more than 32 bytes"),
        "an old token": token(iat=int(time.time()) - 120, exp=int(time.time()) - 60),
        "two tokens": f"{token()}\r\n{HEADER}: {token(sub='bob')}",
    }
    for what, value in lies.items():
        page = visit(window, f"{proxy.url}/knowledge", value, proxy)
        expect(page.get_by_text("You cannot be let in")).to_be_visible()
        expect(page.get_by_test_id("stPageLink"), what).to_have_count(0)
    page = visit(window, f"{proxy.url}/knowledge", token(groups=["guests"]), proxy)
    expect(page.get_by_text("No access yet")).to_be_visible()

    once = token(jti="once")
    expect(visit(window, f"{proxy.url}/account", once, proxy).get_by_role("heading", name="Account")).to_be_visible()
    expect(visit(open_window(), f"{proxy.url}/account", once, proxy).get_by_text("used before")).to_be_visible()

    around = open_window()
    around.page.context.set_extra_http_headers(
        {HEADER: "alice", "X-Forwarded-User": "alice", "X-Forwarded-Email": "alice@example.com"}
    )
    around.page.goto(app.page("knowledge"))
    expect(around.page.get_by_text("You cannot be let in")).to_be_visible()
