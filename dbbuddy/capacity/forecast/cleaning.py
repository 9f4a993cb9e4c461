"""Taking out of a regular series what would mislead a forecast: broken samples and one-off jumps.

What is found comes back as events on the series, so that a user can see and undo each. Values are only ever changed in the
copy that the forecast learns from.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dbbuddy.capacity.forecast.smoothing import Values

Found = Literal["outlier", "step", "purge"]
WINDOW = 10  # Hampel filter: values to each side
OUTLIER_DEVIATIONS = 6.0  # median absolute deviations, as standard deviations
STEP_DEVIATIONS = 14.0  # of the changes from step to step, in median absolute deviations
_MAD_TO_SIGMA = 1.4826
_MOST_STEPS = 3  # more jumps of one sign than this are how the series grows, not accidents


@dataclass(frozen=True)
class Event:
    """Something found: the positions it covers (the last not included), and what it added to or took from the values."""

    what: Found
    first: int
    last: int
    effect: float


def without(values: Values, events: list[Event]) -> Values:
    """The values with outliers bridged and everything before a step lifted to the level after it."""
    clean = values.copy()
    wrong = np.zeros(values.size, dtype=bool)
    for event in events:
        if event.what == "outlier":
            wrong[event.first : event.last] = True
    if wrong.any() and not wrong.all():
        at = np.arange(values.size)
        clean[wrong] = np.interp(at[wrong], at[~wrong], values[~wrong])
    for event in events:
        if event.what == "step":
            clean[: event.first] += event.effect
    return clean


def find_events(values: Values, season: Values | None = None, period: int = 1) -> list[Event]:
    """Outliers, steps and regular purges, in order.

    Args:
        values: (n,) regular.
        season: (n,) what a season adds, so that its peaks are not taken for outliers.
        period: its length; a jump that comes again after a period is the season's.
    """
    if values.size < 8:
        return []
    flat = values - season if season is not None else values
    outliers = _outliers(flat)
    clean = without(flat, outliers)
    return sorted(outliers + _jumps(clean, without(values, outliers), period), key=lambda event: (event.first, event.what))


def _outliers(values: Values) -> list[Event]:
    """Short excursions far from the median of their neighbours (Hampel 1974); a level that stays is none.

    Runs up to three values count, and never the last two: what has just happened may be a step.
    """
    n = values.size
    window = min(WINDOW, (n - 1) // 2)
    line = np.polynomial.polynomial.polyfit(np.arange(n), values, 1)
    padded = np.pad(values, window, mode="reflect", reflect_type="odd")
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * window + 1)
    middle = np.median(near, axis=1)
    spread = np.median(np.abs(near - middle[:, None]), axis=1) * _MAD_TO_SIGMA
    residue = np.abs(values - middle)
    floor = max(1.5 * float(np.median(residue)), abs(float(line[1])), 1e-9 * float(np.abs(values).max()))
    bad = residue > OUTLIER_DEVIATIONS * np.maximum(spread, floor)
    bad[-2:] = False
    zero_end = values[-1] <= 0 < middle[-3] and n > 12
    found = [Event("outlier", i, j, float((values[i:j] - middle[i:j]).mean())) for i, j in _runs(bad) if j - i <= 3]
    if zero_end:
        first = n - 1 if values[-2] > 0 else n - 2
        found.append(Event("outlier", first, n, float(values[-1] - middle[-3])))
    return found


def _jumps(values: Values, unseasoned: Values, period: int) -> list[Event]:
    """Steps: rare changes of more than fourteen deviations that stay. Regular ones of one sign are purges and are kept."""
    changes = np.diff(values)
    usual = float(np.median(changes))
    deviation = float(np.median(np.abs(changes - usual)))
    typical = float(np.mean(np.sort(np.abs(changes))[: max(1, int(changes.size * 0.9))]))
    bound = max(STEP_DEVIATIONS * deviation, 4 * typical, 1e-6 * float(np.abs(values).max()))
    large = np.abs(changes - usual) > bound
    steps: list[Event] = []
    for sign in (-1.0, 1.0):
        at = np.flatnonzero(large & (np.sign(changes) == sign))
        if at.size >= 3 and (at.size > _MOST_STEPS or _regular(at)):
            if sign < 0:
                steps += [Event("purge", int(i) + 1, int(i) + 2, float(changes[i])) for i in at]
            continue
        for first, last in _runs_of(at):
            size = float(values[last + 1] - values[first]) - usual * (last + 1 - first)
            if _stays(values, first, last + 1, size, usual) and not _returns(unseasoned, first, last + 1, size, period):
                steps.append(Event("step", first + 1, last + 2, size))
    return [_whole(step, values) for step in steps]


def _returns(values: Values, before: int, after: int, size: float, period: int) -> bool:
    """Whether the same jump, at least two fifths of it, stands a period earlier or later."""
    if period < 2:
        return False
    places = [(before + shift, after + shift) for shift in (-period, period)]
    return any((values[b] - values[a]) / size > 0.4 for a, b in places if a >= 0 and b < values.size)


def _whole(step: Event, values: Values) -> Event:
    return Event(step.what, step.first, min(step.last, values.size), step.effect)


def _stays(values: Values, before: int, after: int, size: float, usual: float) -> bool:
    """Whether most of the jump is still there in the values that follow it."""
    reach = 7
    left = values[max(0, before - reach + 1) : before + 1]
    right = values[after : after + reach]
    moved = float(np.median(right) - np.median(left)) - usual * (left.size + right.size) / 2
    return moved / size > 0.5


def _regular(at: NDArray[np.int64]) -> bool:
    spacing = np.diff(at)
    return bool(spacing.std() < 0.3 * spacing.mean())


def _runs(marked: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.r_[0, marked.astype(np.int8), 0]))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _runs_of(at: NDArray[np.int64]) -> list[tuple[int, int]]:
    """First and last of each run of neighbouring positions."""
    if not at.size:
        return []
    cuts = np.flatnonzero(np.diff(at) > 1)
    return list(zip(at[np.r_[0, cuts + 1]].tolist(), at[np.r_[cuts, at.size - 1]].tolist(), strict=True))
