"""The weekly sample of answers for DBAs to grade: random, spread over the categories, and the same whenever it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from dbbuddy.analytics.queries import Reads, queries
from dbbuddy.identity import User, require

SIZE = 30


@dataclass(frozen=True)
class Sampled:
    """An answer of the sample: whose it is and its category."""

    exchange_id: str
    owner: str
    category: str


@dataclass(frozen=True)
class Sample:
    """The answers of a week, out of how many."""

    week: date
    answers: tuple[Sampled, ...]
    out_of: int


def weekly_sample(store: Reads, user: User, week: date, size: int = SIZE) -> Sample:
    """The sample of the week that begins on this Monday.

    It is drawn from the answers that were the last word of a session: what somebody left with. Each category gets its share by
    largest remainder; within it the order is by the MD5 of week and answer, so no draw has to be stored.

    Raises:
        NotAllowedError: the user is no DBA.
        ValueError: the week does not begin on a Monday.
        StoreError: the store cannot be read.
    """
    require(user, "dba")
    if week.weekday() != 0:
        raise ValueError(f"{week} is no Monday")
    parameters = {"week": week.isoformat(), "first": week, "last": week + timedelta(days=6), "most": size}
    rows = queries("roi")["sample"].read(store, parameters)
    sizes = {str(category): int(count) for _, _, category, _, count in rows}
    shares = allocated(sizes, size)
    answers = tuple(Sampled(id, owner, category) for id, owner, category, place, _ in rows if place <= shares[category])
    return Sample(week, answers, sum(sizes.values()))


def allocated(sizes: Mapping[str, int], total: int) -> dict[str, int]:
    """How many of each group to take so that together there are `total`, in proportion to their sizes (largest remainder)."""
    everything = sum(sizes.values())
    if everything <= total:
        return dict(sizes)
    quotas = {name: total * count / everything for name, count in sizes.items()}
    found = {name: int(quota) for name, quota in quotas.items()}
    by_remainder = sorted(sizes, key=lambda name: (found[name] - quotas[name], name))
    for name in by_remainder[: total - sum(found.values())]:
        found[name] += 1
    return found
