"""What the indexes that are there already do: which serve, which are superfluous, which foreign keys have none."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.model import Candidate, ExistingIndex, Key, key_text
from dbbuddy.sqlreview.indexes.syntax import drop_sql
from dbbuddy.sqlreview.schema import ForeignKey, Index, IndexKey, Schema, Table


def identity(key: IndexKey) -> str:
    """What tells a key of an index from others, whatever its direction."""
    return Key(key.column, _stripped(key.expression)).identity


def _stripped(expression: str | None) -> str | None:
    text = "".join((expression or "").split())
    while (
        text.startswith("(")
        and text.endswith(")")
        and text[1:-1].count("(") == text[1:-1].count(")")
        and ")" not in text[1:-1].partition("(")[0]
    ):
        text = text[1:-1]
    return text or None


def serves(index: Index, candidate: Candidate) -> bool:
    """True if the statement can use the existing index as well as the proposed one."""
    if index.method.lower() not in (candidate.method, "") and not (index.method == "clustered" and candidate.method == "btree"):
        return False
    if (
        index.where
        and _plain(index.where) not in [_plain(where) for where in candidate.where]
        and _plain(index.where) != _plain(" AND ".join(candidate.where))
    ):
        return False
    if candidate.where and not index.where and not candidate.anchored:
        return False
    position = 0
    keys = index.keys
    for block in candidate.blocks:
        wanted = {key.identity: key for key in block}
        while wanted:
            if position >= len(keys) or identity(keys[position]) not in wanted:
                return _unique_within(index, candidate)
            wanted.pop(identity(keys[position]))
            position += 1
    return _same_directions(keys, candidate)


def _plain(condition: str) -> str:
    return "".join(condition.lower().split()).strip("()").replace("(", "").replace(")", "")


def _unique_within(index: Index, candidate: Candidate) -> bool:
    """True if the first block alone finds a single row by this unique index."""
    first = {key.identity for key in candidate.blocks[0]} if candidate.blocks else set()
    return index.unique and not index.where and len(candidate.blocks) > 0 and {identity(key) for key in index.keys} <= first


def _same_directions(keys: list[IndexKey], candidate: Candidate) -> bool:
    """Sorted keys must all agree with the index, or all be the reverse of it."""
    directions = {identity(key): key.descending for key in keys}
    sorted_keys = [key for block in candidate.blocks if len(block) == 1 for key in block]
    turned = {directions.get(key.identity, False) != key.descending for key in sorted_keys[-2:] if len(sorted_keys) > 1}
    return len(turned) <= 1 or not any(key.descending for key in sorted_keys)


def prefix_of(index: Index, candidate: Candidate) -> bool:
    """True if the proposed index does all that the existing one does, so that this can go."""
    if index.unique or index.primary or index.where or index.method not in ("btree", "") or candidate.where:
        return False
    names = [key.identity for key in candidate.keys]
    return names[: len(index.keys)] == [identity(key) for key in index.keys] and set(index.include) <= {*candidate.include, *names}


def superfluous(schema: Schema, engine: Engine | None) -> Iterator[ExistingIndex]:
    """Existing indexes that are duplicates or prefixes of others of their table. Keys and unique indexes are never named."""
    for table in schema:
        kept_instead: dict[int, Index] = {}
        alike: dict[str, list[Index]] = {}
        for index in table.indexes:
            if index.keys:
                alike.setdefault(identity(index.keys[0]), []).append(index)
        for index in table.indexes:
            for other in alike[identity(index.keys[0])] if index.keys else ():
                if other is not index and _covers(other, index) and kept_instead.get(id(other)) is not index:
                    kept_instead[id(index)] = other
                    break
        for index in table.indexes:
            kept = kept_instead.get(id(index))
            if kept is not None:
                yield _superfluous(table, index, kept, engine)


def _superfluous(table: Table, index: Index, kept: Index, engine: Engine | None) -> ExistingIndex:
    columns = tuple(key_text(key) for key in index.keys)
    duplicate = len(kept.keys) == len(index.keys)
    longer = f"({', '.join(key_text(key) for key in kept.keys)})"
    name = kept.name or ("the primary key" if kept.primary else "the other index")
    why = f"has the same keys as {name}" if duplicate else f"is the beginning of {name} {longer}, which serves the same statements"
    return ExistingIndex(
        table.name,
        index.name,
        columns,
        kept.name,
        duplicate,
        drop_sql(index.name or "", table.name, engine),
        f"{index.name or columns} {why}.",
    )


def _covers(other: Index, index: Index) -> bool:
    if index.primary or index.unique or index.method != other.method or (index.where or "") != (other.where or ""):
        return False
    if len(other.keys) < len(index.keys):
        return False
    pairs = list(zip(index.keys, other.keys, strict=False))
    same = all(
        identity(left) == identity(right)
        and left.operator_class == right.operator_class
        and left.prefix_length == right.prefix_length
        for left, right in pairs
    )
    turned = {left.descending != right.descending for left, right in pairs}
    held = {name.lower() for name in other.include} | {identity(key) for key in other.keys}
    return same and len(turned) <= 1 and {name.lower() for name in index.include} <= held


def unindexed_foreign_keys(table: Table) -> Iterator[ForeignKey]:
    """Foreign keys whose columns no index of the table begins with."""
    for key in table.foreign_keys:
        wanted = {column.lower() for column in key.columns}
        if not any(
            {identity(part) for part in index.keys[: len(wanted)]} == wanted and not index.where and index.method != "gin"
            for index in table.indexes
        ):
            yield key
