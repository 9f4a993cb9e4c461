"""What is credited, against a second computation over the raw rows, on both databases."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.roi.ledger import Ledger, read_ledger
from dbbuddy.analytics.roi.sampling import SIZE, Sample, weekly_sample
from dbbuddy.analytics.view import View, look
from dbbuddy.context import CATEGORIES
from dbbuddy.identity import NotAllowedError
from dbbuddy.store import baselines, grades
from dbbuddy.store.baselines import TicketWeek
from dbbuddy.store.store import Store
from tests.unit.analytics.conftest import DBA, HEADS, MANAGER, NOW
from tests.unit.analytics.truth import Episode, Truth, monday

ALL = Period(date(2026, 2, 1), date(2026, 6, 1))
FILTERS = {
    "everything": Filter(ALL),
    "two teams in some weeks": Filter(Period(date(2026, 3, 11), date(2026, 4, 14)), teams=("Search", "Logistics")),
    "engines and providers": Filter(ALL, engines=("postgresql", ""), providers=("rules", "groq")),
}
LAUNCH = date(2026, 2, 23)
"""The first question of the logs."""
WEEKS = [date(2025, 12, 1) + timedelta(weeks=place) for place in range(26)]


def tickets(category: str, week: date) -> int:
    return (len(category) + week.toordinal() // 7) % 9 + (12 if week < LAUNCH else 2)


@pytest.fixture(scope="module")
def recorded(filled: Store) -> Iterator[Store]:
    """With tickets of all categories but one, before the launch and after it."""
    rows = [
        TicketWeek(category, week, tickets(category, week), 30.0 + week.month + place, 46)
        for place, category in enumerate(CATEGORIES[:-1])
        for week in WEEKS
    ]
    baselines.record(filled, MANAGER, rows)
    yield filled
    filled.execute(("DELETE FROM baselines", ()), ("DELETE FROM grades", ()))


@pytest.fixture(scope="module")
def verdicts(recorded: Store) -> dict[str, str]:
    """Verdicts on the samples of some weeks; some answers are graded twice, by two people."""
    rng = random.Random(3)
    given: dict[str, str] = {}
    for week in (date(2026, 3, 9), date(2026, 3, 16), date(2026, 4, 6)):
        for one in weekly_sample(recorded, DBA, week).answers:
            given[one.exchange_id] = rng.choice(["right", "right", "partly", "wrong", "harmful"])
            if rng.random() < 0.2:
                grades.record_grade(recorded, replace(DBA, id="other"), one.exchange_id, week, "wrong")
            grades.record_grade(recorded, DBA, one.exchange_id, week, "harmful")
            grades.record_grade(recorded, DBA, one.exchange_id, week, given[one.exchange_id])
    return given


@pytest.fixture(scope="module", params=FILTERS.values(), ids=FILTERS.keys())
def view(request: pytest.FixtureRequest, recorded: Store, verdicts: dict[str, str]) -> View:
    found = look(recorded, MANAGER, request.param, HEADS)
    return replace(found, suppressed=False, fewest=1, hidden_teams=frozenset())


@pytest.fixture(scope="module")
def ledger(view: View) -> Ledger:
    return read_ledger(view)


def settled(truth: Truth, chosen: Filter) -> list[Episode]:
    return [e for e in truth.chosen_episodes(chosen) if e.last_day < NOW.date() - timedelta(days=7) and e.outcome != "declined"]


def test_the_launch_is_the_day_of_the_first_question(ledger: Ledger, truth: Truth) -> None:
    assert ledger.launch == LAUNCH == min(truth.first_day.values())


def test_every_settled_episode_is_counted_once(ledger: Ledger, view: View, truth: Truth) -> None:
    expected = Counter((e.slice[1], e.outcome) for e in settled(truth, view.filter))
    assert sum(expected.values()) > 30
    for line in ledger.lines:
        solved = expected[line.category, "confirmed"] + expected[line.category, "assumed"]
        assert line.confirmed + line.assumed + line.verified.n == solved
        assert line.unresolved == expected[line.category, "unresolved"]
        assert line.handed_over == expected[line.category, "handed_over"]
    assert ledger.settled == sum(expected.values())


def test_a_grade_moves_an_episode_to_its_rung(ledger: Ledger, view: View, truth: Truth, verdicts: dict[str, str]) -> None:
    """The newest graded answer of an episode counts; found here by the answers' own times."""
    expected: Counter[tuple[str, str]] = Counter()
    assumed = 0
    by_user: dict[str, list[tuple[datetime, str]]] = {}
    for exchange_id, verdict in verdicts.items():
        row = truth.by_id[exchange_id]
        by_user.setdefault(row["user_id"], []).append((row["asked_at"], verdict))
    for episode in settled(truth, view.filter):
        if episode.outcome not in ("confirmed", "assumed"):
            continue
        ends = set(episode.ends)
        graded = [verdict for moment, verdict in sorted(by_user.get(episode.user, [])) if moment in ends]
        if graded:
            kind = graded[-1] if graded[-1] in ("right", "partly") else "wrong"
            expected[episode.slice[1], kind] += 1
            assumed += episode.outcome == "assumed"
    for line in ledger.lines:
        for kind in ("right", "partly", "wrong"):
            assert getattr(line.verified, kind) == expected[line.category, kind], (line.category, kind)
    assert ledger.assumed_grades.n == assumed
    assert not view.filter.narrow or sum(expected.values()) > 0


