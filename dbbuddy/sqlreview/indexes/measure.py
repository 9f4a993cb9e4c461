"""How to see what an index brought, once it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dbbuddy.context import Engine
from dbbuddy.sqlreview.kinds import StatementKind

if TYPE_CHECKING:
    from dbbuddy.sqlreview.indexes.model import IndexAdvice
    from dbbuddy.sqlreview.review import Review

_BEFORE: dict[Engine, str] = {
    "postgresql": "EXPLAIN (ANALYZE, BUFFERS)\n",
    "mysql": "EXPLAIN ANALYZE\n",
    "mariadb": "ANALYZE FORMAT=JSON\n",
    "sqlserver": "SET STATISTICS IO, TIME ON;\n",
    "oracle": "ALTER SESSION SET statistics_level = ALL;\n",
}
_AFTER: dict[Engine, str] = {"oracle": "\nSELECT * FROM TABLE(DBMS_XPLAN.DISPLAY_CURSOR(format => 'ALLSTATS LAST'));"}


def measuring(statement: str, kind: StatementKind, engine: Engine | None) -> str | None:
    """The statement with its engine's way to measure a run; `None` for one that writes, as measuring would run it."""
    if engine is None or kind != "select":
        return None
    return f"{_BEFORE[engine]}{statement.strip().rstrip('; ')};{_AFTER.get(engine, '')}"


def measuring_index(advice: IndexAdvice, review: Review) -> str | None:
    """How to measure the first query that the index serves; `None` if it serves no query."""
    served = [review.statements[number] for number in advice.statements]
    measured = (measuring(statement.text, statement.kind, review.engine) for statement in served)
    return next((text for text in measured if text), None)
