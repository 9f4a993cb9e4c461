"""Hiding what is about fewer than five people, so that it cannot be worked out from what is shown either."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from dbbuddy.identity import LOCAL_USER, User

FEWEST = 5
"""Groups of fewer people are hidden, as GitHub's Copilot metrics do for teams."""


def fewest_for(user: User) -> int:
    """How many people a group needs for this viewer. Alone in local mode one sees only oneself: nothing is hidden."""
    return 1 if user == LOCAL_USER else FEWEST


def too_few(people: int, fewest: int = FEWEST) -> bool:
    """Whether a figure about so many people is hidden. About nobody there is nothing to hide."""
    return 0 < people < fewest


def hidden_groups(people: Mapping[str, int], fewest: int = FEWEST) -> frozenset[str]:
    """The groups to hide when their total is shown: those that are too small, and as many more as keep them safe.

    The total minus the groups shown is what the hidden ones have together. So at least two groups with people in them are
    hidden, and together they have at least `fewest` people; the smallest of the others are hidden with them.
    """
    hidden = {name for name, count in people.items() if too_few(count, fewest)}
    others = sorted((count, name) for name, count in people.items() if count >= fewest)
    while hidden and others and (len(hidden) < 2 or sum(people[name] for name in hidden) < fewest):
        hidden.add(others.pop(0)[1])
    return frozenset(hidden)


def reveals(chosen: Collection[str], hidden: Collection[str]) -> bool:
    """Whether a choice of groups, set against their total, would tell some hidden groups from the others."""
    part = set(chosen) & set(hidden)
    return bool(part) and part != set(hidden)
