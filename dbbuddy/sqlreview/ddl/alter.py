"""ALTER TABLE of the four engines, one typed action after the other."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

from dbbuddy.sqlreview.ddl.actions import (
    Action,
    AddColumn,
    AddConstraint,
    AddIndex,
    ChangeColumn,
    ConstraintKind,
    DropColumn,
    DropConstraint,
    DropIndexAction,
    DropNotNull,
    OtherAction,
    PartitionAction,
    RenameColumn,
    RenameIndex,
    RenameTable,
    SetDefault,
    SetNotNull,
    SetType,
    TableOption,
    ValidateConstraint,
)
from dbbuddy.sqlreview.ddl.changes import AlterTable
from dbbuddy.sqlreview.ddl.columns import read_column, read_type
from dbbuddy.sqlreview.ddl.constraints import opens_constraint, opens_index, read_constraint, read_inline_index
from dbbuddy.sqlreview.ddl.cursor import Cursor, key, unquoted, words
from dbbuddy.sqlreview.ddl.parts import parts_of
from dbbuddy.sqlreview.ddl.table_options import PlaceOf, read_table_option

_PARTITION_VERBS = words(
    "ADD DROP TRUNCATE ATTACH DETACH EXCHANGE SPLIT MERGE MOVE REORGANIZE COALESCE REBUILD SWITCH MODIFY RENAME"
)


def read_alter_table(cursor: Cursor, start: int, end: int) -> AlterTable | None:
    """ALTER TABLE behind the word ALTER; `None` if no table is altered."""
    options: dict[str, str] = {}
    while word := cursor.accept_any("ONLINE", "OFFLINE", "IGNORE", "FOREIGN"):
        options[word.lower()] = "on"
    if not cursor.accept("TABLE"):
        return None
    cursor.accept("IF", "EXISTS")
    cursor.accept("ONLY")
    table = cursor.name()
    cursor.accept("*")
    if cursor.accept("WITH", "NOCHECK"):
        options["nocheck"] = "on"
    cursor.accept("WITH", "CHECK")
    actions: list[Action] = []
    unread: list[str] = []
    for part in parts_of(cursor):
        found = _Reader(part, table, options).run()
        if found is None:
            unread.append(part.whole)
        else:
            actions.extend(found)
    return AlterTable(start=start, end=end, table=table, actions=tuple(actions), options=options, unread=tuple(unread))


class _Reader:
    """Reads one action (or the several that one verb governs)."""

    def __init__(self, part: Cursor, table: str, options: dict[str, str]) -> None:
        self.part = part
        self.table = table
        self.options = options
        self.place = PlaceOf(start=part.start, end=part.end)

    def run(self) -> list[Action] | None:
        part = self.part
        if part.done:
            return []
        if part.accept("WITH", "NOCHECK"):
            self.options["nocheck"] = "on"
        part.accept("WITH", "CHECK")
        partition = self._partition()
        if partition is not None:
            return [partition]
        readers: dict[str, Callable[[], list[Action] | None]] = {
            "ADD": self._add,
            "DROP": self._drop,
            "ALTER": self._alter,
            "MODIFY": self._modify,
            "CHANGE": self._change,
            "RENAME": self._rename,
            "VALIDATE": self._validate,
            "SET": self._set,
        }
        reader = readers.get(part.word)
        if reader is not None:
            part.take()
            return reader()
        return read_table_option(part, self.options, self.place)

    def _partition(self) -> Action | None:
        part = self.part
        verb = part.word
        if part.accept("PARTITION", "BY") or part.accept("REMOVE", "PARTITIONING"):
            return PartitionAction(**self.place, verb="partition by" if verb == "PARTITION" else "remove")
        following = key(part.peek(1))
        if verb not in _PARTITION_VERBS or following not in ("PARTITION", "PARTITIONS", "SUBPARTITION"):
            if verb != "SWITCH":
                return None
            return PartitionAction(**self.place, verb="switch")
        part.at += 2
        part.accept_any("IF")
        part.accept_any("EXISTS", "FOR", "NOT")
        name = part.name() if not part.sees("(") else None
        return PartitionAction(
            **self.place,
            verb=verb.lower(),
            name=name,
            concurrently=part.find("CONCURRENTLY"),
            finalize=part.find("FINALIZE"),
            update_indexes=part.find("UPDATE", "INDEXES") or part.find("UPDATE", "GLOBAL"),
        )

    def _add(self) -> list[Action] | None:
        part = self.part
        column = part.accept("COLUMN")
        guarded = part.accept("IF", "NOT", "EXISTS")
        if part.sees("("):
            return [action for piece in part.group().split() for action in self._added(piece, guarded)]
        if self.part.joints:
            return [action for piece in self._pieces() for action in self._added(piece, guarded)]
        return self._added(part, guarded, column=column)

    def _pieces(self) -> list[Cursor]:
        """The parts that one verb governs, from the cursor's place on."""
        joints = [self.part.at, *self.part.joints, len(self.part.tokens)]
        return [self.part.sub(self.part.tokens[a:b]) for a, b in pairwise(joints)]

    def _added(self, piece: Cursor, guarded: bool, *, column: bool = False) -> list[Action]:
        place = PlaceOf(start=piece.start, end=piece.end) if piece is not self.part else self.place
        if (not column and opens_constraint(piece)) or piece.sees("DEFAULT"):
            constraint = read_constraint(piece, self.table)
            return [] if constraint is None else [AddConstraint(**place, constraint=constraint)]
        if not column and opens_index(piece):
            return [AddIndex(**place, index=read_inline_index(piece, self.table))]
        definition = read_column(piece, self.table)
        return [AddColumn(**place, definition=definition, position=_position(piece), guarded=guarded)]

    def _drop(self) -> list[Action] | None:
        part = self.part
        if part.accept("PRIMARY", "KEY"):
            return [DropConstraint(**self.place, kind="primary key")]
        kinds: dict[str, ConstraintKind] = {"FOREIGN": "foreign key", "CHECK": "check", "UNIQUE": "unique"}
        if part.sees("FOREIGN", "KEY") or part.sees_any("CHECK", "UNIQUE"):
            kind = kinds[part.accept_any("FOREIGN", "CHECK", "UNIQUE")]
            part.accept("KEY")
            part.accept("IF", "EXISTS")
            return [DropConstraint(**self.place, kind=kind, name=None if part.sees("(") else part.name())]
        if part.accept_any("INDEX", "KEY"):
            part.accept("IF", "EXISTS")
            return [DropIndexAction(**self.place, name=part.name())]
        if part.sees("CONSTRAINT") or (part.engine == "sqlserver" and not part.sees("COLUMN")):
            return self._dropped_pieces(constraint=True)
        part.accept("COLUMN")
        if part.accept("UNUSED"):
            return [OtherAction(**self.place, words=("DROP", "UNUSED"))]
        if part.sees("("):
            names = [piece.name() for piece in part.group().split()]
            return [DropColumn(**self.place, name=name) for name in names]
        return self._dropped_pieces(constraint=False)

    def _dropped_pieces(self, *, constraint: bool) -> list[Action]:
        actions: list[Action] = []
        for piece in self._pieces():
            if piece.accept("COLUMN"):
                constraint = False
            constraint = piece.accept("CONSTRAINT") or constraint
            guarded = piece.accept("IF", "EXISTS")
            name = piece.name()
            if constraint:
                actions.append(DropConstraint(**self.place, name=name, guarded=guarded))
            else:
                actions.append(DropColumn(**self.place, name=name, cascade=piece.find("CASCADE"), guarded=guarded))
        return actions

    def _alter(self) -> list[Action] | None:
        part = self.part
        if part.accept_any("INDEX", "CONSTRAINT", "CHECK"):
            return [OtherAction(**self.place, words=("ALTER", "CONSTRAINT"))]
        part.accept("COLUMN")
        name = part.name()
        if part.engine == "sqlserver":
            if part.sees_any("ADD", "DROP"):
                return [OtherAction(**self.place, words=("ALTER", "COLUMN", part.word))]
            return [
                ChangeColumn(
                    **self.place,
                    name=name,
                    definition=read_column(part, self.table, name),
                    keeps_default=True,
                    online=self._online(),
                )
            ]
        if part.accept("SET", "NOT", "NULL"):
            return [SetNotNull(**self.place, name=name)]
        if part.accept("DROP", "NOT", "NULL"):
            return [DropNotNull(**self.place, name=name)]
        if part.accept("SET", "DEFAULT"):
            start = part.at
            part.at = len(part.tokens)
            return [SetDefault(**self.place, name=name, value=part.written(start))]
        if part.accept("DROP", "DEFAULT"):
            return [SetDefault(**self.place, name=name)]
        if part.accept("TYPE") or part.accept("SET", "DATA", "TYPE"):
            type_ = read_type(part)
            using = None
            if part.skip_to("USING"):
                part.take()
                start, part.at = part.at, len(part.tokens)
                using = part.written(start)
            return [SetType(**self.place, name=name, type=type_, using=using)]
        return [OtherAction(**self.place, words=("ALTER", "COLUMN", part.word, key(part.peek(1))))]

    def _online(self) -> bool:
        return any(key(token) == "ONLINE" for token in self.part.tokens) and not any(
            key(token) == "OFF" for token in self.part.tokens[-2:]
        )

    def _modify(self) -> list[Action] | None:
        part = self.part
        if part.accept_any("CONSTRAINT") or part.sees("PRIMARY", "KEY") or part.sees("DEFAULT", "ATTRIBUTES"):
            if part.find("VALIDATE"):
                return [ValidateConstraint(**self.place, name=part.name())]
            return [OtherAction(**self.place, words=("MODIFY", "CONSTRAINT"))]
        part.accept("COLUMN")
        part.accept("IF", "EXISTS")
        pieces = part.group().split() if part.sees("(") else [part]
        return [self._modified(piece) for piece in pieces]

    def _modified(self, piece: Cursor) -> Action:
        name = piece.name()
        partial = piece.engine == "oracle"
        definition = read_column(piece, self.table, name, typed=not partial)
        position = _position(piece)
        return ChangeColumn(
            **self.place, name=name, definition=definition, position=position, partial=partial, online=self._online()
        )

    def _change(self) -> list[Action] | None:
        self.part.accept("COLUMN")
        self.part.accept("IF", "EXISTS")
        name = self.part.name()
        definition = read_column(self.part, self.table)
        return [ChangeColumn(**self.place, name=name, definition=definition, position=_position(self.part))]

    def _rename(self) -> list[Action] | None:
        part = self.part
        if part.accept_any("INDEX", "KEY", "CONSTRAINT"):
            name = part.name()
            part.accept("TO")
            return [RenameIndex(**self.place, name=name, new_name=part.name())]
        if part.accept_any("TO", "AS"):
            return [RenameTable(**self.place, new_name=part.name())]
        column = part.accept("COLUMN")
        name = part.name()
        if part.accept("TO"):
            return [RenameColumn(**self.place, name=name, new_name=part.name())]
        return None if column else [RenameTable(**self.place, new_name=name)]

    def _validate(self) -> list[Action] | None:
        self.part.accept("CONSTRAINT")
        return [ValidateConstraint(**self.place, name=self.part.name())]

    def _set(self) -> list[Action] | None:
        part = self.part
        if part.accept("UNUSED"):
            part.accept("COLUMN")
            names = [piece.name() for piece in part.group().split()] if part.sees("(") else [part.name()]
            return [DropColumn(**self.place, name=name, unused=True) for name in names]
        if part.sees("("):
            return [TableOption(**self.place, name="parameters", value=part.written(part.at, len(part.tokens)))]
        name = part.take().text.lower()
        return [TableOption(**self.place, name=name, value=unquoted(part.peek()).lower())]


def _position(piece: Cursor) -> str | None:
    if piece.accept("FIRST"):
        return "FIRST"
    return piece.name() if piece.accept("AFTER") else None
