"""Limits on size that follow from time: the backup window, and how long a restore may take."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dbbuddy.capacity.limit import Limit

_SOURCE = "size = throughput x time (MB/s x hours x 3,600 / 1,024)"


@dataclass(frozen=True)
class Recovery:
    """What backups and restores must hold. Throughput in MB/s of data, times in hours; `None` where none is agreed.

    `compression` divides what has to be moved; `restore_overhead_hours` is what a restore takes besides copying
    (provisioning, replaying the log, checks).
    """

    backup_mb_s: float | None = None
    backup_window_hours: float | None = None
    restore_mb_s: float | None = None
    rto_hours: float | None = None
    compression: float = 1.0
    restore_overhead_hours: float = 0.5

    def __post_init__(self) -> None:
        given = (self.backup_mb_s, self.backup_window_hours, self.restore_mb_s, self.rto_hours, self.compression)
        if any(figure is not None and not 0 < figure < math.inf for figure in given) or not self.restore_overhead_hours >= 0:
            raise ValueError("give throughput, window, RTO and compression as numbers above zero")


def recovery_limits(recovery: Recovery) -> tuple[Limit, ...]:
    """The sizes above which the backup leaves its window, or the restore misses the RTO."""
    found = []
    if recovery.backup_mb_s and recovery.backup_window_hours:
        size = gigabytes(recovery.backup_mb_s, recovery.backup_window_hours) * recovery.compression
        name = f"A full backup at {recovery.backup_mb_s:,.0f} MB/s no longer fits {recovery.backup_window_hours:g} h"
        found.append(Limit("storage", name, size, "GB", "critical", _SOURCE))
    if recovery.restore_mb_s and recovery.rto_hours:
        hours = max(recovery.rto_hours - recovery.restore_overhead_hours, 0)
        size = gigabytes(recovery.restore_mb_s, hours) * recovery.compression
        name = f"A restore at {recovery.restore_mb_s:,.0f} MB/s takes longer than the RTO of {recovery.rto_hours:g} h"
        found.append(Limit("storage", name, size, "GB", "critical", _SOURCE))
    return tuple(found)


def restore_hours(size_gb: float, recovery: Recovery) -> float | None:
    """How long a restore of this size takes; `None` without a throughput."""
    if not recovery.restore_mb_s:
        return None
    return size_gb * 1024 / recovery.compression / recovery.restore_mb_s / 3600 + recovery.restore_overhead_hours


def gigabytes(mb_s: float, hours: float) -> float:
    """What moves in this time."""
    return mb_s * hours * 3600 / 1024
