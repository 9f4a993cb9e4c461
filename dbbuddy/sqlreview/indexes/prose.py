"""The index that the first query in a text of prose asks for."""

from __future__ import annotations

from collections.abc import Iterator

import re2
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.advise import advise
from dbbuddy.sqlreview.indexes.model import IndexAdvice
from dbbuddy.sqlreview.reading import DIALECTS, read_script
from dbbuddy.sqlreview.schema import Schema

_SELECT = re2.compile(r"(?is)\bselect\b.{1,980}")
_END = re2.compile(r"(?i);|\n\s*\n|[.:,]? +(index only|extra:|we have|returns|takes|is slow|why|innodb|and (it|that|this))\b")
_MAX_TRAILING_WORDS = 25


def index_for(text: str, engine: Engine | None) -> IndexAdvice | None:
    """The index for the first single-table SELECT in a text; `None` if there is none to be sure of."""
    match = _SELECT.search(text)
    if not match:
        return None
    for candidate in _cuts(match.group(0)):
        query = _parsed(candidate, engine)
        if query is not None:
            sure = (
                len(list(query.find_all(exp.Table))) == 1 and not query.find(exp.Subquery) and not query.args["where"].find(exp.Or)
            )
            advised = advise(read_script(candidate, engine), Schema(), engine) if sure else None
            return advised.indexes[0] if advised and len(advised.indexes) == 1 else None
    return None


def _cuts(text: str) -> Iterator[str]:
    """Where the query may end and prose go on: at telling words, then one word less at a time."""
    for match in list(_END.finditer(text))[:6]:
        yield text[: match.start()]
    shortened = text
    for _ in range(_MAX_TRAILING_WORDS):
        yield shortened
        shortened = shortened.rpartition(" ")[0]


def _parsed(sql: str, engine: Engine | None) -> exp.Select | None:
    try:
        tree = parse_one(sql, dialect=DIALECTS[engine] if engine else None)
    except (SqlglotError, RecursionError):
        return None
    return tree if isinstance(tree, exp.Select) and tree.args.get("where") else None
