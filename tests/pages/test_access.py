"""Who gets into which page, with the login that Streamlit hands to the page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from dbbuddy.identity import NotAllowedError
from dbbuddy.settings import settings
from dbbuddy.store.store import Store
from dbbuddy.ui import entrance
from dbbuddy.ui.page import PAGES
from tests.pages.conftest import ROOT

ACCESS = """
roles:
  developer: {groups: [developers]}
  dba: {groups: [dbas]}
  manager: {groups: [managers]}
  admin: {users: [erin@example.com]}
teams:
  - {name: Payments, groups: [dbas], developers: 20}
"""
AUTH = {
    "redirect_uri": "http://localhost:8501/oauth2callback",
    "cookie_secret": "x" * 32,
    "client_id": "dbbuddy",
    "client_secret": "y",
    "server_metadata_url": "http://localhost:1/.well-known/openid-configuration",
}
PEOPLE: dict[str, tuple[dict[str, Any], set[str]]] = {
    "alice": ({"groups": ["dbas"]}, {"developer", "dba"}),
    "bob": ({"groups": ["managers"]}, {"developer", "manager"}),
    "carol": ({"groups": ["developers"]}, {"developer"}),
    "erin": ({"groups": []}, {"developer", "admin"}),
    "mallory": ({"groups": ["guests"]}, set()),
}
FILES = ["Home.py", *sorted(f"pages/{file.name}" for file in (ROOT / "pages").glob("*.py"))]
ROLE_OF = {link.path: link.role for link in PAGES} | {"pages/account.py": "developer"}

Come = Callable[..., AppTest]


@pytest.fixture
def access_file(tmp_path: Path) -> Path:
    path = tmp_path / "access.yaml"
    path.write_text(ACCESS)
    return path


@pytest.fixture
def come(access_file: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Come]:
    """Opens a page by its own address, as somebody: `come("pages/plans.py", "alice", exp=0)`."""
    monkeypatch.setenv("DBBUDDY_ACCESS_FILE", str(access_file))
    settings.cache_clear()

    def forget() -> None:
        entrance.access_watch.clear()
        entrance.revocations.clear()
        entrance._noted.clear()

    def come_as(page: str, person: str | None, **changed: Any) -> AppTest:
        visit = opened(page)
        visit.secrets = {"auth": AUTH}
        visit.user = login(person, **changed) if person else {"is_logged_in": False}
        return visit.run()

    forget()
    yield come_as
    forget()


def opened(page: str) -> AppTest:
    """A visit that runs this page only, as a deep link on a fresh process does."""
    visit = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    return visit if page == "Home.py" else visit.switch_page(page)


def login(person: str, **changed: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"sub": person, "email": f"{person}@example.com", "name": person.title(), "aud": ["dbbuddy"], "provider": "default"}
    return {"is_logged_in": True, "iat": now - 60, "exp": now + 3600, "nonce": "n", **claims, **PEOPLE[person][0], **changed}


def told(page: AppTest) -> str:
    assert not page.exception
    return " ".join(str(element.value) for element in [*page.main.markdown, *page.error, *page.main.subheader])


def is_closed(page: AppTest) -> bool:
    """No navigation, no input, nothing of the page."""
    return not page.sidebar.get("page_link") and not page.chat_input and not page.header


def test_every_page_is_in_the_navigation_under_its_title() -> None:
    assert set(FILES) == set(ROLE_OF)
    for link in PAGES[1:]:
        assert f'open_page("{link.label}"' in (ROOT / link.path).read_text()


@pytest.mark.parametrize("page", FILES)
def test_a_page_run_alone_shows_nothing_without_a_login(come: Come, page: str) -> None:
    nobody = come(page, None)
    assert "Sign in" in told(nobody)
    assert is_closed(nobody)
    stranger = come(page, "mallory")
    assert "No access yet" in told(stranger)
    assert is_closed(stranger)


@pytest.mark.parametrize("person", ["alice", "bob", "carol", "erin"])
def test_the_navigation_and_the_pages_follow_the_role(come: Come, person: str) -> None:
    roles = PEOPLE[person][1]
    home = come("Home.py", person)
    links = {link.proto.label for link in home.sidebar.get("page_link")}
    assert links == {link.label for link in PAGES if link.role in roles} | {person.title()}
    for page, role in ROLE_OF.items():
        if role not in roles:
            refused = come(page, person)
            assert f"for the role “{role}”" in told(refused)
            assert not refused.header
            assert not refused.tabs


def test_a_role_is_taken_from_the_login_alone(come: Come) -> None:
    page = opened("pages/knowledge.py")
    page.secrets = {"auth": AUTH}
    page.user = login("carol", role="dba", roles=["dba"], is_admin=True)
    page.query_params["role"] = "dba"
    page.session_state["role"] = page.session_state["roles"] = "dba"
    assert "for the role “dba”" in told(page.run())


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"exp": 1}, "expired"), ({"iat": 1}, "expired"), ({"exp": None}, "how long"), ({"sub": ""}, "who you are")],
)
def test_an_ended_or_unfit_login_opens_nothing(come: Come, changed: dict[str, Any], reason: str) -> None:
    page = come("pages/knowledge.py", "alice", **changed)
    assert reason in told(page)
    assert is_closed(page)


def test_a_role_that_is_taken_away_is_gone_at_the_next_click(come: Come, access_file: Path) -> None:
    page = come("pages/knowledge.py", "alice")
    assert page.header
    access_file.write_text(ACCESS.replace("dbas", "database-team"))
    entrance.access_watch()._looked = float("-inf")
    assert "No access yet" in told(page.run())


def test_signing_out_ends_the_login_everywhere_it_was_copied_to(come: Come) -> None:
    began = int(time.time()) - 60
    page = come("pages/account.py", "alice", iat=began, exp=began + 3600)
    copy = come("pages/knowledge.py", "alice", iat=began, exp=began + 3600)
    page.button(key="sign-out").click().run()
    assert page.user["is_logged_in"] is False
    assert "You have signed out" in told(copy.run())
    entrance.revocations.clear()  # as after a restart
    assert "You have signed out" in told(come("pages/knowledge.py", "alice", iat=began, exp=began + 3600))
    again = come("pages/knowledge.py", "alice", nonce="another login")
    assert again.header
    account = come("pages/account.py", "alice", nonce="another login")
    account.button(key="sign-out-everywhere").click().run()
    assert "You have signed out" in told(again.run())


def test_another_user_in_the_same_session_finds_it_empty(come: Come) -> None:
    page = come("pages/chat.py", "alice")
    page.session_state["conversation-of-alice"] = "private"
    page.user = login("carol")
    page.run()
    assert "conversation-of-alice" not in page.session_state
    assert [link.proto.label for link in page.sidebar.get("page_link")][-1] == "Carol"


def test_the_account_page_says_who_one_is(come: Come) -> None:
    page = come("pages/account.py", "alice")
    said = told(page)
    assert "Alice" in said
    assert "team Payments" in said
    assert "Signed in until" in said
    assert {"dba", "manager"} & set(said.replace("*", " ").replace(":", " ").split()) == {"dba"}


def test_a_mistake_in_the_access_file_opens_nothing_and_is_told(come: Come, access_file: Path) -> None:
    access_file.write_text("roles:\n  dbaa: {groups: [dbas]}\n")
    page = come("pages/knowledge.py", "alice")
    assert "did you mean dba" in told(page).replace("\\", "")
    assert is_closed(page)


@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.7", ""])
def test_without_a_login_the_app_serves_its_own_machine_only(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    real = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: address if name == "server.address" else real(name))
    page = opened("pages/knowledge.py").run()
    assert "can be reached from other machines" in told(page)
    assert is_closed(page)


def test_visits_are_kept_once_for_each_page(come: Come, stored: Callable[[], Store]) -> None:
    page = come("Home.py", "alice")
    page.run()
    come("pages/plans.py", "carol")
    assert _rows(stored(), "SELECT user_id, team, page FROM visits ORDER BY user_id", 2) == [
        ("alice", "Payments", "home"),
        ("carol", "", "plans"),
    ]


def test_signing_in_and_out_is_in_the_audit_log(come: Come, stored: Callable[[], Store]) -> None:
    come("pages/account.py", "alice").button(key="sign-out").click().run()
    actions = "SELECT action FROM audit UNION SELECT action FROM audit_waiting"
    found = [row[0] for row in _rows(stored(), actions, 3)]
    assert set(found) == {"signed_in", "signed_out", "roles_changed"}


def test_a_refusal_of_the_data_layer_is_a_message() -> None:
    def script() -> None:
        import streamlit as st

        from dbbuddy.identity import LOCAL_USER, User, require
        from dbbuddy.ui.refusals import refusals_shown

        with refusals_shown():
            require(User("x", "X", frozenset()), "manager")
        st.write(LOCAL_USER.name)

    page = AppTest.from_function(script).run()
    assert not page.exception
    assert "needs the role manager" in page.error[0].value.replace("\\", "")
    assert page.markdown[-1].value == "Local user"
    assert issubclass(NotAllowedError, PermissionError)


def _rows(store: Store, sql: str, least: int) -> list[tuple[Any, ...]]:
    """What is written on a thread of its own, as soon as it is there."""
    until = time.monotonic() + 20
    while len(rows := store.read(sql)) < least and time.monotonic() < until:
        time.sleep(0.05)
    return rows
