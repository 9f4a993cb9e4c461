"""Which node of one plan is which node of the other: by what it reads and where it stands in the join tree, not by position."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from dbbuddy.plans.compare.facts import Item, folded

Key = Callable[[Item], Hashable | None]


def match(before: Sequence[Item], after: Sequence[Item]) -> None:
    """Set `match` on the nodes that are the same on both sides; both lists have parents first. Each pass is linear.

    The surest signs come first: the same operator on the same relation, index and condition at the same place; then the
    same relation, whatever reads it; then what stands between nodes that are already matched.
    """
    for key in (_exact, _same_place, _same_condition, _same_sources, _same_relation, _same_alias, _same_inner):
        _pair_up(before, after, key)
    if before[0].match is None and after[0].match is None and before[0].node.type == after[0].node.type:
        _pair(before[0], after[0])
    for item in reversed(before):
        _parents(item)
    for item in before:
        _children(item)
    for item in reversed(before):
        _parents(item)


def _pair(one: Item, other: Item) -> None:
    one.match, other.match = other, one


def _pair_up(before: Sequence[Item], after: Sequence[Item], key: Key) -> None:
    waiting: dict[Hashable, list[Item]] = {}
    for item in reversed(after):
        if item.match is None and (sign := key(item)) is not None:
            waiting.setdefault(sign, []).append(item)
    for item in before:
        if item.match is None and (sign := key(item)) is not None:
            alike = waiting.get(sign)
            if alike:
                _pair(item, alike.pop())


def _name(item: Item) -> str:
    return folded(item.node.relation or item.node.index)


def _exact(item: Item) -> Hashable | None:
    node = item.node
    return item.path, node.type, _name(item), folded(node.alias), item.facts.indexes, item.condition, item.leaves


def _same_place(item: Item) -> Hashable | None:
    name = _name(item)
    if not name and not item.leaves:
        return None
    return item.node.type, name, folded(item.node.alias), item.facts.indexes, item.condition, item.leaves


def _same_condition(item: Item) -> Hashable | None:
    return (item.family, _name(item), folded(item.node.alias), item.condition, item.leaves) if item.condition else None


def _same_sources(item: Item) -> Hashable | None:
    name = _name(item)
    return (item.family, name, folded(item.node.alias), item.leaves) if name or item.leaves else None


def _same_relation(item: Item) -> Hashable | None:
    name = _name(item)
    return (item.family, bool(item.node.relation), name) if name else None


def _same_alias(item: Item) -> Hashable | None:
    alias = folded(item.node.alias)
    return (item.family, alias) if alias and item.family == "scan" and not item.absorbed else None


def _same_inner(item: Item) -> Hashable | None:
    """Joins that bring in the same relation, where what it is joined to has changed."""
    if item.family != "join" or len(item.children) < 2 or not item.children[-1].leaves:
        return None
    return item.family, item.children[-1].leaves


def _alike(one: Item, other: Item) -> bool:
    if one.match is not None or other.match is not None or one.family != other.family:
        return False
    if one.family in ("scan", "modify"):
        return not (one.node.relation and other.node.relation) and one.absorbed == other.absorbed
    return one.family != "other" or one.node.type == other.node.type


def _parents(item: Item) -> None:
    """What stands right above two matched nodes is the same if it is of the same kind."""
    if item.match is None or item.parent is None or item.match.parent is None:
        return
    if _alike(item.parent, item.match.parent):
        _pair(item.parent, item.match.parent)


def _children(item: Item) -> None:
    """What is left over below two matched nodes is the same if it is of the same kind, in its order."""
    if item.match is None:
        return
    left: dict[Hashable, list[Item]] = {}
    for child in reversed(item.match.children):
        if child.match is None:
            left.setdefault(child.family, []).append(child)
    for child in item.children:
        alike = left.get(child.family) if child.match is None else None
        if alike and _alike(child, alike[-1]):
            _pair(child, alike.pop())
