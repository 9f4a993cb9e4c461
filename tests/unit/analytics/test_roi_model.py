"""The range: against computations by other means, and what it must never do."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from dbbuddy.analytics.roi import findings
from dbbuddy.analytics.roi.assess import assess
from dbbuddy.analytics.roi.assumptions import AssumptionError, Assumptions, defaults, differences, read
from dbbuddy.analytics.roi.draws import draw, rank_correlation, triangular
from dbbuddy.analytics.roi.example import plan, return_on_investment
from dbbuddy.analytics.roi.ledger import Grades, Ledger, Line, Tickets
from dbbuddy.analytics.roi.model import a_year
from dbbuddy.analytics.roi.sampling import allocated
from dbbuddy.analytics.roi.solver import solve

LAUNCH = date(2026, 1, 5)
SLOW = Line("troubleshooting", confirmed=60, assumed=80, unresolved=30, handed_over=10, minutes=(40.0, 60.0, 90.0))
FAST = Line("query_optimization", confirmed=30, assumed=30, unresolved=10, handed_over=0, minutes=(30.0, 30.0, 30.0))
LEDGER = Ledger((SLOW, FAST), open=12, days=91, cost_days=98, model_dollars=49.0, elaborations=500, ticket_share=0.0, launch=LAUNCH)


def certain(**values: float) -> Assumptions:
    """Every range a point: the likely value, or the one given."""
    ranges = {
        name: dict.fromkeys(("low", "likely", "high"), values.get(name, one.likely)) for name, one in defaults().ranges.items()
    }
    fixed = {name: {"value": values[name]} for name in defaults().fixed if name in values}
    return defaults().changed({**ranges, **fixed})


def test_the_example_of_the_plan() -> None:
    example = plan()
    assert example.value == 37_500
    assert example.roi == pytest.approx(6.5)
    assert findings.percent(example.roi) == "650 %"
    with pytest.raises(ValueError, match="needs a cost"):
        return_on_investment(1, 0)


def test_the_model_gives_the_plans_figure_where_everything_is_as_the_plan_says() -> None:
    """500 hours a year, all of them a DBA's, all used, building the only cost."""
    issues = 125
    line = Line("troubleshooting", confirmed=issues, minutes=(240.0, 240.0, 240.0))
    year = replace(LEDGER, lines=(line,), days=365, cost_days=365, model_dollars=0.0)
    free = {"running_month": 0, "upkeep_hours_month": 0, "checking_minutes": 0, "dba_share": 1, "recapture": 1, "build": 5000}
    result = assess(year, certain(**free)).result
    assert result is not None
    assert result.roi is not None
    assert result.hours.mean == pytest.approx(500, rel=0.01)
    assert result.roi.mean == pytest.approx(6.5, rel=0.01)
    assert result.roi.low < 6.5 < result.roi.high  # counts vary by chance, even here


def by_hand(assumptions: Assumptions, *, waiting: bool) -> float:
    """The return with every range at its likely value, in plain arithmetic."""
    likely = {name: one.likely for name, one in assumptions.ranges.items()}
    year = 365 / LEDGER.days
    hours = issues = 0.0
    for line in LEDGER.lines:
        assert line.minutes
        solved = line.confirmed + line.assumed * likely["assumed_right"]
        issues += solved * likely["dba_share"] * year
        hours += solved * likely["dba_share"] * year * line.minutes[1] / 60
    benefit = hours * likely["dba_hour"] * likely["recapture"]
    benefit += issues * likely["waiting_minutes"] / 60 * likely["developer_hour"] * likely["recapture"] * waiting
    cost = likely["build"] + 12 * likely["running_month"] + 12 * likely["upkeep_hours_month"] * likely["dba_hour"]
    cost += LEDGER.model_dollars * 365 / LEDGER.cost_days
    cost += LEDGER.settled * year * likely["checking_minutes"] / 60 * likely["developer_hour"]
    return (benefit - cost) / cost


@pytest.mark.parametrize("waiting", [False, True])
def test_the_return_is_that_of_plain_arithmetic_where_nothing_is_uncertain(waiting: bool) -> None:
    points = tuple(replace(line, minutes=(line.minutes[1],) * 3) for line in LEDGER.lines if line.minutes)
    ledger = replace(LEDGER, lines=points)
    draws = replace(draw(ledger, certain()), problems=np.ones(10_000))
    year = a_year(ledger, draws, certain(), waiting=waiting)
    assert np.ptp(year.roi) == pytest.approx(0, abs=1e-12)
    assert float(year.roi[0]) == pytest.approx(by_hand(certain(), waiting=waiting))


