"""What was done to a history before it was projected; each shown, and undone where a user says so."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

What = Literal[
    "outlier", "step", "purge", "gap", "duplicate", "unit", "partial", "negative", "unreadable", "time_zone", "shortened"
]
UNDOABLE: tuple[What, ...] = ("outlier", "step", "partial")


@dataclass(frozen=True)
class Adjustment:
    """One thing found in the data.

    `id` stays the same for the same data, `date` is where it stands (None for the whole history), `why` says how it was
    recognised, `effect` what was done about it. Those whose `what` is in `UNDOABLE` are left out when their id is given as
    `undone`.
    """

    id: str
    what: What
    date: dt.date | None
    why: str
    effect: str

    @property
    def undoable(self) -> bool:
        return self.what in UNDOABLE


def adjustment(what: What, date: dt.date | None, why: str, effect: str) -> Adjustment:
    """An adjustment whose id is made of what and where it is."""
    return Adjustment(f"{what}:{date.isoformat() if date else 'all'}", what, date, why, effect)
