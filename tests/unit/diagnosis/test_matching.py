"""Which playbook fits, how sure that is, and what in the text says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.advisor import Advisor
from dbbuddy.context import ENGINES, SystemContext
from dbbuddy.diagnosis.library import Library, load_library
from dbbuddy.diagnosis.matching import Matcher, Strength, confidence
from dbbuddy.intake.read import read
from tests.unit.diagnosis.sample import sample

MATCHER = Matcher(load_library())


def best(text: str, **context: str) -> str:
    reading = read(text, SystemContext.of(**context), MATCHER.known_codes)
    return MATCHER.match(reading)[0].playbook.slug


@pytest.mark.parametrize(
    ("text", "engine", "slug"),
    [
        ("Error 1205", "mysql", "mysql-lock-wait-timeout"),
        ("Error 1205", "sqlserver", "mssql-deadlock"),
        ("ORA-00060: deadlock detected while waiting for resource", "oracle", "oracle-deadlock"),
        ("ERROR: deadlock detected [40P01]", "postgresql", "pg-deadlock"),
        ("error: duplicate key { code: '23505' }", "postgresql", "duplicate-key-upsert-race"),
    ],
)
def test_the_same_number_is_another_thing_in_another_engine(text: str, engine: str, slug: str) -> None:
    assert best(text, engine=engine) == slug


def test_typos_are_put_right() -> None:
    assert best("postgres deadlok detcted between two transactoins") == "pg-deadlock"


def test_no_playbook_of_another_engine_is_ever_among_the_matches() -> None:
    text = "deadlock lock wait timeout too many connections slow query index replication lag disk full tempdb undo vacuum"
    for engine in ENGINES:
        matches = MATCHER.match(read(text, SystemContext(engine=engine)))
        assert matches
        assert all(engine in match.playbook.head.engines for match in matches)


def test_matches_stand_best_first_and_confidence_is_a_chance() -> None:
    matches = MATCHER.match(read("postgres too many clients already, connection pool exhausted", SystemContext()))
    assert [m.score for m in matches] == sorted((m.score for m in matches), reverse=True)
    assert all(0 < m.confidence < 1 for m in matches)
    assert max(m.confidence for m in matches) == matches[0].confidence


def test_evidence_quotes_the_text_with_its_line() -> None:
    text = "hello\nnightly job\nERROR: deadlock detected on orders\nbye"
    match = MATCHER.match(read(text, SystemContext(engine="postgresql"), MATCHER.known_codes))[0]
    assert ("ERROR: deadlock detected on orders", "line 3") in {(e.quote, e.place) for e in match.evidence}


def test_quotes_of_endless_lines_are_short_and_true() -> None:
    text = "x" * 3000 + " deadlock detected " + "y" * 3000
    reading = read(text, SystemContext(engine="postgresql"))
    match = next(m for m in MATCHER.match(reading) if m.evidence)
    assert all(0 < len(e.quote) <= 200 and e.quote in text for e in match.evidence)


def test_the_category_chosen_by_the_user_tips_the_scale() -> None:
    reading = read("postgres tables with millions of rows", SystemContext())
    before = {m.playbook.slug: m.score for m in MATCHER.match(reading)}
    after = {m.playbook.slug: m.score for m in MATCHER.match(reading, category="capacity_planning")}
    chosen = {slug for slug in after if MATCHER.library[slug].head.category == "capacity_planning"}
    assert len(chosen) > len({slug for slug in before if MATCHER.library[slug].head.category == "capacity_planning"})
    assert all(after[slug] > before[slug] for slug in chosen & before.keys())


def test_a_finding_of_the_plan_review_counts() -> None:
    playbook = sample(("  phrases:", "  findings: [{id: spilled-sort, weight: 4}]\n  phrases:"))
    matcher = Matcher(Library({playbook.slug: playbook}))
    reading = read("postgres disk is full", SystemContext())
    (without,), (found,) = matcher.match(reading), matcher.match(reading, findings={"spilled-sort": 0.5, "other": 1.0})
    assert found.score == without.score + 2


def test_every_playbook_is_found_by_its_own_symptoms() -> None:
    missed = [
        p.slug for p in MATCHER.library.playbooks.values() if best(". ".join(p.head.symptoms), engine=p.head.engines[0]) != p.slug
    ]
    assert missed == []


STRENGTHS = st.builds(
    Strength,
    st.floats(-100, 100),
    st.floats(0, 100),
    st.floats(-100, 100),
    st.booleans(),
    st.integers(0, 100_000),
)


@given(STRENGTHS)
def test_confidence_is_between_never_and_always(strength: Strength) -> None:
    assert 0.02 <= confidence(strength) <= 0.98


@given(st.text(max_size=150) | st.lists(st.sampled_from(sorted(MATCHER.lexical.known_words)), max_size=12).map(" ".join))
def test_any_text_is_matched(text: str) -> None:
    reading = read("postgres " + text, SystemContext())
    for match in MATCHER.match(reading):
        assert all(e.quote in reading.text for e in match.evidence)


def test_matching_holds_nothing_of_a_text(advisor: Advisor) -> None:
    before = advisor.ask("postgres deadlock detected 40P01").model_dump()
    advisor.ask("mysql too many connections on table secrets_of_mine")
    assert advisor.ask("postgres deadlock detected 40P01").model_dump() == before
