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
    if confidence >= CLEARLY_OURS or max(reading.engine_scores.values(), default=0.0) >= ENOUGH or reading.codes:
        return None
    product = _other_product(reading.text)
    if product:
        return f"{product} is outside what DB-Buddy can help with. {_COVERED} Please ask the team or the manual of {product}."
    about = compiled(_rules()["about_databases"]).search(reading.text) or reading.kinds != ("question",)
    if not about and not reading.context.engine:
        return (
            f"This is not a database question, so it is out of scope. {_COVERED} "
            "Describe a database problem, or paste an error, a query, a plan or a log."
        )
    return None


def _other_product(text: str) -> str | None:
    return next((p["name"] for p in _rules()["other_products"] if compiled(p["match"]).search(text)), None)
