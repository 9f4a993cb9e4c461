"""The guard: a table of statements, the playbooks' own SQL, and text that is no SQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, Engine
from dbbuddy.data_files import DATA, load_yaml
from dbbuddy.sqlreview.guard import classify
from tests.effort import examples
from tests.unit.sqlreview.guard_cases import CASES

_NAMES = {"r": "read_only", "w": "writing", "d": "destructive", "u": "unknown"}
_FENCE = re2.compile(r"(?ms)^```sql ([^\n]*)\n(.*?)^```")
_TABLE = [(engine, expected, sql) for engine, cases in CASES.items() for expected, sql in cases]


def test_the_table_is_long_enough() -> None:
    assert len(_TABLE) >= 150
    assert all(sum(expected == kind for expected, _ in cases) >= 3 for cases in CASES.values() for kind in "rwdu")


@pytest.mark.parametrize(("engine", "expected", "sql"), _TABLE)
def test_verdict(engine: Engine, expected: str, sql: str) -> None:
    verdict = classify(sql, engine)
    assert verdict.danger == _NAMES[expected], verdict.reasons
    assert verdict.counts_as_destructive == (expected in "du")
    assert verdict.danger == "read_only" or verdict.reasons


@pytest.mark.parametrize(("engine", "expected", "sql"), [case for case in _TABLE if case[1] in "du"])
def test_nothing_destructive_is_missed_without_an_engine(engine: Engine, expected: str, sql: str) -> None:
    assert classify(sql).counts_as_destructive


@pytest.mark.parametrize(("engine", "expected", "sql"), [case for case in _TABLE if case[1] == "d"])
def test_a_harmless_statement_before_hides_nothing(engine: Engine, expected: str, sql: str) -> None:
    assert classify(f"SELECT 1;\n{sql}", engine).counts_as_destructive
    assert classify(f"-- a remark\n/* and another */\n{sql}", engine).counts_as_destructive
    assert classify(sql.upper() if "\\" not in sql and "$" not in sql else sql, engine).counts_as_destructive


def test_each_statement_has_its_verdict_and_place() -> None:
    sql = "SELECT 1;\nUPDATE t SET a = 1 WHERE id = 2;\nDROP TABLE t;"
    verdict = classify(sql, "postgresql")
    assert [statement.danger for statement in verdict.statements] == ["read_only", "writing", "destructive"]
    assert [sql[statement.start : statement.end].split()[0] for statement in verdict.statements] == ["SELECT", "UPDATE", "DROP"]


def test_an_empty_text_reads_nothing() -> None:
    assert classify("  -- nothing\n", "mysql").danger == "read_only"


def _own_sql() -> Iterator[tuple[str, Engine, str]]:
    """Every SQL block of the playbooks and of the plan insights, for each engine that it is written for."""
    for path in sorted((DATA / "playbooks").rglob("*.md")):
        for fence in _FENCE.finditer(path.read_text(encoding="utf-8")):
            for engine in ENGINES:
                if engine in fence.group(1).split():
                    yield path.stem, engine, fence.group(2)
    for engine in ENGINES:
        file = DATA / "plan_insights" / f"{engine}.yaml"
        for name, text in (load_yaml(f"plan_insights/{engine}.yaml") if file.exists() else {}).items():
            yield name, engine, text.get("sql", "")


# Blocks that run what an earlier statement prepared or a routine of the reader's own: the guard cannot see into them.
_OPAQUE = {"bulk-update-large", "pg-generic-plan", "sql-injection", "pg-sequence-out-of-sync"}


def test_the_projects_own_sql_is_understood() -> None:
    unknown = {}
    blocks = list(_own_sql())
    assert len(blocks) > 1000
    for name, engine, sql in blocks:
        for statement in classify(sql, engine).statements:
            assert statement.danger == "read_only" or statement.reasons, (name, engine, sql)
            if statement.danger == "unknown":
                unknown[name, engine] = statement.reasons
    assert {name for name, _ in unknown} <= _OPAQUE, unknown
    assert all("not in the text" in reasons[0] or "run time" in reasons[0] for reasons in unknown.values()), unknown


@settings(max_examples=examples(150), deadline=None)
@given(st.text(max_size=200), st.sampled_from(["postgresql", "mysql", "mariadb", "sqlserver", "oracle", None]))
def test_any_text_gets_a_verdict(text: str, engine: Engine | None) -> None:
    assert classify(text, engine).danger in _NAMES.values()


_PIECES = [
    "DROP TABLE t",
    "SELECT 1",
    ";",
    "'",
    '"',
    "--",
    "/*",
    "*/",
    "$$",
    "(",
    ")",
    "BEGIN",
    "END",
    "IF",
    "EXEC",
    "\n",
    "DELETE FROM t",
    "[",
    "]",
    "@",
]


@settings(max_examples=examples(150), deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14), st.sampled_from(["postgresql", "mysql", "sqlserver", "oracle", None]))
def test_pieces_of_sql_in_any_order_get_a_verdict(pieces: list[str], engine: Engine | None) -> None:
    assert classify(" ".join(pieces), engine).danger in _NAMES.values()


def test_statements_nested_without_an_end_are_judged() -> None:
    assert classify("SELECT " + "(DELETE FROM orders " * 300).counts_as_destructive


@pytest.mark.parametrize("template", ["{{# ; {} #}}", "{{% ; {} %}}", "{{{{ 1; {} }}}}", "${{1; {}}}", "#{{1; {}}}"])
def test_a_template_hides_no_statement(template: str) -> None:
    assert classify("SELECT 1 " + template.format("DROP TABLE orders"), "postgresql").counts_as_destructive


@pytest.mark.parametrize(
    ("engine", "sql"),
    [
        ("sqlserver", "/* /* */ ' */ DROP TABLE orders --'"),
        ("mysql", "SELECT 1 /*!50000 ' */ ; DROP TABLE orders; -- '"),
        ("mysql", "/*!50000 SELECT ' */ ' ; DROP TABLE orders; */"),
        ("mysql", "SELECT 1 /* /*! */ ; DROP TABLE orders"),
    ],
)
def test_no_comment_hides_a_statement_that_a_server_runs(engine: Engine, sql: str) -> None:
    assert classify(sql, engine).counts_as_destructive
