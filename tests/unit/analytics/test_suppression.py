"""Nobody can read off a group of fewer than five people, nor work it out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbbuddy.analytics import adoption, quality, speed
from dbbuddy.analytics.definitions import definitions
from dbbuddy.analytics.deflection import deflection
from dbbuddy.analytics.filter import Filter, Period
from dbbuddy.analytics.refresh import refresh_all, version
from dbbuddy.analytics.suppression import FEWEST, hidden_groups, reveals, too_few
from dbbuddy.analytics.view import View, look
from dbbuddy.identity import LOCAL_USER, NotAllowedError, User
from dbbuddy.store.store import Store
from tests.unit.analytics.conftest import DBA, MANAGER

MAY = Filter(Period(date(2026, 5, 1), date(2026, 5, 31)))
NOW = datetime(2026, 6, 20, 12)
HEADS = {"Large": 20, "Middle": 10, "Small": 6}


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12)))
def test_the_rest_never_tells_a_small_group(people: dict[str, int]) -> None:
    hidden = hidden_groups(people)
    assert {name for name, count in people.items() if too_few(count)} <= hidden
    rest = [people[name] for name in hidden]
    everybody = hidden == {name for name, count in people.items() if count}
    if hidden and not everybody:
        assert len(rest) >= 2
        assert sum(rest) >= FEWEST
    if all(count == 0 or count >= FEWEST for count in people.values()):
        assert not hidden


@pytest.mark.parametrize(
    ("chosen", "told"),
    [((), False), (("a",), True), (("a", "b"), False), (("a", "b", "c"), False), (("c",), False), (("c", "a"), True)],
)
def test_a_choice_must_not_part_the_hidden_groups(chosen: tuple[str, ...], told: bool) -> None:
    assert reveals(chosen, {"a", "b"}) is told


def fill(store: Store, teams: dict[str, int]) -> None:
    """Each person of each team asks two answered questions and rates one of them."""
    asked, told = [], []
    for team, people in teams.items():
        for person in range(people):
            for number in range(2):
                at = datetime(2026, 5, 4 + person, 8) + timedelta(days=number)
                row = {"id": f"{team}{person}{number}", "conversation_id": f"{team}{person}{number}", "user_id": f"{team}{person}"}
                row |= {"position": 0, "asked_at": at, "day": at.date(), "team": team, "question": "", "advice": "{}"}
                row |= {"status": "answered", "category": "troubleshooting", "engine": "mysql", "environment": "production"}
                asked.append(
                    row | {"diagnosis": f"p{number}", "confidence": 0.75, "provider": "rules", "latency_ms": 10.0, "codes": ""}
                )
            told.append({"exchange_id": f"{team}{person}0", "user_id": "x", "given_at": at, "day": at.date(), "stars": 5})
    store.append({"exchanges": asked, "feedback": told})
    store.transact(lambda session: refresh_all(session, NOW, 400))


def test_small_teams_are_hidden_with_as_many_others_as_it_takes(store: Store) -> None:
    fill(store, {"Large": 9, "Middle": 6, "Small": 3})
    view = look(store, MANAGER, MAY, HEADS)
    teams = {row.team: row for row in adoption.by_team(view)}
    assert [name for name, row in teams.items() if row.suppressed] == ["Middle", "Small"]
    assert (teams["Small"].asked, teams["Small"].share.value) == (0, None)
    assert teams["Large"].asked == 9
    rated = {row.key: row for row in quality.answers_by_team(view)}
    assert rated["Small"].suppressed
    assert rated["Small"].counts == quality.Counts()
    assert rated["Large"].satisfaction.value == 5.0
    assert quality.outcomes(view).teams["Middle"] == quality.Outcomes(suppressed=True)
    assert quality.answers(view)[0].counts.messages == 36
    for chosen in (("Small",), ("Middle",), ("Large", "Middle"), ("Large", "Small")):
        assert nothing_is_shown(look(store, MANAGER, replace(MAY, teams=chosen), HEADS)), chosen
    assert look(store, MANAGER, replace(MAY, teams=("Middle", "Small")), HEADS).people.asked == 9
    assert not look(store, MANAGER, replace(MAY, teams=("Large",)), HEADS).suppressed


def nothing_is_shown(view: View) -> bool:
    figures = [adoption.adoption_share(view), adoption.stickiness(view, adoption.days(view)), deflection(view).total]
    figures += [quality.answers(view)[0].satisfaction, quality.outcomes(view).total.solved_rate()]
    assert all(figure.suppressed and figure.value is None and figure.met is None for figure in figures)
    weekly = adoption.weekly(view)
    rows = [*adoption.days(view), *weekly.weeks, *weekly.cohorts, *adoption.months(view), *adoption.funnel(view)]
    rows += [*adoption.by_team(view), *quality.answers(view)[1], *quality.answers_by_team(view), *quality.calibration(view)]
    rows += [*speed.response_times(view), *speed.response_time_weeks(view), *speed.models(view).each, *quality.minutes_told(view)]
    return (
        view.suppressed
        and rows == []
        and quality.answers(view)[0].counts == quality.Counts()
        and not any(adoption.active_days(view))
    )


def test_four_people_altogether_are_hidden(store: Store) -> None:
    fill(store, {"Large": 4})
    assert nothing_is_shown(look(store, MANAGER, MAY, HEADS))


def test_alone_in_local_mode_one_sees_oneself(store: Store) -> None:
    fill(store, {"": 1})
    view = look(store, LOCAL_USER, MAY, {})
    assert (view.suppressed, view.people.asked) == (False, 1)
    assert quality.answers(view)[0].satisfaction.value == 5.0
    assert quality.outcomes(view).total.episodes == 2
    assert adoption.adoption_share(view).value is None


def test_an_empty_store_shows_nothing_and_hides_nothing(store: Store) -> None:
    store.transact(lambda session: refresh_all(session, NOW, 400))
    view = look(store, MANAGER, MAY, HEADS)
    assert view.empty
    assert not view.suppressed
    assert adoption.days(view) == adoption.weekly(view).weeks == adoption.months(view) == ()
    assert adoption.adoption_share(view).value == 0
    assert quality.outcomes(view).total == quality.Outcomes()
    assert quality.answers(view)[0].satisfaction.value is None
    assert quality.calibration(view) == speed.response_times(view) == ()
    assert speed.models(view).cost.value is None
    assert deflection(view).launch is None


def test_before_the_first_refresh_pages_work_too(store: Store) -> None:
    assert look(store, MANAGER, MAY, {}).empty
    assert version(store) == 0


@pytest.mark.parametrize("user", [DBA, User("a", "A", frozenset({"developer", "admin"}))])
def test_only_managers_look(store: Store, user: User) -> None:
    with pytest.raises(NotAllowedError):
        look(store, user, MAY, {})


def test_every_figure_has_a_definition() -> None:
    assert {name: entry.target.at_least for name, entry in definitions().items() if entry.target and entry.target.at_least} == {
        "adoption_share": 0.8,
        "solved_rate": 0.9,
        "deflection": 0.7,
        "satisfaction": 4.5,
    }
    assert definitions()["response_time"].target.at_most == 5000
    for entry in definitions().values():
        assert entry.text.endswith(".")


def test_a_period_must_not_end_before_it_begins() -> None:
    with pytest.raises(ValueError, match="before it begins"):
        Period(date(2026, 5, 2), date(2026, 5, 1))
    assert Period(date(2026, 5, 1), date(2026, 5, 31)).previous() == Period(date(2026, 3, 31), date(2026, 4, 30))
