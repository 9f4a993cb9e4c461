"""Tables, columns, indexes and row counts, as pasted DDL and statistics tell them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass
class Column:
    """A column. `type` is the declared type in lower case with its arguments (`varchar(20)`, `timestamp with time zone`)."""

    name: str
    type: str
    nullable: bool = True
    default: str | None = None
    generated: str | None = None
    collation: str | None = None


@dataclass
class IndexKey:
    """A key of an index: a column, or an expression (`column` is then `None`)."""

    column: str | None
    expression: str | None = None
    descending: bool = False
    nulls_first: bool | None = None
    operator_class: str | None = None
    prefix_length: int | None = None


@dataclass
class Index:
    """An index or a unique or primary key constraint. `where` is the predicate of a partial or filtered index."""

    name: str | None
    table: str
    keys: list[IndexKey]
    unique: bool = False
    primary: bool = False
    include: list[str] = field(default_factory=list)
    where: str | None = None
    method: str = "btree"

    @property
    def columns(self) -> list[str | None]:
        """The key columns in order; `None` stands for an expression."""
        return [key.column for key in self.keys]


@dataclass
class ForeignKey:
    """Columns of a table that refer to columns of another."""

    columns: list[str]
    table: str
    references: list[str]
    name: str | None = None


@dataclass
class Table:
    """A table with its columns in order. Names are as written without quotes; look them up with `Schema.table`.

    `rows` is the stated or estimated row count. `distinct` and `null_share` hold what statistics tell by column name: the
    number of distinct values, and the share of NULLs from 0 to 1.
    """

    name: str
    schema: str | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    indexes: list[Index] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    rows: float | None = None
    distinct: dict[str, float] = field(default_factory=dict)
    null_share: dict[str, float] = field(default_factory=dict)

    def column(self, name: str) -> Column | None:
        """The column of that name, letter case ignored."""
        found = self.columns.get(name)
        if found is not None:
            return found
        return next((column for key, column in self.columns.items() if key.lower() == name.lower()), None)

    @property
    def primary_key(self) -> Index | None:
        return next((index for index in self.indexes if index.primary), None)


@dataclass
class Schema:
    """The tables that are known, by lower-case name without schema. `unread` quotes the DDL that could not be read."""

    tables: dict[str, Table] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def table(self, name: str) -> Table | None:
        """The table of that name; a schema before it, quotes and letter case are ignored."""
        return self.tables.get(name.rpartition(".")[2].strip('"`[]').lower())

    def add(self, table: Table) -> None:
        self.tables[table.name.lower()] = table

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables.values())
