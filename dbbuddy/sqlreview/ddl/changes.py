"""What a DDL statement does, typed: one class a statement.

Names are as written without quotes, with the schema before a dot. Offsets are those of the whole text.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dbbuddy.sqlreview.ddl.actions import Action, ColumnDefinition, Constraint, Place
from dbbuddy.sqlreview.schema import Index, Table


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
