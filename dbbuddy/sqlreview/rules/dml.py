"""Statements that change data: without a filter, in masses, by position, in ways that lock or cannot be undone."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.severity import Severity
from dbbuddy.sqlreview.finding import Found
from dbbuddy.sqlreview.reading import Statement
from dbbuddy.sqlreview.rewrites import dml as rewrites
from dbbuddy.sqlreview.rules.base import ReviewContext, at, sql
from dbbuddy.sqlreview.rules.truth import truth
from dbbuddy.sqlreview.rules.view import Node, conjuncts

UNBATCHED_ROWS = 100_000
BULK_VALUES = 1000
_CHANGES = ("update", "delete")


def no_where(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """UPDATE or DELETE without WHERE, or with one that is always true: every row."""
    if statement.kind not in _CHANGES:
        return
    words = statement.words
    tree = statement.tree
    if tree is None:
        if "WHERE" not in words and "JOIN" not in words and "LIMIT" not in words and "TOP" not in words and "CURRENT" not in words:
            yield at("dml.no-where", statement, statement.tokens[0], verb=words[0], table=_target_word(statement))
        return
    where = tree.args.get("where")
    always = where is not None and truth(where.this) is True
    limited = tree.args.get("limit") or "TOP" in words or "JOIN" in words or tree.args.get("using") or tree.args.get("from_")
    if always or (where is None and not limited):
        table = context.table(tree.this)
        severity: Severity = (
            "medium" if tree.this is not None and _temporary(tree.this) else "critical" if statement.kind == "delete" else "high"
        )
        yield at(
            "dml.no-where",
            statement,
            tree.this,
            severity=severity,
            verb=statement.kind.upper(),
            table=tree.this.name if tree.this else "",
            rows=f"{table.rows:,.0f} rows" if table and table.rows else "every row",
        )


def _temporary(table: Node) -> bool:
    return bool(table.name.startswith("#") or table.name.lower().startswith(("tmp", "temp", "staging")))


def _target_word(statement: Statement) -> str:
    names = [
        token for token in statement.tokens[1:6] if token.kind in ("word", "quoted") and token.upper not in ("FROM", "ONLY", "INTO")
    ]
    return names[0].name if names else ""


def insert_columns(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """INSERT without a list of columns: it breaks, or fills the wrong ones, when a column is added."""
    view = context.view(statement)
    for insert in view.nodes(exp.Insert):
        if isinstance(insert.this, exp.Table) and (insert.expression is not None or insert.args.get("by_name") is None):
            if (
                insert.args.get("default")
                or isinstance(insert.expression, exp.Expression) is False
                or insert.this.args.get("alias")
            ):
                continue
            if not _is_set_form(statement):
                rewrite = rewrites.with_columns(view, insert)
                yield at("dml.insert-no-columns", statement, insert.this, rewrite=rewrite, table=insert.this.name)


def _is_set_form(statement: Statement) -> bool:
    """MySQL's INSERT INTO t SET a = 1, which names its columns."""
    return "SET" in statement.words[:6]


def masses(statement: Statement, context: ReviewContext, *, most: int = BULK_VALUES, rows: int = UNBATCHED_ROWS) -> Iterator[Found]:
    """More than `most` rows of VALUES, INSERT from a SELECT that locks what it reads, changes of over `rows` rows."""
    view = context.view(statement)
    most = int(context.thresholds.get("dml.bulk-values", most))
    for insert in view.nodes(exp.Insert):
        source = insert.expression
        if isinstance(source, exp.Values) and len(source.expressions) > most:
            yield at("dml.bulk-values", statement, insert.this, count=len(source.expressions))
        if isinstance(source, exp.Select | exp.Union) and source.find(exp.From) and context.engine in ("mysql", "mariadb", None):
            yield at("dml.insert-select-locks", statement, insert.this, table=insert.this.name)
            order = source.find(exp.Order)
            if order is not None and order.find(exp.Rand):
                yield at("sort.random", statement, order.find(exp.Rand))
        if isinstance(source, exp.Select | exp.Union) and source.args.get("limit") and not source.args.get("order"):
            yield at("dml.limit-without-order", statement, source.args["limit"])
    if statement.tree is None and statement.kind == "insert" and statement.words.count("VALUES") == 1:
        count = _value_rows(statement)
        if count > most:
            yield at("dml.bulk-values", statement, statement.tokens[0], count=count)
    tree = statement.tree
    if statement.kind in _CHANGES and tree is not None and not tree.args.get("limit") and "TOP" not in statement.words:
        table = context.table(tree.this)
        where = tree.args.get("where")
        if table is not None and (table.rows or 0) > rows and where is not None and not _selective(where, table.primary_key):
            yield at(
                "dml.unbatched-large",
                statement,
                tree.this,
                table=table.name,
                rows=f"{table.rows:,.0f}",
                verb=statement.kind.upper(),
            )


