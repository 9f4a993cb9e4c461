"""From what a statement asks of its tables to the indexes that would serve it.

Equality columns come first, then the sort or one range (a range ends the part of the key by which an index can be searched), then
the columns that make it covering. Of joined tables the one with the fewest rows left is read first; the others are looked up.
"""

from __future__ import annotations

from dataclasses import replace

from dbbuddy.context import Engine
from dbbuddy.sqlreview.indexes.assumptions import distinct_of, is_few, is_large, is_moment, is_unique, rows_of
from dbbuddy.sqlreview.indexes.model import Candidate, Key, Purpose
from dbbuddy.sqlreview.indexes.partial import partial
from dbbuddy.sqlreview.indexes.places import Predicate, TableUse
from dbbuddy.sqlreview.schema import Schema

MAX_KEYS = 5
MAX_COVERED = 4
SMALL_TABLE = 1_000
"""Tables of fewer rows fit into a few pages; reading them whole costs no more than an index."""
_RANGE_SHARE = 0.3
_PREFIX_SHARE = 0.02


def candidates_of(uses: list[TableUse], schema: Schema, engine: Engine | None) -> list[Candidate]:
    """The indexes that a statement's tables ask for, the most useful of each table first."""
    found: list[Candidate] = []
    for use, by_join in _roles(uses, schema):
        if use.table is not None and use.table.rows is not None and use.table.rows < SMALL_TABLE:
            continue
        found += _specials(use)
        found += _arms(use, schema)
        candidate = _candidate(use, by_join, schema, engine)
        if candidate is not None:
            found.append(candidate)
    return found


def _roles(uses: list[TableUse], schema: Schema) -> list[tuple[TableUse, list[Key]]]:
    """Each table with the keys by which it is looked up from those read before it; none for the first of a join."""
    waiting = sorted(uses, key=lambda use: (use.optional, _rows_left(use, schema), use.number))
    by_number = {use.number: use for use in uses}
    reached: set[int] = set()
    roles: list[tuple[TableUse, list[Key]]] = []
    while waiting:
        following = next((use for use in waiting if any(join.other in reached for join in use.joins)), waiting[0])
        waiting.remove(following)
        reached.add(following.number)
        joins = [join for join in following.joins if join.other in reached]
        keys = list(dict.fromkeys(join.key for join in joins))
        worthwhile = not joins or _looked_up(following, [by_number[join.other] for join in joins], keys, uses, schema)
        roles.append((following, keys if worthwhile else []))
    return roles


def _looked_up(use: TableUse, others: list[TableUse], keys: list[Key], uses: list[TableUse], schema: Schema) -> bool:
    """False if the whole of both tables is joined, which no index makes cheaper; a declared foreign key is indexed anyway."""
    filtered = any(other.predicates or other.specials or other.limited for other in uses)
    if filtered or use.writes:
        return True
    names = {(key.column or "").lower() for key in keys}
    foreign = use.table.foreign_keys if use.table else []
    few = min(rows_of(other.table) for other in others) * 100 < rows_of(use.table)
    return few or any(names >= {column.lower() for column in key.columns} for key in foreign)


def _rows_left(use: TableUse, schema: Schema) -> float:
    rows = rows_of(use.table)
    for predicate in use.predicates:
        rows *= _share(predicate, use, schema)
    return rows * (0.01 if use.specials else 1)


def _share(predicate: Predicate, use: TableUse, schema: Schema) -> float:
    if predicate.kind in ("equal", "list", "null"):
        distinct = distinct_of(predicate.key.column, use.table, schema) if predicate.key.column else rows_of(use.table) / 20
        return min(1.0, predicate.values / max(1.0, distinct))
    return {"range": _RANGE_SHARE, "prefix": _PREFIX_SHARE}.get(predicate.kind, 0.9)


