"""The language that marks which part of a playbook is for whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.context import ENGINES, SystemContext, platform_tags, services
from dbbuddy.diagnosis.selectors import EVERYWHERE, Selector

AURORA = SystemContext.of(service="aurora-postgresql", version="15.4")
RDS = SystemContext.of(service="rds-postgresql", version="12")
OWN = SystemContext.of(service="self-postgresql")
PG = SystemContext(engine="postgresql")
NOTHING = SystemContext()


def selector(words: str) -> Selector:
    parsed = Selector.parse(words)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("words", "context", "holds"),
    [
        ("postgresql", PG, True),
        ("postgresql", SystemContext(engine="mysql"), False),
        ("postgresql", NOTHING, None),
        ("mysql mariadb", SystemContext(engine="mariadb"), True),
        ("rds", AURORA, True),
        ("rds !aurora", AURORA, False),
        ("rds !aurora", RDS, True),
        ("rds", OWN, False),
        ("rds", PG, None),
        ("rds self_managed", OWN, True),
        ("rds azure", PG, None),
        ("postgresql rds", SystemContext(engine="mysql"), False),
        (">=14", AURORA, True),
        (">=14", RDS, False),
        (">=14", PG, None),
        ("<15.4", AURORA, False),
        ("<15.5", AURORA, True),
        (">=15.4", SystemContext(version="15"), None),
        (">=15.4", SystemContext(version="16"), True),
        (">=13 <15", RDS, False),
        (">=12,postgresql", RDS, True),
        ("", NOTHING, True),
    ],
)
def test_whom_a_part_is_for(words: str, context: SystemContext, holds: bool | None) -> None:
    assert selector(words).holds(context) is holds


@pytest.mark.parametrize(
    "words", ["postgres", "PostgreSQL", "!postgresql", ">=", ">=x", "=14", "rds foo", "see below", "!", ">=1..2", ">=" + "9" * 5000]
)
def test_other_words_are_no_selector(words: str) -> None:
    assert Selector.parse(words) is None


@pytest.mark.parametrize(
    ("words", "context", "label"),
    [
        ("rds", PG, "on RDS and Aurora"),
        ("rds !aurora", PG, "on RDS and Aurora; not on Aurora"),
        ("rds", AURORA, ""),
        (">=13", PG, "from version 13"),
        ("<8.4", PG, "before version 8.4"),
        ("mysql mariadb", NOTHING, "MySQL or MariaDB"),
        ("self_managed azure", PG, "on Azure or your own servers"),
        ("", NOTHING, ""),
    ],
)
def test_the_label_says_what_the_context_leaves_open(words: str, context: SystemContext, label: str) -> None:
    assert selector(words).label(context) == label


def test_every_platform_word_has_a_name_for_people() -> None:
    for tag in platform_tags():
        assert selector(tag).label(NOTHING).startswith("on ")
        assert "_" not in selector(tag).label(NOTHING)


WORDS = st.sampled_from(
    [*ENGINES, *sorted(platform_tags()), *(f"!{tag}" for tag in sorted(platform_tags())), ">=13", "<9", ">=8.0.36", "<15.2"]
)
CONTEXTS = st.builds(
    lambda engine, service, version, deployment: (
        SystemContext.of(engine=engine, version=version, deployment=deployment)
        if service is None
        else SystemContext.of(service=service, version=version)
    ),
    st.sampled_from([None, *ENGINES]),
    st.sampled_from([None, *services()]),
    st.sampled_from([None, "8.0", "16", "19c"]),
    st.sampled_from([None, "cloud", "on_premises"]),
)


@given(st.lists(WORDS, max_size=5), CONTEXTS)
def test_a_part_that_surely_applies_needs_no_label_and_an_open_one_has_one(words: list[str], context: SystemContext) -> None:
    parsed = selector(" ".join(words))
    if parsed.holds(context) is True:
        assert parsed.label(context) == ""
    if parsed.holds(context) is None:
        assert parsed.label(context) or context.version


@given(st.text(max_size=40))
def test_any_words_are_a_selector_or_not(words: str) -> None:
    parsed = Selector.parse(words)
    assert parsed is None or parsed.holds(AURORA) in (True, False, None)
    assert parsed != EVERYWHERE or not words.replace(",", " ").split()
