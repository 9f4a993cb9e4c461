"""What only MySQL and MariaDB know."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at

_HINTS = (("STRAIGHT_JOIN",), ("SQL_NO_CACHE",), ("SQL_CACHE",), ("HIGH_PRIORITY",), ("LOW_PRIORITY",), ("DELAYED",))


def hints(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """USE, FORCE and IGNORE INDEX, STRAIGHT_JOIN and their kin: a plan fixed for today's data."""
    if context.engine not in ("mysql", "mariadb", None):
        return
    words = statement.words
    for index, word in enumerate(words):
        forced = word in ("USE", "FORCE", "IGNORE") and words[index + 1 : index + 2] and words[index + 1] in ("INDEX", "KEY")
        if (
            (forced or (word,) in _HINTS)
            and statement.kind in ("select", "insert", "update", "delete")
            and statement.tokens[index].kind == "word"
        ):
            yield at("my.hint", statement, statement.tokens[index], hint=f"{word} {words[index + 1]}" if forced else word)
            return


def volatile_time(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """SYSDATE() gives another moment for each row; NOW() one for the statement."""
    words = statement.words
    if context.mysql and statement.kind != "block":
        for index, word in enumerate(words[:-1]):
            if word == "SYSDATE" and words[index + 1] == "(":
                yield at("my.sysdate", statement, statement.tokens[index])


RULES = (hints, volatile_time)
