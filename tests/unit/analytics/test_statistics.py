"""Intervals: against published values, against simulation, and what holds for every input."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.analytics.figures import Figure, rating, share
from dbbuddy.analytics.statistics import mean_of_ratings, quantile_ranks, ratio_of_rates, t_quantile, wilson

COUNTS = st.lists(st.integers(0, 500), min_size=5, max_size=5)


@pytest.mark.parametrize(("n", "low", "high"), [(20, 0.699, 0.972), (100, 0.826, 0.945), (1000, 0.880, 0.917)])
def test_nine_of_ten_is_less_sure_the_fewer_there_are(n: int, low: float, high: float) -> None:
    assert wilson(0.9 * n, n) == pytest.approx((low, high), abs=0.0006)


@pytest.mark.parametrize(
    ("freedom", "value"), [(1, 12.706), (2, 4.303), (5, 2.571), (10, 2.228), (29, 2.045), (120, 1.980), (9999, 1.960)]
)
def test_student_t_as_in_the_tables(freedom: int, value: float) -> None:
    assert t_quantile(freedom) == pytest.approx(value, abs=0.0006)


@given(st.integers(1, 5000), st.data())
def test_a_share_lies_in_its_interval(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    assert low < high


@pytest.mark.parametrize(("k", "n"), [(3, 2), (-1, 4)])
def test_more_successes_than_tries_are_refused(k: int, n: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(k, n)


def test_the_interval_of_a_share_holds_what_it_promises() -> None:
    rng = np.random.default_rng(3)
    for n, p in ((30, 0.5), (50, 0.9), (200, 0.7)):
        bounds = [wilson(int(k), n) for k in rng.binomial(n, p, 2000)]
        assert 0.92 < np.mean([low <= p <= high for low, high in bounds]) < 0.98


@given(COUNTS)
def test_a_mean_lies_in_its_interval_and_on_the_scale(counts: list[int]) -> None:
    found = mean_of_ratings(counts)
    if sum(counts) == 0:
        assert found is None
        return
    mean, low, high = found
    assert 1 <= low <= mean <= high <= 5
    assert low < high


def test_the_interval_of_ratings_is_student_s() -> None:
    values = [5, 5, 4, 3, 5, 1]
    mean, low, high = mean_of_ratings([values.count(star) for star in range(1, 6)])
    half = 2.571 * np.std(values, ddof=1) / np.sqrt(len(values))
    assert (mean, low) == pytest.approx((np.mean(values), np.mean(values) - half), abs=0.001)
    assert high == 5.0


@given(st.integers(1, 3000), st.floats(0.01, 0.99))
def test_the_rank_of_a_quantile(n: int, q: float) -> None:
    rank, low, high = quantile_ranks(n, q)
    assert 1 <= low <= rank <= high <= n
    assert (rank - 1) / n < q + 1e-6


def test_a_ratio_of_rates() -> None:
    ratio, low, high = ratio_of_rates([3, 2, 4, 3], 4.0, [10, 9, 11, 10, 10, 10], 6.0)
    assert ratio == pytest.approx(0.3)
    assert 0.15 < low < 0.2 < 0.45 < high < 0.6
    assert ratio_of_rates([1], 1.0, [0, 0], 2.0) is None
    assert ratio_of_rates([], 0.0, [3], 1.0) is None
    none = ratio_of_rates([0, 0, 0], 3.0, [20, 20], 2.0)
    assert none[0] == none[1] == 0
    assert none[2] > 0


def test_weeks_that_vary_more_widen_the_interval() -> None:
    even = ratio_of_rates([5] * 8, 8, [10] * 8, 8)
    uneven = ratio_of_rates([0, 10] * 4, 8, [0, 20] * 4, 8)
    assert uneven[0] == even[0]
    assert uneven[1] < even[1] < even[2] < uneven[2]


def test_a_target_is_met_only_if_the_whole_interval_clears_it() -> None:
    assert share("solved_rate", 92, 100).met is False
    assert share("solved_rate", 920, 1000).met is True
    assert share("solved_rate", 0, 0).met is None
    assert Figure("response_time", 900, 50, 700, 5100).met is False
    assert Figure("response_time", 900, 50, 700, 4900).met is True
    assert share("response_rate", 9, 10).met is None
    assert rating("satisfaction", [0, 0, 0, 0, 29]).few
    assert not rating("satisfaction", [0, 0, 0, 0, 30]).few
