"""Queues, outboxes, transactions and the order of locks: rules over a statement and over a whole script."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.lexer import word_set
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.view import Node, View, conjuncts

_STATES = word_set("status state processed sent published locked claimed picked dispatched handled done delivered consumed")
_STATES |= frozenset(
    ("processed_at", "sent_at", "published_at", "locked_at", "locked_by", "claimed_at", "dispatched_at", "is_processed")
)
_OUTBOX = ("outbox", "queue", "jobs", "job", "task", "tasks", "events", "event", "messages", "message")


def queue_claim(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """The next rows of a queue are read: without SKIP LOCKED workers wait for each other, without a lock two take the same."""
    view = context.view(statement)
    for select in view.selects:
        table = _queue(view, select)
        if table is None:
            continue
        locks = select.args.get("locks") or []
        words = statement.words
        hinted = "READPAST" in words
        if context.engine == "sqlserver":
            if "UPDLOCK" in words and not hinted:
                yield at("queue.no-skip-locked", statement, table, table=table.name)
            elif "UPDLOCK" not in words and not hinted and _is_outbox(table) and not _claims(statement):
                yield at("outbox.select-no-lock", statement, table, table=table.name)
        elif any(lock.args.get("update") and lock.args.get("wait") is None for lock in locks) and not _skips(words):
            yield at("queue.no-skip-locked", statement, table, table=table.name)
        elif not locks and _is_outbox(table) and not _claims(statement) and not _skips(words):
            yield at("outbox.select-no-lock", statement, table, table=table.name)
        if locks or hinted or _is_outbox(table):
            yield from _queue_index(statement, view, select, table)
        yield from _gap_locks(statement, context, select, table)


def _queue(view: View, select: exp.Select) -> exp.Table | None:
    """The table of a query that takes the next few rows in some state."""
    from_, where = select.args.get("from_"), select.args.get("where")
    limited = select.args.get("limit") is not None or "ROWNUM" in view.statement.words
    if from_ is None or where is None or not limited or not isinstance(from_.this, exp.Table):
        return None
    return from_.this if any(_state_column(part) for part in conjuncts(where.this)) and _ordered(select) else None


def _ordered(select: exp.Select) -> bool:
    return select.args.get("order") is not None or bool(select.args.get("locks"))


def _state_column(part: Node) -> exp.Column | None:
    column = part.this if isinstance(part, exp.EQ | exp.In | exp.Is) else part if isinstance(part, exp.Column) else None
    if isinstance(part, exp.Not):
        column = part.this.this if isinstance(part.this, exp.Is | exp.EQ) else part.this
    return column if isinstance(column, exp.Column) and column.name.lower() in _STATES else None


def _is_outbox(table: exp.Table) -> bool:
    name = table.name.lower()
    return any(name == word or name.endswith(f"_{word}") or name.startswith(f"{word}_") for word in _OUTBOX)


def _claims(statement: Statement) -> bool:
    return statement.kind in ("update", "delete", "merge")


def _skips(words: list[str]) -> bool:
    return ("SKIP" in words and "LOCKED" in words) or "NOWAIT" in words


def _queue_index(statement: Statement, view: View, select: exp.Select, table: exp.Table) -> Iterator[Found]:
    """The queue's table is known and no index begins with the state or is limited to it."""
    known = view.base_table(table)
    if known is None or not known.columns:
        return
    columns = [column for part in conjuncts(select.args["where"].this) if (column := _state_column(part)) is not None]
    names = {column.name.lower() for column in columns}
    served = any(
        (index.columns and (index.columns[0] or "").lower() in names)
        or (index.where and any(name in index.where.lower() for name in names))
        for index in known.indexes
    )
    if not served:
        order = select.args.get("order")
        yield at(
            "outbox.index",
            statement,
            table,
            table=table.name,
            column=columns[0].name,
            order=sql(order, statement) or "the claim order",
        )


def _gap_locks(statement: Statement, context: ReviewContext, select: exp.Select, table: exp.Table) -> Iterator[Found]:
    """InnoDB at REPEATABLE READ locks the gaps of what it reads: claiming by a condition without an index blocks inserts."""
    known = context.schema.table(table.name)
    if not context.mysql or not select.args.get("locks") or known is None or not known.indexes:
        return
    leading = {(index.columns[0] or "").lower() for index in known.indexes if index.columns}
    used = {column.name.lower() for part in conjuncts(select.args["where"].this) for column in part.find_all(exp.Column)}
    if not leading & used:
        yield at("outbox.gap-lock", statement, table, table=table.name)


