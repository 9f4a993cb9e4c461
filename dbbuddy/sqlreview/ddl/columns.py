"""Column definitions: type, nullability, default, identity, generated expression and inline constraints."""

from __future__ import annotations

from dataclasses import dataclass, field

from dbbuddy.sqlreview.ddl.actions import ColumnDefinition, Constraint
from dbbuddy.sqlreview.ddl.cursor import Cursor, key, unquoted, words
from dbbuddy.sqlreview.schema import Column, ForeignKey, Index, IndexKey

# Words that end a default's expression and open the next part of a column definition.
_PARTS = words(
    "NOT NULL CONSTRAINT PRIMARY UNIQUE REFERENCES CHECK GENERATED COLLATE COMMENT ON AUTO_INCREMENT AFTER FIRST IDENTITY KEY "
    "INVISIBLE VISIBLE ENABLE DISABLE FOREIGN CHARACTER CHARSET STORAGE SPARSE ROWGUIDCOL MASKED VIRTUAL STORED PERSISTED"
)
_TYPE_ENDS = _PARTS | words("DEFAULT AS USING AUTOINCREMENT COMPRESSION COLUMN_FORMAT ENCRYPTED VALUES WITH HIDDEN")
_TYPE_TAILS: dict[str, tuple[tuple[str, ...], ...]] = {
    "WITH": (("WITH", "TIME", "ZONE"), ("WITH", "LOCAL", "TIME", "ZONE")),
    "CHARACTER": (("CHARACTER", "VARYING"),),
}
_SERIAL = words("serial serial4 bigserial serial8 smallserial serial2")


@dataclass
class _Parts:
    """What has been read of a column so far."""

    column: Column
    constraints: list[Constraint] = field(default_factory=list)
    nullability: bool | None = None
    identity: bool = False
    stored: bool = False
    charset: str | None = None
    comment: str | None = None
    on_update: bool = False
    pending: str | None = None

    def constrain(self, constraint: Constraint) -> None:
        self.constraints.append(constraint)
        self.pending = None


def read_column(cursor: Cursor, table: str, name: str | None = None, *, typed: bool = True) -> ColumnDefinition:
    """A column definition up to the cursor's end, or to FIRST, AFTER or USING. `typed=False`: the type may be left out."""
    if name is None:
        name = cursor.name().rpartition(".")[2]
    untyped = cursor.sees("AS") or (not typed and cursor.word in _TYPE_ENDS)
    type_ = "" if untyped else read_type(cursor)
    parts = _Parts(Column(name, type_))
    parts.identity = type_ in _SERIAL
    while not cursor.done and not cursor.sees_any("FIRST", "AFTER"):
        _part(cursor, parts, table)
    primary = any(constraint.kind == "primary key" for constraint in parts.constraints)
    parts.column.nullable = parts.nullability is not False and not primary and not parts.identity
    return ColumnDefinition(
        column=parts.column,
        constraints=tuple(parts.constraints),
        nullability=parts.nullability,
        identity=parts.identity,
        stored=parts.stored,
        charset=parts.charset,
        comment=parts.comment,
        on_update=parts.on_update,
    )


def read_type(cursor: Cursor) -> str:
    """The declared type in lower case with its arguments, words parted by one blank; a type's quotes are dropped."""
    written: list[str] = []
    first = True
    while not cursor.done:
        token = cursor.peek()
        if key(token) == "(":
            group = cursor.group()
            written.append(f"({_arguments(group)})")
        elif key(token) == "[":
            while not cursor.done and key(cursor.take()) != "]":
                pass
            written.append("[]")
        elif key(token) in (".", "%"):
            written.append(cursor.take().text)
        elif _tail(cursor):
            written.extend(f" {cursor.take().text.lower()}" for _ in range(_tail(cursor)))
        elif key(token) in _TYPE_ENDS or token.kind not in ("word", "quoted", "string") or (token.kind == "string" and not first):
            break
        else:
            glued = first or written[-1] in (".", "%")
            written.append(("" if glued else " ") + unquoted(cursor.take()).lower())
        first = False
    return "".join(written).removeprefix("pg_catalog.").removeprefix("sys.")


def _arguments(group: Cursor) -> str:
    if group.tokens and group.tokens[0].kind == "string":
        return group.whole
    return ",".join(part.whole.lower() for part in group.split())


