"""What a finding's rewrite changes: the lines of a query that differ, or the safe sequence that replaces a migration's step."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import sqlglot
from sqlglot.errors import SqlglotError

from dbbuddy.context import Engine
from dbbuddy.severity import at_least
from dbbuddy.sqlreview.finding import Finding
from dbbuddy.sqlreview.reading import DIALECTS
from dbbuddy.sqlreview.review import Review, Reviewed

_QUERIES = ("select", "insert", "update", "delete", "merge", "explain")
# A longer statement (characters) is compared as it is written, without laying it out first.
_LONGEST_LAID_OUT = 20_000
_CONTEXT_LINES = 3


@dataclass(frozen=True)
class Change:
    """The statement as it should be. `diff` marks its lines with `-` and `+`; `None` for the steps of a migration."""

    sql: str
    diff: str | None
    name: str

    @property
    def sequence(self) -> bool:
        """True for the steps of a migration, false for a query with the same meaning."""
        return self.diff is None


def change_of(finding: Finding, review: Review) -> Change | None:
    """The change that a finding proposes; `None` if it proposes none."""
    if finding.rewrite is None:
        return None
    statement = review.statements[finding.statement]
    if statement.kind not in _QUERIES:
        weighty = at_least(finding.severity, "medium")
        return Change(finding.rewrite, None, "The safe sequence" if weighty else "Better written")
    before, after = _laid_out(statement, finding.rewrite, review.engine)
    lines = difflib.unified_diff(before, after, lineterm="", n=_CONTEXT_LINES)
    diff = [line for line in lines if not line.startswith(("---", "+++", "@@"))]
    return Change("\n".join(after), "\n".join(diff), "The rewritten statement")


def _laid_out(statement: Reviewed, rewrite: str, engine: Engine | None) -> tuple[list[str], list[str]]:
    """Both statements a clause a line, so that only what changes differs; as they are where that is not possible."""
    texts = (statement.text, rewrite.rstrip().rstrip(";"))
    laid_out = [_pretty(text, engine) for text in texts] if max(map(len, texts)) <= _LONGEST_LAID_OUT else [None, None]
    chosen = laid_out if all(laid_out) else texts
    return (chosen[0] or "").splitlines(), (chosen[1] or "").splitlines()


def _pretty(sql: str, engine: Engine | None) -> str | None:
    dialect = DIALECTS[engine] if engine else None
    try:
        made = sqlglot.transpile(sql, read=dialect, write=dialect, pretty=True)
    except (SqlglotError, RecursionError, ValueError, AttributeError, TypeError, IndexError, KeyError):
        return None
    return made[0] if len(made) == 1 and made[0].strip() else None
