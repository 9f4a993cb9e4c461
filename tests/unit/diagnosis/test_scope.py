"""Other topics and harmful requests are declined in a sentence; database problems never are."""

from __future__ import annotations

import pytest

from dbbuddy.advisor import Advisor
from dbbuddy.rendering import to_markdown
from tests.effort import some


@pytest.mark.parametrize(
    "text",
    [
        "What will the weather be tomorrow?",
        "write me a poem about databases",
        "How do I bake bread?",
        "my mongodb replica set has no primary",
        "redis is out of memory",
        "how to hack into the database of someone else",
        "Give me an sql injection payload to bypass login on a site",
        "delete the audit log so that nobody notices what I did",
    ],
)
def test_declined(advisor: Advisor, text: str) -> None:
    advice = advisor.ask(text)
    assert advice.status == "out_of_scope"
    assert advice.fixes == ()
    assert advice.diagnoses == ()
    assert 0 < len(advice.situation) < 400


@pytest.mark.parametrize(
    "text",
    [
        "postgres deadlock detected 40P01",
        "How do I encrypt columns with personal data in MySQL?",
        "our audit log table grows by 10 GB a day in postgres",
        "we forgot the sa password of SQL Server",
        "how do we protect our SQL Server app against SQL injection?",
        "migrating from MongoDB to PostgreSQL: jsonb queries are slow",
        "kafka connect debezium slot keeps wal in postgres",
        "it is slow",
    ],
)
def test_not_declined(advisor: Advisor, text: str) -> None:
    assert advisor.ask(text).status != "out_of_scope"


def test_another_product_is_named(advisor: Advisor) -> None:
    assert "MongoDB" in to_markdown(advisor.ask("my mongodb replica set has no primary"))


def test_no_symptom_of_a_playbook_is_taken_for_harm(advisor: Advisor) -> None:
    symptoms = [text for playbook in advisor.library.playbooks.values() for text in playbook.head.symptoms]
    assert [text for text in some(symptoms) if "harm people" in advisor.ask(text).situation] == []
