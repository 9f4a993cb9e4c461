"""What a DDL statement does, typed: one class a statement, and one class an action of ALTER TABLE.

Names are as written without quotes, with the schema before a dot. Offsets are those of the whole text.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dbbuddy.sqlreview.schema import Column, ForeignKey, Index, Table

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


@dataclass(frozen=True, kw_only=True)
class Ddl(Place):
    """A statement."""


@dataclass(frozen=True, kw_only=True)
class CreateTable(Ddl):
    """`definitions` and `constraints` are as written; `table` is what comes of them. `copied` names the table of a LIKE."""

    table: Table
    definitions: tuple[ColumnDefinition, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    temporary: bool = False
    if_not_exists: bool = False
    as_select: bool = False
    copied: str | None = None
    partition_of: str | None = None
    partitioned: bool = False


@dataclass(frozen=True, kw_only=True)
class AlterTable(Ddl):
    """`options`: algorithm, lock (MySQL), online, resumable (SQL Server, Oracle), nocheck, in lower case."""

    table: str
    actions: tuple[Action, ...]
    options: dict[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CreateIndex(Ddl):
    """`options` as for ALTER TABLE, and invisible, local, global, parallel (Oracle), drop_existing (SQL Server)."""

    index: Index
    concurrently: bool = False
    if_not_exists: bool = False
    only: bool = False
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Drop(Ddl):
    """`kind` in lower case: table, index, view, materialized view, database, schema, type, sequence, user, tablespace ..."""

    kind: str
    names: tuple[str, ...]
    table: str | None = None
    cascade: bool = False
    if_exists: bool = False
    concurrently: bool = False
    purge: bool = False
    options: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Rename(Ddl):
    """Renames of tables (`kind` table), columns or indexes by a statement of their own: RENAME TABLE, sp_rename."""

    pairs: tuple[tuple[str, str], ...]
    kind: str = "table"


@dataclass(frozen=True, kw_only=True)
class Truncate(Ddl):
    """TRUNCATE."""

    names: tuple[str, ...]
    cascade: bool = False


@dataclass(frozen=True, kw_only=True)
class CreateEnum(Ddl):
    """CREATE TYPE ... AS ENUM."""

    name: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AddEnumValue(Ddl):
    """ALTER TYPE ... ADD VALUE; `ordered` by BEFORE or AFTER."""

    name: str
    ordered: bool = False


@dataclass(frozen=True, kw_only=True)
class DomainConstraint(Ddl):
    """A constraint on a domain: `created` with it, or added to it later."""

    name: str
    created: bool
    validated: bool = True


@dataclass(frozen=True, kw_only=True)
class Maintenance(Ddl):
    """`verb`: vacuum, vacuum full, analyze, reindex, cluster, refresh, repack, optimize, rebuild, reorganize, shrink, check.

    `online` tells CONCURRENTLY or ONLINE = ON. `target` is the object's kind (table, index, database, system, schema).
    """

    verb: str
    target: str = "table"
    name: str | None = None
    table: str | None = None
    online: bool = False


@dataclass(frozen=True, kw_only=True)
class SetVariable(Ddl):
    """SET and its kin: `name` in lower case; `scope` is session, local or global."""

    name: str
    value: str = ""
    scope: str = "session"


@dataclass(frozen=True, kw_only=True)
class Transaction(Ddl):
    """`verb`: begin, commit, rollback, savepoint, rollback to."""

    verb: str


@dataclass(frozen=True, kw_only=True)
class BatchEnd(Ddl):
    """GO, or a file's end marked in a comment of a concatenated script (`-- 2.sql`)."""


@dataclass(frozen=True, kw_only=True)
class LockTable(Ddl):
    """LOCK TABLE; the mode in upper case."""

    names: tuple[str, ...]
    mode: str = "ACCESS EXCLUSIVE"


@dataclass(frozen=True, kw_only=True)
class OtherDdl(Ddl):
    """CREATE, ALTER, COMMENT or GRANT of an object whose parts are not read: `verb` and `kind` in lower case."""

    verb: str
    kind: str
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Unread(Ddl):
    """DDL that could not be read, with what was in the way."""

    problem: str
