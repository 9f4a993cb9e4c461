"""Insights into plans of PostgreSQL: each by a plan that shows it and one that must not, and the reading of conditions."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel, ConfigDict

from dbbuddy.plans.insights import find_insights
from dbbuddy.plans.insights.postgresql.conditions import (
    Column,
    alternatives,
    boolean_column,
    columns_of,
    comparison,
    conjuncts,
    keys_of,
    without_qualifiers,
)
from dbbuddy.plans.insights.postgresql.facts import quoted
from dbbuddy.plans.insights.texts import texts_of, titles
from dbbuddy.plans.postgresql import read

HERE = Path(__file__).parent
SHARED = HERE.parents[2].parent / "shared" / "plans"


class Case(BaseModel):
    model_config = ConfigDict(extra="forbid")

    id: str
    bad: str
    good: str | None = None
    sql: str | None = None


CASES = [Case(**case) for case in yaml.safe_load((HERE / "samples" / "insights" / "postgresql.yaml").read_text())]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_finding(case: Case) -> None:
    read_plans = read(case.bad)
    assert not read_plans.unread
    found = {insight.id: insight for insight in find_insights(read_plans.plans[0])}
    assert case.id in found, sorted(found)
    insight = found[case.id]
    assert all(insight.evidence)
    assert insight.saving_share is None or 0 < insight.saving_share <= 1
    assert insight.confidence == ("measured" if "actual" in case.bad else "estimated") or case.id == "compile-cost"
    if case.sql is not None:
        assert "\n".join(block.code for block in insight.blocks) == case.sql
    if case.good is not None:
        assert case.id not in {insight.id for insight in find_insights(read(case.good).plans[0])}


def test_every_text_has_its_title_and_is_reached() -> None:
    assert set(texts_of("postgresql")) <= set(titles())
    assert set(texts_of("postgresql")) == {case.id for case in CASES}


def test_a_misestimate_is_told_where_it_starts() -> None:
    plan = read(next(case.bad for case in CASES if case.id == "row-misestimate")).plans[0]
    found = [insight for insight in find_insights(plan) if insight.id == "row-misestimate"]
    assert [insight.node.type for insight in found if insight.node] == ["Hash Join"]


def test_a_small_statement_has_no_high_findings() -> None:
    case = next(case for case in CASES if case.id == "scan-discards-rows")
    small = case.bad.replace("900.0", "0.9").replace("1000 ms", "1 ms")
    assert {insight.severity for insight in find_insights(read(small).plans[0])} <= {"low", "info"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared plans are not on this machine")
@pytest.mark.parametrize("statement", ["subplans", "sort_disk", "hashjoin", "nestloop", "memoize", "partition_prune"])
def test_formats_give_the_same_findings(statement: str) -> None:
    """Each format is of another run, so only findings with the same measurements can be compared: those of an estimate."""
    folder = SHARED / "gen-pg18" / "estimate"
    text = read((folder / f"{statement}.text.txt").read_text()).plans[0]
    json = read((folder / f"{statement}.json.txt").read_text()).plans[0]
    assert [(one.id, one.number) for one in find_insights(text)] == [(one.id, one.number) for one in find_insights(json)]


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ("((a = 1) AND (b = 'x AND y'::text))", ("(a = 1)", "(b = 'x AND y'::text)")),
        ("((a = 1) OR (b = 2))", ("(a = 1) OR (b = 2)",)),
        ("(CASE WHEN (a AND b) THEN c ELSE d END = 3)", ("CASE WHEN (a AND b) THEN c ELSE d END = 3",)),
        ('("and" = 1)', ('"and" = 1',)),
        ("", ()),
    ],
)
def test_conjuncts(condition: str, parts: tuple[str, ...]) -> None:
    assert conjuncts(condition) == parts


def test_alternatives() -> None:
    assert alternatives("((a = 1) OR ((b = 2) AND (c = 3)))") == ("(a = 1)", "((b = 2) AND (c = 3))")


@pytest.mark.parametrize(
    ("condition", "column", "bare", "operator"),
    [
        ("((status)::text = 'x'::text)", "status", True, "="),
        ("(lower(email) ~~ '%a'::text)", "email", False, "~~"),
        ("(id = ANY ('{1,2}'::integer[]))", "id", True, "= ANY"),
        ("((placed)::date = '2024-01-01'::date)", "placed", False, "="),
        ("(date_trunc('day'::text, o.placed) = '2024-01-01 00:00:00'::timestamp without time zone)", "placed", False, "="),
        ("(EXTRACT(year FROM placed) = '2024'::numeric)", "placed", False, "="),
        ("((data ->> 'k'::text) = 'x'::text)", "data", False, "="),
        ("(5 > x)", "x", True, "<"),
        ("(x IS NULL)", "x", True, "IS NULL"),
        ('("Order Id" = $1)', '"Order Id"', True, "="),
        ("((ts AT TIME ZONE 'UTC'::text) > now())", "ts", False, ">"),
    ],
)
def test_comparison(condition: str, column: str, bare: bool, operator: str) -> None:
    found = comparison(condition)
    assert found is not None
    assert found.left.column is not None
    assert (found.left.column.name, found.left.bare, found.operator) == (column, bare, operator)


@pytest.mark.parametrize(
    "text", ["", "(", "((((", ")", "a b c", "(NOT (hashed SubPlan 1))", "'", "(a = ", "::", "(= 1)", "(" * 5000]
)
def test_broken_conditions_are_left_alone(text: str) -> None:
    comparison(text)
    conjuncts(text)
    columns_of(text)
    assert boolean_column(text) is None or text == "a b c"


def test_columns_and_keys() -> None:
    assert columns_of("(o.a = (b.c)::numeric(10,2))") == (Column("a", "o"), Column("c", "b"))
    assert columns_of("(name ~~ 'a%'::text COLLATE \"C\")") == (Column("name"),)
    assert columns_of("(NOT (ANY (c.id = (hashed SubPlan 3).col1)))") == (Column("id", "c"),)
    assert keys_of("lower((o.a)::text), total DESC NULLS LAST, f(a, b)") == (
        "lower((o.a)::text)",
        "total DESC NULLS LAST",
        "f(a, b)",
    )
    assert without_qualifiers("lower((u.email)::text)") == "lower((email)::text)"
    assert boolean_column("(NOT u.deleted)") == (Column("deleted", "u"), False)


def test_names_are_quoted_where_sql_needs_it() -> None:
    assert [quoted(name) for name in ("orders", "Order", "order", 'a"b')] == ["orders", '"Order"', '"order"', '"a""b"']
