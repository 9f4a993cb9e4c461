"""What is declined, in a sentence: other products, other topics, harm to others."""

from __future__ import annotations

from functools import cache
from typing import Any

from dbbuddy.data_files import load_yaml
from dbbuddy.diagnosis.compose import Match
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


def declined(reading: Reading, best: Match | None) -> str | None:
    """The sentence that declines the text, or `None` if it is ours to answer.

    A text that the best playbook clearly fits, by more than common words, is ours whatever else it names.
    """
    if _is_harmful(reading.text):
        return (
            "DB-Buddy cannot help with this: it would harm people or data that are not yours. "
            f"{_COVERED} Ask how to detect, prevent or audit such a thing, and you get one."
        )
    if any(compiled(pattern).search(reading.text) for pattern in _rules()["other_tasks"]):
        return f"That is out of scope. {_COVERED}"
    product = _other_product(reading.text)
    named = bool(compiled(_rules()["our_names"]).search(reading.text))
    if (max(reading.engine_scores.values(), default=0.0) >= ENOUGH or reading.codes) and (named or not product):
        return None
    clearly_ours = best is not None and best.confidence >= CLEARLY_OURS and bool(best.evidence)
    if product and not _names_it_beside_ours(product, reading, clearly_ours):
        name = product["name"]
        return f"{name} is outside what DB-Buddy can help with. {_COVERED} Please ask the team or the manual of {name}."
    if not clearly_ours and not reading.context.engine and not _about_databases(reading):
        return (
            f"This is not a database question, so it is out of scope. {_COVERED} "
            "Describe a database problem, or paste an error, a query, a plan or a log."
        )
    return None


def _is_harmful(text: str) -> bool:
    """Whether a pattern of harm fits, or cues of an intention come together and nothing speaks of defence."""
    if any(compiled(pattern).search(text) for pattern in _rules()["harmful"]):
        return True
    cues = {name for name, pattern in _rules()["harm_cues"].items() if compiled(pattern).search(text)}
    intended = "attack" in cues or {"concealment", "oversight"} <= cues or {"victim", "taking"} <= cues
    return intended and not compiled(_rules()["defence"]).search(text)


def _names_it_beside_ours(product: dict[str, Any], reading: Reading, clearly_ours: bool) -> bool:
    """Whether another product is only mentioned in a question about one of our engines."""
    speaks_of_ours = bool(reading.context.engine) or bool(compiled(_rules()["surely_databases"]).search(reading.text))
    if product.get("beside"):
        return speaks_of_ours
    return clearly_ours and bool(reading.context.engine)


def _about_databases(reading: Reading) -> bool:
    if reading.kinds != ("question",) or compiled(_rules()["surely_databases"]).search(reading.text):
        return True
    other_topic = compiled(_rules()["other_topics"]).search(reading.text)
    return not other_topic and bool(compiled(_rules()["about_databases"]).search(reading.text))


def _other_product(text: str) -> dict[str, Any] | None:
    return next((product for product in _rules()["other_products"] if compiled(product["match"]).search(text)), None)
