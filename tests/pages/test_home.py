"""Home: what the app does for each kind of user, and the way there."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT


def home() -> AppTest:
    page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30).run()
    assert not page.exception
    return page


def test_speaks_to_each_kind_of_user() -> None:
    titles = " ".join(str(element.value) for element in home().subheader)
    for users in ("Developers", "DBAs", "Managers"):
        assert users in titles


def test_links_only_to_pages_that_exist() -> None:
    page = home()
    targets = {link.proto.page for link in page.get("page_link")}
    assert targets <= {"", *(file.stem for file in (ROOT / "pages").glob("*.py"))}
    assert "chat" in targets


def test_the_button_leads_to_the_question() -> None:
    page = home()
    page.button(key="ask").click().run()
    assert not page.exception
    assert page.chat_input
