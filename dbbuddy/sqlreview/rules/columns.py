"""Columns as they are declared: types that round, waste, run out or are on their way out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.ddl.actions import AddColumn, ChangeColumn, ColumnDefinition, SetType
from dbbuddy.sqlreview.ddl.changes import AlterTable, CreateTable
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import Token
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at
from dbbuddy.sqlreview.schema import Column, Table

LONGEST_CHAR = 20
LONGEST_VARCHAR = 2560
_MONEY = ("price", "amount", "cost", "total", "balance", "salary", "fee", "tax", "payment", "revenue")
_INTEGERS = ("int", "integer", "bigint", "smallint", "tinyint", "mediumint")
_SECRETS = ("password", "passwd", "pwd", "passphrase")
_LISTS = ("_ids", "_list", "_csv", "tags")


@dataclass(frozen=True)
class Declared:
    """A column as a statement declares it. `identity` covers AUTO_INCREMENT, IDENTITY and serial types."""

    table: str
    column: Column
    where: Token
    definition: ColumnDefinition | None
    added: bool

    @property
    def base(self) -> str:
        """The type without its arguments."""
        return self.column.type.partition("(")[0].strip()

    @property
    def first_argument(self) -> int | None:
        """20 of `char(20)`."""
        inside = self.column.type.partition("(")[2].partition(")")[0].partition(",")[0].strip().partition(" ")[0]
        return int(inside) if inside.isdigit() else None


def declared(statement: Statement, context: ReviewContext) -> Iterator[Declared]:
    """The columns that CREATE TABLE or ALTER TABLE declares."""
    change = context.change(statement)
    if isinstance(change, CreateTable):
        for definition in change.definitions:
            yield Declared(change.table.name, definition.column, token_of(statement, definition.column.name, 2), definition, False)
    elif isinstance(change, AlterTable):
        for action in change.actions:
            if isinstance(action, AddColumn | ChangeColumn):
                name = action.definition.column.name
                yield Declared(change.table, action.definition.column, token_of(statement, name, 3), action.definition, True)
            elif isinstance(action, SetType):
                column = Column(action.name, action.type.lower())
                yield Declared(change.table, column, token_of(statement, action.name, 3), None, True)


def token_of(statement: Statement, name: str, since: int) -> Token:
    """The first token of that name, from the `since`-th on."""
    places = statement.numbers.get(name.upper(), [])
    first = bisect_left(places, since)
    return statement.tokens[places[first]] if first < len(places) else statement.tokens[0]


def numbers(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Amounts in floating point or MONEY, keys of 32 bits, display widths, signed AUTO_INCREMENT."""
    for item in declared(statement, context):
        base, name = item.base, item.column.name
        values: dict[str, Any] = {"table": item.table, "column": name, "type": item.column.type}
        if base in ("float", "real", "double", "double precision", "float4", "float8", "binary_float", "binary_double"):
            money = any(word in name.lower() for word in _MONEY)
            yield at("ddl.float-money", statement, item.where, severity="high" if money else "low", **values)
        if base in ("money", "smallmoney"):
            yield at("ddl.money-type", statement, item.where, **values)
        definition = item.definition
        if definition is not None and definition.identity:
            if base in ("int", "integer", "serial", "int4", "mediumint", "smallint", "smallserial", "tinyint") and _is_key(
                item, context
            ):
                yield at("ddl.int-pk", statement, item.where, **values)
            if context.mysql and base not in (*_INTEGERS, "serial"):
                yield at("my.auto-increment-type", statement, item.where, **values)
            elif context.mysql and "unsigned" not in item.column.type and base != "serial":
                yield at("my.auto-increment-signed", statement, item.where, **values)
        if context.mysql and base in _INTEGERS and item.first_argument is not None and item.column.type != "tinyint(1)":
            usual = {"int": 10, "integer": 10, "bigint": 20}.get(base)
            if usual is not None and item.first_argument not in (usual, usual + 1):
                yield at("my.int-width", statement, item.where, **values)


def _is_key(item: Declared, context: ReviewContext) -> bool:
    table = context.schema.table(item.table)
    if table is None:
        return True
    return (
        any(item.column.name in index.columns for index in table.indexes if index.primary or index.unique)
        or table.primary_key is None
    )


