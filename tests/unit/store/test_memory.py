"""What a user does with their history: finding, naming, pinning, sharing, deleting, and saying what became of an answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.identity import User
from dbbuddy.store import audit
from dbbuddy.store.conversation_export import as_json, as_markdown
from dbbuddy.store.handovers import handed_over, record_handover
from dbbuddy.store.history import conversations, delete, exchanges, pin, record_exchange, rename, title
from dbbuddy.store.outcomes import Remarks, record_feedback, remarks, to_follow_up, withdraw
from dbbuddy.store.search import search
from dbbuddy.store.sharing import SharingError, colleagues, read_shared, readable_exchange, share, shared_with
from dbbuddy.store.sharing import withdraw as withdraw_share
from dbbuddy.store.store import Store, utc_now
from tests.unit.store.exchanges import OTHER, USER, exchange

THIRD = User("third", "Thea", frozenset({"developer"}))


def asked(store: Store, user: User, conversation_id: str, question: str = "Why?", **changes: Any) -> str:
    """Keep an exchange; returns its id."""
    one = exchange(conversation_id=conversation_id, user_id=user.id, question=question, **changes)
    record_exchange(store, user, one)
    return one.id


def listed(store: Store, query: str = "", user: User = USER) -> list[str]:
    return [row.id for row in search(store, user, query)]


class TestSearch:
    def test_all_words_anywhere_in_titles_questions_and_answers(self, store: Store, advisor: Advisor) -> None:
        asked(store, USER, "lock", "Deadlock on table Orders", advice=advisor.ask("postgres deadlock detected 40P01"))
        asked(store, USER, "slow", "the report is slow")
        asked(store, USER, "slow", "only on Mondays", position=1)
        asked(store, OTHER, "theirs", "orders are slow, too")
        assert listed(store, "DEADLOCK orders") == ["lock"]
        assert listed(store, "report mondays") == ["slow"], "the words may stand in different questions"
        assert listed(store, "log_lock_waits") == ["lock"], "a word of the answer only"
        assert listed(store, "orders slow") == []
        assert sorted(listed(store)) == ["lock", "slow"]

    def test_names_of_parts_of_an_answer_are_no_hits(self, store: Store, advisor: Advisor) -> None:
        asked(store, USER, "lock", advice=advisor.ask("postgres deadlock detected 40P01"))
        assert listed(store, "root_cause") == []

    def test_signs_are_taken_as_they_are(self, store: Store) -> None:
        asked(store, USER, "c", "100% of a_b")
        assert listed(store, "100%") == ["c"]
        assert listed(store, "a%b") == []
        assert listed(store, "'; DROP TABLE exchanges; --") == []
        assert listed(store, "x " * 10_000) == []

    def test_long_histories_are_searched_page_by_page(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dbbuddy.store.search._PAGE", 5)
        at = utc_now()
        for number in range(23):
            one = exchange(
                conversation_id=f"c{number}", question=f"number {number} end", asked_at=at - timedelta(seconds=number // 7)
            )
            record_exchange(store, USER, one)
        for number in (0, 4, 5, 13, 22):
            assert f"c{number}" in listed(store, f"number {number} end")


class TestManaging:
    def test_a_new_name_a_pin_and_the_order(self, store: Store) -> None:
        for number, name in enumerate("abc"):
            asked(store, USER, name, asked_at=datetime(2026, 11, 1 + number))
        pin(store, USER, "a", pinned=True)
        rename(store, USER, "a", "  the \n first\x00 one ")
        assert [(row.id, row.pinned) for row in conversations(store, USER)] == [("a", True), ("c", False), ("b", False)]
        assert title(store, USER, "a") == "the first one"
        pin(store, USER, "a", pinned=False)
        assert [row.id for row in conversations(store, USER)] == ["c", "b", "a"]
        with pytest.raises(ValueError, match="Write a title"):
            rename(store, USER, "a", " \n ")

    def test_a_deleted_conversation_takes_everything_along(self, store: Store) -> None:
        one = asked(store, USER, "c")
        asked(store, USER, "kept")
        record_feedback(store, USER, one, stars=3)
        record_handover(store, USER, one, "t1", "{}", ("generic", "{}"))
        audit.pseudonym(store, OTHER.id)
        share(store, USER, "c", OTHER.id)
        delete(store, USER, "c")
        assert [row.id for row in conversations(store, USER)] == ["kept"]
        for table in ("feedback", "handovers", "outbox", "shares"):
            assert store.read(f"SELECT count(*) FROM {table}") == [(0,)], table

    @pytest.mark.parametrize("act", [
        lambda store: rename(store, OTHER, "c", "mine now"),
        lambda store: pin(store, OTHER, "c", pinned=True),
        lambda store: delete(store, OTHER, "c"),
        lambda store: record_feedback(store, OTHER, "e", stars=1),
        lambda store: withdraw(store, OTHER, "e", "stars"),
        lambda store: withdraw_share(store, OTHER, "c", THIRD.id),
    ])  # fmt: skip
    def test_another_user_can_change_nothing(self, store: Store, act: Any) -> None:
        asked(store, USER, "c", id="e")
        record_feedback(store, USER, "e", stars=4)
        audit.pseudonym(store, THIRD.id)
        share(store, USER, "c", THIRD.id)
        before = (conversations(store, USER), exchanges(store, USER, "c"), colleagues(store, USER, "c"))
        act(store)
        assert (conversations(store, USER), exchanges(store, USER, "c"), colleagues(store, USER, "c")) == before

    def test_titles_tell_conversations_with_the_same_cause_apart(self, store: Store, advisor: Advisor) -> None:
        for table in ("orders", "invoices"):
            question = f"postgres: deadlock detected while updating; UPDATE {table} SET a = 1"
            asked(store, USER, table, question, advice=advisor.ask(question))
        titles = {row.id: row.title for row in conversations(store, USER)}
        assert titles["orders"].startswith("orders · ")
        assert titles["invoices"].startswith("invoices · ")

    def test_it_can_be_taken_along(self, store: Store, advisor: Advisor) -> None:
        hostile = "```\n# not a heading\n<script>alert(1)</script>\n````"
        asked(store, USER, "c", hostile, advice=advisor.ask("postgres deadlock detected 40P01"))
        talk = exchanges(store, USER, "c")
        text = as_markdown("a <img> title\n# x", talk)
        assert text.startswith("# a \\<img> title # x\n")
        assert f"`````text\n{hostile}\n`````" in text
        assert '"question": "```' in as_json("t", talk)


class TestSharing:
    @pytest.fixture(autouse=True)
    def known(self, store: Store) -> None:
        asked(store, USER, "c", "of Ursula", id="e")
        audit.pseudonym(store, OTHER.id)

    def test_the_colleague_reads_and_that_is_recorded(self, store: Store) -> None:
        assert read_shared(store, OTHER, "c") is None
        share(store, USER, "c", OTHER.id)
        share(store, USER, "c", OTHER.id)
        (seen,) = shared_with(store, OTHER)
        assert (seen.id, seen.owner_id) == ("c", USER.id)
        found = read_shared(store, OTHER, "c")
        assert found is not None
        assert [one.question for one in found[1]] == ["of Ursula"]
        assert store.read("SELECT actor, subject FROM audit_waiting WHERE action = 'read_shared'") == [
            (audit.pseudonym(store, OTHER.id), "c")
        ]
        assert store.read("SELECT count(*) FROM audit_waiting WHERE action = 'shared'") == [(1,)]
        assert conversations(store, USER)[0].shared == 1

    def test_nobody_else_reads(self, store: Store) -> None:
        share(store, USER, "c", OTHER.id)
        assert read_shared(store, THIRD, "c") is None
        assert shared_with(store, THIRD) == []
        assert exchanges(store, OTHER, "c") == [], "it does not become the colleague's own"
        assert readable_exchange(store, THIRD, "e") is None
        assert readable_exchange(store, OTHER, "e") is not None

    def test_it_can_be_taken_back(self, store: Store) -> None:
        share(store, USER, "c", OTHER.id)
        withdraw_share(store, USER, "c", OTHER.id)
        assert read_shared(store, OTHER, "c") is None
        assert readable_exchange(store, OTHER, "e") is None

    @pytest.mark.parametrize(("who", "colleague"), [(OTHER, THIRD.id), (USER, USER.id), (USER, "nobody"), (USER, "")])
    def test_what_cannot_be_shared(self, store: Store, who: User, colleague: str) -> None:
        audit.pseudonym(store, THIRD.id)
        with pytest.raises(SharingError):
            share(store, who, "c", colleague)
        assert store.read("SELECT count(*) FROM shares") == [(0,)]


class TestOutcomes:
    def test_of_each_remark_the_newest_counts_and_it_can_be_taken_back(self, store: Store) -> None:
        asked(store, USER, "c", id="e")
        record_feedback(store, USER, "e", stars=2, outcome="not_solved", comment="no")
        record_feedback(store, USER, "e", outcome="solved", minutes_saved=45)
        record_feedback(store, USER, "e", stars=5, comment=" yes ", held=True)
        assert remarks(store, USER, "e") == Remarks(5, "solved", "yes", 45, True)
        withdraw(store, USER, "e", "outcome", "held", "minutes_saved")
        assert remarks(store, USER, "e") == Remarks(5, None, "yes", None, None)
        assert remarks(store, OTHER, "e") == Remarks()

    @pytest.mark.parametrize("given", [{"stars": 9}, {"outcome": "perhaps"}, {"minutes_saved": -1}, {"minutes_saved": 10_001}])
    def test_nonsense_is_refused(self, store: Store, given: Any) -> None:
        with pytest.raises(ValueError, match="stars|outcome|Minutes"):
            record_feedback(store, USER, "e", **given)

    def test_did_it_hold_is_asked_once_and_only_after_a_day(self, store: Store) -> None:
        asked(store, USER, "c", "Why is it slow", id="e")
        record_feedback(store, USER, "e", outcome="solved")
        now = utc_now()
        assert to_follow_up(store, USER, now) is None
        later = now + timedelta(days=2)
        found = to_follow_up(store, USER, later)
        assert found is not None
        assert (found.exchange_id, found.title) == ("e", "Why is it slow")
        assert to_follow_up(store, OTHER, later) is None
        assert to_follow_up(store, USER, now + timedelta(days=60)) is None
        record_feedback(store, USER, "e", held=False)
        assert to_follow_up(store, USER, later) is None

    def test_what_was_reopened_is_not_asked_about(self, store: Store) -> None:
        asked(store, USER, "c", id="e")
        record_feedback(store, USER, "e", outcome="solved")
        record_feedback(store, USER, "e", outcome="not_solved")
        assert to_follow_up(store, USER, utc_now() + timedelta(days=2)) is None

    def test_a_hand_over_is_an_outcome_and_belongs_to_its_user(self, store: Store) -> None:
        asked(store, USER, "c", id="e")
        assert record_handover(store, USER, "e", "t1", '{"a": 1}', None)
        found = handed_over(store, USER, "e")
        assert found is not None
        assert (found.id, found.ticket, found.delivery) == ("t1", '{"a": 1}', None)
        assert handed_over(store, OTHER, "e") is None
        assert remarks(store, USER, "e").outcome == "handed_over"
