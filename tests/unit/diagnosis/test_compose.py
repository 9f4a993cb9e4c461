"""From a playbook and a reader to an answer."""

from __future__ import annotations

import pytest

from dbbuddy.context import SystemContext
from dbbuddy.diagnosis.compose import Match, answer, branch_fixes, questions
from dbbuddy.diagnosis.placeholders import fill
from dbbuddy.diagnosis.selection import Reader
from tests.unit.diagnosis.sample import sample

PG = SystemContext(engine="postgresql")
MYSQL = SystemContext(engine="mysql")
NOTHING = SystemContext()


def advice_for(context: SystemContext, **names: str):  # type: ignore[no-untyped-def]
    return answer(Match(sample(), 9.0, 0.9), (), Reader(context, names), "")


def test_each_engine_reads_its_own_part() -> None:
    postgresql, mysql = advice_for(PG), advice_for(MYSQL)
    assert "WAL was kept" in postgresql.diagnoses[0].root_cause
    assert "Binary logs" not in postgresql.diagnoses[0].root_cause
    assert "Binary logs" in mysql.diagnoses[0].root_cause
    assert [block.code for block in mysql.diagnoses[0].confirm_blocks] == ["SELECT 1 AS my;"]
    assert mysql.monitoring.points == ("The log list shrinks.",)


def test_an_unknown_engine_reads_no_engine_part() -> None:
    advice = advice_for(NOTHING)
    assert advice.diagnoses[0].confirm_blocks == ()
    assert advice.monitoring.points == ()
    assert "WAL" not in advice.diagnoses[0].root_cause
    assert "Binary" not in advice.diagnoses[0].root_cause


def test_steps_of_another_platform_are_left_out() -> None:
    managed = advice_for(SystemContext.of(service="rds-postgresql"))
    own = advice_for(SystemContext.of(service="self-postgresql"))
    assert "Edit the file" not in [fix.what for fix in managed.fixes]
    assert "Change the parameter group" in [fix.what for fix in managed.fixes]
    assert "Edit the file" in [fix.what for fix in own.fixes]
    assert "Change the parameter group" not in [fix.what for fix in own.fixes]


def test_a_step_whose_platform_is_not_known_says_whom_it_is_for() -> None:
    only_on = {fix.what: fix.only_on for fix in advice_for(PG).fixes}
    assert only_on["Edit the file"] == "on your own servers"
    assert only_on["Change the parameter group"] == "on managed services"
    assert only_on["Free some space"] == ""


def test_a_step_that_says_nothing_to_this_reader_is_left_out() -> None:
    own_mysql = advice_for(SystemContext.of(service="self-mysql"))
    assert "Edit the file" not in [fix.what for fix in own_mysql.fixes]


def test_numbered_items_are_numbered_for_the_reader() -> None:
    assert (
        "1. First look at the logs.\n2. Then at `FreeStorageSpace`."
        in advice_for(SystemContext.of(service="rds-mysql")).diagnoses[0].root_cause
    )
    assert "2. " not in advice_for(SystemContext.of(service="self-mysql")).diagnoses[0].root_cause


def test_placeholders_are_the_users_names_everywhere() -> None:
    advice = advice_for(PG, table="shop.orders")
    assert advice.diagnoses[0].summary == "No space is left for shop.orders."
    assert "volume of shop.orders" in advice.diagnoses[0].root_cause
    assert advice.fixes[0].rollback == "restore shop.orders."
    assert "{{" not in advice.model_dump_json()


def test_placeholders_have_defaults() -> None:
    assert advice_for(PG).diagnoses[0].summary == "No space is left for your_table."


def test_risk_rollback_and_blocks_belong_to_their_step() -> None:
    fix = advice_for(PG).fixes[0]
    assert (fix.horizon, fix.what, fix.risk, fix.risk_note) == ("immediate", "Free some space", "low", "Something is deleted.")
    assert [(block.language, block.engine, block.code) for block in fix.blocks] == [("sh", "any", "df -h")]


def test_sources_are_the_readers() -> None:
    assert [source.section for source in advice_for(PG).sources] == ["Disk Full Failure", "Disks"]
    assert [source.section for source in advice_for(MYSQL).sources] == ["Disks"]
    assert [source.section for source in advice_for(NOTHING).sources] == ["Disks"]


def test_a_branch_has_its_own_words_and_steps() -> None:
    text, blocks, steps = branch_fixes(sample(), "already-bigger", Reader(PG, {"table": "orders"}))
    assert text == "It fills again, so find what grows."
    assert blocks == ()
    assert [block.code for fix in steps for block in fix.blocks] == ["SELECT 2 AS growth FROM orders;"]
    assert steps[0].blocks[0].only_on == "needs pg_ext"


@pytest.mark.parametrize(("text", "asked"), [("disk full", 1), ("the log disk is full", 0), ("LOG VOLUME", 0)])
def test_a_question_that_the_text_answers_is_not_asked(text: str, asked: int) -> None:
    assert len(questions(sample(), Reader(PG, {}), text)) == asked


def test_a_question_brings_the_query_of_the_engine() -> None:
    (asked,) = questions(sample(), Reader(PG, {}), "")
    assert asked.block is not None
    assert asked.block.engine == "postgresql"
    assert "pg_database_size" in asked.block.code
    for context in (MYSQL, NOTHING):
        assert questions(sample(), Reader(context, {}), "")[0].block is None


def test_a_name_is_compared_with_a_catalog_without_its_schema() -> None:
    sql = "SELECT 1 FROM pg_class WHERE relname = '{{table}}'; SELECT '{{table}}'::regclass; SELECT * FROM {{table}};"
    assert fill(sql, {"table": "sales.orders"}) == (
        "SELECT 1 FROM pg_class WHERE relname = 'orders'; SELECT 'sales.orders'::regclass; SELECT * FROM sales.orders;"
    )
