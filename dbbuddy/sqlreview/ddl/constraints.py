"""Table constraints and index definitions, as they stand in CREATE TABLE, ALTER TABLE and CREATE INDEX."""

from __future__ import annotations

from dbbuddy.sqlreview.ddl.actions import Constraint, ConstraintKind
from dbbuddy.sqlreview.ddl.changes import CreateIndex
from dbbuddy.sqlreview.ddl.columns import read_reference
from dbbuddy.sqlreview.ddl.cursor import Cursor, key, unquoted, words
from dbbuddy.sqlreview.schema import Index, IndexKey

_OPENERS = words("CONSTRAINT PRIMARY UNIQUE FOREIGN CHECK EXCLUDE")
_MYSQL_INDEX = frozenset(["INDEX", "KEY", "FULLTEXT", "SPATIAL"])
_INDEX_OPTIONS = words("ALGORITHM LOCK ONLINE RESUMABLE DROP_EXISTING VISIBILITY")


def opens_constraint(cursor: Cursor) -> bool:
    """True if a table constraint comes next, not a column of such a name."""
    if cursor.word not in _OPENERS:
        return False
    following = key(cursor.peek(1))
    if cursor.sees_any("PRIMARY", "FOREIGN"):
        return following == "KEY"
    if cursor.sees("CHECK"):
        return following in ("(", "NOT")
    if cursor.sees("UNIQUE"):
        return following in ("(", "KEY", "INDEX", "USING", "CLUSTERED", "NONCLUSTERED", "NULLS") or key(cursor.peek(2)) == "("
    return True


def opens_index(cursor: Cursor) -> bool:
    """True if an index of a MySQL or SQL Server table definition comes next: `KEY name (columns)`."""
    if cursor.word not in _MYSQL_INDEX:
        return False
    ahead = 2 if key(cursor.peek(1)) in ("INDEX", "KEY") else 1
    if key(cursor.peek(ahead)) == "(":
        return cursor.word != "INDEX" or cursor.engine != "oracle"
    return any(key(cursor.peek(later)) in ("(", "USING", "UNIQUE", "CLUSTERED", "NONCLUSTERED") for later in (ahead + 1, ahead + 2))


def read_constraint(cursor: Cursor, table: str) -> Constraint | None:
    """A table constraint with the words that follow it; `None` (and nothing read) if none comes next."""
    start = cursor.at
    name = cursor.name() if cursor.accept("CONSTRAINT") and cursor.word not in _OPENERS else None
    cursor.accept("IF", "NOT", "EXISTS")
    constraint = _body(cursor, table, name or None)
    if constraint is None:
        cursor.at = start
    return constraint


def _body(cursor: Cursor, table: str, name: str | None) -> Constraint | None:
    if cursor.accept("FOREIGN", "KEY"):
        name = name or (None if cursor.sees("(") else cursor.name())
        columns = tuple(part.name() for part in cursor.group().split())
        constraint = read_reference(cursor, name, columns)
    elif cursor.accept("CHECK"):
        cursor.accept("NOT", "FOR", "REPLICATION")
        group = cursor.group()
        constraint = Constraint(kind="check", name=name, expression=group.whole)
    elif cursor.accept("EXCLUDE"):
        constraint = Constraint(kind="exclude", name=name)
    elif cursor.accept("NOT", "NULL"):
        constraint = Constraint(kind="not null", name=name, columns=(cursor.name(),))
    elif cursor.accept("DEFAULT"):
        start = cursor.at
        cursor.skip_to("FOR")
        expression = cursor.written(start)
        cursor.accept("FOR")
        constraint = Constraint(kind="default", name=name, expression=expression, columns=(cursor.name(),))
    else:
        return _key(cursor, table, name)
    return _after(cursor, constraint)


def _key(cursor: Cursor, table: str, name: str | None) -> Constraint | None:
    kind: ConstraintKind
    if cursor.accept("PRIMARY", "KEY"):
        kind = "primary key"
    elif cursor.accept("UNIQUE"):
        kind = "unique"
        cursor.accept_any("KEY", "INDEX")
    else:
        return None
    if cursor.accept("USING", "INDEX"):
        return _after(cursor, Constraint(kind=kind, name=name, using_index=cursor.name()))
    while not cursor.done and not cursor.sees("("):
        if cursor.accept("USING"):
            cursor.take()
        elif cursor.accept_any("CLUSTERED", "NONCLUSTERED", "NULLS", "NOT", "DISTINCT"):
            continue
        elif cursor.peek().kind in ("word", "quoted"):
            name = name or unquoted(cursor.take())
        else:
            break
    keys = read_keys(cursor.group(), cursor)
    index = Index(name, table, keys, unique=True, primary=kind == "primary key")
    columns = tuple(entry.column or "" for entry in keys)
    return _after(cursor, Constraint(kind=kind, name=name, columns=columns, index=index))


def _after(cursor: Cursor, constraint: Constraint) -> Constraint:
    """The constraint with the options that follow it."""
    validated, using = constraint.validated, constraint.using_index
    while not cursor.done:
        if cursor.accept("NOT", "VALID") or cursor.accept("NOVALIDATE"):
            validated = False
        elif cursor.accept("DISABLE"):
            validated = cursor.accept("VALIDATE")
        elif cursor.accept("USING", "INDEX"):
            using = "" if cursor.sees_any("TABLESPACE", "(", "LOCAL", "GLOBAL") or cursor.done else cursor.name()
        elif cursor.accept("INCLUDE") and constraint.index is not None:
            constraint.index.include = [part.name() for part in cursor.group().split()]
        else:
            cursor.step()
    return Constraint(**{**vars(constraint), "validated": validated, "using_index": using})


