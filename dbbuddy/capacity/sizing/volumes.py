"""Which kind of storage, how large, with how many IOPS."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dbbuddy.capacity.catalogue import StorageType
from dbbuddy.capacity.interval import Interval

# A volume is provisioned so that the projected size fills at most this share.
FILL = 0.8
# Provisioned IOPS above the P90 of demand.
IOPS_RESERVE = 1.2


@dataclass(frozen=True)
class VolumeAdvice:
    """A volume that would do, or why it would not (`excuse`). Size in GB; `extra_*` is what has to be bought on top."""

    kind: StorageType
    size_gb: int
    iops: int
    throughput_mb_s: int
    extra_iops: int
    extra_mb_s: int
    excuse: str = ""


def size_volume(
    kinds: Sequence[StorageType], storage: Interval, iops: Interval | None, throughput: Interval | None
) -> tuple[VolumeAdvice, ...]:
    """Every kind, those that do first, the usual one foremost. The figures are those of the end of the horizon."""
    advised = [_advise(kind, storage.high, iops, throughput) for kind in kinds]
    return tuple(sorted(advised, key=lambda volume: (bool(volume.excuse), volume.kind.rank)))


def _advise(kind: StorageType, storage_gb: float, iops: Interval | None, throughput: Interval | None) -> VolumeAdvice:
    wanted_iops = math.ceil(iops.high * IOPS_RESERVE) if iops else 0
    wanted_mb_s = math.ceil(throughput.high * IOPS_RESERVE) if throughput else 0
    size = math.ceil(storage_gb / FILL)
    if kind.elastic or kind.tied_to_class:
        size = math.ceil(storage_gb)
        excuse = f"holds {kind.max_gb:,.0f} GB at most, {size:,} GB are needed" if size > kind.max_gb else ""
        return VolumeAdvice(kind, size, 0, 0, 0, 0, excuse)
    size = _large_enough(kind, size, wanted_iops, wanted_mb_s)
    if size > kind.max_gb:
        return VolumeAdvice(kind, size, 0, 0, 0, 0, f"holds {kind.max_gb:,.0f} GB at most, {size:,} GB are needed")
    included, most = kind.included(size), kind.most(size)
    excuse = ""
    if wanted_iops > most[0]:
        excuse = f"gives {most[0]:,.0f} IOPS at most, {wanted_iops:,} are needed"
    elif wanted_mb_s > most[1]:
        excuse = f"gives {most[1]:,.0f} MB/s at most, {wanted_mb_s:,} are needed"
    return VolumeAdvice(
        kind,
        size,
        math.floor(max(included[0], min(wanted_iops, most[0]))),
        math.floor(max(included[1], min(wanted_mb_s, most[1]))),
        max(math.ceil(min(wanted_iops, most[0]) - included[0]), 0),
        max(math.ceil(min(wanted_mb_s, most[1]) - included[1]), 0),
        excuse,
    )


def _large_enough(kind: StorageType, size: int, iops: int, mb_s: int) -> int:
    """A larger volume where only size brings the IOPS: the end of the first step that gives them."""
    steps = [size, *(math.floor(step.up_to_gb) + 1 for step in kind.steps if step.up_to_gb and step.up_to_gb >= size)]
    last = kind.steps[-1]
    for rate, wanted in ((last.iops_per_gb, iops), (last.mb_s_per_gb, mb_s)):
        if rate:
            steps.append(max(math.ceil(wanted / rate), size))
    fitting = [candidate for candidate in sorted(steps) if kind.most(candidate)[0] >= iops and kind.most(candidate)[1] >= mb_s]
    return next((candidate for candidate in fitting if candidate <= kind.max_gb), size)
