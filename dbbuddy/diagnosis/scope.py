"""What is declined, in a sentence: other products, other topics, harm to others."""

from __future__ import annotations

from functools import cache
from typing import Any

from dbbuddy.data_files import load_yaml
from dbbuddy.intake.patterns import compiled
from dbbuddy.intake.platform import ENOUGH
from dbbuddy.intake.read import Reading

# From this confidence on, a playbook stands on more than common words.
CLEARLY_OURS = 0.65

_COVERED = "DB-Buddy helps with PostgreSQL, MySQL, MariaDB, SQL Server and Oracle, on your own servers and in the cloud."


@cache
def _rules() -> dict[str, Any]:
    rules: dict[str, Any] = load_yaml("scope.yaml")
    return rules


def declined(reading: Reading, confidence: float) -> str | None:
    """The sentence that declines the text, or `None` if it is ours to answer.

    `confidence` is that of the best playbook: a text that a playbook clearly fits is ours, whatever else it names.
    """
    if any(compiled(pattern).search(reading.text) for pattern in _rules()["harmful"]):
        return (
            "This asks for something that would harm people or data that are not yours, so there is no answer here. "
            f"{_COVERED} Ask how to detect, prevent or audit such a thing, and you get one."
        )
    if any(compiled(pattern).search(reading.text) for pattern in _rules()["other_tasks"]):
        return f"That is out of scope. {_COVERED}"
    if max(reading.engine_scores.values(), default=0.0) >= ENOUGH or reading.codes:
        return None
    product = _other_product(reading.text)
    clearly_ours = confidence >= CLEARLY_OURS
    if product and not (clearly_ours and (product.get("beside") or reading.context.engine)):
        name = product["name"]
        return f"{name} is outside what DB-Buddy can help with. {_COVERED} Please ask the team or the manual of {name}."
    if not clearly_ours and not reading.context.engine and not _about_databases(reading):
        return (
            f"This is not a database question, so it is out of scope. {_COVERED} "
            "Describe a database problem, or paste an error, a query, a plan or a log."
        )
    return None


def _about_databases(reading: Reading) -> bool:
    if reading.kinds != ("question",) or compiled(_rules()["surely_databases"]).search(reading.text):
        return True
    other_topic = compiled(_rules()["other_topics"]).search(reading.text)
    return not other_topic and bool(compiled(_rules()["about_databases"]).search(reading.text))


def _other_product(text: str) -> dict[str, Any] | None:
    return next((product for product in _rules()["other_products"] if compiled(product["match"]).search(text)), None)
