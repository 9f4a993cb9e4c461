"""Plans as mails, chats, browsers, logs and programs hand them on, and plans with numbers and names that no server prints."""

from __future__ import annotations

import html
import json
from collections.abc import Callable

import pytest

from dbbuddy.data_files import DATA
from dbbuddy.plans.compare import compare_plans
from dbbuddy.plans.figures.measures import Measures
from dbbuddy.plans.files import read_paste
from dbbuddy.plans.insights import find_insights
from dbbuddy.plans.model import PlanError, ReadPlans
from dbbuddy.plans.read import read_plans
from dbbuddy.plans.share import to_markdown
from dbbuddy.plans.tree_json import tree_json
from dbbuddy.plans.wrapping import unwrapped
from tests.unit.plans.test_postgresql import PLAN

SAMPLES = DATA / "samples" / "plans"
ORACLE = (SAMPLES / "oracle-nested-loops.txt").read_text()
SHOWPLAN = (SAMPLES / "sqlserver-key-lookup.sqlplan").read_text()
MYSQL_TREE = (SAMPLES / "mysql-temporary-table.txt").read_text()
MARIADB_JSON = (SAMPLES / "mariadb-subquery.json").read_text()
JSON_PLAN = """[
  {
    "Plan": {
      "Node Type": "Sort", "Plan Rows": 10, "Actual Rows": 10, "Actual Loops": 1, "Actual Total Time": 5.0, "Total Cost": 9.5,
      "Sort Key": ["a"],
      "Plans": [
        {"Node Type": "Seq Scan", "Relation Name": "t", "Plan Rows": 10, "Actual Rows": 10, "Actual Loops": 1,
         "Actual Total Time": 3.0, "Total Cost": 5.5, "Rows Removed by Filter": 90, "Filter": "(b = 1)"}
      ]
    },
    "Execution Time": 5.5
  }
]"""
PLANS = {"text": PLAN, "json": JSON_PLAN, "oracle": ORACLE, "showplan": SHOWPLAN, "tree": MYSQL_TREE, "mariadb": MARIADB_JSON}


def each_line(before: str) -> Callable[[str], str]:
    return lambda text: "\n".join(f"{before}{line}" for line in text.split("\n"))


def numbered(text: str) -> str:
    return "\n".join(f"{number:>4}  {line}" for number, line in enumerate(text.split("\n"), 1))


WRAPPED: dict[str, Callable[[str], str]] = {
    "Windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old Mac line ends": lambda text: text.replace("\n", "\r"),
    "byte order mark": lambda text: f"\ufeff{text}",
    "zero-width signs": lambda text: text.replace("\n", "\u200b\n"),
    "lone surrogate": lambda text: f"\ud800{text}",
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "mail": each_line("> "),
    "mail of a mail": each_line("> > "),
    "mail below a greeting": lambda text: f"Hi,\n\n{each_line('> ')(text)}",
    "chat fence": lambda text: f"```\n{text}\n```",
    "chat fence on the lines": lambda text: f"```{text}```",
    "wiki fence": lambda text: "{noformat}\n" + text + "\n{noformat}",
    "HTML escapes": html.escape,
    "HTML page": lambda text: f"<pre>{html.escape(text)}</pre>",
    "JSON text": json.dumps,
    "JSON field": lambda text: json.dumps({"plan": text}),
    "program log": lambda text: f"level=debug plan={json.dumps(text)} took=5ms",
    "log lines": each_line("2024-01-01 10:00:00.123 INFO [app-1] "),
    "container log": each_line("db_1  | "),
    "line numbers": numbered,
}


def shape(read: ReadPlans) -> list[tuple[str, list[tuple[str, str | None, float | None]]]]:
    return [(plan.engine, [(node.type, node.relation, node.total_ms) for node in plan.root.walk()]) for plan in read.plans]


@pytest.mark.parametrize("way", WRAPPED)
@pytest.mark.parametrize("name", PLANS)
def test_a_plan_is_read_whatever_it_went_through(name: str, way: str) -> None:
    assert shape(read_plans(WRAPPED[way](PLANS[name]))) == shape(read_plans(PLANS[name]))


def test_typographic_quotes_and_arrows_are_put_back() -> None:
    assert shape(read_plans(JSON_PLAN.replace('"', "\u201d"))) == shape(read_plans(JSON_PLAN))
    assert shape(read_plans(MYSQL_TREE.replace("->", "\u2192"))) == shape(read_plans(MYSQL_TREE))


