"""Constraints on PostgreSQL tables: what scans or indexes the table while its lock is held."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.actions import AddColumn, AddConstraint, Constraint, ValidateConstraint
from dbbuddy.sqlreview.ddl.changes import AlterTable, DomainConstraint
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Progress, Step, found, plain, sequence


def constraint_scan(step: Step, progress: Progress) -> Iterator[Found]:
    """FOREIGN KEY and CHECK without NOT VALID read the table under a lock that stops writers."""
    for table, constraint, action in _constraints(step, progress):
        if not constraint.validated or constraint.kind not in ("foreign key", "check", "not null"):
            continue
        rewrite = None if constraint.inline else _not_valid(step, table, constraint, action)
        target = constraint.foreign_key.table if constraint.foreign_key else ""
        rule = "pg.fk-not-valid" if constraint.kind == "foreign key" else "pg.check-not-valid"
        yield found(rule, action, rewrite=rewrite, table=table, constraint=constraint.name, target=target)


def _not_valid(step: Step, table: str, constraint: Constraint, action: AddColumn | AddConstraint) -> str | None:
    if constraint.name is None:
        return None
    at, name = step.spelled(table), step.spelled(constraint.name)
    text = step.statement.text[action.start - step.statement.start : action.end - step.statement.start]
    return sequence("SET lock_timeout = '2s'", f"ALTER TABLE {at} {text} NOT VALID", f"ALTER TABLE {at} VALIDATE CONSTRAINT {name}")


def validate_at_once(step: Step, progress: Progress) -> Iterator[Found]:
    """VALIDATE in the transaction that added the constraint: the scan runs while the first lock is still held."""
    if not isinstance(step.change, AlterTable) or progress.is_new(step.change.table):
        return
    table = step.change.table
    for action in step.actions:
        if not isinstance(action, ValidateConstraint):
            continue
        added = progress.not_valid.get((plain(table), action.name.lower()))
        if added == progress.transaction and progress.in_transaction:
            at = step.spelled(table)
            rewrite = sequence("COMMIT", f"ALTER TABLE {at} VALIDATE CONSTRAINT {step.spelled(action.name)}")
            yield found("pg.validate-in-same-transaction", action, rewrite=rewrite, table=table, constraint=action.name)


def key_builds_index(step: Step, progress: Progress) -> Iterator[Found]:
    """UNIQUE and PRIMARY KEY build their index under ACCESS EXCLUSIVE, unless they take over one that is there."""
    for table, constraint, action in _constraints(step, progress):
        if constraint.kind not in ("unique", "primary key") or constraint.using_index:
            continue
        at = step.spelled(table)
        columns = ", ".join(step.spelled(column) for column in constraint.columns)
        kind = constraint.kind.upper()
        suffix = "pkey" if constraint.kind == "primary key" else "key"
        name = constraint.name or f"{plain(table)}_{'_'.join(constraint.columns)}_{suffix}"
        name = step.spelled(name)
        include = constraint.index.include if constraint.index else []
        included = f" INCLUDE ({', '.join(include)})" if include else ""
        index = f'"{name.strip(chr(34))}_idx"' if name.startswith('"') else f"{name}_idx"
        rewrite = sequence(
            f"CREATE UNIQUE INDEX CONCURRENTLY {index} ON {at} ({columns}){included}",
            "SET lock_timeout = '2s'",
            f"ALTER TABLE {at} ADD CONSTRAINT {name} {kind} USING INDEX {index}",
        )
        rule = "pg.unique-constraint" if constraint.kind == "unique" else "pg.primary-key-constraint"
        yield found(rule, action, rewrite=None if constraint.inline else rewrite, table=table, columns=columns)


def key_of_nullable(step: Step, progress: Progress) -> Iterator[Found]:
    """PRIMARY KEY USING INDEX makes nullable columns NOT NULL, with a scan under ACCESS EXCLUSIVE."""
    for table, constraint, action in _constraints(step, progress):
        known = progress.table(table)
        if constraint.kind != "primary key" or not constraint.using_index or known is None:
            continue
        index = next((index for index in known.indexes if index.name and plain(index.name) == plain(constraint.using_index)), None)
        nullable = [
            name for name in (index.columns if index else []) if name and (column := known.column(name)) and column.nullable
        ]
        if nullable:
            yield found(
                "pg.pk-using-index-nullable", action, table=table, columns=", ".join(nullable), index=constraint.using_index
            )


def exclusion(step: Step, progress: Progress) -> Iterator[Found]:
    """EXCLUDE builds its index under ACCESS EXCLUSIVE, and there is no other way."""
    for table, constraint, action in _constraints(step, progress):
        if constraint.kind == "exclude":
            yield found("pg.exclusion-constraint", action, table=table, constraint=constraint.name)


def domain(step: Step, progress: Progress) -> Iterator[Found]:
    """A constraint on a domain: adding or changing it reads every column of that type, without a way to do so in steps."""
    change = step.change
    if isinstance(change, DomainConstraint) and (change.created or change.validated):
        rule = "pg.domain-with-constraint" if change.created else "pg.domain-add-constraint"
        yield found(rule, step, domain=change.name)


def _constraints(step: Step, progress: Progress) -> Iterator[tuple[str, Constraint, AddColumn | AddConstraint]]:
    """The constraints added to tables that others may be using; those that the same statement drops and adds anew included."""
    if not isinstance(step.change, AlterTable) or progress.is_new(step.change.table):
        return
    for action in step.actions:
        if isinstance(action, AddConstraint):
            yield step.change.table, action.constraint, action
        elif isinstance(action, AddColumn):
            for constraint in action.definition.constraints:
                yield step.change.table, constraint, action


FINDERS = (constraint_scan, validate_at_once, key_builds_index, key_of_nullable, exclusion, domain)
