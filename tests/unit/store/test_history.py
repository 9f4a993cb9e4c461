"""What is kept is found again: conversations, exchanges and feedback, each user's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as searching
from hypothesis import strategies as st

from dbbuddy.advisor import Advisor
from dbbuddy.settings import settings
from dbbuddy.store.errors import StoreError
from dbbuddy.store.history import conversations, exchanges, record_exchange
from dbbuddy.store.outcomes import record_feedback
from dbbuddy.store.store import Store
from tests.unit.store.exchanges import OTHER, USER, exchange


def test_an_exchange_is_found_again_as_it_was(store: Store, advisor: Advisor) -> None:
    kept = replace(exchange(), advice=advisor.ask("postgres deadlock detected 40P01 on table orders"))
    record_exchange(store, USER, kept)
    assert exchanges(store, USER, kept.conversation_id) == [kept]
    assert store.read("SELECT codes FROM exchanges") == [("40P01",)]


def test_everything_is_there_after_a_restart(store_url: str) -> None:
    first = Store(store_url)
    kept = [exchange(conversation_id="c", position=n) for n in range(5)]
    for one in kept:
        record_exchange(first, USER, one)
    record_feedback(first, USER, kept[2].id, stars=4, outcome="solved")
    first.close()
    again = Store(store_url)
    found = exchanges(again, USER, "c")
    summaries = conversations(again, USER)
    again.close()
    assert [one.id for one in found] == [one.id for one in kept]
    assert (found[2].stars, found[2].outcome) == (4, "solved")
    assert [(summary.id, summary.exchanges) for summary in summaries] == [("c", 5)]


def test_a_day_is_one_of_the_operators_zone(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBBUDDY_TIME_ZONE", "Pacific/Auckland")
    settings.cache_clear()
    record_exchange(store, USER, exchange(id="e", asked_at=datetime(2026, 12, 31, 12, 0)))
    monkeypatch.undo()
    settings.cache_clear()
    assert store.read("SELECT day, team FROM exchanges WHERE id = 'e'") == [(date(2027, 1, 1), "payments")]


def test_a_conversation_is_named_by_its_diagnosis_or_its_first_line(store: Store, advisor: Advisor) -> None:
    answered = advisor.ask("postgres deadlock detected 40P01")
    record_exchange(store, USER, replace(exchange(conversation_id="a"), advice=answered))
    record_exchange(store, USER, exchange(conversation_id="b", question="\n\n  it is slow " + "x" * 100 + "\nmore"))
    titles = {summary.id: summary.title for summary in conversations(store, USER)}
    assert titles["a"] == answered.title
    assert titles["b"].startswith("it is slow xxx")
    assert len(titles["b"]) < 100


def test_the_latest_conversation_stands_first(store: Store) -> None:
    old, new = exchange(conversation_id="old"), exchange(conversation_id="new")
    record_exchange(store, USER, replace(old, asked_at=new.asked_at - timedelta(hours=1)))
    record_exchange(store, USER, new)
    assert [summary.id for summary in conversations(store, USER)] == ["new", "old"]
    record_exchange(store, USER, exchange(conversation_id="old", position=1, asked_at=new.asked_at + timedelta(hours=1)))
    assert [summary.id for summary in conversations(store, USER)] == ["old", "new"]
    assert [summary.id for summary in conversations(store, USER, limit=1)] == ["old"]


def test_a_conversation_whose_first_exchange_was_lost_is_still_listed(store: Store) -> None:
    record_exchange(store, USER, exchange(conversation_id="c", position=1))
    assert [summary.id for summary in conversations(store, USER)] == ["c"]


def test_no_user_sees_another_ones(store: Store) -> None:
    mine = exchange(conversation_id="c")
    record_exchange(store, USER, mine)
    assert conversations(store, OTHER) == []
    assert exchanges(store, OTHER, "c") == []
    record_feedback(store, OTHER, mine.id, stars=1)
    assert exchanges(store, USER, "c")[0].stars is None


def test_the_newest_rating_and_the_newest_outcome_count(store: Store) -> None:
    one = exchange()
    record_exchange(store, USER, one)
    for stars, outcome in ((2, None), (None, "not_solved"), (5, None), (None, "solved")):
        record_feedback(store, USER, one.id, stars=stars, outcome=outcome)  # type: ignore[arg-type]
    (found,) = exchanges(store, USER, one.conversation_id)
    assert (found.stars, found.outcome) == (5, "solved")


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_only_one_to_five_stars_are_kept(store: Store, stars: int) -> None:
    with pytest.raises(ValueError, match="stars"):
        record_feedback(store, USER, "x", stars=stars)


def test_feedback_on_nothing_changes_nothing(store: Store) -> None:
    record_feedback(store, USER, "nowhere", stars=5)
    assert store.read("SELECT count(*) FROM feedback") == [(0,)]


def test_an_exchange_that_is_kept_again_is_there_once(store: Store) -> None:
    one = exchange()
    for _ in range(2):
        record_exchange(store, USER, one)
    assert exchanges(store, USER, one.conversation_id) == [one]


@pytest.mark.parametrize("question", ["'; DROP TABLE exchanges; --", "Größe 😀", "x" * 2_000_000, "$1 $2 {} %s %"])
def test_any_question_is_kept_as_it_is(store: Store, question: str) -> None:
    one = exchange(question=question)
    record_exchange(store, USER, one)
    assert exchanges(store, USER, one.conversation_id)[0].question == question


def test_text_that_no_store_can_hold_is_refused_and_the_next_is_kept(store: Store) -> None:
    with pytest.raises(StoreError, match="half a character"):
        record_exchange(store, USER, exchange(question="\ud800"))
    good = exchange()
    record_exchange(store, USER, good)
    assert exchanges(store, USER, good.conversation_id) == [good]


def test_an_answer_of_another_shape_is_named(store: Store) -> None:
    one = exchange()
    record_exchange(store, USER, one)
    store.execute(('UPDATE exchanges SET advice = \'{"status": "odd"}\' WHERE id = $1', (one.id,)))
    with pytest.raises(StoreError, match=f"exchange {one.id}"):
        exchanges(store, USER, one.conversation_id)


@pytest.fixture(scope="module", params=["duckdb", "postgresql"])
def shared(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    if request.param == "duckdb":
        opened = Store(f"duckdb:///{tmp_path_factory.mktemp('shared') / 'store.duckdb'}")
    else:
        opened = Store(request.getfixturevalue("postgresql_stores").new())
    yield opened
    opened.close()


@searching(max_examples=15)
@given(question=st.text(min_size=1, max_size=50), provider=st.text(max_size=10), latency=st.floats(0, 1e9))
def test_whatever_is_said_is_found_again_with_nul_made_visible(shared: Store, question: str, provider: str, latency: float) -> None:
    one = exchange(question=question, provider=provider, latency_ms=latency)
    record_exchange(shared, USER, one)
    kept = replace(one, question=question.replace("\x00", "\ufffd"), provider=provider.replace("\x00", "\ufffd"))
    assert exchanges(shared, USER, one.conversation_id) == [kept]
