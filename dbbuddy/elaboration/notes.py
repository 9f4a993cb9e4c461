"""What is said about a stretch of a model's text, and the texts of `data/elaboration/checks.yaml`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from dbbuddy.data_files import load_yaml
from dbbuddy.intake.patterns import compiled

Kind = Literal[
    "destroys",
    "not_understood",
    "other_engine",
    "not_parsed",
    "shell",
    "secret_request",
    "weakens",
    "discredits",
    "do_not",
    "other_cause",
    "number",
    "cut",
    "unchecked",
]

# Kinds that tell of a danger; the others tell that something is doubtful.
DANGERS: frozenset[Kind] = frozenset(
    {"destroys", "not_understood", "shell", "secret_request", "weakens", "discredits", "unchecked"}
)


@dataclass(frozen=True)
class SafeWay:
    """How to try a statement: a SELECT that counts what it would reach, a transaction that ends with ROLLBACK, and in words
    what brings it back. What cannot be offered is empty.
    """

    preview: str = ""
    transaction: str = ""
    way_back: str = ""


@dataclass(frozen=True)
class Note:
    """One remark. `text` is plain text, ours; `quote` is the model's, to be shown as code or text, never as Markdown."""

    kind: Kind
    text: str
    quote: str = ""
    safe_way: SafeWay | None = None

    @property
    def is_danger(self) -> bool:
        return self.kind in DANGERS


@cache
def checks() -> dict[str, Any]:
    """The data file, read once."""
    data: dict[str, Any] = load_yaml("elaboration/checks.yaml")
    return data


def note(kind: Kind, quote: str = "", safe_way: SafeWay | None = None, **words: str) -> Note:
    """A remark in the words of the data file."""
    return Note(kind, checks()["messages"][kind].format(**words), quote, safe_way)


def once(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes without repeats, in order."""
    return tuple(dict.fromkeys(notes))


def first_hit(patterns: Iterable[str], text: str) -> str | None:
    """The stretch of the text that the first of the patterns finds; `None` if none does."""
    for pattern in patterns:
        match = compiled(pattern).search(text)
        if match:
            return str(match.group())
    return None
