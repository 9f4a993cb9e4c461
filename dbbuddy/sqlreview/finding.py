"""What a review finds in SQL, and what a rule reports before its text is written."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbbuddy.severity import Severity


@dataclass(frozen=True)
class Span:
    """A place in the pasted text: offsets of the first character and behind the last; line and column count from 1."""

    start: int
    end: int
    line: int
    column: int


@dataclass(frozen=True)
class Found:
    """What a rule saw: which rule, where, and the values its texts speak of.

    `start` and `end` are offsets into the whole pasted text. `severity` replaces the text's own where the rule knows better.
    `rewrite` is the whole statement rewritten with the same meaning (duplicates and NULLs included), or for a migration the
    safe sequence of statements; `None` where no safe one is known.
    """

    rule: str
    start: int
    end: int
    values: dict[str, str] = field(default_factory=dict)
    severity: Severity | None = None
    rewrite: str | None = None


@dataclass(frozen=True)
class Finding:
    """A finding as the user reads it. `evidence` quotes the pasted text; `statement` counts from 0; `source` may be empty."""

    rule: str
    title: str
    severity: Severity
    span: Span
    evidence: str
    why: str
    fix: str
    rewrite: str | None
    source: str
    statement: int