def _candidate(use: TableUse, by_join: list[Key], schema: Schema, engine: Engine | None) -> Candidate | None:
    equal = _keys(use, ("equal", "null"))
    listed = [key for key in _keys(use, ("list",)) if key not in equal]
    first = list(dict.fromkeys([*by_join, *equal]))
    if any(_identifies(key, use, schema) for key in (*first, *listed)):
        return None
    if (
        first
        and not by_join
        and all(key in _keys(use, ("null",)) for key in first)
        and not any(is_moment(key.identity) for key in first)
    ):
        first = []
    tail, notes = _tail(use, first, listed, bool(by_join), engine)
    sorts = bool(tail) and tail[0].identity not in {p.key.identity for p in use.predicates if p.kind in ("range", "prefix")}
    blocks = [block for block in ([*first] if listed and sorts else [*first, *listed], *[[key] for key in tail]) if block]
    blocks = _cut(blocks)
    if not blocks:
        return None
    include = _covered(use, blocks, schema, engine)
    wanted = use.predicates or use.limited or use.group or include
    if not first and not listed and not (tail and wanted):
        return None
    candidate = Candidate(
        use.name, blocks, [Purpose(use.statement, _purpose(by_join, equal, listed, tail, use))], include, notes=notes
    )
    candidate.others = _others(use, by_join, first, listed, tail, engine)
    for other in candidate.others:
        other.include = _covered(use, other.blocks, schema, engine)
    candidate.ordered = sorts
    candidate.rewrites = [text for text in use.rewrites if any(key.column and key.column in text for key in candidate.keys)]
    return partial(candidate, use, engine)


def _identifies(key: Key, use: TableUse, schema: Schema) -> bool:
    """True for a column that is unique; without any DDL a column `id` is taken to be the primary key."""
    if key.column is None:
        return False
    if use.table is not None and use.table.columns:
        return is_unique(key.column, use.table)
    return key.column.lower() == "id" and not any(table.columns for table in schema)


def _keys(use: TableUse, kinds: tuple[str, ...]) -> list[Key]:
    return list(dict.fromkeys(predicate.key for predicate in use.predicates if predicate.kind in kinds))


def _tail(use: TableUse, first: list[Key], listed: list[Key], joined: bool, engine: Engine | None) -> tuple[list[Key], list[str]]:
    """What follows the equality columns: the order, the grouping, or one range."""
    fixed = {key.identity for key in first}
    ranged = [key for key in _keys(use, ("range", "prefix")) if key.identity not in fixed]
    prefixes = {key.identity for key in _keys(use, ("prefix",))}
    order = [key for key in use.order if key.identity not in fixed]
    group = [key for key in use.group if key.identity not in fixed]
    if use.group and {key.identity for key in order} <= {key.identity for key in group}:
        taken = {key.identity for key in order}
        order = [*order, *(key for key in group if key.identity not in taken)]
    elif use.group:
        begins = [key.identity for key in order[: len(group)]] == [key.identity for key in group]
        order = order if begins else group
    notes: list[str] = []
    if ranged and order and order[0].identity == ranged[0].identity:
        return _turned(order), notes
    sortable = order and not joined and not (listed and not use.limited)
    if listed and order and use.limited:
        sortable = bool(first) and not ranged
    if sortable and (not ranged or (use.limited and not use.group)):
        return _turned(order), notes
    if ranged:
        return [_prefix(ranged[0], engine, use) if ranged[0].identity in prefixes else ranged[0]], notes
    return ([] if listed or joined else _turned(order or group)), notes


def _turned(keys: list[Key]) -> list[Key]:
    """An order and its reverse are the same to an index; ascending is the usual way to write it."""
    if keys and all(key.descending and key.nulls_first is None for key in keys):
        return [replace(key, descending=False) for key in keys]
    return keys


def _prefix(key: Key, engine: Engine | None, use: TableUse) -> Key:
    column = use.table.column(key.column) if use.table and key.column else None
    collated = column is not None and (column.collation or "").strip('"').upper() in ("C", "POSIX")
    return replace(key, operator_class="text_pattern_ops") if engine == "postgresql" and not collated else key


def _cut(blocks: list[list[Key]]) -> list[list[Key]]:
    kept: list[list[Key]] = []
    left = MAX_KEYS
    for block in blocks:
        kept += [block[:left]] if block[:left] else []
        left -= len(block[:left])
    return kept


