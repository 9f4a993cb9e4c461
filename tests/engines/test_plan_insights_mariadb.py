"""Each insight on plans that a real MariaDB makes: one that triggers it and one that must not.

The SQL of each finding runs on that server, and where the case says so the finding is gone after it.
"""

from __future__ import annotations

from collections.abc import Iterator

import pymysql
import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from dbbuddy.plans.insights import Insight, find_insights
from dbbuddy.plans.insights.texts import texts_of
from dbbuddy.plans.mysql import read
from tests.engines.blocks import FIXTURES
from tests.engines.servers import MariaDB
from tests.engines.statements import split


class Case(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    bad: str
    good: str
    how: str = "ANALYZE FORMAT=JSON"
    good_how: str | None = None
    before: list[str] = []
    sql: str | None = None
    cured: bool = False


DEFAULTS = [
    f"SET SESSION {name} = DEFAULT"
    for name in ("sort_buffer_size", "max_recursive_iterations", "optimizer_switch", "join_cache_level")
]
CASES = [Case(**case) for case in yaml.safe_load((FIXTURES / "plan_insights_mariadb.yaml").read_text())]


@pytest.fixture(scope="module")
def session(mariadb_server: MariaDB) -> Iterator[pymysql.Connection]:
    with mariadb_server.connect() as admin:
        admin.cursor().execute("CREATE DATABASE insights")
    with mariadb_server.connect("insights") as session:
        for statement in split((FIXTURES / "plan_insights_mariadb.sql").read_text(), "mariadb"):
            session.cursor().execute(statement)
        yield session
        session.cursor().execute("DROP DATABASE insights")


def printed(session: pymysql.Connection, statement: str, how: str) -> str:
    """The plan as the client prints it with `--batch`."""
    cursor = session.cursor()
    cursor.execute(f"{how} {statement}")
    rows = cursor.fetchall()
    names = [column[0] for column in cursor.description]
    cells = [["NULL" if cell is None else str(cell) for cell in row] for row in rows]
    return "\n".join("\t".join(line) for line in [names, *cells])


def insights(session: pymysql.Connection, statement: str, how: str) -> dict[str, Insight]:
    found = read(printed(session, statement, how))
    assert found.unread == []
    plan = found.plans[0]
    assert plan.engine == "mariadb"
    plan.statement = statement
    return {insight.id: insight for insight in reversed(find_insights(plan))}


def indexes(session: pymysql.Connection) -> set[tuple[str, str]]:
    cursor = session.cursor()
    cursor.execute("SELECT table_name, index_name FROM information_schema.statistics WHERE table_schema = 'insights'")
    return set(cursor.fetchall())


def run(session: pymysql.Connection, sql: str) -> None:
    for statement in split(sql, "mariadb"):
        cursor = session.cursor()
        cursor.execute(statement)
        cursor.fetchall()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.id}: {case.bad[:40]}")
def test_insight(session: pymysql.Connection, case: Case) -> None:
    for statement in (*DEFAULTS, *case.before):
        session.cursor().execute(statement)
    before = indexes(session)
    found = insights(session, case.bad, case.how)
    assert case.id in found, list(found)
    insight = found[case.id]
    assert insight.evidence
    assert insight.why
    assert insight.advice
    assert "{" not in insight.why + insight.advice
    assert case.id not in insights(session, case.good, case.good_how or case.how)
    sql = "\n".join(block.code for block in insight.blocks)
    if case.sql is not None:
        assert case.sql in sql
    try:
        run(session, sql)
        if case.cured:
            assert case.id not in insights(session, case.bad, case.how)
    finally:
        for table, index in indexes(session) - before:
            session.cursor().execute(f"ALTER TABLE `{table}` DROP INDEX `{index}`")


def test_sql_of_all_texts_runs(session: pymysql.Connection) -> None:
    for text in texts_of("mariadb").values():
        if "{" not in text.sql:
            run(session, text.sql)
