"""Conversations move on: with what was tried, with new facts, with corrections. No answer is given twice."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.advice import Advice
from dbbuddy.advisor import Advisor, default_advisor
from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.dialogue import Turn, corrected_context
from dbbuddy.rendering import to_markdown
from tests.unit.conversations import talk

LAMBDA = "Lambda connection timed out to RDS postgres"
DEADLOCK = "postgres deadlock detected 40P01"


def slug(advice: Advice) -> str:
    return advice.diagnoses[0].slug


def test_a_reported_fact_leads_to_its_branch(advisor: Advisor) -> None:
    first, second = talk(advisor, LAMBDA, "the security groups are fine, telnet works")
    assert slug(first) == slug(second) == "lambda-connection-timeout"
    assert second.branch == "network-is-open"
    assert "connections or CPU ran out" in second.diagnoses[0].root_cause
    assert second.fixes[0].what != first.fixes[0].what


def test_a_branch_is_taken_once(advisor: Advisor) -> None:
    answers = talk(advisor, LAMBDA, "security groups are fine", "security groups are fine")
    assert [advice.branch for advice in answers].count("network-is-open") == 1


def test_did_not_help_moves_to_other_steps(advisor: Advisor) -> None:
    first, second = talk(advisor, LAMBDA, "that did not help")
    assert second.status == "answered"
    assert second.notes
    assert [fix.what for fix in second.fixes] != [fix.what for fix in first.fixes]
    assert first.fixes[0].what not in [fix.what for fix in second.fixes]


@pytest.mark.parametrize(
    "first",
    [
        DEADLOCK,
        LAMBDA,
        "mysql replication lag grows",
        "it is slow",
        "SQL Server tempdb is full",
        "ORA-01555 snapshot too old",
        "too many connections",
    ],
)
@pytest.mark.parametrize(
    "again", ["that did not help", "still the same", "ok", "thanks", "how long will this take?", "already tried"]
)
def test_no_answer_is_that_of_the_turn_before(advisor: Advisor, first: str, again: str) -> None:
    texts = [to_markdown(advice) for advice in talk(advisor, first, *[again] * 6)]
    assert all(before != after for before, after in pairwise(texts))


def test_when_all_is_said_the_conversation_goes_to_a_dba(advisor: Advisor) -> None:
    last = talk(advisor, DEADLOCK, *["that did not help"] * 6)[-1]
    assert last.questions
    texts = [advice.situation for advice in talk(advisor, DEADLOCK, *["that did not help"] * 6)]
    assert any("DBA" in text for text in texts)


@pytest.mark.parametrize(
    ("correction", "engine"),
    [
        ("sorry, it is MySQL", "mysql"),
        ("sorry, it's MySQL, not postgres", "mysql"),
        ("not Postgres: we are on Oracle 19c", "oracle"),
        ("actually we use SQL Server 2019", "sqlserver"),
        ("sorry, MariaDB instead of PostgreSQL", "mariadb"),
    ],
)
def test_a_corrected_engine_is_answered_for(advisor: Advisor, correction: str, engine: str) -> None:
    first, second = talk(advisor, DEADLOCK, correction)
    assert first.context.engine == "postgresql"
    assert second.context.engine == engine
    assert "deadlock" in slug(second)
    assert "pg_" not in to_markdown(second)


def test_a_correction_can_be_taken_back(advisor: Advisor) -> None:
    answers = talk(advisor, DEADLOCK, "sorry, it is MySQL", "no, sorry, it is postgres after all")
    assert [advice.context.engine for advice in answers] == ["postgresql", "mysql", "postgresql"]
    assert slug(answers[2]) == slug(answers[0])


def test_an_engine_that_is_only_mentioned_corrects_nothing() -> None:
    context = SystemContext(engine="postgresql", version="16")
    assert corrected_context(context, "the old system was on Oracle") == context
    assert corrected_context(context, "sorry, it did not help") == context
    assert corrected_context(context, "sorry, it is MySQL") == SystemContext(engine="mysql")


def test_a_corrected_engine_forgets_version_and_service_of_the_old_one() -> None:
    context = SystemContext.of(service="aurora-postgresql", version="15")
    corrected = corrected_context(context, "sorry, it is MySQL")
    assert (corrected.engine, corrected.version, corrected.service, corrected.cloud) == ("mysql", None, None, "aws")


def test_new_facts_that_name_another_cause_take_over(advisor: Advisor) -> None:
    first, second = talk(
        advisor,
        "postgres queries are slow since yesterday",
        "in the log: ERROR: deadlock detected, SQLSTATE 40P01, process 12 waits for ShareLock; blocked by process 13",
    )
    assert not first.diagnoses or slug(first) != "pg-deadlock"
    assert slug(second) == "pg-deadlock"


def test_an_answered_question_leads_to_a_diagnosis(advisor: Advisor) -> None:
    answers = talk(advisor, "deadlock found in our database", "it is SQL Server")
    assert answers[0].status == "needs_details"
    assert slug(answers[1]) == "mssql-deadlock"


def test_the_context_is_carried_on(advisor: Advisor) -> None:
    context = SystemContext.of(service="aurora-postgresql", environment="production")
    answers = talk(advisor, "connection timed out on lambda", "that did not help", "still the same", context=context)
    assert {advice.context.service for advice in answers} == {"aurora-postgresql"}
    assert {advice.context.environment for advice in answers} == {"production"}


def test_names_of_earlier_turns_stay_in_the_sql(advisor: Advisor) -> None:
    answers = talk(
        advisor,
        "postgres: duplicate key value violates unique constraint on insert into shop_orders (id) values (1)",
        "that did not help",
    )
    assert all("shop_orders" in advice.model_dump_json() for advice in answers)


def test_another_topic_in_between_spoils_nothing(advisor: Advisor) -> None:
    answers = talk(advisor, DEADLOCK, "write me a poem", "that did not help")
    assert [advice.status for advice in answers] == ["answered", "out_of_scope", "answered"]
    assert slug(answers[2]) == "pg-deadlock"


def test_a_declined_start_spoils_nothing(advisor: Advisor) -> None:
    answers = talk(advisor, "write me a poem", DEADLOCK)
    assert [advice.status for advice in answers] == ["out_of_scope", "answered"]


def test_two_long_logs_in_one_conversation_are_read(advisor: Advisor) -> None:
    log = "2024-01-01 LOG: checkpoint complete\n" * 80_000
    answers = talk(advisor, "postgres deadlock detected 40P01\n" + log, log + "ERROR: deadlock detected 40P01")
    assert len(answers) == 2
    assert slug(answers[0]) == "pg-deadlock"


def test_a_follow_up_without_turns_is_a_first_question(advisor: Advisor) -> None:
    assert advisor.follow_up([], DEADLOCK) == advisor.ask(DEADLOCK)


MESSAGES = st.sampled_from(
    [
        DEADLOCK,
        LAMBDA,
        "it is slow",
        "that did not help",
        "sorry, it is MySQL",
        "we use postgres 16 on RDS",
        "thanks",
        "the pool is already at 20",
        "already ran ANALYZE, no change",
        "write me a poem",
        "ORA-00060",
        "security groups are fine",
        "max_connections = 405 and 200 lambdas",
    ]
)


@settings(max_examples=25)
@given(st.lists(MESSAGES, min_size=2, max_size=6))
def test_any_conversation_goes_on_without_repeating_itself(messages: list[str]) -> None:
    answers = talk(default_advisor(), *messages)
    texts = [to_markdown(advice) for advice in answers if advice.status != "out_of_scope"]
    assert all(before != after for before, after in pairwise(texts))


def test_a_fact_told_in_the_first_question_is_answered_at_once(advisor: Advisor) -> None:
    """The branch's words follow the cause and its steps come first; a branch marked `later` waits for a follow-up."""
    log = "Error: 9002. The transaction log for database 'CRM' is full due to 'AVAILABILITY_REPLICA'. log backups run every 15 min"
    told = advisor.ask(log, SystemContext.of(engine="sqlserver"))
    assert told.branch == "backups-run-already"
    assert "log_send_queue" in told.fixes[0].blocks[0].code
    trace = "All pooled connections were in use and max pool size was reached. at Dapper.SqlMapper.QueryAsync"
    assert advisor.ask(trace, SystemContext.of(engine="sqlserver")).branch is None


def test_a_fact_told_first_is_not_told_again(advisor: Advisor) -> None:
    log = "The transaction log for database 'CRM' is full due to 'AVAILABILITY_REPLICA'. log backups run every 15 min"
    first = advisor.ask(log, SystemContext.of(engine="sqlserver"))
    second = advisor.follow_up([Turn(log, first)], "log backups run every 15 minutes, due to AVAILABILITY_REPLICA")
    assert second.branch != first.branch
