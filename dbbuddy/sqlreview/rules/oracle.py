"""What only Oracle knows."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at


def dates(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """TO_DATE without a format, and CONNECT BY without NOCYCLE."""
    if context.engine != "oracle":
        return
    words, tokens = statement.words, statement.tokens
    for index, word in enumerate(words):
        if word in ("TO_DATE", "TO_TIMESTAMP") and words[index + 1 : index + 2] == ["("] and tokens[index].kind == "word":
            alone = words[index + 3 : index + 4] == [")"] and tokens[index + 2].kind in ("string", "param", "word")
            yield from [at("ora.to-date-format", statement, tokens[index], function=word)] if alone else []
        if word == "CONNECT" and words[index + 1 : index + 2] == ["BY"] and "NOCYCLE" not in words and "PRIOR" in words:
            yield at("ora.connect-by-cycle", statement, tokens[index])


def swallowed(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """WHEN OTHERS THEN NULL: any error is lost."""
    if statement.kind != "block":
        return
    words = statement.words
    for index in range(len(words) - 3):
        if words[index : index + 4] == ["WHEN", "OTHERS", "THEN", "NULL"]:
            yield at("ora.when-others-null", statement, statement.tokens[index])


def joins(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """A table behind a database link in a query: rows travel before they are filtered."""
    if context.engine != "oracle" or statement.kind != "select":
        return
    for index, token in enumerate(statement.tokens):
        if token.kind == "param" and token.text[0] == "@" and index and statement.tokens[index - 1].end == token.start:
            yield at("join.cross-server", statement, token, name=f"{statement.tokens[index - 1].text}{token.text}")


RULES = (dates, swallowed, joins)