def test_handling_times_are_those_before_the_launch(ledger: Ledger) -> None:
    for line in ledger.lines:
        if line.category not in CATEGORIES[:-1]:
            assert line.minutes is None
            continue
        place = CATEGORIES.index(line.category)
        each = [
            30.0 + week.month + place
            for week in WEEKS
            if week + timedelta(days=6) < LAUNCH
            for _ in range(tickets(line.category, week))
        ]
        assert line.minutes == tuple(float(np.quantile(each, share, method="inverted_cdf")) for share in (0.1, 0.5, 0.9))


def test_tickets_are_compared_only_where_they_are_counted_alike(ledger: Ledger, view: View) -> None:
    if view.filter.teams or view.filter.narrow:
        assert ledger.ticket_share == 0
        assert all(line.tickets is None for line in ledger.lines)
        return
    last = min(view.filter.period.last, NOW.date() - timedelta(days=8))
    now = [week for week in WEEKS if week >= LAUNCH and week + timedelta(days=6) <= last]
    before = [week for week in WEEKS if week + timedelta(days=6) < LAUNCH]
    for line in ledger.lines:
        if line.category in CATEGORIES[:-1]:
            assert line.tickets is not None
            assert line.tickets.before == sum(tickets(line.category, week) for week in before)
            assert line.tickets.now == sum(tickets(line.category, week) for week in now)
            assert line.tickets.exposure_now == 46 * len(now)
    assert ledger.days == (last - LAUNCH).days + 1
    assert ledger.ticket_share == pytest.approx(len(now) * 7 / ledger.days)


def test_cost_of_models_and_the_part_of_the_whole(ledger: Ledger, view: View, truth: Truth) -> None:
    rows = truth.chosen_elaborations(view.filter)
    assert ledger.elaborations == len(rows)
    assert ledger.model_dollars == pytest.approx(sum(row["cost_usd"] for row in rows))
    everything = len(settled(truth, Filter(view.filter.period)))
    assert ledger.part == pytest.approx(len(settled(truth, view.filter)) / everything)


def test_small_groups_stay_hidden_but_are_in_the_sum(recorded: Store) -> None:
    chosen = Filter(ALL)
    found = look(recorded, MANAGER, chosen, HEADS)
    open_view = replace(found, suppressed=False, fewest=1, hidden_teams=frozenset())
    strict = replace(found, fewest=40)
    hidden = read_ledger(strict)
    assert any(line.suppressed for line in hidden.lines)
    assert hidden.settled == read_ledger(open_view).settled
    assert read_ledger(replace(found, suppressed=True)) == replace(Ledger((), 0, 0, 0, 0.0, 0, 0.0, LAUNCH), suppressed=True)


# The weekly sample


def test_the_sample_is_the_same_whenever_it_is_drawn_and_spread_over_categories(recorded: Store, truth: Truth) -> None:
    week = date(2026, 3, 16)
    first = weekly_sample(recorded, DBA, week)
    assert first == weekly_sample(recorded, replace(DBA, id="another"), week)
    assert len({one.exchange_id for one in first.answers}) == len(first.answers) == min(SIZE, first.out_of)
    asked = [truth.by_id[one.exchange_id] for one in first.answers]
    assert all(monday(row["day"]) == week and row["status"] == "answered" for row in asked)
    assert all(one.owner == row["user_id"] for one, row in zip(first.answers, asked, strict=True))
    ends = _last_words(truth, week)
    assert first.out_of == len(ends)
    frame = Counter(truth.by_id[id]["category"] or "" for id in ends)
    for category, count in Counter(one.category for one in first.answers).items():
        assert abs(count - SIZE * frame[category] / len(ends)) < 1
    other = weekly_sample(recorded, DBA, week, size=10)
    assert {one.exchange_id for one in other.answers} <= ends


def _last_words(truth: Truth, week: date) -> set[str]:
    """Answers after which nothing came in their conversation and session."""
    visits: dict[tuple[str, int, str], list[dict[str, object]]] = {}
    last: dict[str, tuple[datetime, int]] = {}
    for row in sorted(truth.exchanges, key=lambda row: (row["asked_at"], row["id"])):
        before, number = last.get(row["user_id"], (datetime.min, 0))
        number += row["asked_at"] - before >= timedelta(minutes=30)
        last[row["user_id"]] = row["asked_at"], number
        visits.setdefault((row["user_id"], number, row["conversation_id"]), []).append(row)
    finals = [rows[-1] for rows in visits.values()]
    return {str(row["id"]) for row in finals if monday(row["day"]) == week and row["status"] == "answered"}  # type: ignore[arg-type]


def test_only_dbas_sample_and_grade(recorded: Store) -> None:
    with pytest.raises(NotAllowedError):
        weekly_sample(recorded, MANAGER, date(2026, 3, 16))
    with pytest.raises(NotAllowedError):
        grades.record_grade(recorded, MANAGER, "x000000001", date(2026, 3, 16), "right")
    with pytest.raises(NotAllowedError):
        grades.grades_of(recorded, MANAGER, ["x000000001"])


def test_a_note_is_read_again_by_the_next_grader(recorded: Store) -> None:
    answer = weekly_sample(recorded, DBA, date(2026, 4, 13)).answers[0].exchange_id
    grades.record_grade(recorded, DBA, answer, date(2026, 4, 13), "partly", "the index is missing")
    found = grades.grades_of(recorded, replace(DBA, id="next"), [answer])[answer]
    assert (found.verdict, found.note, found.grader) == ("partly", "the index is missing", DBA.id)
    recorded.execute(("DELETE FROM grades WHERE exchange_id = $1", (answer,)))


def test_an_empty_week_has_an_empty_sample(recorded: Store) -> None:
    assert weekly_sample(recorded, DBA, date(2020, 1, 6)) == Sample(date(2020, 1, 6), (), 0)
