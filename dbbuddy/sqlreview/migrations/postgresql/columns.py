"""Columns of PostgreSQL tables: what rewrites the table, what reads all of it, and what fails on rows that are there.

Source: PostgreSQL's documentation of ALTER TABLE (notes on rewrites and scans; the version each shortcut came with).
"""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.actions import AddColumn, SetNotNull, SetType
from dbbuddy.sqlreview.ddl.changes import AlterTable
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import tokens_of
from dbbuddy.sqlreview.migrations.progress import Progress, Step, found, sequence
from dbbuddy.sqlreview.migrations.types import widens
from dbbuddy.sqlreview.migrations.volatility import volatile_call

_DEFAULTS_WITHOUT_REWRITE = 11
_NOT_NULL_FROM_CHECK = 12


def volatile_default(step: Step, progress: Progress) -> Iterator[Found]:
    """ADD COLUMN with a default that differs by row; before version 11 with any default."""
    for table, action in _added(step, progress):
        default = action.definition.column.default
        if default is None or default.upper() == "NULL":
            continue
        call = volatile_call(default, "postgresql")
        old = progress.before(_DEFAULTS_WITHOUT_REWRITE)
        if call is None and not old:
            continue
        name = action.definition.column.name
        at, column = step.spelled(table), step.spelled(name)
        not_null = () if action.definition.column.nullable else not_null_steps(at, column)
        rewrite = sequence(
            f"ALTER TABLE {at} ADD COLUMN {column} {action.definition.column.type}",
            f"ALTER TABLE {at} ALTER COLUMN {column} SET DEFAULT {default}",
            f"-- fill the old rows in batches: UPDATE {at} SET {column} = DEFAULT WHERE ... {column} IS NULL",
            *not_null,
        )
        rule = "pg.volatile-default" if call else "pg.default-rewrites-before-11"
        yield found(rule, action, rewrite=rewrite, table=table, column=name, default=default, function=call or default)


def stored_column(step: Step, progress: Progress) -> Iterator[Found]:
    """ADD COLUMN that must be filled for every row: serial, identity, GENERATED ... STORED."""
    for table, action in _added(step, progress):
        definition = action.definition
        values = {"table": table, "column": definition.column.name}
        if definition.identity:
            yield found("pg.add-serial", action, known=values)
        elif definition.column.generated and definition.stored:
            yield found("pg.add-stored-generated", action, known=values)


def required_column(step: Step, progress: Progress) -> Iterator[Found]:
    """ADD COLUMN NOT NULL without a default fails as soon as the table holds a row."""
    for table, action in _added(step, progress):
        definition = action.definition
        column = definition.column
        filled = definition.identity or column.generated or (column.default and column.default.upper() != "NULL")
        if column.nullable or filled:
            continue
        at, name = step.spelled(table), step.spelled(column.name)
        rewrite = sequence(
            f"ALTER TABLE {at} ADD COLUMN {name} {column.type}",
            f"-- fill the old rows in batches: UPDATE {at} SET {name} = ... WHERE {name} IS NULL",
            *not_null_steps(at, name),
        )
        yield found("pg.add-required-column", action, rewrite=rewrite, table=table, column=column.name)


def set_not_null(step: Step, progress: Progress) -> Iterator[Found]:
    """SET NOT NULL reads the whole table, unless a valid CHECK says so already (version 12 or later)."""
    if not isinstance(step.change, AlterTable) or progress.is_new(step.change.table):
        return
    table = step.change.table
    for action in step.actions:
        if not isinstance(action, SetNotNull):
            continue
        column = progress.column(table, action.name)
        if column is not None and not column.nullable:
            continue
        if _checked(table, action.name, progress) and not progress.before(_NOT_NULL_FROM_CHECK):
            continue
        at, name = step.spelled(table), step.spelled(action.name)
        rewrite = sequence(*not_null_steps(at, name)) if not progress.before(_NOT_NULL_FROM_CHECK) else None
        yield found("pg.set-not-null", action, rewrite=rewrite, table=table, column=action.name)


