"""Statements that no parser understood: what their words alone tell. Never a silent "clean"."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import word_set
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at

_COMPARISONS = frozenset(("=", "<", ">", "<=", ">=", "<>", "!=", "LIKE", "IN", "BETWEEN"))
_NOT_FUNCTIONS = word_set(
    "AND OR NOT IN EXISTS ANY ALL SOME WHERE ON LIKE BETWEEN VALUES INTO USING CASE WHEN THEN SELECT FROM JOIN"
)
_LONGEST_CALL = 500
_KINDS = ("select", "insert", "update", "delete", "merge", "explain", "other", "create_other")


def by_words(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """SELECT *, leading wildcards, functions before a comparison, random order, `= NULL`, a huge OFFSET."""
    if statement.tree is not None or statement.problem is None or statement.kind not in _KINDS:
        return
    words, tokens = statement.words, statement.tokens
    conditions = False
    closings = _closings(words)
    for index, word in enumerate(words):
        following = words[index + 1 : index + 3]
        token = tokens[index]
        if token.kind == "word" and word in ("WHERE", "ON", "WHEN", "HAVING", "AND", "OR"):
            conditions = True
        elif token.kind == "word" and word in ("SELECT", "SET", "VALUES", "INTO", "ORDER", "GROUP"):
            conditions = False
        if word == "SELECT" and following[:1] == ["*"]:
            yield at("proj.select-star", statement, tokens[index + 1], columns="all columns")
        elif (
            word in ("LIKE", "ILIKE")
            and index + 1 < len(tokens)
            and tokens[index + 1].text[1:2] in ("%", "_")
            and tokens[index + 1].kind == "string"
        ):
            yield at(
                "pred.leading-wildcard",
                statement,
                tokens[index + 1],
                pattern=tokens[index + 1].text[1:-1],
                column=tokens[index - 1].text,
            )
        elif word in ("=", "<>", "!=") and following[:1] == ["NULL"] and conditions:
            yield at("pred.null-comparison", statement, token, predicate=f"{tokens[index - 1].text} {word} NULL")
        elif word == "BY" and following and following[0] in ("RAND", "RANDOM", "NEWID"):
            yield at("sort.random", statement, tokens[index + 1], expression=f"{tokens[index + 1].text}()")
        elif word == "OFFSET" and following and following[0].isdigit() and int(following[0]) > 1000:
            yield at("page.deep-offset", statement, token, offset=following[0])
        elif conditions and following[:1] == ["("] and token.kind == "word" and word not in _NOT_FUNCTIONS:
            close = closings.get(index + 1, len(words))
            compared = close + 1 < len(words) and words[close + 1] in _COMPARISONS
            inside = tokens[index + 2 : min(close, index + _LONGEST_CALL)] if compared else []
            named = [t for t in inside if t.kind in ("word", "quoted")]
            if named and "SELECT" not in (t.upper for t in inside):
                text = statement.text[token.start - statement.start : tokens[close].end - statement.start]
                yield at(
                    "pred.func-on-column",
                    statement,
                    token,
                    severity=_severity(context, named[-1].name),
                    expression=text[:80],
                    column=named[-1].name,
                    predicate=text[:80],
                )


def _severity(context: ReviewContext, column: str) -> Severity:
    """High if an index of a known table has the column."""
    indexed = any(
        column.lower() == (key or "").lower() for table in context.schema for index in table.indexes for key in index.columns
    )
    return "high" if indexed else "medium"


def _closings(words: list[str]) -> dict[int, int]:
    """The closing parenthesis of each opening one that has one."""
    found: dict[int, int] = {}
    opened: list[int] = []
    for index, word in enumerate(words):
        if word == "(":
            opened.append(index)
        elif word == ")" and opened:
            found[opened.pop()] = index
    return found


RULES = (by_words,)