def _value_rows(statement: Statement) -> int:
    depth = count = 0
    for token in statement.tokens[statement.words.index("VALUES") :]:
        if token.text == "(":
            count += depth == 0
            depth += 1
        elif token.text == ")":
            depth -= 1
    return count


def _selective(where: Node, key: object) -> bool:
    """True if an equality on the primary key, or a list for it, bounds the rows."""
    columns = {(name or "").lower() for name in getattr(key, "columns", [])}
    return any(
        isinstance(part, exp.EQ | exp.In) and isinstance(part.this, exp.Column) and part.this.name.lower() in columns
        for part in conjuncts(where.this)
    )


def set_and(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """UPDATE t SET a = 1 AND b = 2: one assignment of a truth value; a comma was meant."""
    view = context.view(statement)
    for update in view.nodes(exp.Update):
        for assignment in update.expressions:
            value = assignment.expression if isinstance(assignment, exp.EQ) else assignment
            if (isinstance(value, exp.And) and any(isinstance(part, exp.EQ) for part in conjuncts(value))) or isinstance(
                assignment, exp.And
            ):
                yield at("dml.set-and", statement, assignment, assignment=sql(assignment, statement))


def limited_change(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """LIMIT in UPDATE or DELETE: without ORDER BY any rows are hit, on replicas perhaps others. ORDER BY alone only sorts."""
    tree = statement.tree
    if statement.kind in _CHANGES and tree is not None:
        yield from _joined_change(statement, tree)
        limit, order = tree.args.get("limit"), tree.args.get("order")
        if limit is not None:
            severity: Severity = "info" if order is not None else "medium"
            yield at("dml.limit-without-order", statement, limit, severity=severity)
        if order is not None and limit is None:
            yield at("dml.order-by", statement, order, rewrite=rewrites.without_order(context.view(statement)))


def _joined_change(statement: Statement, tree: Node) -> Iterator[Found]:
    """UPDATE and DELETE over a join: which rows go depends on how often each has a partner."""
    joined = bool(
        tree.args.get("joins") or tree.args.get("tables") or tree.args.get("using") or (tree.this and tree.this.args.get("joins"))
    )
    if joined:
        yield at("dml.join-change", statement, tree.this, verb=statement.kind.upper())


def key_change(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """UPDATE of a primary key: every index and every referring row follows."""
    view = context.view(statement)
    for update in view.nodes(exp.Update):
        for assignment in update.expressions:
            column = assignment.this
            table = view.table_of(column) if isinstance(column, exp.Column) else None
            key = table.primary_key if table else None
            if key is not None and column.name.lower() in {(name or "").lower() for name in key.columns}:
                yield at("dml.update-pk", statement, assignment, column=column.name)


def removals(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """What is gone after it ran: TRUNCATE, and DELETE as a hint."""
    words = statement.words
    if statement.kind == "truncate" and words[0] == "TRUNCATE":
        names = [token for token in statement.tokens[1:4] if token.upper not in ("TABLE", "ONLY")]
        if not names or words[1] == "CLUSTER":
            return
        severity: Severity = "low" if names[0].name.startswith("#") or _staging(names[0].name) else "high"
        yield at("dml.truncate", statement, statement.tokens[0], severity=severity, table=_dotted(statement, names[0].start))
    elif statement.kind == "alter_table" and "TRUNCATE" in words and ("PARTITION" in words or "SUBPARTITION" in words):
        yield at("dml.truncate", statement, statement.tokens[words.index("TRUNCATE")], table=statement.tokens[2].name)
    elif statement.kind == "delete":
        yield at("dml.delete", statement, statement.tokens[0])


def _staging(name: str) -> bool:
    return name.lower().startswith(("tmp", "temp", "stg", "staging"))


def _dotted(statement: Statement, start: int) -> str:
    names: list[str] = []
    for token in statement.tokens:
        if token.start >= start and (token.kind in ("word", "quoted") or token.text == "."):
            if names and token.text != "." and names[-1] != ".":
                break
            names.append(token.name)
    return "".join(names)


def files_and_functions(statement: Statement, context: ReviewContext) -> Iterator[Found]:
    """Files read or written by the server, and functions that sleep, burn or lock: the tools of an injection."""
    words = statement.words
    if words[:1] == ["LOAD"] and "DATA" in words[:3] and words[1] in ("DATA",):
        yield at("dml.load-data", statement, statement.tokens[0])
    for index, word in enumerate(words):
        if word in ("OUTFILE", "DUMPFILE") and words[index - 1] == "INTO" and statement.kind in ("select", "other"):
            yield at("dml.load-data", statement, statement.tokens[index])
        called = words[index + 1 : index + 2] == ["("] and statement.tokens[index].kind == "word"
        if called and word in ("SLEEP", "BENCHMARK", "GET_LOCK", "RELEASE_LOCK", "PG_SLEEP", "LOAD_FILE", "XP_CMDSHELL"):
            yield at("dml.dangerous-function", statement, statement.tokens[index], function=statement.tokens[index].text)


RULES = (no_where, insert_columns, masses, set_and, limited_change, key_change, removals, files_and_functions)
