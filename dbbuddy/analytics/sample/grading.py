"""Made-up verdicts of a DBA on the weekly samples."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np

from dbbuddy.analytics.queries import Reads
from dbbuddy.analytics.roi.sampling import weekly_sample
from dbbuddy.analytics.sample.mark import LABEL
from dbbuddy.identity import User
from dbbuddy.store.grades import VERDICTS
from dbbuddy.store.store import utc_now

_DBA = User(LABEL, LABEL, frozenset({"dba"}))
_WEEKS = 10
_SHARES = (0.72, 0.15, 0.11, 0.02)
"""Of the verdicts, in the order of `VERDICTS`."""


def graded(store: Reads, today: date) -> Iterator[dict[str, Any]]:
    """Rows of grades for the samples of the last whole weeks but one; that one is left to be graded."""
    rng = np.random.default_rng(13)
    monday = today - timedelta(days=today.weekday())
    for place in range(2, _WEEKS + 2):
        week = monday - timedelta(weeks=place)
        for one in weekly_sample(store, _DBA, week).answers:
            verdict = VERDICTS[int(rng.choice(len(VERDICTS), p=_SHARES))]
            row = {"exchange_id": one.exchange_id, "week": week, "grader": LABEL, "graded_at": utc_now()}
            yield {**row, "verdict": verdict, "note": ""}
