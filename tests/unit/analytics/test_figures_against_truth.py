"""Every figure against a second computation over the raw rows, on both databases, for several filters."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from dbbuddy.analytics import adoption, quality, speed
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.view import View, look
from dbbuddy.store.store import Store
from tests.unit.analytics.conftest import HEADS, MANAGER, NOW
from tests.unit.analytics.truth import Truth, monday

ALL = Period(date(2026, 2, 1), date(2026, 6, 1))
FILTERS = {
    "everything": Filter(ALL),
    "a period that cuts weeks": Filter(Period(date(2026, 3, 11), date(2026, 4, 14))),
    "one day": Filter(Period(date(2026, 3, 30), date(2026, 3, 30))),
    "two teams": Filter(Period(date(2026, 3, 11), date(2026, 4, 14)), teams=("Search", "Logistics")),
    "engines and what is unknown": Filter(ALL, engines=("postgresql", ""), environments=("", "staging")),
    "several at once": Filter(
        Period(date(2026, 3, 1), date(2026, 4, 30)),
        teams=("Payments", "Search"),
        categories=("troubleshooting", "performance_analysis", ""),
        providers=("rules", "groq"),
    ),
}


@pytest.fixture(scope="module", params=FILTERS.values(), ids=FILTERS.keys())
def chosen(request: pytest.FixtureRequest) -> Filter:
    return request.param


@pytest.fixture(scope="module")
def view(filled: Store, chosen: Filter) -> View:
    """Without suppression, which is another test's matter: here every number is to be seen."""
    return replace(look(filled, MANAGER, chosen, HEADS), suppressed=False, fewest=1, hidden_teams=frozenset())


def test_people_and_messages_by_day(view: View, chosen: Filter, truth: Truth) -> None:
    assert {row.day: (row.people, row.messages) for row in adoption.days(view)} == truth.days(chosen)


def test_people_by_week_are_new_kept_back_or_lost(view: View, chosen: Filter, truth: Truth) -> None:
    first = monday(chosen.period.first)
    people = truth.people_by(chosen, monday, first - timedelta(days=7), monday(chosen.period.last) + timedelta(days=6))
    found = {row.week: row for row in adoption.weekly(view).weeks}
    for week in (week for week in people if week >= first):
        before = people.get(week - timedelta(days=7), set())
        new = {user for user in people[week] if monday(truth.first_day[user]) == week}
        row = found[week]
        assert (row.people, row.new, row.kept) == (len(people[week]), len(new), len(people[week] & before)), week
        assert row.lost == len(before - people[week])
        assert row.people == row.new + row.kept + row.back


