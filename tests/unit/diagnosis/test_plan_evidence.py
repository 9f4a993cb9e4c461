"""A plan pasted into the chat: its findings lead to the playbook, stand in its answer, or are the answer."""

from __future__ import annotations

from dbbuddy.advisor import Advisor
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.dialogue import Turn
from tests.unit.cli.test_explain import INDEXED, SCAN


def test_the_plan_alone_leads_to_the_playbook_with_its_own_index(advisor: Advisor) -> None:
    advice = advisor.ask(SCAN)
    assert advice.context.engine == "postgresql"
    first = advice.diagnoses[0]
    assert first.slug == "missing-index"
    assert first.confidence >= 0.8
    assert "Rows Removed by Filter: 4,188,210" in first.evidence[0].quote
    assert first.evidence[0].place == "step 2 of the plan"
    assert "ON shipments (tracking_number)" in advice.fixes[0].blocks[0].code


def test_words_around_the_plan_do_not_mislead(advisor: Advisor) -> None:
    asked = "what is wrong here? we run it for each request\n\n" + SCAN + "\nthanks, Ann"
    assert advisor.ask(asked).diagnoses[0].slug == "missing-index"
    assert advisor.ask(asked).notes == ()


def test_a_good_plan_is_called_good_and_asks_for_the_slow_run(advisor: Advisor) -> None:
    advice = advisor.ask(INDEXED)
    assert advice.status == "needs_details"
    assert "shows nothing that costs much time" in advice.situation
    assert "slow execution" in advice.questions[0].text


def test_a_plan_of_another_engine_than_the_one_set_is_asked_about(advisor: Advisor) -> None:
    advice = advisor.ask(SCAN, SystemContext.of(engine="oracle"))
    assert advice.status == "needs_details"
    assert advice.questions[0].text == "Which engine is it: Oracle Database, as set, or PostgreSQL?"


def test_a_plan_in_a_follow_up_decides(advisor: Advisor) -> None:
    first = advisor.ask("our postgres query is slow, what should I do?")
    second = advisor.follow_up([Turn("our postgres query is slow, what should I do?", first)], SCAN)
    assert second.diagnoses[0].slug == "missing-index"
    assert second.fixes[0].blocks[0].code.startswith("CREATE INDEX CONCURRENTLY ON shipments")


def test_what_only_looks_like_a_plan_is_answered_as_text(advisor: Advisor) -> None:
    advice = advisor.ask("postgres deadlock detected 40P01 (cost=1.0..2.0")
    assert advice.diagnoses[0].slug == "pg-deadlock"
