"""Building, dropping and rebuilding on PostgreSQL, each of which has a way that lets writers go on."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.sqlreview.ddl.actions import PartitionAction, TableOption
from dbbuddy.sqlreview.ddl.changes import CreateIndex, Drop, Maintenance
from dbbuddy.sqlreview.ddl.cursor import key
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.migrations.progress import Progress, Step, found

_REINDEX_CONCURRENTLY = 12
_DETACH_CONCURRENTLY = 14


def create_index(step: Step, progress: Progress) -> Iterator[Found]:
    """CREATE INDEX without CONCURRENTLY stops all writes for as long as it takes."""
    change = step.change
    if not isinstance(change, CreateIndex) or change.concurrently or change.only or progress.is_new(change.index.table):
        return
    rewrite = None if progress.explicit else f"{_inserted(step, 'INDEX', 'CONCURRENTLY')};"
    yield found("pg.index-not-concurrent", step, rewrite=rewrite, table=change.index.table, index=change.index.name or "the index")


def drop_index(step: Step, progress: Progress) -> Iterator[Found]:
    """DROP INDEX without CONCURRENTLY waits for, and then blocks, every query on the table."""
    change = step.change
    if not isinstance(change, Drop) or change.kind != "index" or change.concurrently:
        return
    owners = {
        table.name
        for table in progress.schema
        for index in table.indexes
        if (index.name or "").lower() in map(str.lower, change.names)
    }
    if owners and all(progress.is_new(name) for name in owners):
        return
    single = len(change.names) == 1 and not progress.explicit and not change.cascade
    rewrite = f"{_inserted(step, 'INDEX', 'CONCURRENTLY')};" if single else None
    yield found("pg.drop-index-not-concurrent", step, rewrite=rewrite, index=", ".join(change.names))


def maintenance(step: Step, progress: Progress) -> Iterator[Found]:
    """VACUUM FULL, CLUSTER, REINDEX and REFRESH without CONCURRENTLY."""
    change = step.change
    if not isinstance(change, Maintenance) or (change.name and progress.is_new(change.name)):
        return
    name = change.name or "every table"
    if change.verb in ("vacuum full", "cluster"):
        yield found("pg.vacuum-full", step, table=name, verb=change.verb.upper())
    elif change.verb == "reindex" and not change.online and change.target != "system":
        rewrite = None if progress.before(_REINDEX_CONCURRENTLY) else f"{_inserted(step, change.target.upper(), 'CONCURRENTLY')};"
        yield found("pg.reindex-not-concurrent", step, rewrite=rewrite, target=change.target, name=name)
    elif change.verb == "refresh" and not change.online:
        rewrite = f"{_inserted(step, 'VIEW', 'CONCURRENTLY')};"
        yield found("pg.refresh-not-concurrent", step, rewrite=rewrite, name=name)


def partitions(step: Step, progress: Progress) -> Iterator[Found]:
    """DETACH without CONCURRENTLY (from version 14), and ATTACH of a table that no CHECK tells of."""
    table = step.table
    for action in step.actions:
        if not isinstance(action, PartitionAction) or progress.is_new(table):
            continue
        if (
            action.verb == "detach"
            and not action.concurrently
            and not action.finalize
            and not progress.before(_DETACH_CONCURRENTLY)
        ):
            at, part = step.spelled(table), step.spelled(action.name or "")
            rewrite = None if progress.explicit else f"ALTER TABLE {at} DETACH PARTITION {part} CONCURRENTLY;"
            yield found("pg.detach-not-concurrent", action, rewrite=rewrite, table=table, partition=action.name)
        elif action.verb == "attach" and not _has_check(action.name or "", progress):
            yield found("pg.attach-scans", action, table=table, partition=action.name)


def _has_check(name: str, progress: Progress) -> bool:
    """True if a CHECK is known on the table to attach, or if it was created by the script and so is empty."""
    known = progress.table(name)
    return progress.is_new(name) or (known is not None and bool(known.checks))


def rewrites_table(step: Step, progress: Progress) -> Iterator[Found]:
    """SET LOGGED, SET UNLOGGED, SET TABLESPACE and SET ACCESS METHOD copy the table under ACCESS EXCLUSIVE."""
    table = step.table
    for action in step.actions if not progress.is_new(table) else ():
        if isinstance(action, TableOption) and action.name in ("logged", "unlogged", "tablespace", "access"):
            yield found("pg.table-rewrite", action, table=table, option=f"SET {action.name.upper()}")


def _inserted(step: Step, behind: str, word: str) -> str:
    """The statement with a word put in behind the first occurrence of another."""
    statement = step.statement
    token = next((token for token in statement.tokens if key(token) == behind), None)
    if token is None:
        return statement.text
    cut = token.end - statement.start
    return f"{statement.text[:cut]} {word}{statement.text[cut:]}"


FINDERS = (create_index, drop_index, maintenance, partitions, rewrites_table)
