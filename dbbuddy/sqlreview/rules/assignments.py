"""Columns that one UPDATE sets twice."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.cursor import Cursor, key
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at

_BEHIND_SET = ("WHERE", "FROM", "RETURNING", "ORDER", "LIMIT", "OUTPUT", "OPTION", "LOG")


def duplicate_assignment(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """SET a = 1, a = 2: an error in PostgreSQL, SQL Server and Oracle; MySQL silently keeps the last."""
    if statement.kind != "update":
        return
    cursor = Cursor(statement.text, statement.tokens, statement.engine, statement.start)
    if not cursor.skip_to("SET"):
        return
    start = cursor.at + 1
    cursor.skip_to(*_BEHIND_SET)
    seen: set[str] = set()
    for part in cursor.sub(statement.tokens[start : cursor.at]).split():
        first, following = part.peek(), key(part.peek(1))
        if first.kind not in ("word", "quoted") or following != "=":
            continue
        folded = first.name if first.kind == "quoted" and context.engine == "postgresql" else first.name.lower()
        if folded in seen:
            yield at("dml.duplicate-assignment", statement, first, column=first.name)
        seen.add(folded)


RULES = (duplicate_assignment,)
