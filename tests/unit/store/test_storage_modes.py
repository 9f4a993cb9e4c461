"""Storage modes: `metadata` keeps no text of a user anywhere, `off` keeps nothing; the app works on."""

from __future__ import annotations

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.store.history import conversations, exchanges, record_exchange, rename
from dbbuddy.store.outcomes import record_feedback, remarks
from dbbuddy.store.store import Store
from tests.unit.store.conftest import ChangeSettings
from tests.unit.store.exchanges import USER, exchange

CANARY = "kanarienvogel"
QUESTION = f"postgres deadlock detected 40P01 on table {CANARY}"


def all_values(store: Store) -> str:
    return repr([store.read(f'SELECT * FROM "{table}"') for table in store.backend.columns])


@pytest.mark.parametrize(("mode", "found"), [("full", True), ("metadata", False), ("off", False)])
def test_where_the_text_is(store: Store, advisor: Advisor, change_settings: ChangeSettings, mode: str, found: bool) -> None:
    change_settings(storage_mode=mode)
    one = exchange(question=QUESTION, advice=advisor.ask(QUESTION))
    record_exchange(store, USER, one)
    record_feedback(store, USER, one.id, stars=5, comment=f"the {CANARY} is well")
    assert (CANARY in all_values(store)) is found
    kept = 0 if mode == "off" else 1
    assert store.read("SELECT count(*) FROM exchanges") == [(kept,)]
    assert store.read("SELECT count(*) FROM feedback WHERE stars = 5") == [(kept,)]


def test_without_texts_the_history_is_titled_by_the_diagnosis(
    store: Store, advisor: Advisor, change_settings: ChangeSettings
) -> None:
    change_settings(storage_mode="metadata")
    one = exchange(question=QUESTION, advice=advisor.ask(QUESTION), conversation_id="c")
    record_exchange(store, USER, one)
    record_exchange(store, USER, exchange(conversation_id="c", position=1, question=f"what about {CANARY}"))
    slug = one.advice.diagnoses[0].slug
    (listed,) = conversations(store, USER)
    assert listed.title == f"{slug.replace('-', ' ').capitalize()} · PostgreSQL"
    first, second = exchanges(store, USER, "c")
    assert first.question == second.question == ""
    assert (first.advice.diagnoses[0].slug, first.advice.context) == (slug, one.advice.context)
    assert "not kept" in first.advice.situation
    assert second.advice.diagnoses == ()
    with pytest.raises(ValueError, match="metadata"):
        rename(store, USER, "c", CANARY)


def test_what_was_kept_before_the_mode_changed_is_still_read(
    store: Store, advisor: Advisor, change_settings: ChangeSettings
) -> None:
    one = exchange(question=QUESTION, advice=advisor.ask(QUESTION))
    record_exchange(store, USER, one)
    change_settings(storage_mode="metadata")
    assert exchanges(store, USER, one.conversation_id) == [one]


def test_off_says_nothing_of_remarks(store: Store, change_settings: ChangeSettings) -> None:
    change_settings(storage_mode="off")
    record_exchange(store, USER, exchange(id="e"))
    record_feedback(store, USER, "e", stars=5)
    assert remarks(store, USER, "e").stars is None
    assert conversations(store, USER) == []
