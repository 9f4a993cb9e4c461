"""SQL pasted into the chat: where it stands in the text, and what its review does to the answer."""

from __future__ import annotations

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.context import Engine, SystemContext
from dbbuddy.diagnosis.pasted_sql import pasted_sql
from dbbuddy.diagnosis.sql_evidence import sql_evidence
from dbbuddy.intake.read import read
from dbbuddy.sqlreview.rules.registry import texts
from tests.unit.cli.test_review import MIGRATION

PG = SystemContext.of(engine="postgresql")


class TestWhereTheSqlStands:
    @pytest.mark.parametrize(
        ("text", "sql"),
        [
            ("SELECT a FROM t WHERE b = 1", "SELECT a FROM t WHERE b = 1;\n"),
            ("SELECT a FROM t;\nupdate t set a = 1 where b = 2;", "SELECT a FROM t;\nupdate t set a = 1 where b = 2;\n"),
            ('the app sends "select a from t where b = ?" all day', "select a from t where b = ?;\n"),
            ("SELECT a FROM t WHERE b = 1 takes 4 seconds on MySQL", "SELECT a FROM t WHERE b = 1;\n"),
            ("select a\nfrom t\nwhere b = 1\n-> 90 sec, full scan", "select a\nfrom t\nwhere b = 1;\n"),
            ("UPDATE t SET a = a * 2. Ran it in one go", "UPDATE t SET a = a * 2;\n"),
            ("Why?\n\nSELECT a FROM t;\n\nThanks", "SELECT a FROM t;\n"),
            ("SELECT a FROM t WHERE b = 1 -- 180k rows, it takes minutes", "SELECT a FROM t WHERE b = 1;\n"),
            ("ALTER TABLE t ALTER COLUMN a TYPE bigint", "ALTER TABLE t ALTER COLUMN a TYPE bigint;\n"),
            ("select ';' from t; and then", "select ';' from t;\n"),
        ],
    )
    def test_statements(self, text: str, sql: str) -> None:
        found = pasted_sql(text, "postgresql")
        assert found is not None
        assert found.sql == sql

    @pytest.mark.parametrize(
        "text",
        [
            "the select went from 20 ms to 4 s",
            "SELECT ... FROM orders WHERE is slow",
            "which index do I create for my table?",
            "insert into the queue table fails since Monday",
            "we delete from time to time",
            "please update the set of parameters",
            "",
        ],
    )
    def test_prose_is_none(self, text: str) -> None:
        assert pasted_sql(text, "postgresql") is None

    @pytest.mark.parametrize(
        ("text", "alone"),
        [
            ("DELETE FROM t;", True),
            ("Can you review this? DELETE FROM t;", True),
            ("Is this migration safe?\n\nDELETE FROM t;", True),
            ("Since Monday our checkout throws a deadlock every minute, the job runs\n\nDELETE FROM t;", False),
        ],
    )
    def test_whether_anything_else_was_said(self, text: str, alone: bool) -> None:
        found = pasted_sql(text, None)
        assert found is not None
        assert found.alone is alone

    def test_a_long_paste_is_bounded(self) -> None:
        found = pasted_sql("select a from t where b = 1;\n" * 5_000 + "(" * 50_000, None)
        assert found is not None
        assert len(found.sql) < 13_000


class TestTheAnswer:
    @pytest.mark.parametrize(
        ("engine", "sql", "slug"),
        [
            ("mysql", "SELECT a FROM parcels WHERE YEAR(sent_at) = 2026;", "nonsargable-predicate"),
            ("postgresql", "SELECT a FROM parcels ORDER BY a LIMIT 20 OFFSET 90000;", "offset-pagination"),
            ("mysql", "SELECT a FROM parcels WHERE note LIKE '%lamp%';", "leading-wildcard-search"),
            ("postgresql", MIGRATION.partition("\n")[0], "online-ddl-large-table"),
            ("mysql", "CREATE TABLE s (id char(36) PRIMARY KEY, n int) ENGINE=InnoDB;", "uuid-primary-key"),
        ],
    )
    def test_sql_alone_leads_to_the_playbook(self, advisor: Advisor, engine: Engine, sql: str, slug: str) -> None:
        advice = advisor.ask(sql, SystemContext.of(engine=engine))
        assert advice.status == "answered"
        first = advice.diagnoses[0]
        assert first.slug == slug
        assert any(evidence.place == "the SQL" for evidence in first.evidence)

    def test_where_no_playbook_fits_the_findings_are_the_answer(self, advisor: Advisor) -> None:
        advice = advisor.ask("Can you review this? DELETE FROM parcels;", PG)
        assert advice.status == "answered"
        assert advice.diagnoses[0].slug == "sql-dml-no-where"
        assert advice.diagnoses[0].evidence[0].quote == "DELETE FROM parcels"
        assert "WHERE" in advice.fixes[0].why

    def test_a_finding_beside_the_matter_stands_behind_the_fixes(self, advisor: Advisor) -> None:
        advice = advisor.ask(
            "our list is slow on deep pages: select a from parcels where facts->>'kind' = 'x' order by id limit 10 offset 50000",
            PG,
        )
        assert advice.diagnoses[0].slug == "offset-pagination"
        now = [fix.what for fix in advice.fixes_of("immediate")]
        assert now[-1].startswith("Also in the SQL: ")
        assert not now[0].startswith("Also in the SQL: ")

    def test_sql_in_an_error_is_a_witness_only(self, advisor: Advisor) -> None:
        text = "ERROR 1213 (40001): Deadlock found when trying to get lock\nUPDATE stock SET qty = qty - 1;"
        advice = advisor.ask(text, SystemContext.of(engine="mysql"))
        assert advice.diagnoses[0].slug == "mysql-deadlock"
        assert not any("Also in the SQL" in fix.what for fix in advice.fixes)

    def test_what_is_missing_behind_a_guessed_end_does_not_count(self) -> None:
        reading = read("UPDATE parcels SET fee = fee * 2. Ran it in one go", PG)
        evidence = sql_evidence(reading)
        assert evidence is None or "dml.no-where" not in evidence.signals()

    def test_a_clean_statement_changes_nothing(self) -> None:
        assert sql_evidence(read("SELECT id FROM parcels WHERE id = 5 ORDER BY id;", PG)) is None


def test_playbooks_name_rules_that_exist(advisor: Advisor) -> None:
    known = texts()
    for playbook in advisor.library.playbooks.values():
        for signal in playbook.head.signals.findings:
            assert "." not in signal.id or signal.id in known, f"{playbook.slug}: {signal.id}"
