"""Options of a table as actions of ALTER TABLE: ALGORITHM and LOCK, character sets, ENGINE and the like."""

from __future__ import annotations

from typing import TypedDict

from dbbuddy.sqlreview.ddl.actions import Action, OtherAction, TableOption
from dbbuddy.sqlreview.ddl.constraints import read_option
from dbbuddy.sqlreview.ddl.cursor import Cursor, key, unquoted, words
from dbbuddy.sqlreview.ddl.parts import VERBS

_OPTION_NAMES = words(
    "ENGINE AUTO_INCREMENT ROW_FORMAT KEY_BLOCK_SIZE COMMENT STATS_PERSISTENT STATS_AUTO_RECALC ENCRYPTION COMPRESSION TABLESPACE"
)


class PlaceOf(TypedDict):
    """The offsets that an action is built with."""

    start: int
    end: int


def read_table_option(part: Cursor, options: dict[str, str], place: PlaceOf) -> list[Action] | None:
    """The option that comes next; ALGORITHM, LOCK and ONLINE go into `options`. `None` if it is not known."""
    if part.sees_any("ALGORITHM", "LOCK", "ONLINE", "RESUMABLE"):
        read_option(part, options)
        return []
    if part.accept("CONVERT", "TO"):
        part.accept_any("CHARACTER", "CHARSET")
        part.accept("SET")
        return [TableOption(**place, name="convert", value=unquoted(part.take()).lower())]
    default = part.accept("DEFAULT")
    if part.accept("CHARACTER", "SET") or part.accept("CHARSET") or part.accept("COLLATE"):
        part.accept("=")
        return [TableOption(**place, name="charset", value=unquoted(part.take()).lower())]
    if part.sees_any(*_OPTION_NAMES) and not default:
        name = part.take().text.lower()
        part.accept("=")
        return [TableOption(**place, name=name, value=unquoted(part.take()))]
    if part.word in VERBS:
        seen = tuple(key(token) for token in part.tokens if token.kind in ("word", "quoted"))
        return [OtherAction(**place, words=seen)]
    return None
