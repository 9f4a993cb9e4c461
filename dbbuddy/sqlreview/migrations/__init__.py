"""What a schema change does to those who are using the tables: the lock it takes, whether it rewrites, and how to do it safely.

`find` reads a whole script, since much depends on what came before: tables that it created, its transactions, settings, and
constraints that it has validated.
"""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.context import Engine
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations import common, mysql, oracle, postgresql, rerunnable, sqlserver
from dbbuddy.sqlreview.migrations.progress import Finder, steps_of, walk
from dbbuddy.sqlreview.reading import Script
from dbbuddy.sqlreview.schema import Schema

__all__ = ["find"]

_FINDERS: dict[Engine, tuple[Finder, ...]] = {
    "postgresql": postgresql.FINDERS,
    "mysql": mysql.FINDERS,
    "mariadb": mysql.FINDERS,
    "sqlserver": sqlserver.FINDERS,
    "oracle": oracle.FINDERS,
}


def find(script: Script, schema: Schema | None = None, engine: Engine | None = None, version: str | None = None) -> list[Found]:
    """What is unsafe in a migration. `schema` is the state before the script; without an engine only what holds for all is told."""
    engine = engine or script.engine
    return sorted(_find(script, schema, engine, version), key=lambda found: (found.start, found.end, found.rule))


def _find(script: Script, schema: Schema | None, engine: Engine | None, version: str | None) -> Iterator[Found]:
    steps = steps_of(script)
    if not any(step.change is not None for step in steps):
        return
    finders = (*common.FINDERS, *(_FINDERS[engine] if engine else ()))
    exclusive = postgresql.exclusive if engine == "postgresql" else None
    progress = yield from walk(script, steps, schema, version, finders, exclusive)
    yield from common.mixed(script, steps)
    yield from common.unfinished(script, steps)
    yield from common.unindexed_keys(script, steps, progress.schema)
    if engine == "postgresql":
        yield from rerunnable.find(steps)