def test_the_range_is_that_of_another_simulation() -> None:
    """With the standard library's generator and no shared code."""
    rng = random.Random(5)
    ranges = defaults().ranges

    def one(name: str) -> float:
        value = ranges[name]  # type: ignore[index]
        return rng.triangular(value.low, value.high, value.likely)

    found = []
    for _ in range(6_000):
        volume = rng.gammavariate(LEDGER.settled, 1 / LEDGER.settled)
        pace = rng.random()
        slow = 40 + math.sqrt(pace * 50 * 20) if pace < 0.4 else 90 - math.sqrt((1 - pace) * 50 * 30)
        right, share, rate = one("assumed_right"), one("dba_share"), one("dba_hour")
        year = volume * 365 / LEDGER.days
        hours = year * share * ((60 + 80 * right) * slow + (30 + 30 * right) * 30) / 60
        upkeep = 12 * one("upkeep_hours_month") * rate
        checking = year * LEDGER.settled * one("checking_minutes") / 60 * one("developer_hour")
        cost = one("build") + 12 * one("running_month") + upkeep + 49 * 365 / 98 + checking
        found.append((hours * rate * one("recapture") - cost) / cost)
    result = assess(LEDGER, defaults()).result
    assert result is not None
    assert result.roi is not None
    expected = np.quantile(found, (0.1, 0.5, 0.9))
    assert (result.roi.low, result.roi.middle, result.roi.high) == pytest.approx(tuple(expected), abs=0.03)
    assert result.positive == pytest.approx(np.mean(np.array(found) > 0), abs=0.02)


def test_the_same_data_always_gives_the_same_figures() -> None:
    assert assess(LEDGER, defaults()) == assess(LEDGER, defaults())


def test_payback_and_present_value_by_hand() -> None:
    points = tuple(replace(line, minutes=(line.minutes[1],) * 3) for line in LEDGER.lines if line.minutes)
    ledger = replace(LEDGER, lines=points)
    assumed = certain(recapture=1.0)
    year = a_year(ledger, replace(draw(ledger, assumed), problems=np.ones(10_000)), assumed, waiting=False)
    net = float((year.benefit - year.yearly_cost)[0])
    assert float(year.payback_months[0]) == pytest.approx(5000 / (net / 12))
    by_month = -5000 + sum(net / 12 / 1.1 ** (month / 12) for month in range(1, 37))
    assert float(year.net_present_value(0.1, 3)[0]) == pytest.approx(by_month)
    assert float(year.cumulative(0)[0]) == -5000
    assert float(year.cumulative(12)[0]) == pytest.approx(net - 5000)
    paid = assess(ledger, assumed).result
    assert paid is not None
    assert paid.payback.middle is not None
    assert abs((paid.payback.middle - LAUNCH).days - 5000 / net * 365) < 12


def test_what_never_pays_back_is_never() -> None:
    result = assess(LEDGER, certain(recapture=0.0)).result
    assert result is not None
    assert result.payback.middle is None
    assert result.payback.never == 1
    assert result.positive == 0
    assert "not paid back" in findings.break_even(result.payback)


def test_without_any_cost_there_is_no_return_and_no_nan() -> None:
    free = certain(build=0, running_month=0, upkeep_hours_month=0, checking_minutes=0)
    ledger = replace(LEDGER, model_dollars=0.0)
    result = assess(ledger, free).result
    assert result is not None
    assert result.roi is None
    assert "nan" not in repr(result).lower()
    assert solve(ledger, free, 6.5) is None


def test_unsolved_and_handed_over_problems_bring_nothing_but_cost_checking() -> None:
    lost = replace(LEDGER, lines=(Line("troubleshooting", unresolved=50, handed_over=20, minutes=(60.0, 60.0, 60.0)),))
    result = assess(lost, defaults()).result
    assert result is not None
    assert result.hours.high == 0
    assert next(line for line in result.costs if line.name == "checking").band.low > 0


def test_no_more_is_credited_than_tickets_fell_by() -> None:
    """200 tickets in 20 weeks before, 100 in 10 weeks now, at 50 developers: they did not fall at all; then by half."""
    level = Tickets(before=200, exposure_before=20 * 50.0, now=100, exposure_now=10 * 50.0)
    half = replace(level, now=50)
    hours = []
    for tickets in (level, half):
        ledger = replace(LEDGER, lines=(replace(SLOW, tickets=tickets),), ticket_share=70 / 91)
        result = assess(ledger, defaults()).result
        assert result is not None
        hours.append({rung.rung: rung.hours for rung in result.rungs})
    assert hours[0]["tickets"] < 0.25 * hours[1]["tickets"]
    # By half: 5 tickets a week over the 10 weeks, an hour each or a little more.
    assert hours[1]["tickets"] == pytest.approx(50 * 63 / 60, rel=0.15)
    uncapped = assess(
        replace(LEDGER, lines=(replace(SLOW, tickets=level),), ticket_share=70 / 91), certain(cap_at_tickets=0)
    ).result
    free = assess(replace(LEDGER, lines=(SLOW,)), certain()).result
    assert uncapped is not None
    assert free is not None
    assert uncapped.hours.mean == pytest.approx(free.hours.mean)


