"""The index that one query asks for: equality columns, then the sort or grouping or one range, then the rest to cover."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import re2
from sqlglot import exp, parse_one
from sqlglot.errors import SqlglotError

from dbbuddy.context import Engine

_DIALECTS: dict[Engine, str] = {
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlserver": "tsql",
    "oracle": "oracle",
}
_EQUAL = (exp.EQ, exp.In, exp.Is)
_RANGE = (exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Between)
_SELECT = re2.compile(r"(?is)\bselect\b.{1,980}")
_END = re2.compile(r"(?i);|\n\s*\n|[.:,]? +(index only|extra:|we have|returns|takes|is slow|why|innodb|and (it|that|this))\b")
_MAX_TRAILING_WORDS = 25
_MAX_KEYS = 4
_MAX_COVERED = 4

# sqlglot warns of syntax it passes over; what a user pasted does not belong into the log.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class IndexColumns:
    """Key columns in order, and the other columns of the query that would make the index covering."""

    table: str
    keys: tuple[str, ...]
    covered: tuple[str, ...]

    def sql(self, engine: Engine | None) -> str:
        """The statement that creates it, built without blocking writers where the engine can."""
        name = f"{self.table.rpartition('.')[2]}_{'_'.join(self.keys)}_idx"[:60]
        keys = ", ".join(self.keys)
        if engine in ("postgresql", "sqlserver"):
            include = f" INCLUDE ({', '.join(self.covered)})" if self.covered else ""
            concurrently = " CONCURRENTLY" if engine == "postgresql" else ""
            return f"CREATE INDEX{concurrently} {name} ON {self.table} ({keys}){include};"
        online = " ONLINE" if engine == "oracle" else ""
        return f"CREATE INDEX {name} ON {self.table} ({', '.join((*self.keys, *self.covered))}){online};"


def index_for(text: str, engine: Engine | None) -> IndexColumns | None:
    """The index for the first single-table SELECT in a text; `None` if there is none to be sure of."""
    match = _SELECT.search(text)
    if not match:
        return None
    for candidate in _cuts(match.group(0)):
        query = _parsed(candidate, engine)
        if query is not None:
            return _columns(query)
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
        tree = parse_one(sql, dialect=_DIALECTS[engine] if engine else None)
    except (SqlglotError, RecursionError):
        return None
    return tree if isinstance(tree, exp.Select) and tree.args.get("where") else None


def _columns(query: exp.Select) -> IndexColumns | None:
    tables = list(query.find_all(exp.Table))
    where = query.args["where"]
    if len(tables) != 1 or list(query.find_all(exp.Subquery)) or where.find(exp.Or):
        return None
    equal, ranged = _predicates(where.this)
    ordered = _plain_columns(query.args.get("group")) or _plain_columns(query.args.get("order"))
    if query.args.get("group") and ranged and set(ranged) & set(ordered):
        ordered = [name for name in ordered if name in ranged] + [name for name in ordered if name not in ranged]
    keys = list(dict.fromkeys([*equal, *(ordered or ranged[:1])]))[:_MAX_KEYS]
    if not equal and not ranged:
        return None
    others = [name for name in _names(query) if name not in keys]
    star = any(isinstance(column, exp.Star) for column in query.expressions)
    covered = tuple(others) if not star and len(others) <= _MAX_COVERED else ()
    return IndexColumns(tables[0].sql(), tuple(keys), covered)


def _predicates(condition: exp.Expression) -> tuple[list[str], list[str]]:
    """Columns compared by equality, and those compared by range, of an AND chain; expressions on columns are neither."""
    equal: list[str] = []
    ranged: list[str] = []
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        column = part.unnest().this if isinstance(part.unnest(), (*_EQUAL, *_RANGE)) else None
        if isinstance(column, exp.Column):
            (equal if isinstance(part.unnest(), _EQUAL) else ranged).append(column.name)
    return list(dict.fromkeys(equal)), list(dict.fromkeys(ranged))


def _plain_columns(clause: exp.Expression | None) -> list[str]:
    """The columns of an ORDER BY or GROUP BY if it consists of plain columns alone, else none."""
    if clause is None:
        return []
    items = [item.this if isinstance(item, exp.Ordered) else item for item in clause.expressions]
    return [item.name for item in items] if all(isinstance(item, exp.Column) for item in items) else []


def _names(query: exp.Select) -> list[str]:
    return list(dict.fromkeys(column.name for column in query.find_all(exp.Column)))
