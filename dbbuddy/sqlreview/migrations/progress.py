"""What is known at each statement of a migration: the schema so far, what is new, the transaction, and what was set before."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cached_property

import re2

from dbbuddy.context import Engine
from dbbuddy.severity import Severity
from dbbuddy.sqlreview.ddl import apply, read_change
from dbbuddy.sqlreview.ddl.actions import Action, AddConstraint, PartitionAction, Place, RenameTable, ValidateConstraint
from dbbuddy.sqlreview.ddl.changes import (
    AlterTable,
    CreateIndex,
    CreateTable,
    Ddl,
    Drop,
    Maintenance,
    Rename,
    SetVariable,
    Transaction,
)
from dbbuddy.sqlreview.ddl.cursor import unquoted
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Script, Statement
from dbbuddy.sqlreview.schema import Column, Schema, Table

# A comment line that is nothing but the name of a file: where a concatenated script goes on with the next migration.
_FILE_MARK = re2.compile(r"(?mi)^\s*--+\s*(?:file:?\s*)?[\w./\\-]+\.sql\s*$")


@dataclass(frozen=True)
class Step:
    """A statement and what it changes (`None` for queries, DML and routines)."""

    statement: Statement
    change: Ddl | None

    @property
    def actions(self) -> tuple[Action, ...]:
        return self.change.actions if isinstance(self.change, AlterTable) else ()

    @property
    def table(self) -> str:
        """The table that an ALTER TABLE alters; empty for other statements."""
        return self.change.table if isinstance(self.change, AlterTable) else ""

    @cached_property
    def _quoted(self) -> dict[str, str]:
        return {unquoted(token): token.text for token in self.statement.tokens if token.kind == "quoted"}

    def spelled(self, name: str) -> str:
        """A name as the statement writes it, with its quotes."""
        return ".".join(self._quoted.get(part, part) for part in name.split("."))


@dataclass
class Check:
    """A CHECK constraint added by the script."""

    expression: str
    validated: bool
    transaction: int


@dataclass
class Progress:
    """The state before a statement.

    `fresh` are the tables created since the file (or the script) began: empty, and used by nobody. `transaction` numbers the
    transactions; statements outside of one get a number each. `exclusive` are the tables that the open transaction has locked
    against reads. `altered` counts the ALTER TABLEs of each table since the file began.
    """

    engine: Engine | None
    version: float | None
    schema: Schema
    fresh: set[str] = field(default_factory=set)
    temporary: set[str] = field(default_factory=set)
    explicit: bool = False
    file_transaction: bool = False
    transaction: int = 0
    settings: dict[str, str] = field(default_factory=dict)
    local_settings: dict[str, str] = field(default_factory=dict)
    exclusive: set[str] = field(default_factory=set)
    checks: dict[tuple[str, str], Check] = field(default_factory=dict)
    not_valid: dict[tuple[str, str], int] = field(default_factory=dict)
    altered: dict[str, int] = field(default_factory=dict)
    warned: set[str] = field(default_factory=set)
    statements: int = 0

    @property
    def in_transaction(self) -> bool:
        return self.explicit or self.file_transaction

    def is_new(self, table: str) -> bool:
        """True if the script has created the table: nobody else can see or wait for it."""
        name = plain(table)
        return name in self.fresh or name in self.temporary or name.startswith("#")

    def is_set(self, *names: str) -> bool:
        """True if one of these settings was made, and not to 0 or its default."""
        values = [self.local_settings.get(name, self.settings.get(name)) for name in names]
        return any(value is not None and value.lower() not in ("0", "default", "-1") for value in values)

    def table(self, name: str) -> Table | None:
        return self.schema.table(name)

    def column(self, table: str, name: str) -> Column | None:
        """The column as it is before the statement."""
        known = self.schema.table(table)
        return known.column(name) if known is not None else None

    def before(self, number: float) -> bool:
        """True if the version is known and older than `number`."""
        return self.version is not None and self.version < number

    def once(self, what: str) -> bool:
        """True the first time it is asked for in this transaction or file."""
        new = what not in self.warned
        self.warned.add(what)
        return new


Finder = Callable[[Step, Progress], Iterator[Found]]
Exclusive = Callable[[Step, Progress], set[str]]


def steps_of(script: Script) -> list[Step]:
    """The statements of a script, those inside of routines left out."""
    return [Step(statement, read_change(statement)) for statement in script.statements if statement.parent is None]


def walk(
    script: Script,
    steps: list[Step],
    schema: Schema | None,
    version: str | None,
    finders: tuple[Finder, ...],
    exclusive: Exclusive | None = None,
) -> Generator[Found, None, Progress]:
    """What the finders see in each statement, the state being carried from one to the next; returns the last state."""
    progress = Progress(script.engine, number(version), deepcopy(schema) if schema else Schema())
    files = _file_starts(script, steps)
    for at, step in enumerate(steps):
        if at in files:
            _new_file(progress, steps[at : min((later for later in files if later > at), default=len(steps))])
        if not progress.in_transaction:
            progress.transaction += 1
        for finder in finders:
            yield from finder(step, progress)
        if exclusive is not None and progress.in_transaction:
            progress.exclusive |= exclusive(step, progress)
        advance(step, progress)
    return progress


def number(version: str | None) -> float | None:
    """The version as a number: `8.0.34` is 8.0034, so that patch levels compare; `16.2` is 16.2 and `19c` is 19."""
    digits = re2.findall(r"\d+", version or "")[:3]
    if not digits:
        return None
    major, minor, patch = (int(part) for part in (*digits, "0", "0")[:3])
    return round(major + minor / 100 + patch / 10_000, 4)


def _file_starts(script: Script, steps: list[Step]) -> list[int]:
    """The numbers of the statements before which a comment names a file."""
    starts, last = [], 0
    for at, step in enumerate(steps):
        if _FILE_MARK.search(script.text[last : step.statement.start]):
            starts.append(at)
        last = step.statement.end
    return starts


def _new_file(progress: Progress, steps: list[Step]) -> None:
    """Migration tools run a file in a transaction of its own, unless it opens one itself or holds what cannot run in one."""
    _end_transaction(progress)
    progress.fresh.clear()
    progress.altered.clear()
    progress.explicit = False
    own = any(isinstance(step.change, Transaction) for step in steps)
    progress.file_transaction = progress.engine == "postgresql" and not own and not any(alone(step) for step in steps)
    progress.transaction += 1


def alone(step: Step) -> bool:
    """True for what PostgreSQL cannot run inside of a transaction."""
    change = step.change
    if isinstance(change, CreateIndex | Drop) and change.concurrently:
        return True
    if isinstance(change, Maintenance):
        return change.verb.startswith("vacuum") or (
            change.verb == "reindex" and (change.online or change.target in ("database", "system"))
        )
    if isinstance(change, Drop) and change.kind in ("database", "tablespace"):
        return True
    if any(isinstance(action, PartitionAction) and action.concurrently for action in step.actions):
        return True
    words = step.statement.words[:3]
    return words[:2] in (["ALTER", "SYSTEM"], ["CREATE", "DATABASE"], ["CREATE", "TABLESPACE"])


def _end_transaction(progress: Progress) -> None:
    progress.explicit = False
    progress.exclusive.clear()
    progress.local_settings.clear()
    progress.warned.clear()


def advance(step: Step, progress: Progress) -> None:
    """Carry the state over the statement."""
    change = step.change
    progress.statements += 1
    if isinstance(change, Transaction):
        if change.verb == "begin":
            progress.explicit = True
            progress.transaction += 1
        elif change.verb in ("commit", "rollback"):
            _end_transaction(progress)
    elif isinstance(change, SetVariable):
        settings = progress.local_settings if change.scope == "local" and progress.in_transaction else progress.settings
        settings[change.name] = change.value
    elif isinstance(change, CreateTable):
        if not change.if_not_exists or progress.table(change.table.name) is None:
            (progress.temporary if change.temporary else progress.fresh).add(plain(change.table.name))
    elif isinstance(change, AlterTable):
        _remember(change, progress)
    elif isinstance(change, Rename):
        for old, new in change.pairs:
            _renamed(progress, old, new)
    if change is not None:
        apply(progress.schema, change)


def _remember(change: AlterTable, progress: Progress) -> None:
    table = plain(change.table)
    progress.altered[table] = progress.altered.get(table, 0) + 1
    for action in change.actions:
        if isinstance(action, AddConstraint) and action.constraint.name:
            name = (table, action.constraint.name.lower())
            if action.constraint.kind == "check":
                progress.checks[name] = Check(action.constraint.expression, action.constraint.validated, progress.transaction)
            if not action.constraint.validated:
                progress.not_valid[name] = progress.transaction
        elif isinstance(action, ValidateConstraint):
            check = progress.checks.setdefault((table, plain(action.name)), Check("", True, progress.transaction))
            check.validated = True
        elif isinstance(action, RenameTable):
            _renamed(progress, table, action.new_name)


def _renamed(progress: Progress, old: str, new: str) -> None:
    if plain(old) in progress.fresh:
        progress.fresh.add(plain(new))


def plain(name: str) -> str:
    """A name without its schema, in lower case."""
    return name.rpartition(".")[2].strip('[]"`').lower()


def found(
    rule: str,
    where: Place | Step,
    *,
    rewrite: str | None = None,
    severity: Severity | None = None,
    known: Mapping[str, str | None] | None = None,
    **values: str | None,
) -> Found:
    """A finding at a change, an action or a whole statement; `known` and `values` are what its text speaks of."""
    start, end = (where.statement.start, where.statement.end) if isinstance(where, Step) else (where.start, where.end)
    texts = {name: value or "" for name, value in {**(known or {}), **values}.items()}
    return Found(rule, start, end, texts, severity, rewrite)


def sequence(*statements: str) -> str:
    """Statements as one text; a line that is a comment is left as it is."""
    return "\n".join(line if line.startswith("--") or line.endswith(";") else f"{line};" for line in statements)
