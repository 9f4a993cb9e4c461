"""Damaged, mixed and noisy pastes of MySQL and MariaDB plans: never anything but `PlanError`, no line lost."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.plans.insights import find_insights
from dbbuddy.plans.model import PlanError
from dbbuddy.plans.mysql import looks_like, read
from dbbuddy.plans.mysql.lines import is_border
from dbbuddy.plans.mysql.noise import is_noise
from dbbuddy.plans.read import read_plans
from tests.effort import examples, size
from tests.unit.plans.damaged import damaged
from tests.unit.plans.mysql_samples import FORMS, HASH, TABLE, TREE, V1, V2

FILES = [path.read_text() for path in sorted((Path(__file__).parent / "samples" / "mysql").glob("*"))]
TEXTS = [TREE, HASH, TABLE, V1, json.dumps(V2, indent=1), *(form(TREE) for form in FORMS.values())]
NOISE = st.sampled_from(
    [
        "",
        "-> ",
        "    -> Filter: (x = 'open",
        "-> Table scan on",
        "-> Sort: x  (cost=1..2..3 rows=1e999) (actual time=.. rows=x loops=)",
        "-> Select #9 (subquery in condition; dependent)",
        "{",
        '{ "query_block": {',
        '"table": {',
        "}]}",
        "/* cost_info",
        "| id | select_type | table |",
        "id\tselect_type\ttable\ttype\trows",
        "9\tUNION RESULT\t<union9,1,99999999999999999999>\tALL\tNULL",
        "*************************** 1. row ***************************",
        "select_type: SIMPLE",
        "EXPLAIN: ",
        "mysql> EXPLAIN SELECT 1",
        "+---+",
        "'",
        '"',
        "\\n    -> \\n",
        "Note\t1003\tx",
        '<field name="select_type">',
    ]
) | st.text(max_size=40)


@settings(max_examples=examples(250), deadline=None)
@given(damaged(TEXTS + FILES, NOISE) | st.text(max_size=300))
def test_only_plan_errors(text: str) -> None:
    looks_like(text)
    for reader in (read, read_plans):
        try:
            found = reader(text)
        except PlanError:
            continue
        for plan in found.plans:
            assert all(node.self_ms is None or node.self_ms >= 0 for node in plan.root.walk())
            for insight in find_insights(plan):
                assert insight.saving_share is None or 0 <= insight.saving_share <= 1


@settings(max_examples=examples(250), deadline=None)
@given(damaged([TREE, HASH, TABLE.partition("\nmysql>")[0]], NOISE.filter(lambda line: "{" not in line and "<" not in line)))
def test_every_line_is_in_a_node_or_unread(text: str) -> None:
    try:
        found = read(text)
    except PlanError:
        return
    shown = {line.number for line in found.unread}
    for plan in found.plans:
        for node in plan.root.walk():
            shown.update(node.lines)
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        around = not line.strip() or is_border(line) or is_noise(line) or "select_type" in line or "row ***" in line
        told = "mysql>" in line or line.startswith("Note\t") or line.strip().startswith(("->", "id", "|", "EXPLAIN"))
        assert around or told or number in shown, line


HOSTILE = {
    "open braces": '{ "query_block": {\n' * size(20_000),
    "open brackets": '{"query_block": ' + "[" * size(200_000),
    "open strings": '{"query_block": "\n' * size(20_000),
    "escaped quotes": '{"query_block": ' + '\\"' * size(100_000),
    "comments": '{"query_block": ' + "/*" * size(100_000),
    "arrows": "-> " * size(60_000),
    "arrows in lines": "-> Filter: x\n" + "    ->\n" * size(20_000),
    "open filters": "-> Filter: (x = 'a\n" * size(20_000),
    "numbers": "-> Filter: x " + "(cost=1 rows=1) " * size(20_000),
    "borders": "+---+\n" * size(40_000) + TREE,
    "headings": "-> Select #1 (x)\n" * size(20_000),
    "table": "id\tselect_type\ttable\ttype\trows\n"
    + "".join(f"{row}\tDERIVED\t<derived{row + 1}>\tALL\t1\n" for row in range(size(20_000))),
    "subqueries": "id\tselect_type\ttable\ttype\trows\n"
    + "".join(f"{row}\tDEPENDENT SUBQUERY\tt\tALL\t1\n" for row in range(size(20_000))),
    "unions": "id\tselect_type\ttable\ttype\trows\n"
    + "".join(f"{row}\tUNION RESULT\t<union{row},{row - 1}>\tALL\t1\n" for row in range(size(9_000))),
    "statements": "mysql> EXPLAIN SELECT 1\n" * size(20_000) + TREE,
    "deep": "".join("  " * depth + "-> Filter: x  (cost=1 rows=1)\n" for depth in range(size(2_000))),
    "written breaks": "-> Filter: x" + "\\n    -> Filter: y" * size(20_000),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_text_ends(name: str) -> None:
    with suppress(PlanError):
        for plan in read(HOSTILE[name]).plans[:5]:
            find_insights(plan)