def read_keys(group: Cursor, outer: Cursor) -> list[IndexKey]:
    """The keys in an index's parentheses."""
    return [_index_key(part, outer) for part in group.split()]


def _index_key(part: Cursor, outer: Cursor) -> IndexKey:
    first = part.peek()
    plain = first.kind in ("word", "quoted", "string", "param") and key(part.peek(1)) not in (
        "(",
        ".",
        "::",
        "->",
        "->>",
        "||",
        "+",
        "-",
        "*",
    )
    entry = IndexKey(None)
    if plain:
        entry.column = unquoted(part.take())
    elif first.kind in ("word", "quoted") and outer.engine in ("mysql", "mariadb", None) and len(part.tokens) in (4, 5):
        probe = part.peek(2)
        if key(part.peek(1)) == "(" and probe.kind == "number" and key(part.peek(3)) == ")":
            entry.column, entry.prefix_length = unquoted(first), int(probe.text) if probe.text.isdigit() else None
            part.at = 4
    if entry.column is None:
        start = part.at
        _step_over_expression(part)
        entry.expression = part.written(start)
    while not part.done:
        if part.accept("DESC"):
            entry.descending = True
        elif part.accept("ASC"):
            continue
        elif part.accept("NULLS"):
            entry.nulls_first = part.accept_any("FIRST", "LAST") == "FIRST"
        elif part.accept("COLLATE"):
            part.name()
        elif part.peek().kind in ("word", "quoted"):
            entry.operator_class = part.name()
            part.group()
        else:
            part.step()
    return entry


def _step_over_expression(part: Cursor) -> None:
    """Over operands and the operators between them; two words in a row are an expression and its operator class."""
    while not part.done:
        part.step()
        if part.sees("("):
            part.step()
        if part.peek().kind != "op":
            return
        while part.peek().kind == "op" and not part.sees("("):
            part.take()


def read_inline_index(cursor: Cursor, table: str) -> Index:
    """`[FULLTEXT|SPATIAL] INDEX|KEY [name] [USING btree] (keys)` of a table definition."""
    method = {"FULLTEXT": "fulltext", "SPATIAL": "spatial"}.get(cursor.accept_any("FULLTEXT", "SPATIAL"), "btree")
    cursor.accept_any("INDEX", "KEY")
    cursor.accept("IF", "NOT", "EXISTS")
    name, unique = None, False
    while not cursor.done and not cursor.sees("("):
        if cursor.accept("USING"):
            method = cursor.take().text.lower()
        elif cursor.accept("UNIQUE"):
            unique = True
        elif cursor.accept_any("CLUSTERED", "NONCLUSTERED", "COLUMNSTORE"):
            continue
        else:
            name = unquoted(cursor.take())
    index = Index(name, table, read_keys(cursor.group(), cursor), unique=unique, method=method)
    _index_tail(cursor, index, {})
    return index


def read_create_index(cursor: Cursor, start: int, end: int) -> CreateIndex | None:
    """CREATE INDEX behind the word CREATE; `None` if no index is created."""
    unique, method = False, "btree"
    while not cursor.accept("INDEX"):
        word = key(cursor.take())
        unique = unique or word == "UNIQUE"
        method = word.lower() if word in ("FULLTEXT", "SPATIAL", "BITMAP", "COLUMNSTORE", "XML") else method
        if word not in (
            "UNIQUE",
            "CLUSTERED",
            "NONCLUSTERED",
            "FULLTEXT",
            "SPATIAL",
            "BITMAP",
            "COLUMNSTORE",
            "PRIMARY",
            "XML",
            "HYPERGRAPH",
        ):
            return None
    concurrently = cursor.accept("CONCURRENTLY")
    if_not_exists = cursor.accept("IF", "NOT", "EXISTS")
    name = None if cursor.sees("ON") else cursor.name()
    while not cursor.done and not cursor.accept("ON"):
        method = cursor.take().text.lower() if cursor.accept("USING") else method
        if not cursor.sees("ON"):
            cursor.step()
    only = cursor.accept("ONLY")
    table = cursor.name()
    if cursor.accept("USING"):
        method = cursor.take().text.lower()
    index = Index(name, table, read_keys(cursor.group(), cursor), unique=unique, method=method)
    options: dict[str, str] = {}
    _index_tail(cursor, index, options)
    return CreateIndex(
        start=start, end=end, index=index, concurrently=concurrently, if_not_exists=if_not_exists, only=only, options=options
    )


def _index_tail(cursor: Cursor, index: Index, options: dict[str, str]) -> None:
    while not cursor.done:
        if cursor.accept("INCLUDE"):
            index.include = [part.name() for part in cursor.group().split()]
        elif cursor.accept("WHERE"):
            start = cursor.at
            while not cursor.done and not cursor.sees("WITH", "("):
                cursor.step()
            index.where = cursor.written(start)
        elif cursor.accept("WITH") and cursor.sees("("):
            for part in cursor.group().split():
                read_option(part, options)
        elif cursor.sees_any(*_INDEX_OPTIONS):
            read_option(cursor, options)
        elif cursor.accept_any("INVISIBLE", "LOCAL", "GLOBAL", "REVERSE", "NOLOGGING", "PARALLEL", "UNUSABLE"):
            options[cursor.peek(-1).text.lower()] = "on"
        elif cursor.accept("USING"):
            index.method = cursor.take().text.lower()
        else:
            cursor.step()


def read_option(cursor: Cursor, options: dict[str, str]) -> None:
    """`NAME = value` or `NAME value` or a single `NAME`, into `options` in lower case."""
    name = cursor.take().text.lower()
    cursor.accept("=")
    options[name] = cursor.take().text.lower() if cursor.peek().kind in ("word", "number", "string") else "on"