def commit_order(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """`id > :last` on an outbox or event table: a transaction that commits later may hold a smaller id, and is never read."""
    view = context.view(statement)
    for select in view.selects:
        from_, where = select.args.get("from_"), select.args.get("where")
        if from_ is None or where is None or not isinstance(from_.this, exp.Table) or not _is_outbox(from_.this):
            continue
        for part in conjuncts(where.this):
            position = (
                isinstance(part, exp.GT | exp.GTE)
                and isinstance(part.this, exp.Column)
                and part.this.name.lower() in ("id", "seq", "offset")
            )
            if position and isinstance(part.expression, exp.Parameter | exp.Placeholder | exp.Literal) and select.args.get("order"):
                yield at("outbox.id-order", statement, part, table=from_.this.name, column=part.this.name)


def upsert(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """MERGE without HOLDLOCK (SQL Server), ON DUPLICATE KEY UPDATE over several unique keys (MySQL), REPLACE that deletes first."""
    words = statement.words
    locked = "HOLDLOCK" in words or "SERIALIZABLE" in words
    if context.engine == "sqlserver" and statement.kind == "merge" and not locked and "MATCHED" in words:
        yield at("dml.merge-no-holdlock", statement, statement.tokens[0])
    if context.engine == "sqlserver" and statement.parent is None and words[:3] == ["IF", "NOT", "EXISTS"] and "INSERT" in words:
        yield at("dml.select-then-upsert", statement, statement.tokens[0])
    if context.mysql and "DUPLICATE" in words:
        tree = statement.tree
        table = context.table(
            tree.this.this if tree is not None and isinstance(tree.this, exp.Schema) else tree.this if tree is not None else None
        )
        unique = [index for index in table.indexes if index.unique or index.primary] if table else []
        if len(unique) > 1 or not unique:
            where = statement.tokens[words.index("DUPLICATE")]
            name = table.name if table else "the table"
            yield at("dml.upsert-several-keys", statement, where, severity=None if unique else "info", table=name)
        for index, word in enumerate(words[:-1]):
            if word == "VALUES" and words[index + 1] == "(" and index > words.index("DUPLICATE") and context.engine == "mysql":
                yield at("my.values-function", statement, statement.tokens[index])
                break
    if context.mysql and words[:1] == ["REPLACE"]:
        yield at("my.replace", statement, statement.tokens[0])


def lock_order(context: ReviewContext) -> Iterator[Found]:
    """Two transactions that lock the same tables in opposite order: each waits for the other."""
    orders: list[tuple[Statement, list[str]]] = []
    opened: Statement | None = None
    inside: list[Statement] = []
    for statement in context.script.statements:
        first = statement.words[0]
        if statement.kind != "transaction" or statement.parent is not None:
            inside.append(statement)
        elif first in ("BEGIN", "START"):
            opened, inside = statement, []
        elif first in ("COMMIT", "ROLLBACK", "ABORT") and opened is not None and "TO" not in statement.words:
            orders.append((opened, _locked_tables(inside)))
            opened, inside = None, []
    yield from _opposite(orders)


def _locked_tables(inside: list[Statement]) -> list[str]:
    names: list[str] = []
    for statement in inside:
        if statement.kind in ("update", "delete") and statement.tree is not None and statement.tree.this is not None:
            name = statement.tree.this.name.lower()
            if name and name not in names:
                names.append(name)
    return names


def _opposite(orders: list[tuple[Statement, list[str]]]) -> Iterator[Found]:
    seen: dict[tuple[str, str], Statement] = {}
    for begun, names in orders:
        for index, first in enumerate(names):
            for second in names[index + 1 :]:
                if (second, first) in seen:
                    yield at("lock.inconsistent-order", begun, begun.tokens[0], first=first, second=second)
                    return
                seen.setdefault((first, second), begun)


RULES = (queue_claim, commit_order, upsert)
SCRIPT_RULES = (lock_order,)
