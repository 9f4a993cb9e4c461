"""History, feedback, hand-over and account as their user has them."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dbbuddy.identity import LOCAL_USER, User
from dbbuddy.settings import settings
from dbbuddy.store import audit
from dbbuddy.store.handovers import handed_over
from dbbuddy.store.history import conversations, record_exchange
from dbbuddy.store.outcomes import Remarks, record_feedback, remarks
from dbbuddy.store.sharing import share
from dbbuddy.store.store import Store
from dbbuddy.ui import history_actions as actions
from tests.fakes.receiver import Receiver, receiver
from tests.pages.conftest import ROOT, OpenPage
from tests.pages.test_chat import ask, questions, written
from tests.unit.store.exchanges import exchange

LOCK = "MySQL 8.0: ERROR 1205 (HY000): Lock wait timeout exceeded; UPDATE orders SET a=1 WHERE b=2"
OTHER = User("other", "Otto", frozenset({"developer"}))


def resumable(page: AppTest) -> list[str]:
    return [button.label for button in page.sidebar.button if (button.key or "").startswith("resume-")]


def menu(page: AppTest, choice: str) -> AppTest:
    button = next(each for each in page.sidebar.menu_button if (each.key or "").startswith("menu-"))
    button.click(choice).run()
    assert not page.exception
    return page


def test_finding_and_pinning(open_chat: OpenPage, stored: Callable[[], Store]) -> None:
    page = ask(open_chat(), LOCK)
    (label,) = resumable(page)
    assert "orders" in label
    page.text_input(key="history-query").set_value("nowhere to be found").run()
    assert resumable(page) == []
    assert "No conversation holds these words" in written(page)
    page.text_input(key="history-query").set_value("lock WAIT").run()
    assert len(resumable(page)) == 1
    menu(page, actions.PIN)
    assert conversations(stored(), LOCAL_USER)[0].pinned
    menu(page, actions.UNPIN)
    assert not conversations(stored(), LOCAL_USER)[0].pinned
    for choice, shown in ((actions.RENAME, "Save"), (actions.EXPORT, "Markdown"), (actions.DELETE, "Keep it")):
        menu(page, choice)
        buttons = [button.label for button in page.button] + [button.proto.label for button in page.get("download_button")]
        assert shown in buttons, "what the dialogs do is tried in a browser"


def test_an_outcome_can_be_taken_back(open_chat: OpenPage, stored: Callable[[], Store]) -> None:
    page = ask(open_chat(), LOCK)
    (row,) = stored().read("SELECT id FROM exchanges")
    name = row[0]
    page.feedback[0].set_value(3).run()
    pills = next(each for each in page.pills if each.label == "Did this solve it?")
    pills.select("solved").run()
    assert remarks(stored(), LOCAL_USER, name) == Remarks(4, "solved")
    next(each for each in page.pills if each.label == "Did this solve it?").unselect("solved").run()
    assert remarks(stored(), LOCAL_USER, name).outcome is None
    assert remarks(stored(), LOCAL_USER, name).stars == 4


def test_a_new_conversation_starts_from_an_answer(open_chat: OpenPage, stored: Callable[[], Store]) -> None:
    page = ask(open_chat(), LOCK)
    (row,) = stored().read("SELECT id FROM exchanges")
    page.button(key=f"start-from-{row[0]}").click().run()
    assert questions(page) == 0
    assert any(each.label.startswith("Goes on from") for each in page.expander)
    ask(page, "the lock is held by an idle session")
    assert stored().read("SELECT count(*) FROM conversations WHERE begun_from = $1", (row[0],)) == [(1,)]
    resumed = open_chat(c=page.query_params["c"])
    assert questions(resumed) == 1
    assert any(each.label.startswith("Goes on from") for each in resumed.expander)


def test_whether_it_held_is_asked_a_day_later(open_chat: OpenPage, stored: Callable[[], Store]) -> None:
    open_chat()
    one = exchange(user_id=LOCAL_USER.id, question="Why is it slow")
    record_exchange(stored(), LOCAL_USER, one)
    record_feedback(stored(), LOCAL_USER, one.id, outcome="solved")
    assert "Did it hold" not in written(open_chat())
    stored().execute(("UPDATE feedback SET given_at = $1", (one.asked_at - timedelta(days=2),)))
    page = open_chat()
    assert "Did it hold" in written(page)
    page.button(key="came-back").click().run()
    assert remarks(stored(), LOCAL_USER, one.id).held is False
    assert questions(page) == 1, "the conversation is open again"
    assert "Did it hold" not in written(open_chat())


class TestSharedConversation:
    def test_it_can_be_read_and_nothing_else(self, open_chat: OpenPage, stored: Callable[[], Store]) -> None:
        open_chat()
        one = exchange(user_id=OTHER.id, conversation_id="theirs", question="of Otto")
        record_exchange(stored(), OTHER, one)
        audit.pseudonym(stored(), LOCAL_USER.id)
        assert "does not exist" in open_chat(c="theirs").info[0].value
        share(stored(), OTHER, "theirs", LOCAL_USER.id)
        page = open_chat(c="theirs")
        assert "of Otto" in written(page)
        assert not page.chat_input
        assert not page.feedback
        assert (
            stored().read("SELECT count(*) FROM audit_waiting WHERE action = 'read_shared'")[0][0]
            + stored().read("SELECT count(*) FROM audit WHERE action = 'read_shared'")[0][0]
            == 1
        )
        page.button(key=f"start-from-{one.id}").click().run()
        assert page.chat_input
        assert conversations(stored(), LOCAL_USER) == []


class TestHandOver:
    @pytest.fixture
    def hook(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
        with receiver() as known:
            monkeypatch.setenv("DBBUDDY_WEBHOOK_URL", known.url)
            monkeypatch.setenv("DBBUDDY_WEBHOOK_SHAPE", "slack")
            settings.cache_clear()
            yield known

    def hand_over(self, page: AppTest) -> str:
        next(each for each in page.pills if each.label == "Did this solve it?").select("handed_over").run()
        note = next(each for each in page.text_area if each.label == "What should the DBA know?")
        note.set_value("mail me at jane.doe@example.com").run()
        button = next(each for each in page.button if (each.key or "").startswith("hand-over-"))
        label = button.label
        button.click().run()
        assert not page.exception
        return label

    def test_the_ticket_reaches_the_receiver(self, open_chat: OpenPage, stored: Callable[[], Store], hook: Receiver) -> None:
        page = ask(open_chat(), LOCK)
        (row,) = stored().read("SELECT id FROM exchanges")
        assert self.hand_over(page) == "Send the ticket to Slack"
        for _ in range(300):
            kept = handed_over(stored(), LOCAL_USER, row[0])
            assert kept is not None
            assert kept.delivery is not None
            if kept.delivery.state == "delivered":
                break
            hook.released.wait(0.02)
        assert kept.delivery.state == "delivered"
        body = hook.received[0][1].decode()
        assert "1205" in body
        assert "jane.doe" not in body + kept.ticket
        again = open_chat(c=page.query_params["c"])
        assert "Slack has it since" in " ".join(element.value for element in again.success)
        assert [button.proto.label for button in again.get("download_button")] == ["Ticket as Markdown", "Ticket as JSON"]

    def test_without_a_receiver_it_is_taken_along(self, open_chat: OpenPage, stored: Callable[[], Store]) -> None:
        page = ask(open_chat(), LOCK)
        assert self.hand_over(page) == "Hand over"
        assert "Handed over" in written(page)
        assert stored().read("SELECT count(*) FROM handovers") == [(1,)]
        assert stored().read("SELECT count(*) FROM outbox") == [(0,)]

    def test_what_is_set_up_wrongly_is_said_to_the_user(
        self, open_chat: OpenPage, stored: Callable[[], Store], hook: Receiver, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DBBUDDY_WEBHOOK_SHAPE", "jira")
        settings.cache_clear()
        page = ask(open_chat(), LOCK)
        self.hand_over(page)
        assert "Jira needs project and issuetype" in page.error[0].value.replace("\\", "")
        assert stored().read("SELECT count(*) FROM handovers") == [(0,)]


class TestAccount:
    def open(self) -> AppTest:
        page = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=30)
        page.switch_page("pages/account.py").run()
        assert not page.exception
        return page

    def test_all_is_shown_and_taken_along(self, open_chat: OpenPage, stored: Callable[[], Store]) -> None:
        ask(open_chat(), LOCK)
        page = self.open()
        assert "Questions and answers" in str(page.table[0].value)
        page.button(key="export").click().run()
        assert any(button.proto.label == "Save the file" for button in page.get("download_button"))
        page.button(key="audit-verify").click().run()
        assert "The log is whole" in " ".join(element.value for element in page.success)
        page.button(key="erase").click().run()
        assert "This cannot be undone" in written(page), "the dialog itself is tried in a browser"

    def test_the_audit_log_is_for_administrators_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert any(each.value == "Audit log" for each in self.open().subheader)
        monkeypatch.setattr("dbbuddy.ui.page.LOCAL_USER", User("local", "Local user", frozenset({"developer", "dba", "manager"})))
        assert not any(each.value == "Audit log" for each in self.open().subheader)


def test_without_texts_a_conversation_is_still_listed_and_opened(
    open_chat: OpenPage, stored: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DBBUDDY_STORAGE_MODE", "metadata")
    settings.cache_clear()
    page = ask(open_chat(), LOCK)
    assert "Lock wait" in written(page), "in this session all is there"
    (label,) = resumable(page)
    assert "orders" not in label
    again = open_chat(c=page.query_params["c"])
    assert "not kept" in written(again)
    ask(again, "and what now, it is InnoDB on MySQL 8.0 and still error 1205")
    assert questions(again) == 2


def test_a_changed_playbook_of_the_operator_is_noted(
    stored: Callable[[], Store], other_playbooks: None, open_chat: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    shutil.copyfile(ROOT / "data" / "samples" / "my-first-playbook.md", folder / "my-first-playbook.md")
    monkeypatch.setenv("DBBUDDY_PLAYBOOK_FOLDER", str(folder))
    settings.cache_clear()
    open_chat()
    open_chat()
    noted: list[tuple[str]] = []
    for _ in range(200):
        noted = [
            row
            for table in ("audit", "audit_waiting")
            for row in stored().read(f"SELECT subject FROM {table} WHERE action = 'playbook_changed'")
        ]
        if noted:
            break
        time.sleep(0.02)
    assert noted == [("my-first-playbook",)]
