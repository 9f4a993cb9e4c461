"""Fewer indexes for many statements: one that begins as another asks serves both."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dbbuddy.sqlreview.indexes.model import Candidate, Key

_MAX_INCLUDED = 6


def merge(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The fewest of the candidates that still serve all statements.

    A partial index gives way if the whole one is a prefix of what another statement needs anyway.
    """
    merged: list[Candidate] = []
    waiting = list(candidates)
    for index, candidate in enumerate(waiting):
        whole = candidate.whole
        if whole is not None:
            rest = [*merged, *waiting[index + 1 :]]
            if any(not other.where and _same_kind(other, whole) and serving(other.blocks, whole.blocks) for other in rest):
                candidate = whole
        _add(merged, candidate)
    return merged


def _add(merged: list[Candidate], candidate: Candidate) -> None:
    for index, other in enumerate(merged):
        if not _same_kind(other, candidate) or other.where != candidate.where:
            continue
        blocks = serving(other.blocks, candidate.blocks) or serving(candidate.blocks, other.blocks)
        if blocks:
            merged[index] = _joined(other, candidate, blocks)
            return
    merged.append(candidate)


def _same_kind(left: Candidate, right: Candidate) -> bool:
    if left.table.rpartition(".")[2].lower() != right.table.rpartition(".")[2].lower() or left.method != right.method:
        return False
    return left.method == "btree" or left.blocks == right.blocks


def _joined(left: Candidate, right: Candidate, blocks: list[list[Key]]) -> Candidate:
    held = {key.identity for block in blocks for key in block}
    include = [name for name in dict.fromkeys([*left.include, *right.include]) if name.lower() not in held]
    fits = len(include) <= _MAX_INCLUDED
    if not fits:
        include = [name for name in left.include if name.lower() not in held]
    return replace(
        left,
        blocks=blocks,
        include=include,
        purposes=list(dict.fromkeys([*left.purposes, *right.purposes])),
        notes=list(dict.fromkeys([*left.notes, *right.notes])),
        ordered=left.ordered or right.ordered,
        rewrites=list(dict.fromkeys([*left.rewrites, *right.rewrites])),
        others=[*left.others, *right.others],
        whole=left.whole if left.where else None,
    )


def serving(longer: list[list[Key]], shorter: list[list[Key]]) -> list[list[Key]] | None:
    """The blocks of `longer` in an order that begins as `shorter` asks; `None` if there is none.

    Keys within a block may be put in any order, so a block is split where the other ends.
    """
    rest = [list(block) for block in longer]
    done: list[list[Key]] = []
    for block in shorter:
        wanted = {key.identity: key for key in block}
        while wanted:
            if not rest:
                return None
            head = rest[0]
            shared = [key for key in head if key.identity in wanted]
            if not shared or (len(shared) < len(head) and len(shared) < len(wanted)) or not _agree(shared, wanted):
                return None
            done.append([_directed(key, wanted.pop(key.identity)) for key in shared])
            rest[0] = [key for key in head if key not in shared]
            if not rest[0]:
                rest.pop(0)
    return [*done, *rest]


def _directed(key: Key, other: Key) -> Key:
    return other if other.descending or other.operator_class else key


def _agree(shared: list[Key], wanted: dict[str, Key]) -> bool:
    """True unless two orders of one key differ; a single leading key can be read in both directions anyway."""
    return all(
        (key.descending, key.nulls_first) == (wanted[key.identity].descending, wanted[key.identity].nulls_first) for key in shared
    )
