"""What is kept is found again: conversations, exchanges and feedback, each user's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.advisor import Advisor
from dbbuddy.store.errors import StoreError
from dbbuddy.store.store import Exchange, Store
from tests.unit.store.exchanges import exchange


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"duckdb:///{tmp_path / 'store.duckdb'}"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = Store(url)
    yield opened
    opened.close()


def test_an_exchange_is_found_again_as_it_was(store: Store, advisor: Advisor) -> None:
    kept = replace(exchange(), advice=advisor.ask("postgres deadlock detected 40P01 on table orders"))
    store.record_exchange(kept)
    assert store.exchanges(kept.conversation_id, kept.user_id) == [kept]


def test_everything_is_there_after_a_restart(url: str) -> None:
    first = Store(url)
    kept = [exchange(conversation_id="c", position=n) for n in range(5)]
    for one in kept:
        first.record_exchange(one)
    first.record_feedback(kept[2].id, "u", stars=4, outcome="solved")
    first.close()
    again = Store(url)
    found = again.exchanges("c", "u")
    summaries = again.conversations("u")
    again.close()
    assert [one.id for one in found] == [one.id for one in kept]
    assert (found[2].stars, found[2].outcome) == (4, "solved")
    assert [(summary.id, summary.exchanges) for summary in summaries] == [("c", 5)]


def test_a_conversation_is_named_by_its_diagnosis_or_its_first_line(store: Store, advisor: Advisor) -> None:
    store.record_exchange(replace(exchange(conversation_id="a"), advice=advisor.ask("postgres deadlock detected 40P01")))
    store.record_exchange(exchange(conversation_id="b", question="\n\n  it is slow " + "x" * 100 + "\nmore"))
    titles = {summary.id: summary.title for summary in store.conversations("u")}
    assert "deadlock" in titles["a"].lower() or titles["a"]
    assert titles["b"].startswith("it is slow xxx")
    assert len(titles["b"]) == 60


def test_the_latest_conversation_stands_first(store: Store) -> None:
    old, new = exchange(conversation_id="old"), exchange(conversation_id="new")
    store.record_exchange(replace(old, asked_at=new.asked_at - timedelta(hours=1)))
    store.record_exchange(new)
    assert [summary.id for summary in store.conversations("u")] == ["new", "old"]
    store.record_exchange(exchange(conversation_id="old", position=1, asked_at=new.asked_at + timedelta(hours=1)))
    assert [summary.id for summary in store.conversations("u")] == ["old", "new"]
    assert [summary.id for summary in store.conversations("u", limit=1)] == ["old"]


def test_a_conversation_whose_first_exchange_was_lost_is_still_listed(store: Store) -> None:
    store.record_exchange(exchange(conversation_id="c", position=1))
    assert [summary.id for summary in store.conversations("u")] == ["c"]


def test_no_user_sees_another_ones(store: Store) -> None:
    mine = exchange(conversation_id="c")
    store.record_exchange(mine)
    assert store.conversations("other") == []
    assert store.exchanges("c", "other") == []
    store.record_feedback(mine.id, "other", stars=1)
    assert store.exchanges("c", "u")[0].stars is None


def test_the_newest_rating_and_the_newest_outcome_count(store: Store) -> None:
    one = exchange()
    store.record_exchange(one)
    for stars, outcome in ((2, None), (None, "not_solved"), (5, None), (None, "solved")):
        store.record_feedback(one.id, "u", stars=stars, outcome=outcome)  # type: ignore[arg-type]
    (found,) = store.exchanges(one.conversation_id, "u")
    assert (found.stars, found.outcome) == (5, "solved")


@pytest.mark.parametrize("stars", [0, 6, -1])
def test_only_one_to_five_stars_are_kept(store: Store, stars: int) -> None:
    with pytest.raises(ValueError, match="stars"):
        store.record_feedback("x", "ann", stars=stars)


def test_feedback_on_nothing_changes_nothing(store: Store) -> None:
    store.record_feedback("nowhere", "u", stars=5)
    assert store.conversations("u") == []


def test_the_same_exchange_is_not_kept_twice(store: Store) -> None:
    one = exchange()
    store.record_exchange(one)
    with pytest.raises(StoreError, match="could not save"):
        store.record_exchange(one)
    assert len(store.exchanges(one.conversation_id, "u")) == 1


def test_after_close_nothing_is_written(store: Store) -> None:
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.record_exchange(exchange())


def test_close_can_be_said_twice(url: str) -> None:
    opened = Store(url)
    opened.close()
    opened.close()
    Store(url).close()


@pytest.mark.parametrize("question", ["'; DROP TABLE exchanges; --", "a\x00b", "Größe 😀", "x" * 2_000_000, "$1 $2 {}"])
def test_any_question_is_kept_as_it_is(store: Store, question: str) -> None:
    one = exchange(question=question)
    store.record_exchange(one)
    assert store.exchanges(one.conversation_id, "u")[0].question == question


def test_text_that_no_store_can_hold_is_refused_and_the_next_is_kept(store: Store) -> None:
    with pytest.raises(StoreError):
        store.record_exchange(exchange(question="\ud800"))
    good = exchange()
    store.record_exchange(good)
    assert store.exchanges(good.conversation_id, "u") == [good]


def test_an_answer_of_another_shape_is_named(store: Store) -> None:
    one = exchange()
    store.record_exchange(one)
    store._writer.write(('UPDATE exchanges SET advice = \'{"status": "odd"}\' WHERE id = $1', (one.id,)))
    with pytest.raises(StoreError, match=f"exchange {one.id}"):
        store.exchanges(one.conversation_id, "u")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    opened = Store(f"duckdb:///{tmp_path_factory.mktemp('shared') / 'store.duckdb'}")
    yield opened
    opened.close()


@settings(max_examples=30)
@given(question=st.text(min_size=1, max_size=50), provider=st.text(max_size=10), latency=st.floats(0, 1e9))
def test_whatever_is_said_is_found_again(shared: Store, question: str, provider: str, latency: float) -> None:
    one: Exchange = exchange(question=question, provider=provider, latency_ms=latency)
    shared.record_exchange(one)
    assert shared.exchanges(one.conversation_id, "u") == [one]
