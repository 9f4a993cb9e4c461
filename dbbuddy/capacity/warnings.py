"""What a user should know before signing a projection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from dbbuddy.capacity.backtest import Backtest
from dbbuddy.capacity.forecast.cleaning import Event
from dbbuddy.capacity.forecast.fit import Fit
from dbbuddy.capacity.forecast.regular import Regular
from dbbuddy.capacity.history.model import History

FEW = 10
MUCH_FILLED = 0.2


def warnings_of(
    history: History, regular: Regular, made: Fit, steps: int, found: Sequence[Event], back: Backtest | None
) -> Iterator[str]:
    """Each as one sentence."""
    n, step = regular.values.size, regular.step
    if history.growth_per_day is not None:
        yield "Two numbers only: the growth is taken as stated, give or take a third. A history narrows this."
        return
    if n < FEW:
        yield f"Only {n} values: the intervals are wide because nothing could be tested on them."
    elif steps > n:
        yield f"The projection reaches further ({steps} {step.name}s) than the history ({n} {step.name}s)."
    if float(np.ptp(regular.values)) == 0:
        yield "All values are the same: no growth can be seen, and none is projected."
    if regular.filled.mean() > MUCH_FILLED:
        yield f"{regular.filled.mean():.0%} of the {step.name}s have no sample of their own."
    if any(event.what == "step" and event.first >= n - 7 for event in found):
        yield "The last values jump. Whether they stay cannot be known yet; undo the step if they are wrong."
    if step.months == 0 and step.days == 1 and n < 14:
        yield "Less than two weeks: a weekly rhythm cannot be seen."
    if any(event.what == "purge" for event in found):
        yield "Regular purges are taken as going on; if they stop, the limit comes sooner."
    if back is not None and back.cover95 < 0.5:
        yield "Asked earlier, this projection would have missed: most of what came lay outside its interval. See the back-test."
    if history.kind is None and 0.2 < made.cumulative < 0.8:
        yield "Whether it piles up or goes up and down is not clear from the values. Name the metric to settle it."
