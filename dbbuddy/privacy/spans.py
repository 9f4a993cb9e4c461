"""What was found where, and which of overlapping finds stands."""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from dbbuddy.privacy.view import Pattern, View, any_of

TYPES = (
    "PASSWORD",
    "TOKEN",
    "PRIVATE_KEY",
    "CARD",
    "IBAN",
    "NATID",
    "MEDICAL",
    "EMAIL",
    "PHONE",
    "PERSON",
    "DOB",
    "ADDRESS",
    "IP",
    "HOST",
    "ACCOUNT",
    "LITERAL",
    "TEXT",
)
PLACEHOLDER = Pattern("<" + any_of(TYPES) + r"_[1-9][0-9]{0,8}>", case=True)

_IN_ONE_PIECE = {"PASSWORD", "TOKEN", "PRIVATE_KEY", "LITERAL", "MEDICAL", "PERSON", "ADDRESS", "DOB", "CARD", "IBAN", "NATID"}


_SHORTEST_GUESS = 3


class Rank(IntEnum):
    """How sure a find is of its limits: where two overlap, the lower rank keeps its own."""

    FIXED = 0
    SECRET = 1
    COLUMN = 2
    VALIDATED = 3
    NETWORK = 4
    CONTACT = 5
    GUESS = 6


@dataclass(frozen=True, slots=True)
class Find:
    """A stretch of the view that a detector wants out."""

    start: int
    end: int
    type: str
    rank: Rank


def password(span: tuple[int, int]) -> Find:
    """A password at a place that leaves no doubt."""
    return Find(*span, "PASSWORD", Rank.SECRET)


def placeholders(view: View) -> Iterator[Find]:
    """Placeholders that stand in the text already."""
    for hit in PLACEHOLDER.each(view):
        yield Find(*hit.span(), "", Rank.FIXED)


def settled(finds: Iterable[Find], view: View) -> list[Find]:
    """The finds that stand, without overlap and in order; fixed ones leave a gap.

    A find that covers others whole takes their place if its type is one that is taken out in one piece; otherwise the lower
    rank, then the longer find wins and the other keeps what is left of it.
    """
    kept: list[Find] = []
    cluster: list[Find] = []
    reach = -1
    for find in sorted((f for f in finds if f.end > f.start), key=lambda f: (f.start, -f.end)):
        if find.start >= reach and cluster:
            kept.extend(_cluster_settled(cluster, view))
            cluster = []
        cluster.append(find)
        reach = max(reach, find.end)
    kept.extend(_cluster_settled(cluster, view))
    return kept


def _cluster_settled(cluster: list[Find], view: View) -> list[Find]:
    accepted: list[Find] = []
    for find in sorted(set(cluster), key=lambda f: (f.rank, f.start - f.end, f.start, f.type)):
        low = bisect.bisect_left(accepted, find.start, key=lambda f: f.end - 1)
        high = bisect.bisect_left(accepted, find.end, key=lambda f: f.start)
        covered = accepted[low:high]
        if not covered:
            accepted.insert(low, find)
        elif _replaces(find, covered):
            accepted[low:high] = [find]
        else:
            accepted[low:high] = sorted([*covered, *_rest(find, covered, view)], key=lambda f: f.start)
    return [f for f in accepted if f.rank != Rank.FIXED]


def _replaces(find: Find, covered: list[Find]) -> bool:
    limits = covered[0].start, covered[-1].end
    if not (find.start <= limits[0] and limits[1] <= find.end) or limits == (find.start, find.end):
        return False
    if any(c.rank == Rank.FIXED for c in covered):
        return False
    return find.type in _IN_ONE_PIECE or (find.type == "EMAIL" and all(c.rank != Rank.SECRET for c in covered))


def _rest(find: Find, covered: list[Find], view: View) -> Iterator[Find]:
    place = find.start
    least = _SHORTEST_GUESS if find.rank == Rank.GUESS else 1
    for start, end in [*((c.start, c.end) for c in covered), (find.end, find.end)]:
        if place < start and sum(char.isalnum() for char in view.text[place:start]) >= least:
            yield Find(place, start, find.type, find.rank)
        place = max(place, end)