def _covered(use: TableUse, blocks: list[list[Key]], schema: Schema, engine: Engine | None) -> list[str]:
    """The other columns that the statement reads, if they are few and small and it does not need the row itself."""
    computed = any(key.column is None for block in blocks for key in block)
    if use.star or use.writes or computed or use.scope.expression.args.get("locks"):
        return []
    held = {key.identity for block in blocks for key in block}
    if use.table is not None and use.table.primary_key is not None and engine in ("mysql", "mariadb", "sqlserver"):
        held |= {(column or "").lower() for column in use.table.primary_key.columns}
    others = [name for name in use.used if name.lower() not in held]
    if len(others) > MAX_COVERED or any(is_large(name, use.table) for name in others):
        return []
    return others


def _others(
    use: TableUse, by_join: list[Key], first: list[Key], listed: list[Key], tail: list[Key], engine: Engine | None
) -> list[Candidate]:
    """The range instead of the sort, or the sort instead of the range; the table's own conditions instead of the join."""
    if by_join:
        own = [key for key in first if key not in by_join]
        ranged = [key for key in _keys(use, ("range", "prefix")) if key not in own]
        blocks = [block for block in ([*own, *listed], ranged[:1]) if block]
        text = "finds the rows by the table's own conditions, before it is joined"
        return [Candidate(use.name, _cut(blocks), [Purpose(use.statement, text)])] if blocks else []
    ranged = [key for key in _keys(use, ("range", "prefix")) if key not in first]
    order = _turned([key for key in use.order if key not in first])
    if not ranged or not order or ranged[0].identity == order[0].identity:
        return []
    by_range = bool(tail) and tail[0].identity == ranged[0].identity
    keys = order if by_range else ranged[:1]
    text = "keeps the order, so that the rows need not be sorted" if by_range else "reads only the range, and sorts what is found"
    blocks = [block for block in ([*first, *([] if by_range else listed)], *[[key] for key in keys]) if block]
    return [Candidate(use.name, _cut(blocks), [Purpose(use.statement, text)])]


def _arms(use: TableUse, schema: Schema) -> list[Candidate]:
    """One index for each arm of an OR over several columns; the engine combines them."""
    found = []
    for arm in use.arms:
        equal = [p.key for p in arm if p.kind in ("equal", "null", "list")]
        ranged = [p.key for p in arm if p.kind in ("range", "prefix")][:1]
        known = any(_identifies(key, use, schema) for key in equal)
        few = not ranged and all(key.column and is_few(key.column, use.table) for key in equal)
        if not known and not few:
            blocks = [block for block in (equal, ranged) if block]
            found.append(
                Candidate(
                    use.name, _cut(blocks), [Purpose(use.statement, "serves one arm of the OR; every arm needs its own index")]
                )
            )
    return found if len(found) == len(use.arms) or len(found) + 1 == len(use.arms) else []


def _specials(use: TableUse) -> list[Candidate]:
    texts = {"gin": "finds what is inside of the value", "gist": "finds overlapping ranges or shapes"}
    return [
        Candidate(
            use.name,
            [[special.key]],
            [Purpose(use.statement, texts.get(special.method, "finds words inside of the text"))],
            method=special.method,
            notes=[special.note] if special.note else [],
        )
        for special in dict.fromkeys(use.specials)
    ]


def _purpose(by_join: list[Key], equal: list[Key], listed: list[Key], tail: list[Key], use: TableUse) -> str:
    parts = []
    if by_join:
        parts.append(f"looks up the rows joined by {_names(by_join)}")
    alone = [key for key in [*equal, *listed] if key not in by_join]
    if alone:
        parts.append(f"compares {_names(alone)} with {'given values' if listed else 'a given value'}")
    ranged = {predicate.key.identity for predicate in use.predicates if predicate.kind in ("range", "prefix")}
    if tail and tail[0].identity in ranged:
        parts.append(f"reads a range of {_names(tail[:1])}")
    if tail and (tail[0].identity not in ranged or use.order):
        grouped = bool(use.group)
        parts.append(f"{'groups' if grouped else 'sorts'} by {_names(use.group if grouped else use.order or tail)}")
    return ", ".join(parts)


def _names(keys: list[Key]) -> str:
    return ", ".join(key.text() for key in keys)
