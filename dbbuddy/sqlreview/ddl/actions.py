"""The actions of ALTER TABLE, typed, with the columns and constraints they speak of.

Names are as written without quotes, with the schema before a dot. Offsets are those of the whole text.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dbbuddy.sqlreview.schema import Column, ForeignKey, Index

ConstraintKind = Literal["primary key", "unique", "foreign key", "check", "exclude", "not null", "default"]


@dataclass(frozen=True, kw_only=True)
class Place:
    """Offsets of the first character and behind the last."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """A table or column constraint.

    `validated` is false for NOT VALID (PostgreSQL), WITH NOCHECK (SQL Server) and NOVALIDATE (Oracle): existing rows are not read.
    `expression` is the text of a check. `on_delete` is the referential action in upper case.
    """

    kind: ConstraintKind
    name: str | None = None
    columns: tuple[str, ...] = ()
    index: Index | None = None
    foreign_key: ForeignKey | None = None
    expression: str = ""
    validated: bool = True
    using_index: str | None = None
    on_delete: str | None = None
    inline: bool = False


@dataclass(frozen=True, kw_only=True)
class ColumnDefinition:
    """A column with the constraints written beside it. `identity` covers AUTO_INCREMENT, serial types and IDENTITY.

    `nullability` is false for NOT NULL, true for an explicit NULL, `None` if not stated.
    """

    column: Column
    constraints: tuple[Constraint, ...] = ()
    nullability: bool | None = None
    identity: bool = False
    stored: bool = False
    charset: str | None = None
    comment: str | None = None
    on_update: bool = False


@dataclass(frozen=True, kw_only=True)
class Action(Place):
    """One action of an ALTER TABLE. `guarded` ones say IF EXISTS or IF NOT EXISTS."""


@dataclass(frozen=True, kw_only=True)
class AddColumn(Action):
    """`position` is FIRST or the name of the column behind which it goes (MySQL, MariaDB)."""

    definition: ColumnDefinition
    position: str | None = None
    guarded: bool = False


@dataclass(frozen=True, kw_only=True)
class DropColumn(Action):
    """`unused`: Oracle's SET UNUSED, which leaves the data where it is."""

    name: str
    cascade: bool = False
    unused: bool = False
    guarded: bool = False


@dataclass(frozen=True, kw_only=True)
class ChangeColumn(Action):
    """The whole definition is given anew: MODIFY and CHANGE (MySQL), ALTER COLUMN (SQL Server), MODIFY (Oracle).

    Oracle's MODIFY is `partial`: what it does not name stays as it is, and a type that it leaves out is empty. SQL Server's
    `keeps_default`.
    """

    name: str
    definition: ColumnDefinition
    partial: bool = False
    keeps_default: bool = False
    position: str | None = None
    online: bool = False

    @property
    def new_name(self) -> str:
        return self.definition.column.name


@dataclass(frozen=True, kw_only=True)
class SetType(Action):
    """PostgreSQL's ALTER COLUMN TYPE; `using` is the expression's text."""

    name: str
    type: str
    using: str | None = None


@dataclass(frozen=True, kw_only=True)
class SetNotNull(Action):
    """ALTER COLUMN SET NOT NULL."""

    name: str


@dataclass(frozen=True, kw_only=True)
class DropNotNull(Action):
    """ALTER COLUMN DROP NOT NULL."""

    name: str


@dataclass(frozen=True, kw_only=True)
class SetDefault(Action):
    """`value` is the expression's text, `None` for DROP DEFAULT."""

    name: str
    value: str | None = None


@dataclass(frozen=True, kw_only=True)
class RenameColumn(Action):
    """RENAME COLUMN."""

    name: str
    new_name: str


@dataclass(frozen=True, kw_only=True)
class RenameTable(Action):
    """RENAME TO."""

    new_name: str


@dataclass(frozen=True, kw_only=True)
class RenameIndex(Action):
    """RENAME INDEX, or RENAME CONSTRAINT."""

    name: str
    new_name: str


@dataclass(frozen=True, kw_only=True)
class AddConstraint(Action):
    """ADD of a table constraint."""

    constraint: Constraint


@dataclass(frozen=True, kw_only=True)
class DropConstraint(Action):
    """`kind` is told where the statement tells it (DROP PRIMARY KEY, DROP FOREIGN KEY)."""

    name: str | None = None
    kind: ConstraintKind | None = None
    guarded: bool = False


@dataclass(frozen=True, kw_only=True)
class ValidateConstraint(Action):
    """VALIDATE CONSTRAINT."""

    name: str


@dataclass(frozen=True, kw_only=True)
class AddIndex(Action):
    """MySQL's ADD INDEX."""

    index: Index


@dataclass(frozen=True, kw_only=True)
class DropIndexAction(Action):
    """MySQL's DROP INDEX as an action."""

    name: str


@dataclass(frozen=True, kw_only=True)
class PartitionAction(Action):
    """`verb`: add, drop, truncate, attach, detach, exchange, split, merge, move, reorganize, coalesce, rebuild, partition by."""

    verb: str
    name: str | None = None
    concurrently: bool = False
    finalize: bool = False
    update_indexes: bool = False


@dataclass(frozen=True, kw_only=True)
class TableOption(Action):
    """An option of the table: `name` in lower case (engine, charset, convert, row_format, tablespace, logged ...)."""

    name: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class OtherAction(Action):
    """An action that is recognised by its words alone (in upper case): REBUILD, MOVE, SHRINK SPACE, DISABLE TRIGGER ..."""

    words: tuple[str, ...]
