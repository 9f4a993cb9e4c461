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

from dbbuddy.ui.page import PAGES
from tests.browser.app import App, page_names
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


def is_asked_to_sign_in(page: Page) -> bool:
    """The login page, and nothing of the app."""
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    return page.get_by_test_id("stSidebar").count() == 0


@pytest.mark.parametrize("person", ROLES)
def test_each_role_opens_its_pages_and_no_others(app: App, open_window: OpenWindow, person: str) -> None:
    window = open_window()
    page = sign_in(window, app, person)
    links = page.get_by_test_id("stSidebar").get_by_test_id("stPageLink")
    shown = {name.strip().rpartition("\n")[2] for name in links.all_inner_texts()}
    allowed = {link.label for link in PAGES if link.role in ROLES[person]}
    assert shown == {*allowed, f"{person.title()} Example"}
    for link in PAGES:
        page.evaluate(_GO, "/" + (Path(link.path).stem if link is not PAGES[0] else ""))
        expect(page).to_have_title(re.compile(f"^{link.label} · |^DB-Buddy$"))
        window.settle()
        refused = page.get_by_text("This page is for the role").count()
        assert refused == (link.role not in ROLES[person]), link.label
    assert window.complaints() == []


def test_a_stranger_is_told_whom_to_ask(app: App, open_window: OpenWindow) -> None:
    window = open_window("phone")
    page = sign_in(window, app, "mallory", "knowledge")
    for name in page_names():
        page.goto(app.page(name))
        expect(page.get_by_text("No access yet")).to_be_visible()
        assert page.get_by_test_id("stSidebar").count() == 0
    window.settle()
    assert window.complaints() == []


def test_every_deep_link_on_a_fresh_process_asks_to_sign_in_and_is_found_again(app: App, open_window: OpenWindow) -> None:
    app.restart()
    window = open_window()
    for name in reversed(page_names()):
        page = window.open(app.page(name))
        assert is_asked_to_sign_in(page), name
    page = sign_in(window, app, "alice", "knowledge")
    expect(page).to_have_url(app.page("knowledge"))
    assert window.complaints() == []


def test_a_login_cannot_be_made_up_or_kept(app: App, open_window: OpenWindow) -> None:
    good = cookie_of(app, "alice")
    payload, _, signature = good.partition(".")
    now = int(time.time())
    forged: dict[str, str] = {
        "unsigned": payload,
        "tampered": f"{payload[:-4]}AAAA.{signature}",
        "of another secret": cookie_of(app, "alice", "another cookie secret of more than 32 signs"),
        "for another app": cookie_of(app, "alice", aud=["payroll"]),
        "for another address": cookie_of(app, "alice", origin="http://localhost:1"),
        "not logged in": cookie_of(app, "alice", is_logged_in="yes"),
    }
    window = open_window()
    for what, value in forged.items():
        come_with(window, app, value)
        assert is_asked_to_sign_in(window.open(app.page("knowledge"))), what
    for what, changed in {"expired": {"exp": now - 1}, "too old": {"iat": now - 9 * 3600, "exp": now + 3600}}.items():
        come_with(window, app, cookie_of(app, "alice", **changed))
        page = window.open(app.page("knowledge"))
        expect(page.get_by_role("button", name="Sign in again")).to_be_visible()
        assert page.get_by_test_id("stSidebar").count() == 0, what
    come_with(window, app, good)
    expect(window.open(app.page("knowledge")).get_by_role("heading", name="Knowledge")).to_be_visible()


def test_a_copied_cookie_opens_nothing_after_signing_out(app: App, open_window: OpenWindow) -> None:
    owner, thief, phone = open_window(), open_window(), open_window()
    sign_in(owner, app, "alice")
    thief.page.context.add_cookies(cookies(owner))
    tab = thief.open(app.page("knowledge"))
    expect(tab.get_by_role("heading", name="Knowledge")).to_be_visible()
    come_with(phone, app, cookie_of(app, "alice", iat=int(time.time()) - 60, nonce="phone"))

    owner.page.get_by_role("button", name="Sign out").click()
    expect(owner.page).to_have_url(AT_THE_PROVIDER)
    assert is_asked_to_sign_in(owner.open(app.page("knowledge")))
    tab.get_by_role("tab", name="Write and check").click()  # the thief's page is open still
    expect(tab.get_by_role("button", name="Sign in again")).to_be_visible()
    app.restart()
    expect(thief.open(app.page("knowledge")).get_by_text("You have signed out")).to_be_visible()

    page = phone.open(app.page("account"))
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page).to_have_url(AT_THE_PROVIDER)
    come_with(thief, app, cookie_of(app, "alice", iat=int(time.time()) - 30, nonce="laptop"))
    expect(thief.open(app.page("knowledge")).get_by_text("You have signed out")).to_be_visible()


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
    return window.open(address)


def test_a_header_counts_only_with_the_proxys_signature(proxied: tuple[App, HeaderProxy], open_window: OpenWindow) -> None:
    app, proxy = proxied
    window = open_window()
    page = visit(window, f"{proxy.url}/knowledge", token(), proxy)
    expect(page.get_by_role("heading", name="Knowledge")).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_text("Alice Example")).to_be_visible()
    assert page.get_by_role("button", name="Sign out").count() == 0
    assert window.complaints() == []

    lies = {
        "nothing": "",
        "a bare name": "alice",
        "another secret": token("some other secret of more than 32 bytes"),
        "an old token": token(iat=int(time.time()) - 120, exp=int(time.time()) - 60),
        "an endless token": token(exp=int(time.time()) + 86_400),
        "two tokens": f"{token()}\r\n{HEADER}: {token(sub='bob')}",
    }
    for what, value in lies.items():
        page = visit(window, f"{proxy.url}/knowledge", value, proxy)
        expect(page.get_by_text("You cannot be let in")).to_be_visible()
        assert page.get_by_test_id("stSidebar").count() == 0, what
    page = visit(window, f"{proxy.url}/knowledge", token(groups=["guests"]), proxy)
    expect(page.get_by_text("No access yet")).to_be_visible()

    once = token(jti="once")
    expect(visit(window, f"{proxy.url}/account", once, proxy).get_by_role("heading", name="Account")).to_be_visible()
    expect(visit(open_window(), f"{proxy.url}/account", once, proxy).get_by_text("used before")).to_be_visible()

    around = open_window()
    around.page.context.set_extra_http_headers(
        {HEADER: "alice", "X-Forwarded-User": "alice", "X-Forwarded-Email": "alice@example.com"}
    )
    expect(around.open(app.page("knowledge")).get_by_text("You cannot be let in")).to_be_visible()