def _tail(cursor: Cursor) -> int:
    """How many tokens of a type's later words come next."""
    tails = _TYPE_TAILS.get(cursor.word, ())
    return next((len(tail) for tail in tails if cursor.sees(*tail)), 0)


def _part(cursor: Cursor, parts: _Parts, table: str) -> None:
    if cursor.accept("CONSTRAINT"):
        parts.pending = cursor.name()
    elif cursor.accept("NOT", "NULL"):
        parts.nullability = False
        parts.pending = None
    elif cursor.accept("NULL"):
        parts.nullability = True
    elif cursor.accept("DEFAULT"):
        cursor.accept("ON", "NULL")
        parts.column.default = read_expression(cursor)
        parts.pending = None
    elif cursor.accept("COLLATE"):
        parts.column.collation = cursor.name()
    elif cursor.accept("CHARACTER", "SET") or cursor.accept("CHARSET"):
        parts.charset = cursor.name()
    elif cursor.accept("COMMENT"):
        parts.comment = unquoted(cursor.take())
    elif cursor.accept("ON", "UPDATE"):
        parts.on_update = True
        cursor.take()
    elif not (_generated(cursor, parts) or _constraint(cursor, parts, table)):
        cursor.step()


def _generated(cursor: Cursor, parts: _Parts) -> bool:
    if cursor.accept("AUTO_INCREMENT") or cursor.accept("IDENTITY"):
        parts.identity = True
        cursor.group()
        return True
    if not cursor.sees("AS") and not cursor.accept("GENERATED"):
        return False
    cursor.accept_any("ALWAYS", "BY")
    cursor.accept("DEFAULT")
    cursor.accept("ON", "NULL")
    cursor.accept("AS")
    if cursor.accept("IDENTITY"):
        parts.identity = True
        cursor.group()
    elif cursor.sees("(") or parts.column.generated is None:
        start = cursor.at
        cursor.step()
        parts.column.generated = cursor.written(start)
        parts.stored = bool(cursor.accept_any("STORED", "PERSISTED", "PERSISTENT"))
        cursor.accept("VIRTUAL")
    return True


def _constraint(cursor: Cursor, parts: _Parts, table: str) -> bool:
    name, column = parts.pending, parts.column.name
    if cursor.accept("PRIMARY", "KEY") or (cursor.sees("KEY") and not cursor.sees("KEY", "(") and cursor.accept("KEY")):
        index = Index(name, table, [IndexKey(column)], unique=True, primary=True)
        parts.constrain(Constraint(kind="primary key", name=name, columns=(column,), index=index, inline=True))
    elif cursor.accept("UNIQUE"):
        cursor.accept("KEY")
        index = Index(name, table, [IndexKey(column)], unique=True)
        parts.constrain(Constraint(kind="unique", name=name, columns=(column,), index=index, inline=True))
    elif cursor.sees("REFERENCES"):
        parts.constrain(read_reference(cursor, name, (column,), inline=True))
    elif cursor.accept("CHECK"):
        cursor.accept("NOT", "FOR", "REPLICATION")
        group = cursor.group()
        parts.constrain(Constraint(kind="check", name=name, expression=group.whole, inline=True))
    else:
        return False
    return True


def read_reference(cursor: Cursor, name: str | None, columns: tuple[str, ...], *, inline: bool = False) -> Constraint:
    """REFERENCES with its columns and actions."""
    cursor.accept("REFERENCES")
    table = cursor.name()
    references = [part.name() for part in cursor.group().split()]
    on_delete = None
    while not cursor.done:
        if cursor.accept("MATCH"):
            cursor.take()
        elif cursor.accept("ON", "DELETE"):
            on_delete = _referential_action(cursor)
        elif cursor.accept("ON", "UPDATE"):
            _referential_action(cursor)
        else:
            break
    key = ForeignKey(list(columns), table, references, name)
    return Constraint(kind="foreign key", name=name, columns=columns, foreign_key=key, on_delete=on_delete, inline=inline)


def _referential_action(cursor: Cursor) -> str:
    first = key(cursor.take())
    if first in ("SET", "NO"):
        first = f"{first} {key(cursor.take())}"
    cursor.group()
    return first


def read_expression(cursor: Cursor) -> str:
    """An expression's text, up to the word that opens the next part of the column."""
    start = cursor.at
    cursor.step()
    while not cursor.done and cursor.word not in _PARTS and not cursor.sees("WITH", "VALUES"):
        cursor.step()
    return cursor.written(start)