def not_null_steps(table: str, column: str) -> tuple[str, ...]:
    """The statements that make a column NOT NULL without a scan under an exclusive lock, each to be committed on its own."""
    constraint = f"{table.rpartition('.')[2].strip(chr(34))}_{column.strip(chr(34))}_not_null"
    if not constraint.replace("_", "").isalnum() or constraint != constraint.lower():
        constraint = f'"{constraint}"'
    return (
        "SET lock_timeout = '2s'",
        f"ALTER TABLE {table} ADD CONSTRAINT {constraint} CHECK ({column} IS NOT NULL) NOT VALID",
        f"ALTER TABLE {table} VALIDATE CONSTRAINT {constraint}",
        f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL",
        f"ALTER TABLE {table} DROP CONSTRAINT {constraint}",
    )


def _checked(table: str, column: str, progress: Progress) -> bool:
    """True if a valid CHECK (column IS NOT NULL) is known, or one was validated whose text an earlier migration holds."""
    plain = table.rpartition(".")[2].lower()
    for (owner, _), check in progress.checks.items():
        if owner == plain and check.validated and (not check.expression or says_not_null(check.expression, column)):
            return True
    return False


def says_not_null(expression: str, column: str) -> bool:
    """True if an expression is `column IS NOT NULL`, or that joined with others by AND."""
    names = [token.upper if token.kind in ("word", "quoted") else token.text for token in tokens_of(expression, "postgresql")]
    names = [name for name in names if name not in ("(", ")")]
    wanted = [column.upper(), "IS", "NOT", "NULL"]
    return "OR" not in names and any(names[at : at + 4] == wanted for at in range(len(names)))


def type_change(step: Step, progress: Progress) -> Iterator[Found]:
    """ALTER COLUMN TYPE rewrites table and indexes unless the new type only widens the old one."""
    if not isinstance(step.change, AlterTable) or progress.is_new(step.change.table):
        return
    table = step.change.table
    for action in step.actions:
        if not isinstance(action, SetType):
            continue
        column = progress.column(table, action.name)
        if column is not None and widens(column.type, action.type) and action.using is None:
            continue
        at, name = step.spelled(table), step.spelled(action.name)
        quote = '"' if name.startswith('"') else ""
        new = f"{quote}{action.name}_new{quote}"
        rewrite = sequence(
            f"ALTER TABLE {at} ADD COLUMN {new} {action.type}",
            f"-- keep {new} in step with a trigger, fill it in batches, build its indexes CONCURRENTLY; then, in one transaction:",
            "SET lock_timeout = '2s'",
            f"ALTER TABLE {at} DROP COLUMN {name}",
            f"ALTER TABLE {at} RENAME COLUMN {new} TO {name}",
        )
        old = column.type if column is not None else "its old type"
        yield found("pg.type-change", action, rewrite=rewrite, table=table, column=action.name, old=old, new=action.type)


def json_column(step: Step, progress: Progress) -> Iterator[Found]:
    """A column of type json, which knows no equality: DISTINCT, GROUP BY and UNION fail on it."""
    change = step.change
    definitions = getattr(change, "definitions", ()) or tuple(
        action.definition for action in step.actions if isinstance(action, AddColumn)
    )
    for definition in definitions:
        if definition.column.type == "json":
            yield found("pg.json-column", step, column=definition.column.name)


def _added(step: Step, progress: Progress) -> Iterator[tuple[str, AddColumn]]:
    """The columns added to tables that others may be using."""
    if isinstance(step.change, AlterTable) and not progress.is_new(step.change.table):
        for action in step.actions:
            if isinstance(action, AddColumn):
                yield step.change.table, action


FINDERS = (volatile_default, stored_column, required_column, set_not_null, type_change, json_column)
