"""The title of a conversation in the history: the cause, and what tells it from others with the same cause."""

from __future__ import annotations

import re

from dbbuddy.advice import Advice
from dbbuddy.context import CATEGORY_NAMES, ENGINE_NAMES
from dbbuddy.intake.names import find_names

LONGEST = 120
_READ = 20_000
_FIRST_LINE = 70
# The thing that a question is about, the most telling first.
_TELLING = ("table", "index", "slot", "tablespace", "sql_id", "schema", "database")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


def title_of(question: str, advice: Advice) -> str:
    """The object in question and the diagnosis: `orders · A missing index`; without a diagnosis, how the question begins."""
    if advice.status != "answered":
        line = next((cleaned for text in question[:_READ].splitlines() if (cleaned := one_line(text))), "")
        return _shortened(line, _FIRST_LINE) or without_text(advice)
    names = find_names(question[:_READ])
    thing = next((names[name] for name in _TELLING if name in names), "")
    return _shortened(f"{thing} · {advice.title}" if thing else advice.title, LONGEST)


def without_text(advice: Advice) -> str:
    """A title that holds nothing of what the user wrote: the name of the diagnosis and the engine.

    The diagnosis's own title may name the user's objects, so its slug speaks.
    """
    engine = advice.context.engine
    about = ENGINE_NAMES[engine] if engine else CATEGORY_NAMES[advice.category] if advice.category else ""
    known = slug_words(advice.diagnoses[0].slug) if advice.diagnoses else advice.title
    return _shortened(f"{known} · {about}" if about else known, LONGEST)


def slug_words(slug: str) -> str:
    """`lock-wait-timeout` as `Lock wait timeout`."""
    return slug.replace("-", " ").capitalize()


def one_line(text: str) -> str:
    """A text without line breaks and signs that cannot be seen."""
    return " ".join(_CONTROL.sub(" ", text).split())


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"
