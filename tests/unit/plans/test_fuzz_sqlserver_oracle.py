"""Damaged, mixed and noisy pastes: never anything but `PlanError`, and no line lost."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dbbuddy.plans import oracle, sqlserver
from dbbuddy.plans.model import PlanError, ReadPlans
from dbbuddy.plans.oracle import text as oracle_text
from dbbuddy.plans.paste_lines import PasteLines
from dbbuddy.plans.sqlserver import showplan_text
from tests.effort import examples, size
from tests.unit.plans.damaged import damaged
from tests.unit.plans.test_oracle import ALLSTATS, BASIC, MONITOR, MONITOR_XML
from tests.unit.plans.test_sqlserver import ACTUAL, SHOWPLAN_TEXT, fixed_widths, tabs

TEXTS = [ALLSTATS, BASIC, MONITOR, SHOWPLAN_TEXT, fixed_widths(), tabs()]
XMLS = [MONITOR_XML, ACTUAL]
NOISE = st.sampled_from(
    [
        "",
        "2024-01-01 ERROR ORA-01555: snapshot too old",
        "| a | b |",
        "-----",
        "=====",
        "   5 - access(",
        "Note",
        "StmtText",
        "|--",
        "<RelOp",
    ]
) | st.text(max_size=60)


def attempt(read: Callable[[str], ReadPlans], text: str) -> ReadPlans | None:
    try:
        return read(text)
    except PlanError:
        return None


@settings(max_examples=examples(300), deadline=None)
@given(damaged(TEXTS + XMLS, NOISE))
def test_nothing_but_plan_error(text):
    for reader in (oracle, sqlserver):
        reader.looks_like(text)
        read = attempt(reader.read, text)
        assert read is None or read.plans
    attempt(lambda pasted: sqlserver.read_bytes(pasted.encode("utf-8", "replace")), text)


@settings(max_examples=examples(300), deadline=None)
@given(damaged(TEXTS, NOISE), st.sampled_from([oracle_text.read, showplan_text.read]))
def test_every_line_is_understood_or_unread(text, read):
    """Lines of nodes are never unread, unread lines are given whole, and all that is neither was taken on purpose."""
    taken: list[PasteLines] = []
    original = PasteLines.__init__

    def remember(self: PasteLines, pasted: str) -> None:
        original(self, pasted)
        taken.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasteLines, "__init__", remember)
        found = attempt(read, text)
    if found is None:
        return
    unread = {line.number for line in found.unread}
    in_nodes = {number for plan in found.plans for node in plan.root.walk() for number in node.lines}
    assert not unread & in_nodes
    (lines,) = taken
    for number, line in enumerate(lines.texts, 1):
        if line.strip():
            assert (number in unread) != bool(lines._taken[number - 1])


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(NOISE, max_size=6).map("\n".join))
def test_noise_alone(text):
    for reader in (oracle, sqlserver):
        attempt(reader.read, text)


@settings(max_examples=examples(100), deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(data):
    attempt(lambda _: sqlserver.read_bytes(data), "")
    attempt(lambda _: sqlserver.read_bytes(b"<ShowPlanXML><RelOp>" + data), "")


HOSTILE = {
    "brackets": "StmtText\n  |--Sort(" + "[" * size(200_000),
    "parentheses": "StmtText\n  |--Sort(" + "(" * size(200_000),
    "quotes": "StmtText\n" + "  |--Sort('\n" * size(20_000),
    "rules": "| Id | Operation |\n" + "-----\n" * size(50_000),
    "headers": "| Id | Operation | Name\n" * size(20_000),
    "headers and blanks": "| Id | Operation | Name\n\n\n\n" * size(10_000),
    "bars": "| Id | Operation |" + "|" * size(200_000) + "\n|  0 | SELECT |" + "|" * size(200_000),
    "sections": BASIC + "Predicate Information (identified by operation id):\n" * size(20_000),
    "entries": BASIC + "Predicate Information (identified by operation id):\n---\n" + "   1 - access(\n" * size(30_000),
    "hints": BASIC + "Note\n----\n" + "   - note\n      goes on\n" * size(20_000),
    "one long note": BASIC + "Note\n----\n   - note\n" + "      goes on\n" * size(20_000),
    "documents": "<ShowPlanXML>" * size(5_000),
    "elements": "<ShowPlanXML>" + "<a>" * size(200_000),
    "operators": "<ShowPlanXML>" + "<RelOp><Top>" * size(50_000),
    "attributes": "<ShowPlanXML><RelOp " + " ".join(f'a{number}="1"' for number in range(size(20_000))) + "/>",
    "reports": "<report><plan><operation " * size(5_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_with_an_answer_or_a_plan_error(name):
    for reader in (oracle, sqlserver):
        reader.looks_like(HOSTILE[name])
        attempt(reader.read, HOSTILE[name])
