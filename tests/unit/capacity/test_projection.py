"""Projections: how good, how sure, when the wall, and honest about what cannot be known."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.forecasting.growth_series import SHAPES, generate
from dbbuddy.capacity.events import Change, Growth, Purge, Retention, Scaled, parse_event
from dbbuddy.capacity.forecast.fit import fit
from dbbuddy.capacity.forecast.regular import Regular, Step, regularise, step_of
from dbbuddy.capacity.forecast.simulate import simulate
from dbbuddy.capacity.history import History, HistoryError, from_numbers, from_points
from dbbuddy.capacity.limit import Limit
from dbbuddy.capacity.project import Projection, project
from dbbuddy.capacity.samples import samples
from dbbuddy.capacity.units import UnitError
from dbbuddy.capacity.wall import first_to_break
from tests.effort import examples

START = np.datetime64("2025-01-01", "s")
DAY = np.timedelta64(86_400, "s")


def daily(values: object, metric: str = "storage") -> History:
    numbers = np.asarray(values, float)
    return from_points(START + np.arange(numbers.size) * DAY, numbers, metric)  # type: ignore[arg-type]


def growing(days: int = 200, rate: float = 1.0, seed: int = 1) -> np.ndarray:
    return 500 + np.cumsum(rate * np.random.default_rng(seed).gamma(4, 0.25, days))


def gb(value: float, name: str = "disk") -> Limit:
    return Limit("storage", name, value, "GB")


def test_thirteen_shapes_are_forecast_within_the_bars() -> None:
    """MASE at most 1.25 on the mean of shapes, 80 % intervals that hold about 80 %; seeds that nothing was tuned on."""
    errors, inside = [], []
    for shape in SHAPES:
        for seed in range(9000, 9004):
            made = generate(shape, seed)
            history = from_points(np.array(made.dates, "datetime64[s]"), made.history, made.metric)  # type: ignore[arg-type]
            found = project(history, horizon_steps=made.horizon, with_backtest=False)
            truth = made.future[: made.horizon]
            lag = 7 if made.horizon == 90 else 12 if made.history.size > 12 else 1
            errors.append(np.abs(found.mean - truth).mean() / np.abs(made.history[lag:] - made.history[:-lag]).mean())
            inside.append(((truth >= found.lo80) & (truth <= found.hi80)).mean())
    assert np.mean(errors) <= 1.25
    assert 0.7 <= np.mean(inside) <= 0.92


def test_a_straight_growth_hits_the_wall_on_its_day() -> None:
    made = project(daily(growing()), [gb(800)], 365)
    (found,) = made.walls
    assert found.early
    assert found.likely
    assert found.late
    true_day = dt.date(2025, 1, 1) + dt.timedelta(days=300)
    assert found.early <= found.likely <= found.late
    assert abs((found.likely - true_day).days) <= 12
    assert found.probability == 1.0
    assert found.probability_by(found.early, made.dates) == pytest.approx(0.1, abs=0.06)
    assert found.probability_by(dt.date(2020, 1, 1), made.dates) == 0.0


def test_never_is_said_and_so_is_already() -> None:
    made = project(daily(growing(rate=0.01)), [gb(5000), gb(400, "small")])
    far, near = made.walls
    assert far.never
    assert far.likely is None
    assert "not reached by" in far.told()
    assert near.already
    assert "already" in near.told()
    assert first_to_break(made.walls) is near


def test_the_first_to_break_is_named_over_several_metrics() -> None:
    disk = project(daily(growing()), [gb(1500)])
    lines = project(daily(growing(rate=2) - 400, "connections"), [Limit("connections", "max_connections", 700, "connections")])
    first = first_to_break([*disk.walls, *lines.walls])
    assert first
    assert first.limit.name == "max_connections"
    assert project(daily(growing()), [Limit("cpu", "policy", 80, "%")]).walls == ()


def test_a_step_and_broken_samples_are_no_growth_and_can_be_undone() -> None:
    values = growing()
    values[100:] -= 150
    values[50] = 0
    made = project(daily(values), horizon_days=90)
    found = {a.what: a for a in made.adjustments}
    assert {"step", "outlier"} <= set(found)
    assert found["step"].date == dt.date(2025, 4, 11)
    assert found["outlier"].date == dt.date(2025, 2, 20)
    assert made.mean[-1] == pytest.approx(values[-1] + 90, rel=0.02)
    assert made.line[-1] < made.mean[-1] - 50
    undone = project(daily(values), horizon_days=90, undone=[found["step"].id])
    assert all(a.what != "step" for a in undone.adjustments)
    assert undone.clean[0] == values[0]
    assert made.clean[0] == pytest.approx(values[0] - 150, abs=5)


def test_regular_purges_stay_part_of_the_net_growth() -> None:
    values = growing(240, 2)
    for at in range(30, 240, 30):
        values[at:] -= 45
    made = project(daily(values), horizon_days=90)
    assert [a.what for a in made.adjustments] == ["purge"]
    assert made.mean[-1] == pytest.approx(values[-1] + 45, abs=40)


def test_the_interval_grows_and_keeps_order_and_floor() -> None:
    shrinking = project(daily(np.linspace(100, 3, 120) + np.random.default_rng(0).normal(0, 1, 120)), horizon_days=365)
    for made in (shrinking, project(daily(growing()))):
        assert (made.lo95 <= made.lo80).all()
        assert (made.lo80 <= made.mean).all()
        assert (made.mean <= made.hi80).all()
        assert (made.hi80 <= made.hi95).all()
        assert made.lo95.min() >= 0
    share = project(from_points(START + np.arange(120) * DAY, np.linspace(40, 99, 120), "cpu"), horizon_days=365)
    assert share.hi95.max() <= 100


def test_a_weekly_rhythm_is_carried_on() -> None:
    week = np.array([5, 6, 5, 4, 3, -10, -13.0])
    values = 50 + week[np.arange(140) % 7] + np.random.default_rng(0).normal(0, 0.5, 140)
    made = project(daily(values, "cpu"), horizon_days=28)
    assert made.method.season == 7
    assert made.mean == pytest.approx(50 + week[np.arange(140, 168) % 7], abs=1.5)


def test_a_full_store_levels_off() -> None:
    at = np.arange(300)
    made = project(daily(1000 / (1 + np.exp(-(at - 150) / 35))), horizon_days=120)
    assert made.mean[-1] < 1100
    assert made.line[-1] > 1250


def test_short_histories_are_wide_and_say_so() -> None:
    months = [np.datetime64(f"2026-0{m}-28", "s") for m in range(1, 6)]
    made = project(from_points(np.array(months), [300, 312, 322, 336, 347], "storage"), [gb(400)])
    assert made.method.step == "month"
    assert "Only 5 values" in made.warnings[0]
    assert made.backtest is None
    assert made.hi80[-1] - made.lo80[-1] > 20
    likely = made.walls[0].likely
    assert likely
    assert dt.date(2026, 9, 1) < likely < dt.date(2026, 11, 30)


def test_the_backtest_tells_what_would_have_been_said() -> None:
    back = project(daily(growing(300))).backtest
    assert back
    assert back.asked == dt.date(2025, 7, 29)
    assert len(back.dates) == back.truth.size == 90
    assert back.mase is not None
    assert back.line_mase is not None
    assert back.mase < back.line_mase
    assert back.cover95 >= back.cover80 > 0.5


def test_events_change_the_path_from_their_date() -> None:
    history, when = daily(growing()), dt.date(2025, 9, 1)
    plain = project(history, horizon_days=200)
    at = plain.dates.index(when)

    def ends(*events: object) -> Projection:
        return project(history, horizon_days=200, events=events)  # type: ignore[arg-type]

    added = ends(Change(when, 300))
    assert added.mean[at - 1] == plain.mean[at - 1]
    assert added.mean[-1] == pytest.approx(plain.mean[-1] + 300)
    grown = ends(Growth(when, 2))
    rest = plain.mean[-1] - plain.mean[at - 1]
    assert grown.mean[-1] == pytest.approx(plain.mean[-1] + rest)
    assert ends(Scaled(when, 0.5)).mean[-1] == pytest.approx(plain.mean[-1] / 2)
    purged = ends(Purge(when, 10, 30)).mean[-1]
    assert purged == pytest.approx(plain.mean[-1] - 10 * ((plain.dates[-1] - when).days // 30 + 1))
    kept = ends(Retention(when, 60))
    assert kept.mean[-1] == pytest.approx(60, rel=0.15)
    assert kept.mean[at - 1] == plain.mean[at - 1]


def test_events_are_read_from_a_line() -> None:
    assert parse_event("2027-03-01 +1.5 TB", "GB") == Change(dt.date(2027, 3, 1), 1536)
    assert parse_event("2027-03-01 growth x1.5", "GB") == Growth(dt.date(2027, 3, 1), 1.5)
    assert parse_event("2027-03-01 keep 90 days of 50 %", "GB") == Retention(dt.date(2027, 3, 1), 90, 0.5)
    for text in ("", "2027-02-30 +1 GB", "2027-03-01 more", "2027-03-01 +5 connections", "2027-03-01 keep 0 days"):
        with pytest.raises(UnitError):
            parse_event(text, "GB")


def test_the_same_seed_gives_the_same_paths_and_their_spread_is_the_intervals() -> None:
    made = fit(growing(), 120, (7,), 1.0)
    paths = simulate(made, 4000, seed=3)
    assert (paths == simulate(made, 4000, seed=3)).all()
    low, high = made.band(0.8)
    assert ((paths >= low) & (paths <= high)).mean() == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize(
    ("days", "name"), [(0.01, "day"), (1, "day"), (7, "week"), (30.44, "month"), (91.3, "quarter"), (365.25, "year"), (3, "3 days")]
)
def test_the_step_is_that_of_the_samples(days: float, name: str) -> None:
    times = np.datetime64("2016-01-01", "s") + (np.arange(30 if days >= 1 else 300) * days * 86_400).astype("timedelta64[s]")
    assert step_of(times).name == name


def test_a_days_samples_become_its_peak_and_gaps_are_told() -> None:
    times = np.concatenate([START + np.arange(24) * np.timedelta64(3600, "s"), START + np.arange(20, 23) * DAY])
    values = np.concatenate([np.arange(24.0), [5, 6, 7]])
    regular, notes = regularise(times, values, "max")
    assert regular.values[[0, -1]].tolist() == [23, 7]
    assert [note.what for note in notes if note.what == "gap"] == ["gap"]
    assert regularise(times, values, "p95")[0].values[0] == 22


def test_month_ends_stay_month_ends() -> None:
    regular = Regular(Step(months=1), dt.date(2026, 2, 28), np.array([1.0, 2.0]), np.zeros(2, bool))
    assert regular.dates(2, 3) == [dt.date(2026, 3, 31), dt.date(2026, 4, 30), dt.date(2026, 5, 31)]
    assert regular.dates(0, 1) == [dt.date(2026, 1, 31)]


@pytest.mark.parametrize("value", [0.0, 7.0, 1e18, 1e-9])
def test_constants_are_projected_flat_and_finite(value: float) -> None:
    made = project(daily(np.full(60, value)), [gb(max(value, 1) * 10)])
    assert made.mean == pytest.approx(np.full(365, value))
    assert np.isfinite(made.hi95).all()
    assert any("All values are the same" in text for text in made.warnings)


def test_what_cannot_be_projected_is_refused() -> None:
    for history, says in (
        (daily([5]), "One point"),
        (daily([-1, -2, -3]), "negative"),
    ):
        with pytest.raises(HistoryError, match=says):
            project(history)
    for days in (0, -5, float("nan")):
        with pytest.raises(HistoryError, match="horizon"):
            project(daily([1, 2, 3]), horizon_days=days)
    with pytest.raises(HistoryError, match="do not measure"):
        project(daily([1, 2, 3]), [Limit("storage", "disk", 80, "%")])


def test_the_samples_are_dated_today_and_show_what_they_are_for() -> None:
    today = dt.date(2026, 6, 1)
    made = {s.title: project(s.history, s.limits, with_backtest=False) for s in samples(today)}
    assert len(made) == 6
    assert all(p.history_dates[-1] == today for p in made.values())
    assert all(p.first_to_break for p in made.values())
    found = {title: {a.what for a in p.adjustments} for title, p in made.items()}
    assert "step" in found["A step after a migration"]
    assert "purge" in found["A saw-tooth of monthly purges"]
    assert made["CPU with a weekly rhythm"].method.season == 7


def test_two_numbers_meet_a_limit() -> None:
    made = project(from_numbers(500, 20, on=dt.date(2026, 1, 1)), [Limit("storage", "disk", 600, "GB")])
    likely = made.walls[0].likely
    assert likely
    assert dt.date(2026, 5, 15) < likely < dt.date(2026, 6, 15)


points = st.tuples(
    st.integers(min_value=-60_000_000_000, max_value=8_000_000_000).map(lambda s: np.datetime64("1970-01-01", "s") + s),
    st.floats(allow_nan=True, allow_infinity=True),
)


@settings(max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(points, max_size=30), st.sampled_from(["storage", "cpu", "other"]), st.floats(allow_nan=False))
def test_any_history_is_projected_finitely_or_refused(rows: list[tuple[np.datetime64, float]], metric: str, limit: float) -> None:
    message = "it was projected"
    try:
        history = from_points(np.array([t for t, _ in rows], "datetime64[s]"), np.array([v for _, v in rows], float), metric)  # type: ignore[arg-type]
        made = project(history, [Limit(history.metric, "x", limit, "")], 90)
    except HistoryError as error:
        message = str(error)
    else:
        for band in (made.mean, made.lo80, made.hi80, made.lo95, made.hi95, made.line):
            assert np.isfinite(band).all()
        assert (made.lo95 <= made.hi95).all()
        assert all(0 <= found.probability <= 1 for found in made.walls)
    assert 10 < len(message) < 300