def test_each_hour_stands_on_the_rung_of_its_weakest_evidence() -> None:
    graded = replace(SLOW, confirmed=50, verified=Grades(right=8, partly=2, wrong=5))
    claimed = replace(FAST, minutes=None)
    result = assess(replace(LEDGER, lines=(graded, claimed)), certain()).result
    assert result is not None
    rungs = {rung.rung: rung.hours for rung in result.rungs}
    assert rungs["tickets"] == 0
    assert rungs["confirmed"] / rungs["verified"] == pytest.approx(50 / 9)
    assert rungs["assumed"] / rungs["confirmed"] == pytest.approx(80 * 0.7 / 50)
    assert rungs["estimated"] == pytest.approx((30 + 30 * 0.7) * 0.6 * 3, rel=0.01)
    assert sum(rungs.values()) == pytest.approx(result.hours.mean)
    assert sum(rung.dollars for rung in result.rungs) == pytest.approx(result.capacity.mean)


def test_grades_replace_the_judgement_once_there_are_thirty() -> None:
    few = replace(SLOW, assumed=60, verified=Grades(right=5, wrong=15), assumed_grades=Grades(right=5, wrong=15))
    many = replace(SLOW, assumed=40, verified=Grades(right=10, wrong=30), assumed_grades=Grades(right=10, wrong=30))
    draws = [draw(replace(LEDGER, lines=(line,)), defaults()).levers["assumed_right"] for line in (few, many)]
    assert np.mean(draws[0]) == pytest.approx((0.5 + 0.7 + 0.85) / 3, abs=0.01)
    assert np.mean(draws[1]) == pytest.approx(10.5 / 41, abs=0.01)
    low, high = np.quantile(draws[1], (0.025, 0.975))
    assert (low, high) == pytest.approx((0.14, 0.40), abs=0.02)  # as Wilson's interval of 10 in 40: 0.142 to 0.402


def test_a_part_of_the_app_carries_its_part_of_the_costs() -> None:
    whole, half = (assess(replace(LEDGER, part=part), defaults()).result for part in (1.0, 0.5))
    assert whole is not None
    assert half is not None
    cost = [{line.name: line.band.mean for line in one.costs} for one in (whole, half)]
    assert cost[1]["build"] == pytest.approx(cost[0]["build"] / 2)
    assert cost[1]["upkeep"] == pytest.approx(cost[0]["upkeep"] / 2)
    assert cost[1]["checking"] == pytest.approx(cost[0]["checking"])


def test_the_waterfall_and_the_bridge_add_up() -> None:
    assessed = assess(LEDGER, defaults(), waiting=True).result
    assert assessed is not None
    net = sum(amount for _, amount in assessed.waterfall)
    assert net == pytest.approx(assessed.benefit.mean - assessed.cost.mean)
    assert sum(amount for _, amount in assessed.waterfall[:5]) == pytest.approx(assessed.capacity.mean)
    assert assessed.bridge[0].roi == pytest.approx(6.5)
    assert assessed.bridge[-1].benefit == pytest.approx(assessed.benefit.mean)
    assert assessed.bridge[-1].cost == pytest.approx(assessed.cost.mean)
    assert "waiting" in assessed.bridge[-1].what


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({"suppressed": True}, "hidden"),
        ({"launch": None, "lines": ()}, "unused"),
        ({"lines": ()}, "open"),
        ({"days": 13}, "early"),
    ],
)
def test_no_result_is_told_where_there_is_none(changed: dict[str, object], state: str) -> None:
    found = assess(replace(LEDGER, **changed), defaults())  # type: ignore[arg-type]
    assert (found.state, found.result) == (state, None)


# What moves it, and what it would take


def test_the_lever_that_alone_varies_moves_it_alone() -> None:
    points = tuple(replace(line, minutes=(line.minutes[1],) * 3) for line in LEDGER.lines if line.minutes)
    only = certain().changed({"dba_share": {"low": 0.2, "likely": 0.5, "high": 0.9}})
    result = assess(replace(LEDGER, lines=points), only).result
    assert result is not None
    assert result.sensitivities[0].lever == "dba_share"
    assert result.sensitivities[0].correlation > 0.95
    assert {one.lever for one in result.sensitivities} <= {"dba_share", "problems", "minutes_per_issue"}


