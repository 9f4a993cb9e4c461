"""Which nodes of a large plan are drawn: the weightiest with all above them; the others stand behind one folded entry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dbbuddy.plans.figures.measures import Measures


@dataclass
class Fold:
    """`shown` node numbers in the plan's order; for a shown node, how many of its children (with all below) are hidden."""

    shown: list[int]
    hidden_steps: dict[int, int] = field(default_factory=dict)
    """By node number: how many nodes below it are not shown and hang under a hidden child of it."""
    hidden_weight: dict[int, float] = field(default_factory=dict)
    """By node number: what those weigh together."""

    @property
    def hidden(self) -> int:
        return sum(self.hidden_steps.values())


def fold(measures: Measures, most: int, always: Iterable[int] = (), opened: Iterable[int] = ()) -> Fold:
    """Show at most about `most` nodes: those with the largest inclusive weight, and the `always` ones with their ancestors.

    Children of `opened` nodes are shown too, the more of them the more often a node is named. A plan that is small enough is
    shown whole.
    """
    total = len(measures.nodes)
    if total <= most:
        return Fold(list(range(total)))
    ranked = sorted(range(total), key=lambda number: (-measures.inclusive[number], number))[:most]
    keep = _with_ancestors(measures, [*ranked, *always])
    for parent, times in Counter(opened).items():
        more = [number for number in range(1, total) if measures.parents[number] == parent and number not in keep]
        keep |= _with_ancestors(measures, more[: times * most])
    result = Fold(sorted(keep))
    nearest = [0] * total
    for number in range(1, total):
        nearest[number] = number if number in keep else nearest[measures.parents[number]]
        if number not in keep:
            place = nearest[number]
            result.hidden_steps[place] = result.hidden_steps.get(place, 0) + 1
            result.hidden_weight[place] = result.hidden_weight.get(place, 0.0) + measures.own[number]
    return result


def _with_ancestors(measures: Measures, numbers: Iterable[int]) -> set[int]:
    keep = {0}
    for start in numbers:
        number = start
        while number >= 0 and number not in keep:
            keep.add(number)
            number = measures.parents[number]
    return keep
