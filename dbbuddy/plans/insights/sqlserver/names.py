"""Names and indexes as T-SQL writes them: brackets only where a name needs them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import re2

_AS_LETTERS = str.maketrans("@#$", "___")
_TEMPORARY = re2.compile(r"^(#[^#].*?)_{5,}[0-9A-F]+$")
_RESERVED_WORDS = """
add all alter and any as asc authorization backup begin between break browse bulk by cascade case check checkpoint close
clustered coalesce collate column commit compute constraint contains containstable continue convert create cross current
current_date current_time current_timestamp current_user cursor database dbcc deallocate declare default delete deny desc disk
distinct distributed double drop dump else end errlvl escape except exec execute exists exit external fetch file fillfactor
for foreign freetext freetexttable from full function goto grant group having holdlock identity identity_insert identitycol if
in index inner insert intersect into is join key kill left like lineno load merge national nocheck nonclustered not null
nullif of off offsets on open opendatasource openquery openrowset openxml option or order outer over percent pivot plan
precision primary print proc procedure public raiserror read readtext reconfigure references replication restore restrict
return revert revoke right rollback rowcount rowguidcol rule save schema securityaudit select semantickeyphrasetable
session_user set setuser shutdown some statistics system_user table tablesample textsize then to top tran transaction trigger
truncate try_convert tsequal union unique unpivot update updatetext use user values varying view waitfor when where while with
within writetext
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())
LONGEST_NAME = 128
"""Characters of an identifier (sysname)."""


def quoted(name: str) -> str:
    """The name, in brackets if T-SQL could not read it without."""
    if name.isascii() and name.translate(_AS_LETTERS).isidentifier() and name[0] != "$" and name.lower() not in _RESERVED:
        return name
    return "[" + name.replace("]", "]]") + "]"


def without_suffix(relation: str) -> str:
    """A temporary table's name without the suffix that tempdb gives it."""
    temporary = _TEMPORARY.match(relation) if relation.startswith("#") else None
    return temporary.group(1) if temporary else relation


def table_name(schema: str | None, relation: str) -> str:
    """`schema.table`; a temporary table or a table variable stands alone."""
    if not schema or relation.startswith(("#", "@")):
        return quoted(without_suffix(relation))
    return f"{quoted(schema)}.{quoted(relation)}"


def distinct(names: Iterable[str]) -> list[str]:
    """The names in their order, each once whatever its case."""
    found: dict[str, str] = {}
    for name in names:
        found.setdefault(name.lower(), name)
    return list(found.values())


def create_index(schema: str | None, relation: str | None, keys: Sequence[str], includes: Sequence[str] = ()) -> str:
    """A statement that creates the index, empty if there is no table of the user's or no column to index."""
    keys = distinct(keys)
    if not relation or not keys or relation.startswith("@") or (schema or "").lower() == "sys":
        return ""
    taken = {key.lower() for key in keys}
    extra = [name for name in distinct(includes) if name.lower() not in taken]
    table = table_name(schema, relation)
    bare = without_suffix(relation).lstrip("#")
    name = quoted("_".join(["IX", bare, *keys])[:LONGEST_NAME])
    include = f"\nINCLUDE ({', '.join(map(quoted, extra))})" if extra else ""
    return f"CREATE INDEX {name}\nON {table} ({', '.join(map(quoted, keys))}){include};"
