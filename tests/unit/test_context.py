"""The user's system, as forms, flags and JSON name it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, ContextError, SystemContext, platform_tags, services

AURORA = SystemContext.of(service="aurora-postgresql")


@pytest.mark.parametrize(
    ("field", "written", "meant"),
    [
        ("engine", "Postgres", "postgresql"),
        ("engine", " MSSQL ", "sqlserver"),
        ("engine", "SQL Server", "sqlserver"),
        ("engine", "Maria", "mariadb"),
        ("engine", "ora", "oracle"),
        ("deployment", "On-Premises", "on_premises"),
        ("cloud", "AWS", "aws"),
        ("cloud", "google cloud", "gcp"),
        ("environment", "prod", "production"),
        ("environment", "dev", "development"),
        ("hosting", "k8s", "kubernetes"),
    ],
)
def test_usual_variants_are_accepted(field: str, written: str, meant: str) -> None:
    assert getattr(SystemContext.of(**{field: written}), field) == meant


@pytest.mark.parametrize(("field", "written"), [("engine", "foxpro"), ("cloud", "moon"), ("environment", "qwerty")])
def test_an_unknown_value_is_refused_with_the_choices(field: str, written: str) -> None:
    with pytest.raises(ContextError) as refused:
        SystemContext.of(**{field: written})
    message = str(refused.value)
    assert message.startswith(f"unknown {field} '{written}'; one of: ")
    assert "\n" not in message


def test_an_unknown_service_is_refused_with_the_choices() -> None:
    with pytest.raises(ContextError, match=r"unknown service 'dBase cloud'.*aurora-postgresql"):
        SystemContext.of(service="dBase cloud")


def test_a_version_may_be_a_number() -> None:
    assert SystemContext.of(version=16).major == (16,)


def test_a_version_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(ContextError, match=r"^version: "):
        SystemContext.of(version="9" * 5000)


@pytest.mark.parametrize(
    ("version", "major"), [("8.0.36", (8, 0, 36)), ("16", (16,)), ("19c", (19,)), ("latest", None), (None, None), ("", None)]
)
def test_version_numbers(version: str | None, major: tuple[int, ...] | None) -> None:
    assert SystemContext(version=version).major == major


@pytest.mark.parametrize("written", ["aurora-postgresql", "Amazon Aurora PostgreSQL", "Aurora PostgreSQL"])
def test_a_service_brings_engine_cloud_and_hosting(written: str) -> None:
    context = SystemContext.of(service=written)
    assert (context.service, context.engine, context.cloud, context.deployment, context.hosting) == (
        "aurora-postgresql",
        "postgresql",
        "aws",
        "cloud",
        "managed",
    )


def test_a_brand_becomes_the_service_that_the_engine_makes_it() -> None:
    assert SystemContext.of(service="RDS", engine="mysql").service == "rds-mysql"


def test_a_brand_without_an_engine_says_at_least_the_cloud() -> None:
    context = SystemContext.of(service="RDS")
    assert (context.service, context.cloud, context.deployment) == (None, "aws", "cloud")


def test_docker_as_deployment_is_how_it_is_hosted() -> None:
    assert SystemContext.of(deployment="docker").hosting == "docker"


def test_another_engine_drops_the_service_but_keeps_the_cloud() -> None:
    context = AURORA.updated(engine="mysql")
    assert (context.engine, context.service, context.cloud) == ("mysql", None, "aws")


def test_another_cloud_drops_the_service() -> None:
    assert AURORA.updated(cloud="azure").service is None


def test_a_new_version_keeps_the_service() -> None:
    assert AURORA.updated(version="16.2").service == "aurora-postgresql"


@pytest.mark.parametrize(
    ("context", "tag", "holds"),
    [
        (AURORA, "rds", True),
        (AURORA, "self_managed", False),
        (AURORA, "azure", False),
        (SystemContext(), "rds", None),
        (SystemContext(deployment="on_premises"), "self_managed", True),
        (SystemContext(deployment="on_premises"), "aws", False),
        (SystemContext(deployment="cloud"), "managed", True),
        (SystemContext(deployment="cloud", cloud="gcp"), "rds", False),
        (SystemContext(deployment="cloud", cloud="azure", engine="postgresql"), "azure_flexible", True),
        (SystemContext(deployment="cloud", cloud="aws", engine="postgresql"), "aurora", None),
        (SystemContext(hosting="kubernetes"), "self_managed", True),
        (SystemContext(hosting="kubernetes"), "docker", False),
    ],
)
def test_platform_facts(context: SystemContext, tag: str, holds: bool | None) -> None:
    assert context.fact(tag) is holds


def test_every_service_answers_every_platform_word() -> None:
    for service in services().values():
        context = SystemContext.of(service=service.id)
        assert {tag for tag in platform_tags() if context.fact(tag)} >= set(service.tags)
        assert context.engine == service.engine


def test_a_change_that_is_no_context_is_refused() -> None:
    with pytest.raises(ContextError):
        AURORA.updated(service={"a": 1})


def test_label_names_what_is_known() -> None:
    assert AURORA.updated(version="16", environment="production").label() == "Amazon Aurora PostgreSQL 16, production"
    assert SystemContext().label() == "engine not known"


@given(
    st.dictionaries(
        st.sampled_from(["engine", "version", "service", "deployment", "cloud", "environment", "hosting", "other"]),
        st.none() | st.text(max_size=12) | st.integers() | st.booleans() | st.floats() | st.lists(st.text(max_size=3), max_size=2),
    )
)
def test_anything_is_a_context_or_refused_in_one_line(raw: dict[str, object]) -> None:
    try:
        context = SystemContext.of(**raw)
    except ContextError as error:
        refusal = str(error)
        context = SystemContext()
    else:
        refusal = "none"
    assert len(refusal.splitlines()) == 1
    assert context.engine in (None, *ENGINES)
    assert context.label()
    assert all(context.fact(tag) in (True, False, None) for tag in platform_tags())
    assert SystemContext.of(**context.model_dump()) == context
