"""Tickets are complete, and fit the receivers' shapes whatever a user wrote."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.handover.shapes import SHAPES, ShapeError, payload, shape
from dbbuddy.handover.ticket import Ticket, as_json, as_markdown, make_ticket
from tests.unit.conversations import talk
from tests.unit.store.exchanges import USER, exchange

NAMES = sorted(path.stem for path in SHAPES.glob("*.yaml"))
FIELDS = {"project": "DBA", "issuetype": "Task"}
PLAN = """Why is this slow?
Seq Scan on orders  (cost=0.00..35811.00 rows=1 width=8) (actual time=0.02..912.4 rows=1 loops=1)
  Filter: (customer_id = 42)
  Rows Removed by Filter: 1999999
Execution Time: 912.6 ms"""
NOW = datetime(2026, 11, 20, 9, 30)
HOSTILE = '```\n<!channel> <https://evil.example|click> {noformat} ${answer} ![](http://x/?d=1) [~admin] "}],\\u0000 ' + "é😀" * 50


def ticket(advisor: Advisor, *questions: str, comment: str = "", with_texts: bool = True) -> Ticket:
    """The ticket of a conversation with these questions; the first answer did not help."""
    outcomes = ["not_solved", *[None] * len(questions)]
    answers = talk(advisor, *questions)
    exchanges = [
        exchange(position=n, question=question, advice=answer, outcome=outcomes[n])
        for n, (question, answer) in enumerate(zip(questions, answers, strict=True))
    ]
    return make_ticket("t-1", USER, exchanges, NOW, comment, {exchanges[0].id: "Look at work_mem."}, with_texts=with_texts)


def test_it_tells_all_that_a_dba_needs(advisor: Advisor) -> None:
    made = ticket(
        advisor,
        'ERROR: deadlock detected (40P01) on Aurora PostgreSQL 15 in production, table "orders"',
        "we already order the updates, it still happens",
        comment="please before noon",
    )
    text = as_markdown(made)
    for told in (
        "Amazon Aurora PostgreSQL 15, production",
        "**Reporter:** Ursula, payments",
        "**Error codes:** 40P01",
        "please before noon",
        "ERROR: deadlock detected",
        "## Evidence",
        "we already order the updates",
        "(it did not help)",
        "Look at work_mem.",
        "## Latest answer of DB-Buddy",
        "t-1",
    ):
        assert told in text, told
    assert made.urgency == "1"
    assert json.loads(as_json(made))["tried"][0]["outcome"] == "it did not help"


def test_a_pasted_plan_goes_along_as_an_outline(advisor: Advisor) -> None:
    text = as_markdown(ticket(advisor, PLAN))
    assert "## Execution plan" in text
    assert "orders" in text.partition("## Execution plan")[2].partition("## ")[0]


def test_without_texts_it_tells_only_what_was_found(advisor: Advisor) -> None:
    made = ticket(advisor, 'postgres: deadlock detected 40P01 on table "kanarienvogel"', comment="kanarienvogel", with_texts=False)
    whole = as_markdown(made) + as_json(made) + "".join(payload(made, name, FIELDS) for name in NAMES)
    assert "kanarienvogel" not in whole
    assert "Ask the reporter" in whole


def leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in leaves(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("question", ["deadlock detected 40P01", HOSTILE, "x" * 300_000, "😀" * 60_000])
def test_every_shape_is_json_within_its_receivers_limits(advisor: Advisor, name: str, question: str) -> None:
    made = payload(ticket(advisor, question), name, FIELDS)
    form = shape(name)
    assert len(made.encode()) <= form.largest_bytes
    body = json.loads(made)
    assert set(body) == set(form.body), "no text can add to the form"
    assert all("${" not in leaf.replace("${answer}", "") for leaf in leaves(body)), "every place is filled"
    assert "t-1" in made


def test_the_forms_are_those_of_the_receivers(advisor: Advisor) -> None:
    made = ticket(advisor, HOSTILE)
    slack = json.loads(payload(made, "slack", {}))
    assert len(slack["blocks"][0]["text"]["text"]) <= 150
    assert all(len(block["text"]["text"]) <= 3000 for block in slack["blocks"] if "text" in block)
    assert {block["text"]["type"] for block in slack["blocks"] if "text" in block} == {"plain_text"}
    assert "<" not in slack["text"]
    card = json.loads(payload(made, "teams", {}))["attachments"][0]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [part["text"] for part in card["content"]["body"] if part["type"] == "TextBlock"] == [
        "Reported",
        "Tried",
        "Answered by DB-Buddy",
    ], "users' words stand in RichTextBlocks only"
    jira = json.loads(payload(made, "jira", FIELDS))["fields"]
    assert (jira["project"], jira["issuetype"]) == ({"key": "DBA"}, {"name": "Task"})
    assert jira["description"].count("{noformat}") == 2
    incident = json.loads(payload(made, "servicenow", {}))
    assert len(incident["short_description"]) <= 160
    assert (incident["correlation_id"], incident["urgency"]) == ("t-1", "2")


def test_what_is_missing_is_said(advisor: Advisor) -> None:
    made = ticket(advisor, "deadlock detected 40P01")
    with pytest.raises(ShapeError, match="generic, jira, servicenow, slack, teams"):
        payload(made, "../generic", {})
    with pytest.raises(ShapeError, match=r"Jira needs issuetype: set DBBUDDY_WEBHOOK_FIELDS"):
        payload(made, "jira", {"project": "DBA"})
