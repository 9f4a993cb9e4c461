"""The user guide inside the app, the dialog at hand, and going somewhere by a key."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.ui.help import FIRST, topics
from dbbuddy.ui.page import PAGES
from tests.pages.conftest import ROOT


def opened(path: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
    page = page.run() if path == "Home.py" else page.switch_page(path).run()
    assert not page.exception
    return page


def test_every_page_has_its_part_of_the_guide() -> None:
    pages = {file.stem for file in (ROOT / "pages").glob("*.py")} - {"help"}
    assert set(topics()) == {FIRST, *pages}
    assert next(iter(topics())) == FIRST
    for topic in topics().values():
        assert topic.title
        assert len(topic.text) > 100


@pytest.mark.parametrize("name", ["chat", "roi"])
def test_the_guide_shows_the_chosen_part(name: str) -> None:
    page = opened("pages/help.py")
    page.pills(key="topic").set_value(name).run()
    assert not page.exception
    assert page.subheader[0].value == topics()[name].title
    assert topics()[name].text in [element.value for element in page.markdown]


@pytest.mark.parametrize(("path", "told"), [("pages/review.py", topics()["review"].text), ("Home.py", topics()[FIRST].text)])
def test_help_is_about_the_page_at_hand(path: str, told: str) -> None:
    page = opened(path)
    page.sidebar.button(key="help").click().run()
    assert not page.exception
    assert told in [element.value for element in page.markdown]


def test_going_somewhere_offers_pages_and_playbooks() -> None:
    page = opened("Home.py")
    page.sidebar.button(key="go-to").click().run()
    assert not page.exception
    offered = page.selectbox(key="go-to-place").options
    assert {link.label for link in PAGES} <= set(offered)
    assert "Lambda cannot reach the database in time · playbook" in offered