def test_rank_correlation_is_spearmans() -> None:
    rng = np.random.default_rng(1)
    x = rng.random(500)
    assert rank_correlation(x, np.exp(9 * x)) == pytest.approx(1)
    assert rank_correlation(x, -(x**3)) == pytest.approx(-1)
    assert rank_correlation(x, np.ones(500)) == 0


def test_a_triangle_has_its_ends_top_and_mean() -> None:
    values = triangular((np.arange(100_000) + 0.5) / 100_000, 10, 30, 90)
    assert (values.min(), values.max()) == pytest.approx((10, 90), abs=0.3)
    assert values.mean() == pytest.approx(130 / 3, abs=0.01)
    assert np.mean(values < 30) == pytest.approx(20 / 80, abs=0.001)
    assert set(triangular(np.array([0.1, 0.9]), 75, 75, 75)) == {75.0}


@pytest.mark.parametrize("target", [0.0, 0.5, 6.5])
def test_a_lever_at_the_solved_value_gives_the_target(target: float) -> None:
    answer = solve(LEDGER, defaults(), target)
    assert answer is not None
    draws = draw(LEDGER, defaults(), 2_000)
    reached = [one for one in answer.alone if one.needed is not None]
    assert reached
    for one in reached:
        assert one.needed is not None
        changed = draws.scaled(one.lever, one.needed / one.now)
        if one.lever in ("dba_share", "assumed_right", "recapture"):
            changed = changed.with_lever(one.lever, np.minimum(1.0, changed.levers[one.lever]))
        roi = float(np.median(a_year(LEDGER, changed, defaults(), waiting=False).roi))
        assert roi == pytest.approx(target, abs=0.02 * max(1.0, abs(target))), one.lever
    for one in answer.alone:
        if one.needed is None:
            assert answer.now >= target or one.best < target


def test_a_combination_that_is_not_enough_says_so() -> None:
    answer = solve(LEDGER, defaults(), 500.0)
    assert answer is not None
    assert answer.together.part is None
    assert answer.together.best < 500
    assert answer.together.values["recapture"] == 0.7
    enough = solve(LEDGER, defaults(), answer.together.best - 0.5)
    assert enough is not None
    assert enough.together.part is not None
    assert 0 < enough.together.part < 1


# The assumptions


def test_every_default_has_unit_and_source() -> None:
    for one in (*defaults().ranges.values(), *defaults().fixed.values()):
        assert one.unit
        assert one.source
        assert len(one.title) < 60


@pytest.mark.parametrize(
    "bad",
    [
        {"dba_share": {"low": 0.9}},
        {"dba_share": {"high": 1.2}},
        {"build": {"low": -1}},
        {"build": {"likely": float("nan"), "high": float("inf")}},
        {"checking_minutes": {"low": None}},
        {"horizon_years": {"value": 0}},
        {"discount": {"value": "ten"}},
    ],
)
def test_what_cannot_be_is_refused_with_its_name(bad: dict[str, dict[str, object]]) -> None:
    with pytest.raises(AssumptionError) as refusal:
        defaults().changed(bad)
    name = next(iter(bad))
    title = {**defaults().ranges, **defaults().fixed}[name].title  # type: ignore[index, dict-item]
    assert title in str(refusal.value)


def test_stored_assumptions_come_back_and_older_ones_are_completed() -> None:
    changed = defaults().changed({"dba_hour": {"low": 80, "likely": 90, "high": 100, "source": "Finance, “all in”"}})
    assert read(changed.stored()) == changed
    assert read('{"dba_hour": {"likely": 75}, "gone": {"low": 1}}') == defaults()
    assert any("75 → 80 / 90 / 100 dollars an hour" in line for line in differences(defaults(), changed))
    assert any("another source" in line for line in differences(defaults(), changed))
    for broken in ("", "[]", '{"dba_hour": 3}', '{"dba_hour": {"low": 9e9}}'):
        with pytest.raises(AssumptionError):
            read(broken)


def test_a_sample_is_shared_out_in_proportion() -> None:
    assert allocated({"a": 60, "b": 30, "c": 10}, 30) == {"a": 18, "b": 9, "c": 3}
    assert allocated({"a": 3, "b": 2}, 30) == {"a": 3, "b": 2}
    assert sum(allocated({"a": 997, "b": 1, "c": 1, "d": 1}, 30).values()) == 30


def test_the_months_of_the_course_follow_the_horizon() -> None:
    result = assess(LEDGER, defaults().changed({"horizon_years": {"value": 2}})).result
    assert result is not None
    assert [month.number for month in result.months] == list(range(25))
    assert result.months[0].middle == pytest.approx(-5270, rel=0.02)
