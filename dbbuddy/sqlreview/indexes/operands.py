"""What of a comparison an index could hold: a column, or an expression over the columns of one table."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp
from sqlglot.optimizer.scope import Scope

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.model import Key
from dbbuddy.sqlreview.indexes.places import Places, TableUse
from dbbuddy.sqlreview.reading import DIALECTS

_TEXT_FUNCTIONS = (exp.Lower, exp.Upper, exp.Trim, exp.Substring, exp.Left, exp.Right, exp.Length, exp.MD5, exp.Concat, exp.DPipe)
_JSON_FUNCTIONS = (exp.JSONExtract, exp.JSONExtractScalar, exp.JSONValue, exp.JSONBExtract, exp.JSONBExtractScalar)
_DATE_FUNCTIONS = (
    exp.Date, exp.TsOrDsToDate, exp.TimestampTrunc, exp.DateTrunc, exp.Year, exp.Month, exp.Day, exp.Extract, exp.DateToDateStr,
)  # fmt: skip
_DATE_NAMES = ("TRUNC", "YEAR", "MONTH", "DAY", "DATEPART")


@dataclass(frozen=True)
class Operand:
    """A column (`expression` is then `None`) or an indexable expression. `dated` marks one that takes a part of a moment."""

    use: TableUse
    key: Key
    dated: bool = False
    columns: tuple[str, ...] = ()

    @property
    def plain(self) -> tuple[str, ...]:
        """The column, if it is compared as it is."""
        return self.columns if self.key.column else ()


def operand_of(node: exp.Expr, scope: Scope, places: Places, engine: Engine | None) -> Operand | None:
    """The side of a comparison as a key; `None` if no index could hold it."""
    node = node.unnest()
    if isinstance(node, exp.Column):
        place = places.resolve(node, scope)
        return Operand(place[0], Key(place[1]), columns=(place[1],)) if place else None
    dated = is_dated(node)
    document = isinstance(node, exp.Anonymous) and node.name.lower() == "to_tsvector" and engine == "postgresql"
    if not dated and not document and not isinstance(node, (*_TEXT_FUNCTIONS, *_JSON_FUNCTIONS, exp.Coalesce)):
        return None
    found = [places.resolve(column, scope) for column in node.find_all(exp.Column)]
    held = [place for place in found if place is not None]
    if (
        not held
        or len(held) != len(found)
        or len({place[0].number for place in held}) != 1
        or node.find(exp.Query, exp.Placeholder)
    ):
        return None
    return Operand(held[0][0], Key(None, expression_sql(node, engine)), dated, tuple(place[1] for place in held))


def is_dated(node: exp.Expr) -> bool:
    """True for functions that keep a part of a date or time: a half-open range on the bare column says the same."""
    if isinstance(node, exp.Cast):
        return node.to.this in (exp.DataType.Type.DATE, exp.DataType.Type.TIMESTAMP)
    if isinstance(node, exp.Anonymous):
        return node.name.upper() in _DATE_NAMES
    return isinstance(node, _DATE_FUNCTIONS)


def part_is_indexable(expression: str, declared: str, engine: Engine | None) -> bool:
    """True if the engine can index this part of a moment.

    In PostgreSQL the parts of a `timestamptz` depend on the session's time zone, so they are not; of an unknown type neither.
    MariaDB has no indexes on expressions, SQL Server computed columns only.
    """
    if engine == "postgresql":
        return declared.startswith("timestamp") and "with time zone" not in declared and not declared.startswith("timestamptz")
    return engine in ("mysql", "oracle")


def reads_ranges(expression: str, engine: Engine | None) -> bool:
    """True if the engine itself turns the condition into a range: SQL Server does for CAST(column AS DATE)."""
    return engine == "sqlserver" and expression.upper().startswith("CAST(")


def expression_sql(node: exp.Expr, engine: Engine | None) -> str:
    """The expression in the engine's own syntax without the names of tables."""
    bare = node.copy()
    for column in [bare] if isinstance(bare, exp.Column) else list(bare.find_all(exp.Column)):
        for part in ("table", "db", "catalog"):
            column.set(part, None)
    return str(bare.sql(dialect=DIALECTS[engine] if engine else None))


def is_constant(node: exp.Expr) -> bool:
    """True for a literal, also signed or cast."""
    node = node.unnest()
    if isinstance(node, (exp.Neg, exp.Cast)):
        return is_constant(node.this)
    return isinstance(node, (exp.Literal, exp.Boolean, exp.Null, exp.National))
