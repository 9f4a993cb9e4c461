"""Statements outside of a transaction that cannot be run again: after a failure half-way the migration is stuck (PostgreSQL)."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.actions import AddColumn, AddConstraint, DropColumn, DropConstraint
from dbbuddy.sqlreview.ddl.changes import CreateIndex, CreateTable, Drop, SetVariable, Transaction
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Step, found


def find(steps: list[Step]) -> Iterator[Found]:
    """CREATE, ADD and DROP without IF [NOT] EXISTS, where several statements stand outside of a transaction."""
    acting = [step for step in steps if not isinstance(step.change, SetVariable | Transaction)]
    if len(acting) < 2:
        return
    inside = False
    dropped: set[str] = set()
    for step in steps:
        change = step.change
        if isinstance(change, Transaction):
            inside = change.verb == "begin" or (inside and change.verb not in ("commit", "rollback"))
            continue
        missing = None if inside else _missing(step, dropped)
        if missing:
            yield found("pg.not-rerunnable", step, missing=missing)


def _missing(step: Step, dropped: set[str]) -> str | None:
    change = step.change
    if isinstance(change, CreateTable | CreateIndex) and not change.if_not_exists:
        return "IF NOT EXISTS"
    if isinstance(change, Drop) and not change.if_exists and change.kind in ("table", "index", "view", "type", "sequence"):
        return "IF EXISTS"
    for action in step.actions:
        if isinstance(action, DropConstraint) and action.name:
            dropped.add(action.name.lower())
        if isinstance(action, AddColumn) and not action.guarded:
            return "IF NOT EXISTS"
        if isinstance(action, DropColumn | DropConstraint) and not action.guarded:
            return "IF EXISTS"
        if isinstance(action, AddConstraint) and action.constraint.name and action.constraint.name.lower() not in dropped:
            return f"DROP CONSTRAINT IF EXISTS {action.constraint.name} before it"
    return None