def test_lines_stay_in_their_place() -> None:
    text = "Hi,\n\n" + each_line("> ")(PLAN)
    assert unwrapped(text).count("\n") == text.count("\n")
    assert read_plans(text).plans[0].root.lines[0] == 3


def test_the_page_counts_the_lines_of_the_text_that_it_shows() -> None:
    paste = read_paste(json.dumps({"plan": PLAN}))
    scan = next(node for node in paste.read.plans[0].root.walk() if node.relation == "a")
    assert "Seq Scan" in paste.text.split("\n")[scan.lines[0] - 1]


@pytest.mark.parametrize("other", ["oracle", "showplan", "mariadb", "json"])
@pytest.mark.parametrize("first", [True, False])
def test_plans_of_two_engines_are_both_read(other: str, first: bool) -> None:
    texts = [PLAN, PLANS[other]] if first else [PLANS[other], PLAN]
    both = shape(read_plans("\n\n".join(texts)))
    assert sorted(map(repr, both)) == sorted(map(repr, shape(read_plans(PLAN)) + shape(read_plans(PLANS[other]))))


EXTREME = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e999",
    "-1e308",
    "1e308",
    "9" * 400,
    "9" * 5000,
    "-5",
    "0",
    '"nan"',
    '"x"',
    "null",
    "true",
)


@pytest.mark.parametrize("number", EXTREME)
@pytest.mark.parametrize(
    "key", ["Plan Rows", "Actual Rows", "Actual Loops", "Actual Total Time", "Total Cost", "Rows Removed by Filter"]
)
def test_impossible_numbers_of_a_plan_are_never_computed_with(key: str, number: str) -> None:
    text = "\n".join(
        line.replace(f'"{key}": {value}', f'"{key}": {number}')
        for line in JSON_PLAN.split("\n")
        for value in [line.partition(f'"{key}": ')[2].partition(",")[0]]
    )
    sound(text)


@pytest.mark.parametrize("number", ["NaN", "1e999", "9" * 400, "-5"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        (PLAN, "rows=3"),
        (PLAN, "0.030"),
        (PLAN, "0.05 ms"),
        (MARIADB_JSON, '"rows": '),
        (SHOWPLAN, 'EstimateRows="'),
        (SHOWPLAN, 'ActualElapsedms="'),
        (SHOWPLAN, 'AvgRowSize="'),
        (ORACLE, "392K"),
        (ORACLE, "52114"),
    ],
)
def test_impossible_numbers_of_any_engine_are_never_computed_with(text: str, value: str, number: str) -> None:
    assert value in text
    new = f"{value}{number}" if value.endswith(('"', " ")) else value.replace(value.split("=")[-1].split(" ")[0], number)
    sound(text.replace(value, new))


def sound(text: str) -> None:
    """Read, judged and printed without an error, as strict JSON."""
    try:
        read = read_plans(text)
    except PlanError:
        return
    findings = [find_insights(plan) for plan in read.plans]
    compared = compare_plans(read.plans[0], read.plans[-1])
    for plan, found in zip(read.plans, findings, strict=True):
        assert " nan" not in to_markdown(Measures(plan), found)
        told = [tree_json(plan.root), json.dumps([plan.totals, compared.to_dict(), [finding.saving_share for finding in found]])]
        for text in told:
            json.loads(text, parse_constant=lambda word: pytest.fail(f"{word} in the JSON"))
        assert all((node.self_ms or 0) >= 0 and (node.total_ms or 0) >= 0 for node in plan.root.walk())


@pytest.mark.parametrize("noise", ["2024-01-01 10:00:00 LOG: something else", "noise", "   Noise: 1"])
def test_a_line_of_noise_in_an_oracle_table_costs_no_operation(noise: str) -> None:
    lines = ORACLE.split("\n")
    top = next(number for number, line in enumerate(lines) if line.startswith("| Id"))
    for place in range(top, top + 6):
        read = read_plans("\n".join([*lines[:place], noise, *lines[place:]]))
        assert shape(read) == shape(read_plans(ORACLE))
        assert noise in [line.text for line in read.unread]


def test_a_line_of_noise_behind_the_widest_line_is_shown() -> None:
    lines = PLAN.split("\n")
    widest = max(range(len(lines)), key=lambda number: len(lines[number]))
    read = read_plans("\n".join([*lines[: widest + 1], "noise=5", *lines[widest + 1 :]]))
    assert [line.text for line in read.unread] == ["noise=5"]