def texts(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Padded CHAR, very long VARCHAR, text in a byte or legacy type, passwords and addresses as plain text."""
    longest_char = context.limit("ddl.char-n", LONGEST_CHAR)
    longest_varchar = context.limit("ddl.varchar-long", LONGEST_VARCHAR)
    for item in declared(statement, context):
        base, length, name = item.base, item.first_argument, item.column.name.lower()
        values: dict[str, Any] = {"table": item.table, "column": item.column.name, "type": item.column.type}
        padded = (length or 1) > 1 or (context.engine == "postgresql" and base.removesuffix("[]") != "binary")
        if base.removesuffix("[]") in ("char", "character", "binary", "nchar", "bpchar") and padded:
            long = (length or 1) > longest_char
            fixed = not long and any(word in name for word in ("code", "iso", "currency", "hash", "md5", "uuid", "country", "lang"))
            if not fixed:
                yield at("ddl.char-n", statement, item.where, severity="medium" if long else "low", **values)
        if base in ("varchar", "varchar2", "nvarchar", "character varying", "nvarchar2") and (length or 0) > longest_varchar:
            yield at("ddl.varchar-long", statement, item.where, length=length, **values)
        if context.engine == "postgresql" and base in ("varchar", "character varying") and length is not None:
            yield at("pg.varchar-n", statement, item.where, **values)
        if any(name == word or name.endswith(f"_{word}") for word in _SECRETS) and base not in (
            "bytea",
            "varbinary",
            "raw",
            "binary",
        ):
            yield at("ddl.plain-password", statement, item.where, **values)
        if name.endswith(_LISTS) and base in ("varchar", "text", "varchar2", "nvarchar", "character varying", "longtext"):
            yield at("ddl.enum-csv-eav", statement, item.where, kind="a list in one column", **values)
        if base in ("enum", "set", "bit") and context.engine in ("mysql", "mariadb", None):
            yield at("ddl.enum-csv-eav", statement, item.where, kind=base.upper(), severity="low", **values)
        if (
            context.mysql
            and item.definition is not None
            and (item.definition.charset or item.column.collation or base in ("nchar", "nvarchar"))
        ):
            yield at("my.column-charset", statement, item.where, **values)


def times(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Times without a zone, zero dates as default, fractions of a second."""
    for item in declared(statement, context):
        base, length = item.base, item.first_argument
        values: dict[str, Any] = {"table": item.table, "column": item.column.name, "type": item.column.type}
        if context.engine == "postgresql" and base == "timestamp" and "with time zone" not in item.column.type:
            yield at("pg.timestamp-no-tz", statement, item.where, **values)
        if context.engine == "postgresql" and item.column.type.replace(" ", "").startswith(("timetz", "timewithtimezone")):
            yield at("pg.timetz", statement, item.where, **values)
        default = (item.column.default or "").strip("'\"() ")
        if context.engine in ("mysql", "mariadb", None) and base in ("timestamp", "datetime", "date"):
            zero = default == "0" or default.startswith("0000-00-00")
            if zero or (base == "timestamp" and item.column.default is None and (context.mysql or item.added)):
                yield at("my.timestamp-default", statement, item.where, severity="medium" if zero else "low", **values)
        if context.mysql and base in ("time", "datetime", "timestamp") and (length or 0) > 0:
            yield at("my.fractional-seconds", statement, item.where, **values)


def retired_types(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Types that the engine's vendor has deprecated, and types that mean something else than their name."""
    retired = {
        "sqlserver": ("text", "ntext", "image", "timestamp", "sql_variant"),
        "oracle": ("long", "long raw", "varchar"),
        "postgresql": ("abstime", "reltime"),
        "mysql": ("year(2)", "boolean", "bool"),
        "mariadb": ("year(2)", "boolean", "bool"),
    }
    for item in declared(statement, context):
        if context.engine is not None and (item.base in retired[context.engine] or item.column.type in retired[context.engine]):
            severity: Severity | None = "info" if item.base in ("boolean", "bool") else None
            yield at(
                "ddl.deprecated-types",
                statement,
                item.where,
                severity=severity,
                table=item.table,
                column=item.column.name,
                type=item.column.type,
            )
        serial = item.definition is not None and item.column.type.startswith(("serial", "bigserial", "smallserial"))
        if context.engine == "postgresql" and serial:
            yield at("pg.serial", statement, item.where, table=item.table, column=item.column.name, type=item.column.type)


def defaults(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """NOT NULL without a default, nullable without reason, defaults that MySQL refuses, missing comments."""
    for item in declared(statement, context):
        definition = item.definition
        if definition is None:
            continue
        values: dict[str, Any] = {"table": item.table, "column": item.column.name, "type": item.column.type}
        large = item.base in (
            "text",
            "blob",
            "json",
            "mediumtext",
            "longtext",
            "tinytext",
            "mediumblob",
            "longblob",
            "tinyblob",
            "geometry",
        )
        key = _in_key(item, context)
        given = item.column.default
        if context.mysql and large and given is not None and given.upper() != "NULL" and not given.startswith("("):
            yield at("my.lob-default", statement, item.where, **values)
        if context.mysql and large and definition.nullability is False:
            yield at("my.lob-not-null", statement, item.where, **values)
        if definition.on_update:
            yield at("my.on-update", statement, item.where, **values)
        spatial = item.base in (
            "point",
            "linestring",
            "polygon",
            "multipoint",
            "multilinestring",
            "multipolygon",
            "geometrycollection",
        )
        if given is None and not (large or spatial or key or definition.identity or item.column.generated):
            not_null = definition.nullability is False
            yield at("ddl.no-default", statement, item.where, severity="low" if not_null and item.added else "info", **values)
        if definition.nullability is not False and not key and not item.column.generated:
            yield at("ddl.nullable-column", statement, item.where, **values)
        if definition.comment is None and context.engine in ("mysql", "mariadb", None):
            yield at("style.no-comment", statement, item.where, what=f"column {item.column.name}")


def _in_key(item: Declared, context: ReviewContext) -> bool:
    if item.definition is not None and any(constraint.kind == "primary key" for constraint in item.definition.constraints):
        return True
    table: Table | None = context.schema.table(item.table)
    key = table.primary_key if table else None
    return key is not None and item.column.name.lower() in {(name or "").lower() for name in key.columns}


RULES = (numbers, texts, times, retired_types, defaults)
