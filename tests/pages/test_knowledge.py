"""The knowledge page: finding playbooks, explaining a match, judging a draft."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.settings import settings
from tests.pages.conftest import ROOT
from tests.unit.diagnosis.playbooks import TEMPLATE, write

LOCK_WAIT = "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"


@pytest.fixture
def page() -> AppTest:
    opened = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=60)
    opened.switch_page("pages/knowledge.py").run()
    assert not opened.exception
    return opened


def written(page: AppTest) -> str:
    kinds = (page.markdown, page.caption, page.info, page.warning, page.error, page.success, page.code)
    tables = [str(value) for table in (*page.table, *page.dataframe) for value in table.value.to_numpy().ravel()]
    return "\n".join([*(str(element.value) for kind in kinds for element in kind), *tables])


def search(page: AppTest, query: str) -> AppTest:
    page.text_input(key="knowledge-query").set_value(query).run()
    assert not page.exception
    return page


def explain(page: AppTest, text: str) -> AppTest:
    page.text_area(key="explain-text").set_value(text)
    page.button(key="explain-send").click().run()
    assert not page.exception
    return page


def check(page: AppTest, text: str, question: str = "") -> AppTest:
    page.text_area(key="draft-text").set_value(text)
    page.text_input(key="draft-question").set_value(question)
    page.button(key="draft-check").click().run()
    assert not page.exception
    return page


class TestBrowse:
    def test_counts_stand_on_the_filters(self, page: AppTest) -> None:
        labels = " ".join(
            option.content for key in ("knowledge-category", "knowledge-engine") for option in page.pills(key=key).proto.options
        )
        assert labels.count(":gray[") == 11

    def test_search_shows_the_playbook_as_its_users_see_it(self, page: AppTest) -> None:
        search(page, "lambda cannot reach")
        assert page.radio(key="knowledge-slug").value == "lambda-connection-timeout"
        assert "--port 5432" in written(page)
        assert "--port 3306" not in written(page).split("## Situation")[0]
        assert TEMPLATE.splitlines()[0] in written(page)

    def test_another_reader_sees_another_text(self, page: AppTest) -> None:
        search(page, "lambda cannot reach")
        reader = page.selectbox(key="knowledge-reader-lambda-connection-timeout")
        reader.select_index(reader.options.index("MySQL")).run()
        assert not page.exception
        assert "--port 3306" in written(page).split("## Situation")[0]

    def test_filters(self, page: AppTest) -> None:
        page.pills(key="knowledge-category").set_value("security_hardening").run()
        page.pills(key="knowledge-engine").set_value("oracle").run()
        assert not page.exception
        assert page.radio(key="knowledge-slug").options

    @pytest.mark.parametrize("query", ["qwxzvvkk", "<b>**x**</b> :red[y] $$z$$", "(((", "%' --"])
    def test_nothing_found_says_what_to_do(self, page: AppTest, query: str) -> None:
        assert any("No playbook fits" in info.value for info in search(page, query).info)

    def test_a_copy_goes_to_the_editor(self, page: AppTest) -> None:
        search(page, "lambda cannot reach").button(key="knowledge-edit").click().run()
        assert not page.exception
        assert page.session_state["knowledge-tab"] == "Write and check"
        assert page.text_area(key="draft-text").value.startswith("---\nslug: lambda-connection-timeout\n")


class TestWhy:
    def test_reading_ranking_and_reasons(self, page: AppTest) -> None:
        text = written(explain(page, LOCK_WAIT))
        for part in (
            "error or log",
            "MySQL 26",
            "`1205` (MySQL, MariaDB)",
            "Error code `1205`",
            "+10.0",
            "enough to answer from",
        ):
            assert part in text
        assert len(page.dataframe[0].value) == 10

    def test_a_match_that_is_not_sure(self, page: AppTest) -> None:
        assert "the user is asked for more" in written(explain(page, "it is slow"))

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "There is no text"),
            ("\x00\x01\x02" * 500, "binary"),
            ("x" * 6_000_000, "up to 5 MB"),
            ("qwxz vvkk", "No playbook shares"),
        ],
        ids=["empty", "binary", "too long", "unknown words"],
    )
    def test_bad_input_is_explained(self, page: AppTest, text: str, said: str) -> None:
        assert said in written(explain(page, text))

    def test_the_text_is_shown_as_text(self, page: AppTest) -> None:
        hostile = "ERROR 1205 (HY000): lock wait timeout ![](http://127.0.0.1:9/x) <script>alert(1)</script> :red[boo]"
        shown = written(explain(page, f"mysql {hostile}"))
        assert "![](" not in shown
        assert "<script>" not in shown


class TestWriteAndCheck:
    def test_the_template_is_valid_and_can_be_downloaded(self, page: AppTest) -> None:
        check(page, TEMPLATE)
        assert [message.value for message in page.success] == ["Valid."]
        assert page.get("download_button")[0].proto.label == "Download my-first-playbook.md"
        assert "Names the cause in under 60 characters" in written(page)

    def test_it_is_ranked_on_the_test_question(self, page: AppTest) -> None:
        text = written(check(page, TEMPLATE, "our nightly import hangs on MySQL, it waits for a lock"))
        assert "Place **1**" in text

    def test_it_is_not_among_the_first_ten(self, page: AppTest) -> None:
        assert "not among the first ten" in written(check(page, TEMPLATE, "how do I enforce TLS on Oracle"))

    def test_problems_are_named_with_their_lines(self, page: AppTest) -> None:
        check(page, TEMPLATE.replace("weight: 8", "weight: 80").replace("```sql mysql", "```sql"))
        assert page.error[0].value.startswith("1 problem.")
        check(page, TEMPLATE.replace("```sql mysql", "```sql"))
        assert page.error[0].value.startswith("2 problems.")
        assert "the code fence names no engine" in written(page).replace("\\", "")
        assert not page.get("download_button")

    @pytest.mark.parametrize(
        "text",
        ["", "words", "---\nx: [\n---\n", "\x00\x01" * 1000, "x" * 1_000_000, "---\n" + "[" * 100_000 + "\n---\n"],
        ids=["empty", "prose", "broken YAML", "binary", "1 MB", "deep YAML"],
    )
    def test_bad_input_is_a_problem_and_no_traceback(self, page: AppTest, text: str) -> None:
        check(page, text)
        assert "would be left out" in page.error[0].value

    def test_a_change_after_the_check_is_told(self, page: AppTest) -> None:
        check(page, TEMPLATE)
        page.text_area(key="draft-text").set_value(TEMPLATE + "\n").run()
        assert any("has changed since" in info.value for info in page.info)

    def test_starts_from_a_playbook(self, page: AppTest) -> None:
        page.selectbox(key="draft-start").set_value("mysql-deadlock").run()
        page.button(key="draft-load").click().run()
        assert not page.exception
        assert "slug: mysql-deadlock" in page.text_area(key="draft-text").value
        page.button(key="draft-template").click().run()
        assert page.text_area(key="draft-text").value == TEMPLATE

    def test_starts_from_a_file(self, page: AppTest) -> None:
        page.file_uploader(key="draft-upload").upload(
            "mine.md", TEMPLATE.replace("Why this helps.", "It frees the table.").encode()
        ).run()
        assert not page.exception
        assert "It frees the table." in page.text_area(key="draft-text").value

    def test_a_binary_file_is_refused(self, page: AppTest) -> None:
        page.file_uploader(key="draft-upload").upload("mine.md", b"\x00" * 1000).run()
        assert not page.exception
        assert any("binary" in error.value for error in page.error)

    def test_says_how_to_set_a_folder(self, page: AppTest) -> None:
        assert "DBBUDDY_PLAYBOOK_FOLDER" in written(page)


@pytest.mark.usefixtures("other_playbooks")
class TestOwnFolder:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        own = tmp_path / "own"
        own.mkdir()
        write(own, "house-rule", title="A rule of this house")
        (own / "broken.md").write_text("no head", encoding="utf-8")
        monkeypatch.setenv("DBBUDDY_PLAYBOOK_FOLDER", str(own))
        settings.cache_clear()
        return own

    def test_own_playbooks_are_found_and_broken_ones_named(self, folder: Path, page: AppTest) -> None:
        text = written(page)
        assert "1 of them from your folder" in text
        assert any("left out" in expander.label for expander in page.expander)
        assert "broken" in text
        assert str(folder) in text
        search(page, "house-rule")
        assert "from your folder" in written(page)
