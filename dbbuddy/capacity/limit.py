"""A limit that a metric may hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from dbbuddy.capacity.metric import Metric

Level = Literal["warning", "critical", "full"]
LEVELS: tuple[Level, ...] = get_args(Level)


@dataclass(frozen=True)
class Limit:
    """A value that must not be exceeded.

    `name` tells what sets it ("gp3 volume", "max_connections of db.r6g.xlarge"), `unit` is one that `units.convert`
    knows (GB, TB, %, connections, IOPS, MB/s, rows ...), `level` says how bad it is, `source` is a page or a short text.
    """

    metric: Metric
    name: str
    value: float
    unit: str
    level: Level = "full"
    source: str = ""
