"""What DBAs are told to write next."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.analytics.clusters import clusters
from dbbuddy.analytics.drafts import draft_playbook
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.gaps import Gaps, QuestionGap, gaps
from dbbuddy.analytics.refresh import refresh_all
from dbbuddy.diagnosis.drafts import review
from dbbuddy.diagnosis.library import Library, load_library
from dbbuddy.diagnosis.playbook import parse_playbook
from dbbuddy.identity import NotAllowedError
from dbbuddy.store.store import Store
from tests.unit.analytics.conftest import DBA, MANAGER

DAY = date(2026, 3, 3)
MARCH = Filter(Period(date(2026, 3, 1), date(2026, 3, 31)))
SHARDS = [
    "How do I move a shard of our Citus cluster to another node?",
    "citus: moving shards between nodes of the cluster hangs",
    "shard move on the Citus cluster never ends, node is full",
]
HOSTILE = ["---\nslug: x\n---", "'; DROP TABLE x; -- {{table}} {{nope}}", "a: [b, {c", "\u202eabc <EMAIL_1> `code`\n## Root cause"]


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def ask(store: Store, number: int, question: str, **more: object) -> None:
    row = {
        "id": f"e{number}",
        "conversation_id": f"c{number}",
        "user_id": f"u{number % 7}",
        "position": 0,
        "asked_at": datetime(2026, 3, 3, 9) + timedelta(hours=number),
        "day": DAY,
        "team": "Search",
        "codes": "",
        "question": question,
        "advice": "{}",
        "status": "needs_details",
        "category": "troubleshooting",
        "engine": "postgresql",
        "provider": "rules",
        "latency_ms": 12.0,
    } | more
    store.append({"exchanges": [row]})


def tell(store: Store, number: int, stars: int | None = None, outcome: str | None = None) -> None:
    given = datetime(2026, 3, 5, 9) + timedelta(hours=number)
    row = {"exchange_id": f"e{number}", "user_id": "u", "given_at": given, "day": given.date(), "stars": stars, "outcome": outcome}
    store.append({"feedback": [row]})


def found(store: Store, library: Library) -> Gaps:
    store.transact(lambda session: refresh_all(session, datetime(2026, 4, 20), 400))
    return gaps(store, DBA, MARCH, library)


def test_only_dbas_see_the_questions(store: Store, library: Library) -> None:
    with pytest.raises(NotAllowedError):
        gaps(store, MANAGER, MARCH, library)


def test_an_empty_store_has_no_gaps(store: Store, library: Library) -> None:
    assert found(store, library) == Gaps((), (), (), cut=False)


def test_questions_without_a_diagnosis_that_ask_the_same_are_one_gap(store: Store, library: Library) -> None:
    for number, text in enumerate(SHARDS):
        ask(store, number, text)
    ask(store, 10, "What do the letters in the log's prefix mean?")
    ask(store, 11, "who won the match", status="out_of_scope")
    ask(store, 12, "Deadlock on orders", status="answered", diagnosis="deadlock", confidence=0.9)
    ask(store, 13, "It is slow", conversation_id="settled")
    ask(
        store,
        14,
        "It is slow since the index was dropped",
        conversation_id="settled",
        status="answered",
        diagnosis="x",
        confidence=0.8,
    )
    tell(store, 0, outcome="solved")
    first, second = found(store, library).questions
    assert set(first.questions) == set(SHARDS)
    assert (first.n, first.solved, first.minutes) == (3, 1, 60.0)
    assert second.n == 1


def test_minutes_are_those_of_the_baseline(store: Store, library: Library) -> None:
    ask(store, 1, SHARDS[0])
    made = {"category": "troubleshooting", "developers": 50, "made_by": "m", "made_at": datetime(2026, 1, 1)}
    weeks = [("a", 3, 40.0), ("b", 1, 80.0)]
    rows = [made | {"id": name, "week": date(2025, 12, 1), "tickets": n, "minutes_median": minutes} for name, n, minutes in weeks]
    store.append({"baselines": rows})
    assert found(store, library).questions[0].minutes == pytest.approx((3 * 40 + 80) / 4)


def test_playbooks_that_do_not_help_come_with_what_they_cost(store: Store, library: Library) -> None:
    answered = {"status": "answered", "confidence": 0.9}
    for number in range(6):
        ask(store, number, "q", **answered, diagnosis="deadlock")
    for number in range(6, 9):
        ask(store, number, "q", **answered, diagnosis="connection-exhaustion")
    tell(store, 1, stars=1, outcome="not_solved")
    tell(store, 2, stars=4, outcome="solved")
    tell(store, 6, stars=5, outcome="solved")
    (gap,) = found(store, library).playbooks
    assert (gap.slug, gap.episodes, gap.told, gap.confirmed.value) == ("deadlock", 6, 2, 0.5)
    assert gap.satisfaction.value == 2.5
    assert gap.minutes == 6 * 30 * 0.5


def test_error_codes_that_no_playbook_knows(store: Store, library: Library) -> None:
    known = next(
        code.code for book in library.playbooks.values() for code in book.head.signals.codes if code.engine == "postgresql"
    )
    ask(store, 1, "q", codes=f"{known} 22P04")
    ask(store, 2, "q", codes="22P04")
    ask(store, 3, "q", codes="ora-0060", engine="oracle")
    rows = found(store, library).codes
    assert [(row.engine, row.code, row.n) for row in rows] == [("postgresql", "22P04", 2)]
    assert rows[0].title == "22P04 bad_copy_file_format"


def test_without_texts_questions_are_told_apart_by_their_context(store: Store, library: Library) -> None:
    for number in range(3):
        ask(store, number, "", codes="22P04")
    ask(store, 5, "", engine="mysql")
    assert [gap.n for gap in found(store, library).questions] == [3, 1]


def test_real_questions_fall_into_their_topics(advisor: Advisor) -> None:
    texts = [
        "deadlock detected between two updates",
        "we get a deadlock when two transactions update the orders",
        "replica lags behind the primary by minutes",
        "replication lag of the replica grows",
        "deadlock found when trying to get lock; update of orders",
        "certificate expired",
    ]
    assert {frozenset(group) for group in clusters(texts)} == {frozenset({0, 1, 4}), frozenset({2, 3}), frozenset({5})}
    assert clusters([]) == []
    assert sorted(map(len, clusters(["", "", "?"]))) == [1, 1, 1]


@pytest.mark.parametrize(
    "gap",
    [
        QuestionGap(tuple(SHARDS), ("a",), "troubleshooting", ("postgresql",), ("22P04",), 3, 0, 90),
        QuestionGap((), ("a",), "", (), (), 1, 0, 30),
        QuestionGap(tuple(HOSTILE), ("a",), "capacity_planning", ("oracle", "mysql"), ("ORA-00060", "1205", "x"), 4, 0, 30),
    ],
    ids=["typical", "without anything", "hostile"],
)
def test_a_draft_can_be_used_as_it_stands(gap: QuestionGap, library: Library) -> None:
    text = draft_playbook(DBA, gap, library)
    assert review(text, library).problems == ()
    playbook = parse_playbook(text, Path("x.md"))
    again = draft_playbook(DBA, gap, replace(library, playbooks={**library.playbooks, playbook.slug: playbook}))
    assert review(again, library).playbook.slug == f"{playbook.slug}-2"
    with pytest.raises(NotAllowedError):
        draft_playbook(MANAGER, gap, library)
