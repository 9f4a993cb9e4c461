"""The chat page: what its user gets, and what bad input does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.context import CATEGORIES
from dbbuddy.identity import LOCAL_USER
from dbbuddy.settings import settings
from dbbuddy.store.history import conversations, exchanges
from dbbuddy.store.store import Store
from tests.pages.conftest import ROOT, OpenPage, let_go_of_the_store

LAMBDA = 'Receiving "connection timed-out" error on lambda logs connecting to RDS, Aurora PostgreSQL in production'
LOCK_WAIT = "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; try restarting transaction"
HOSTILE = "<img src=x onerror=alert(1)> ![](http://127.0.0.1:9/x) </div><script>alert(2)</script> $$x$$ :red[boo] :material/home:"


def ask(page: AppTest, text: str, *files: tuple[str, bytes]) -> AppTest:
    """Send a message; no page may ever show a traceback."""
    chat = page.chat_input[0].set_value(text)
    for name, data in files:
        chat.upload(name, data)
    page.run()
    assert not page.exception
    return page


def written(page: AppTest) -> str:
    """All text of the page."""
    kinds = (page.markdown, page.caption, page.header, page.info, page.warning, page.error, page.code)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def chips(page: AppTest) -> str:
    """What the context bar says."""
    return next(block.proto.popover.label for block in page.get("popover"))


def questions(page: AppTest) -> int:
    return sum(message.name == "user" for message in page.chat_message)


class TestAsking:
    def test_who_asks_too_much_is_told_when_to_come_back(self, monkeypatch: pytest.MonkeyPatch, open_chat: OpenPage) -> None:
        monkeypatch.setenv("DBBUDDY_QUESTIONS_PER_HOUR", "1")
        settings.cache_clear()
        page = ask(ask(open_chat(), LOCK_WAIT), "it happened again")
        assert "You have asked 1 question within an hour" in page.error[0].value
        assert questions(page) == 1

    def test_an_answer_has_all_its_parts(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), LAMBDA)
        text = written(page)
        for heading in ("Current situation", "Root cause analysis", "Fix now", "Expected results", "Do not"):
            assert heading in text
        labels = " ".join(expander.label for expander in page.expander)
        for label in ("How to confirm it", "medium-term", "long-term", "Monitor and verify", "Sources"):
            assert label in labels
        assert "security group" in text
        assert page.code, "blocks can be copied"

    def test_the_context_is_read_from_the_text(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), LAMBDA)
        assert "Amazon Aurora PostgreSQL" in chips(page)
        assert "Production" in chips(page)

    def test_a_follow_up_continues(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), LAMBDA)
        ask(page, "the security group is fine, only some calls time out under load")
        assert questions(page) == 2
        assert "Amazon Aurora PostgreSQL" in chips(page)

    def test_thin_evidence_is_asked_about(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), "the db is slow")
        assert "What would decide it" in written(page)

    def test_other_databases_are_declined(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), "How do I shard MongoDB 7")
        assert "MongoDB" in written(page)
        assert "Root cause analysis" not in written(page)

    def test_several_files_are_one_message(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), "what is wrong?", ("a.log", LOCK_WAIT.encode()), ("b.sql", b"SELECT 1 FROM orders;"))
        assert questions(page) == 1
        assert "File a.log:" in written(page)
        assert "File b.sql:" in written(page)
        assert "MySQL" in chips(page)

    def test_a_starter_asks_once(self, open_chat: OpenPage) -> None:
        page = open_chat()
        starters = page.pills(key="starter-troubleshooting")
        starters.set_value(starters.options[0]).run()
        assert questions(page) == 1
        page.button(key="new-question").click().run()
        assert questions(page) == 0
        page.run()
        assert questions(page) == 0

    def test_every_category_has_starters(self, open_chat: OpenPage) -> None:
        page = open_chat()
        for category in CATEGORIES:
            assert page.pills(key=f"starter-{category}").options

    def test_a_long_conversation_shows_its_end_first(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), LAMBDA)
        for number in range(11):
            ask(page, f"still the same, attempt {number}")
        page.run()
        assert questions(page) == 10
        page.toggle(key="show-earlier").set_value(True).run()
        assert questions(page) == 12


class TestContext:
    def test_chips_stand_before_the_first_question(self, open_chat: OpenPage) -> None:
        assert "Engine?" in chips(open_chat())

    def test_a_correction_answers_again_for_the_right_engine(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), LAMBDA)
        engine = next(pills for pills in page.pills if pills.label == "Engine")
        engine.set_value("mysql").run()
        page.button(key="context-apply").click().run()
        assert not page.exception
        assert "MySQL" in chips(page)
        assert "PostgreSQL" not in chips(page)
        assert questions(page) == 2
        page.run()
        assert questions(page) == 2, "a rerun does not ask again"

    def test_a_correction_before_the_first_question_counts(self, open_chat: OpenPage) -> None:
        page = open_chat()
        next(pills for pills in page.pills if pills.label == "Engine").set_value("oracle").run()
        page.button(key="context-apply").click().run()
        assert "Oracle" in chips(page)
        assert questions(page) == 0
        ask(page, "How do I find the sessions that block others?")
        assert "Oracle" in chips(page)

    def test_a_version_cannot_carry_markup(self, open_chat: OpenPage) -> None:
        page = open_chat()
        next(box for box in page.text_input if box.label == "Version").set_value("![](http://a.b/x)").run()
        page.button(key="context-apply").click().run()
        ask(page, LAMBDA)
        assert "](http" not in chips(page) + written(page)


class TestGuide:
    def test_leads_from_the_category_to_the_answer(self, open_chat: OpenPage, stored: Callable[[], Store]) -> None:
        page = open_chat()
        page.button(key="guide-troubleshooting").click().run()
        page.text_area(key="guide-issue").set_value("lambda gets connection timed out to RDS Postgres 16 in prod").run()
        assert page.pills(key="guide-deployment").value == "cloud"
        assert page.pills(key="guide-cloud").value == "aws"
        assert page.pills(key="guide-engine").value == "postgresql"
        assert page.selectbox(key="guide-service").value == "rds-postgresql"
        assert page.text_input(key="guide-version").value == "16"
        assert page.pills(key="guide-environment").value == "production"
        page.pills(key="guide-environment").set_value("staging").run()
        assert "Staging" in chips(page)
        page.button(key="guide-send").click().run()
        assert not page.exception
        assert "Root cause analysis" in written(page)
        assert conversations(stored(), LOCAL_USER)[0].exchanges == 1
        assert "Staging" in chips(page)

    def test_what_was_set_by_hand_stays(self, open_chat: OpenPage) -> None:
        page = open_chat()
        page.button(key="guide-query_optimization").click().run()
        page.pills(key="guide-engine").set_value("mysql").run()
        page.text_area(key="guide-issue").set_value("a slow query on AWS Aurora PostgreSQL").run()
        assert page.pills(key="guide-engine").value == "mysql"

    def test_choices_narrow_each_other(self, open_chat: OpenPage) -> None:
        page = open_chat()
        page.button(key="guide-capacity_planning").click().run()
        page.pills(key="guide-cloud").set_value("azure").run()
        assert page.pills(key="guide-deployment").value == "cloud"
        page.pills(key="guide-engine").set_value("sqlserver").run()
        assert page.selectbox(key="guide-service").options == ["Azure SQL Managed Instance", "Azure SQL Database"]
        page.selectbox(key="guide-service").set_value("azure-sql-database").run()
        page.pills(key="guide-deployment").set_value("on_premises").run()
        assert page.selectbox(key="guide-service").value is None
        assert page.selectbox(key="guide-service").options == ["SQL Server on own servers"]

    def test_says_when_there_is_no_issue(self, open_chat: OpenPage) -> None:
        page = open_chat()
        page.button(key="guide-troubleshooting").click().run()
        page.button(key="guide-send").click().run()
        assert "There is no text" in page.error[0].value
        assert page.text_area(key="guide-issue").value == ""

    def test_another_category_can_be_chosen(self, open_chat: OpenPage) -> None:
        page = open_chat()
        page.button(key="guide-troubleshooting").click().run()
        page.button(key="guide-back").click().run()
        assert page.button(key="guide-security_hardening")


class TestFeedback:
    def give(self, page: AppTest, stars: int, outcome: str) -> None:
        page.feedback[0].set_value(stars - 1).run()
        next(pills for pills in page.pills if pills.label == "Did this solve it?").set_value(outcome).run()
        assert not page.exception

    @pytest.mark.parametrize("text", [LAMBDA, "the db is slow", "How do I shard MongoDB 7"])
    def test_every_answer_can_be_rated(self, open_chat: OpenPage, text: str) -> None:
        page = ask(open_chat(), text)
        assert len(page.feedback) == 1
        assert [pills.label for pills in page.pills].count("Did this solve it?") == 1

    def test_is_kept_and_shown_after_a_restart(self, open_chat: OpenPage, stored: Callable[[], Store]) -> None:
        page = ask(open_chat(), LAMBDA)
        self.give(page, 4, "solved")
        let_go_of_the_store()
        (conversation,) = conversations(stored(), LOCAL_USER)
        (exchange,) = exchanges(stored(), LOCAL_USER, conversation.id)
        assert (exchange.stars, exchange.outcome) == (4, "solved")
        resumed = open_chat(c=conversation.id)
        assert resumed.feedback[0].value == 3
        assert next(pills for pills in resumed.pills if pills.label == "Did this solve it?").value == "solved"

    def test_can_be_changed_but_not_lost(self, open_chat: OpenPage, stored: Callable[[], Store]) -> None:
        page = ask(open_chat(), LAMBDA)
        self.give(page, 4, "solved")
        page.feedback[0].set_value(None).run()
        assert page.feedback[0].value == 3
        page.feedback[0].set_value(0).run()
        (conversation,) = conversations(stored(), LOCAL_USER)
        assert exchanges(stored(), LOCAL_USER, conversation.id)[0].stars == 1

    def test_a_hand_over_offers_the_ticket(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), LAMBDA)
        assert not page.get("download_button")
        self.give(page, 2, "handed_over")
        assert page.get("download_button")


class TestKeeping:
    def test_a_reload_keeps_the_conversation_and_asks_nothing(self, open_chat: OpenPage, stored: Callable[[], Store]) -> None:
        page = ask(open_chat(), LAMBDA)
        name = page.query_params["c"]
        again = open_chat(c=name)
        assert questions(again) == 1
        assert "Amazon Aurora PostgreSQL" in chips(again)
        assert conversations(stored(), LOCAL_USER)[0].exchanges == 1

    def test_the_sidebar_resumes(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), LAMBDA)
        page.button(key="new-question").click().run()
        assert questions(page) == 0
        next(button for button in page.sidebar.button if button.key.startswith("resume-")).click().run()
        assert questions(page) == 1

    def test_an_unknown_conversation_is_explained(self, open_chat: OpenPage) -> None:
        page = open_chat(c="not-there")
        assert "does not exist" in page.info[0].value
        ask(page, LAMBDA)
        assert questions(page) == 1


class TestBadInput:
    def test_empty_text(self, open_chat: OpenPage) -> None:
        assert "There is no text" in ask(open_chat(), "   ").error[0].value

    @pytest.mark.parametrize("text", ["\x00\x01\x02\x03", "\u202e\u200b", "\x07" * 500 + "abc"])
    def test_control_characters_only(self, open_chat: OpenPage, text: str) -> None:
        page = ask(open_chat(), text)
        assert page.error
        assert questions(page) == 0

    def test_control_characters_within_a_question(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), "\x1b[31mMySQL\x00 error 1205: Lock wait timeout exceeded\x1b[0m \u202e")
        assert questions(page) == 1

    def test_two_megabytes_are_read_and_shown_shortened(self, open_chat: OpenPage) -> None:
        line = "2026-01-01 00:00:00 LOG:  checkpoint complete: wrote 12 buffers\n"
        page = ask(open_chat(), line * 31_000 + LOCK_WAIT)
        assert "1205" in written(page)
        assert "Your text is long" in written(page)
        assert max(len(str(code.value)) for code in page.code) < 25_000

    def test_more_than_five_megabytes(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), "x y " * 1_400_000)
        assert "up to 5 MB" in page.error[0].value.replace("\\", "")

    @pytest.mark.parametrize(
        ("name", "data", "message"),
        [
            ("core.log", b"\x7fELF\x00\x00\x01", "binary"),
            ("empty.sql", b"  \n", "no text"),
            ("photo.png", b"\x89PNG", "file type"),
            ("noending", b"text", "file type"),
            ("big.log", b"a" * (5 * 1024 * 1024 + 1), "more than 5 MB"),
        ],
    )
    def test_files_that_cannot_be_read(self, open_chat: OpenPage, name: str, data: bytes, message: str) -> None:
        page = ask(open_chat(), "please look", (name, data))
        said = page.error[0].value.replace("\\", "")
        assert name in said
        assert message in said
        assert questions(page) == 0
        assert page.chat_input[0].value is None or "please look" in str(page.chat_input[0].value)

    def test_markup_is_shown_as_it_was_typed(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), HOSTILE)
        shown = page.chat_message[0].markdown[0].value
        assert "![" not in shown
        assert "<img" not in shown.replace("\\<", "")
        assert shown.replace("\\", "") == HOSTILE

    def test_markup_in_a_file_name_is_text(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), "look", ("![](http://127.0.0.1:9/x).exe", b"x"))
        assert "![" not in page.error[0].value
        assert "\\!\\[\\]" in page.error[0].value

    def test_a_conversation_title_is_text(self, open_chat: OpenPage) -> None:
        page = ask(open_chat(), HOSTILE)
        page.run()
        (title,) = (button.label for button in page.sidebar.button if button.key.startswith("resume-"))
        assert "![" not in title.replace("\\!", "")


@contextmanager
def held_by_another_process(file: Path) -> Iterator[None]:
    """The store as another running DB-Buddy holds it."""
    script = f"import duckdb, sys; c = duckdb.connect({str(file)!r}); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        process.stdout.readline()
        yield
        process.stdin.close()


class TestTroubledHouse:
    def test_a_store_in_use_is_said_and_answers_go_on(
        self, open_chat: OpenPage, store_file: Path, stored: Callable[[], Store]
    ) -> None:
        with held_by_another_process(store_file):
            page = ask(open_chat(), LAMBDA)
            assert "in use by another process" in page.warning[0].value.replace("\\", "")
            assert "Root cause analysis" in written(page)
            page.feedback[0].set_value(4).run()
            assert "Your feedback was not saved" in written(page)
        ask(page, "still the same")
        assert not page.warning
        (conversation,) = conversations(stored(), LOCAL_USER)
        assert conversation.exchanges == 2, "what was answered meanwhile is saved as soon as that is possible"

    def test_a_damaged_store_is_left_alone(self, open_chat: OpenPage, store_file: Path) -> None:
        store_file.write_bytes(b"this is no database" * 1000)
        page = ask(open_chat(), LAMBDA)
        assert "is damaged or is no DuckDB file" in page.warning[0].value.replace("\\", "")
        assert "Root cause analysis" in written(page)
        assert store_file.read_bytes() == b"this is no database" * 1000

    def test_a_wrong_setting_is_explained(self, open_chat: OpenPage, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DBBUDDY_DATABASE_URL", "sqlite:///x")
        settings.cache_clear()
        page = open_chat()
        assert "write duckdb:///" in page.warning[0].value.replace("\\", "")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ("no head at all", "---"),
            ("---\nslug: [\n---\n", "YAML head is broken"),
            (None, "unknown section 'Nonsense'"),
        ],
    )
    def test_a_damaged_playbook_is_left_out(
        self,
        open_chat: OpenPage,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        other_playbooks: None,
        content: str | None,
        message: str,
    ) -> None:
        built_in = ROOT / "data/playbooks/troubleshooting/lambda-connection-timeout.md"
        own = tmp_path / "own"
        own.mkdir()
        damaged = content if content is not None else built_in.read_text() + "\n## Nonsense\n\ntext\n"
        (own / "lambda-connection-timeout.md").write_text(damaged)
        monkeypatch.setenv("DBBUDDY_PLAYBOOK_FOLDER", str(own))
        settings.cache_clear()
        page = ask(open_chat(), LAMBDA)
        assert any("1 playbook is left out" in expander.label for expander in page.expander)
        assert message in written(page).replace("\\", "")
        assert "Lambda cannot reach the database" in written(page), "the built-in one stays in use"
