"""Engine, version, service, cloud, deployment and environment, read from the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, SystemContext
from dbbuddy.intake.platform import guess_engine, read_context


@pytest.mark.parametrize(
    ("text", "engine"),
    [
        ("psycopg2.OperationalError: server closed the connection", "postgresql"),
        ("Seq Scan on orders  (cost=0.00..155.00 rows=1 width=4)", "postgresql"),
        ("InnoDB: page_cleaner took 4000 ms", "mysql"),
        ("ERROR 1213 (40001): Deadlock found when trying to get lock", "mysql"),
        ("MariaDB Galera node is out of the cluster", "mariadb"),
        ("System.Data.SqlClient.SqlException: Timeout expired", "sqlserver"),
        ("SELECT TOP 10 * FROM dbo.Orders WITH (NOLOCK)", "sqlserver"),
        ("ORA-01652: unable to extend temp segment", "oracle"),
        ("select * from v$session where rownum < 5", "oracle"),
        ("the database is slow", None),
        ("is Oracle or SQL Server better?", None),
        ("", None),
    ],
)
def test_engine(text: str, engine: str | None) -> None:
    assert guess_engine(text).engine == engine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "aurora postgres 15.4 in prod",
            {"service": "aurora-postgresql", "version": "15.4", "cloud": "aws", "environment": "production"},
        ),
        ("RDS MySQL 8.0.35", {"service": "rds-mysql", "version": "8.0.35", "deployment": "cloud", "hosting": "managed"}),
        ("SQL Server 2019 on a VM", {"engine": "sqlserver", "version": "2019", "hosting": "vm"}),
        ("Oracle 19c on-premises", {"engine": "oracle", "version": "19", "deployment": "on_premises"}),
        ("MariaDB 10.11 in a docker container", {"engine": "mariadb", "version": "10.11", "hosting": "docker"}),
        ("PostgreSQL 16 on kubernetes, staging", {"version": "16", "hosting": "kubernetes", "environment": "staging"}),
        ("Azure SQL database at 100 DTU", {"service": "azure-sql-database", "engine": "sqlserver", "cloud": "azure"}),
        ("postgres on Cloud SQL", {"service": "cloudsql-postgresql", "cloud": "gcp"}),
        ("postgres lambda timeout on my laptop", {"engine": "postgresql", "cloud": "aws", "environment": "development"}),
    ],
)
def test_what_the_text_says(text: str, expected: dict[str, str]) -> None:
    context = read_context(text, SystemContext()).model_dump()
    assert {name: context[name] for name in expected} == expected


def test_what_the_user_set_is_never_overwritten() -> None:
    given = SystemContext.of(engine="mysql", version="5.7", deployment="on_premises", environment="staging")
    context = read_context("aurora postgres 15 in production on AWS", given)
    assert (context.engine, context.version, context.deployment, context.environment) == ("mysql", "5.7", "on_premises", "staging")
    assert (context.service, context.cloud) == (None, None)


def test_a_cloud_service_does_not_fit_another_cloud() -> None:
    assert read_context("RDS postgres", SystemContext(cloud="azure")).service is None


@given(st.text(max_size=200), st.sampled_from([None, *ENGINES]))
def test_any_text_gives_a_context_that_keeps_the_engine_set(text: str, engine: str | None) -> None:
    context = read_context(text, SystemContext.of(engine=engine))
    assert context.engine == engine or engine is None
    assert SystemContext.of(**context.model_dump()) == context


@pytest.mark.parametrize("hard", ["postgres " * 20_000, "azure" + " x" * 50_000, "1.1." * 40_000, "rds " * 30_000])
def test_texts_made_to_be_slow(hard: str) -> None:
    assert read_context(hard, SystemContext()).label()