def test_people_by_month(view: View, chosen: Filter, truth: Truth) -> None:
    end = (chosen.period.last.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    people = truth.people_by(chosen, lambda day: day.replace(day=1), chosen.period.first.replace(day=1), end)
    assert {row.month: row.people for row in adoption.months(view)} == {month: len(found) for month, found in people.items()}


def test_retention_by_cohort(view: View, chosen: Filter, truth: Truth) -> None:
    first = monday(chosen.period.first)
    people = truth.people_by(chosen, monday, first, monday(chosen.period.last) + timedelta(days=6))
    cohorts = adoption.weekly(view).cohorts
    for cohort in cohorts:
        for place, count in enumerate(cohort.weeks):
            week = people.get(cohort.week + timedelta(days=7 * place), set())
            assert count == len({user for user in week if monday(truth.first_day[user]) == cohort.week})
    assert sum(row.size for row in cohorts) == sum(
        len({user for user in found if monday(truth.first_day[user]) == week}) for week, found in people.items()
    )


def test_steps_of_the_funnel(view: View, chosen: Filter, truth: Truth) -> None:
    people = view.people
    assert (people.seen, people.asked, people.recent, people.answered, people.rated, people.solved) == truth.funnel(chosen)


def test_days_of_use_and_stickiness(view: View, chosen: Filter, truth: Truth) -> None:
    counts = truth.active_days(chosen)
    assert {days: people for days, people in enumerate(adoption.active_days(view), 1) if people} == counts
    recent = max(chosen.period.first, chosen.period.last - timedelta(days=27))
    working = [recent + timedelta(days=n) for n in range((chosen.period.last - recent).days + 1)]
    working = [day for day in working if day.weekday() < 5]
    by_day = truth.days(chosen)
    stickiness = adoption.stickiness(view, adoption.days(view))
    if counts and working:
        expected = sum(by_day.get(day, (0, 0))[0] for day in working) / len(working) / sum(counts.values())
        assert stickiness.value == pytest.approx(expected)
    else:
        assert stickiness.value is None


def test_messages_and_ratings_by_week(view: View, chosen: Filter, truth: Truth) -> None:
    total, weeks = quality.answers(view)
    found = {row.key: row.counts for row in weeks}
    expected = truth.counts(chosen)
    assert found.keys() == expected.keys()
    for week, values in expected.items():
        row = found[week]
        assert [row.messages, row.answered, row.asked_back, row.declined, row.rated] == values[:5]
        assert [*row.stars, row.solved, row.not_solved] == values[5:]
    stars = [sum(values[place] for values in expected.values()) for place in range(5, 10)]
    if sum(stars):
        assert total.satisfaction.value == pytest.approx(sum(n * k for k, n in enumerate(stars, 1)) / sum(stars))
        assert total.satisfaction.n == sum(stars)
    assert sum(row.counts.messages for row in quality.answers_by_team(view)) == total.counts.messages


def test_outcomes_of_episodes(view: View, chosen: Filter, truth: Truth) -> None:
    episodes = truth.chosen_episodes(chosen)
    table = quality.outcomes(view)
    settled = [e for e in episodes if e.last_day < NOW.date() - timedelta(days=7)]
    for name in ("confirmed", "assumed", "unresolved", "handed_over", "declined"):
        assert getattr(table.total, name) == sum(e.outcome == name for e in settled), name
    assert table.total.open == len(episodes) - len(settled)
    assert table.total.sessions == sum(e.sessions for e in episodes)
    for category, outcomes in table.categories.items():
        assert outcomes.episodes == sum(e.slice[1] == category for e in episodes)
    for week, outcomes in table.weeks.items():
        assert outcomes.episodes == sum(monday(e.day) == week for e in episodes)
    counted = [e for e in settled if e.outcome != "declined"]
    if counted:
        solved = sum(e.outcome in ("confirmed", "assumed") for e in counted)
        assert table.total.solved_rate().value == pytest.approx(solved / len(counted))


def test_confidence_against_outcome(view: View, chosen: Filter, truth: Truth) -> None:
    told = [e for e in truth.chosen_episodes(chosen) if e.told and e.tenth is not None]
    found = {
        round(point.low * 10): (round(point.confirmed.value * point.confirmed.n), point.confirmed.n)
        for point in quality.calibration(view)
    }
    expected = {tenth: [e.outcome == "confirmed" for e in told if e.tenth == tenth] for tenth in {e.tenth for e in told}}
    assert found == {tenth: (sum(some), len(some)) for tenth, some in expected.items()}


def test_minutes_that_users_estimate(view: View, chosen: Filter, truth: Truth) -> None:
    told = [e for e in truth.chosen_episodes(chosen) if e.minutes_saved is not None]
    found = quality.minutes_told(view)
    assert sum(row.n for row in found.values()) == len(told)
    for category, row in found.items():
        values = sorted(e.minutes_saved for e in told if e.slice[1] == category)
        assert values[(len(values) - 1) // 2] <= row.median <= values[len(values) // 2]


def test_response_times(view: View, chosen: Filter, truth: Truth) -> None:
    expected = truth.times(chosen)
    found = {(row.part, row.provider): row for row in speed.response_times(view)}
    assert found.keys() == expected.keys()
    for key, values in expected.items():
        row = found[key]
        assert row.fast.n == len(values)
        assert round(row.fast.value * row.fast.n) == sum(value < 5000 for value in values)
        for figure, share in ((row.p50, 0.5), (row.p95, 0.95), (row.p99, 0.99)):
            exact = sorted(values)[max(1, math.ceil(share * len(values) - 1e-9)) - 1]
            if math.isinf(exact):
                assert figure.value is None
            else:
                assert figure.value == pytest.approx(exact, rel=0.0101)


def test_response_times_by_week_agree_with_the_whole(view: View, chosen: Filter) -> None:
    whole: dict[str, int] = {}
    for row in speed.response_times(view):
        whole[row.part] = whole.get(row.part, 0) + row.fast.n
    weeks: dict[str, int] = {}
    for week in speed.response_time_weeks(view):
        weeks[week.part] = weeks.get(week.part, 0) + week.fast.n
        assert monday(week.week) == week.week
    assert weeks == whole


def test_models(view: View, chosen: Filter, truth: Truth) -> None:
    rows = truth.chosen_elaborations(chosen)
    found = speed.models(view)
    assert sum(model.elaborations for model in found.each) == len(rows)
    assert sum(model.failed for model in found.each) == sum(row["outcome"] == "failed" for row in rows)
    assert sum(model.fallbacks for model in found.each) == sum("unreachable" in row["attempts"] for row in rows)
    assert sum(model.completion_tokens for model in found.each) == sum(row["completion_tokens"] for row in rows)
    if rows:
        assert found.cost.value == pytest.approx(sum(row["cost_usd"] for row in rows))
        assert found.failures.value == pytest.approx(sum(row["outcome"] == "failed" for row in rows) / len(rows))
