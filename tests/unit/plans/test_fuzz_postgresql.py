"""Damaged, mixed and noisy pastes of PostgreSQL plans: never anything but `PlanError`, no line lost, no slow reading."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.plans.model import PlanError
from dbbuddy.plans.postgresql import frames, read, surroundings
from dbbuddy.plans.postgresql.lines import Line
from dbbuddy.plans.read import read_plans
from tests.effort import examples, size
from tests.unit.plans.damaged import damaged
from tests.unit.plans.test_postgresql import ENTRY, PLAN, SAMPLES, dressed

TEXTS = [PLAN, ENTRY, *(text for _, text in dressed())]
FILES = [path.read_text() for path in sorted(Path(SAMPLES).glob("*")) if path.stat().st_size < 12_000]
NOISE = st.sampled_from(
    [
        "",
        "2024-01-01 00:00:00 UTC [1] LOG:  checkpoint starting: time",
        "->  ",
        "->  Seq Scan on",
        "        ->  Hash",
        " QUERY PLAN ",
        "-----+-----",
        "(3 rows)",
        "|",
        '"',
        "'",
        "(((",
        "  Filter: (x = 'open",
        "Worker 0:  actual time=1..2 rows=1 loops=1",
        "[{",
        '  "Plan": {',
        "<explain>",
        "- Plan:",
        "  CTE x",
        "JIT:",
        "Planning:",
        "Trigger x: calls=a",
        "duration: 1 ms  plan:",
        "Sort Method: external merge  Disk: 99999999999999999999999kB",
        "  ->  Sort  (cost=1.2.3..9 rows=1 width=99999999999999999999) (actual time=..1 rows=.. loops=.)",
    ]
) | st.text(max_size=40)


@settings(max_examples=examples(200), deadline=None)
@given(damaged(TEXTS + FILES, NOISE) | st.text(max_size=300))
def test_only_plan_errors(text: str) -> None:
    for reader in (read, read_plans):
        try:
            found = reader(text)
        except PlanError:
            continue
        for plan in found.plans:
            for node in plan.root.walk():
                assert node.self_ms is None or node.self_ms >= 0


@settings(max_examples=examples(200), deadline=None)
@given(damaged([PLAN], NOISE))
def test_every_line_is_in_a_node_or_unread(text: str) -> None:
    try:
        found = read(text)
    except PlanError:
        return
    shown = {line.number for line in found.unread}
    for plan in found.plans:
        shown.update(plan.details.get("Lines", ()))
        for node in plan.root.walk():
            shown.update(node.lines)
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")):
        frame = (
            line.startswith("```")
            or "QUERY PLAN" in line
            or "plan:" in line
            or frames.is_border(line)
            or line.strip() in ("", "(3 rows)", "|", '"', "'")
        )
        counted = "LOG:" in line and any("Log entries passed over" in note for note in found.notes)
        around = surroundings.read([Line(line, number, number)]).understood
        assert frame or counted or around or number + 1 in shown, line


HOSTILE = {
    "open strings": "\n".join(["Limit  (cost=0.0..1.0 rows=1 width=1)", *["  Filter: (x = 'a"] * size(20_000)]),
    "open brackets": "[" * size(200_000),
    "brackets in lines": '[ "Plan\n' * size(20_000),
    "unfinished headings": "Limit  (cost=0.0..1.0 rows=1 width=1)\n" + "  ->  Seq Scan on t (cost=\n" * size(20_000),
    "dots": "Limit  (cost=" + "." * size(200_000) + " rows=1 width=1)",
    "labels": "Limit  (cost=0.0..1.0 rows=1 width=1)\n" + "  CTE x\n" * size(20_000),
    "one key": "Limit  (cost=0.0..1.0 rows=1 width=1)\n" + "".join(f"  Group Key: {number}\n" for number in range(size(10_000))),
    "statement that never ends": "LOG:  duration: 1 ms  plan:\n\tQuery Text: 'x\n"
    + "\tLimit  (cost=0.0..1.0 rows=1 width=1)\n" * size(10_000),
    "quotes": '"\n' * size(50_000) + PLAN,
    "workers": "Limit  (cost=0.0..1.0 rows=1 width=1)\n" + "".join(f"  Worker {number}:  x: 1\n" for number in range(size(10_000))),
    "init plans of one name": "Limit  (cost=0.0..1.0 rows=1 width=1) (actual time=1.0..9.0 rows=1 loops=1)\n"
    + "  InitPlan\n    ->  Result  (cost=0.0..1.0 rows=1 width=1) (actual time=1.0..1.0 rows=1 loops=1)\n" * size(5_000),
}


@pytest.mark.parametrize("name", list(HOSTILE))
def test_hostile_text_ends_with_an_answer_or_a_plan_error(name: str) -> None:
    with suppress(PlanError):
        read(HOSTILE[name])
