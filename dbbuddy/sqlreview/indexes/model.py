"""What index advice consists of: keys, candidates while they are merged, and the advice as the user reads it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dbbuddy.sqlreview.indexes.size import readable
from dbbuddy.sqlreview.schema import Index, IndexKey

if TYPE_CHECKING:
    from dbbuddy.sqlreview.scratch.model import IndexVerification


@dataclass(frozen=True)
class Key:
    """A column or an expression to be indexed. `nulls_first` is `None` where the engine's default will do."""

    column: str | None
    expression: str | None = None
    descending: bool = False
    nulls_first: bool | None = None
    operator_class: str | None = None

    @property
    def identity(self) -> str:
        """What tells it from other keys, whatever its direction; letter case and blanks do not count."""
        return (self.column or "".join((self.expression or "").split())).lower()

    @property
    def plain(self) -> Key:
        """The same key without a direction, as equality needs none."""
        return replace(self, descending=False, nulls_first=None)

    def text(self) -> str:
        direction = " DESC" if self.descending else ""
        nulls = "" if self.nulls_first is None else f" NULLS {'FIRST' if self.nulls_first else 'LAST'}"
        return f"{self.column or self.expression}{direction}{nulls}"


@dataclass(frozen=True)
class Purpose:
    """Why a statement asks for an index. `statement` counts from 0."""

    statement: int
    text: str


@dataclass
class Candidate:
    """An index that a statement asks for. The keys within a block may stand in any order, the blocks may not."""

    table: str
    blocks: list[list[Key]]
    purposes: list[Purpose]
    include: list[str] = field(default_factory=list)
    where: list[str] = field(default_factory=list)
    method: str = "btree"
    notes: list[str] = field(default_factory=list)
    anchored: bool = True
    """False for a partial index whose condition alone finds the rows; an index on the same keys over all rows does not."""
    ordered: bool = False
    """True if the statement takes the rows in the order of the last keys."""
    rewrites: list[str] = field(default_factory=list)
    """How the statement must change before it can use the index."""
    whole: Candidate | None = None
    """The same index over all rows, if this one is partial."""
    others: list[Candidate] = field(default_factory=list)
    """Other shapes that may serve as well; only a planner can tell."""

    @property
    def keys(self) -> list[Key]:
        return [key for block in self.blocks for key in block]


@dataclass(frozen=True)
class WriteCost:
    """What the index adds to writing.

    `entries_before` and `entries_after` are the index entries that one INSERT writes; `updated_by` are the pasted statements
    (counted from 0) that change a column of it, each of which then writes an entry more.
    """

    entries_before: int
    entries_after: int
    updated_by: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        known = f"an INSERT writes {self.entries_after} index entries instead of {self.entries_before}"
        if not self.updated_by:
            return f"{known}; an UPDATE pays only where it changes a column of the index"
        statements = ", ".join(str(number + 1) for number in self.updated_by)
        return f"{known}; pasted statement {statements} changes a column of the index and writes an entry more for each row"


@dataclass(frozen=True)
class IndexAdvice:
    """One index worth having. Sizes are bytes; statements count from 0."""

    index: Index
    table: str
    sql: str
    rollback: str
    reason: str
    statements: tuple[int, ...]
    size_bytes: float
    write_cost: WriteCost
    assumptions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    replaces: tuple[str, ...] = ()
    """Existing indexes that are a prefix of this one and can go once it is there."""
    alternatives: tuple[IndexAdvice, ...] = ()
    rewrites: tuple[str, ...] = ()
    """How a statement must change before it can use the index."""
    verified: IndexVerification | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The keys as text, with their directions."""
        return tuple(key_text(key) for key in self.index.keys)

    @property
    def include(self) -> tuple[str, ...]:
        """The columns that are there only so that the table need not be read."""
        return tuple(self.index.include)

    @property
    def where(self) -> str | None:
        return self.index.where

    @property
    def size(self) -> str:
        """The estimated size, to be read."""
        return f"about {readable(self.size_bytes)}"


@dataclass(frozen=True)
class ExistingIndex:
    """An existing index that another makes superfluous."""

    table: str
    name: str | None
    columns: tuple[str, ...]
    kept: str | None
    duplicate: bool
    sql: str
    reason: str


@dataclass(frozen=True)
class Advised:
    """All index advice of a review. `declined` says which index would look natural but would not help, and why."""

    indexes: tuple[IndexAdvice, ...] = ()
    superfluous: tuple[ExistingIndex, ...] = ()
    declined: tuple[str, ...] = ()
    not_read: tuple[str, ...] = ()


def key_text(key: IndexKey) -> str:
    """A key of a schema's index as the user would write it."""
    return Key(key.column, key.expression, key.descending, key.nulls_first).text()


def as_index_key(key: Key) -> IndexKey:
    """The key in the shape of a schema."""
    return IndexKey(key.column, key.expression, key.descending, key.nulls_first, key.operator_class)
