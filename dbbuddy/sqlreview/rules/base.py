"""What every rule gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from dbbuddy.context import Engine
from dbbuddy.severity import Severity
from dbbuddy.sqlreview.ddl import read_change
from dbbuddy.sqlreview.ddl.changes import Ddl
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import Token
from dbbuddy.sqlreview.reading import Script, Statement
from dbbuddy.sqlreview.rules.view import Node, View
from dbbuddy.sqlreview.schema import Schema, Table

_EVIDENCE_LENGTH = 80


@dataclass
class ReviewContext:
    """What is known beside the statement. `thresholds` replaces a rule's own by `rule id` → value, for a team that wants others."""

    script: Script
    schema: Schema = field(default_factory=Schema)
    version: str | None = None
    thresholds: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _views: dict[int, View] = field(default_factory=dict, repr=False)
    _changes: dict[int, Ddl | None] = field(default_factory=dict, repr=False)

    @property
    def engine(self) -> Engine | None:
        return self.script.engine

    @property
    def mysql(self) -> bool:
        return self.engine in ("mysql", "mariadb")

    @cached_property
    def major(self) -> float | None:
        """The version as a number (`5.7`, `16.0`, `10.11`); `None` if it is not known."""
        parts = (self.version or "").split(".")[:2]
        try:
            return float(".".join(part.strip() for part in parts))
        except ValueError:
            return None

    def view(self, statement: Statement) -> View:
        """The statement's tree as rules look at it."""
        if statement.index not in self._views:
            self._views[statement.index] = View(statement, self.schema)
        return self._views[statement.index]

    def change(self, statement: Statement) -> Ddl | None:
        """What the statement changes in the schema."""
        if statement.index not in self._changes:
            self._changes[statement.index] = read_change(statement)
        return self._changes[statement.index]

    def limit(self, rule: str, value: float) -> float:
        """The threshold of a rule: the team's own, or `value`."""
        return self.thresholds.get(rule, value)

    def table(self, source: Node | None) -> Table | None:
        """The known table that a node of the tree names."""
        return self.schema.table(source.name) if isinstance(source, exp.Table) and source.name else None


Rule = Callable[[Statement, ReviewContext], Iterator[Found]]
ScriptRule = Callable[[ReviewContext], Iterator[Found]]


def at(
    rule: str,
    statement: Statement,
    where: Node | Token | None = None,
    *,
    severity: Severity | None = None,
    rewrite: str | None = None,
    **values: object,
) -> Found:
    """A finding at a node of the tree or a token; at the statement as a whole without either."""
    if isinstance(where, Token):
        start, end = where.start, where.end
    else:
        start, end = statement.place(where) if where is not None else (statement.start, statement.end)
    return Found(rule, start, end, {name: str(value) for name, value in values.items()}, severity, rewrite)


def sql(node: Node | None, statement: Statement) -> str:
    """A node as the user wrote it, on one line and shortened to 80 characters."""
    if node is None:
        return ""
    start, end = statement.place(node)
    text = " ".join(statement.text[start - statement.start : end - statement.start].split())
    return text if len(text) <= _EVIDENCE_LENGTH else f"{text[: _EVIDENCE_LENGTH - 3]}..."
