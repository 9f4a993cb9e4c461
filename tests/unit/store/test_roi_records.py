"""What managers record for the ROI page: assumptions with their history, and the baseline; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dbbuddy.identity import NotAllowedError, User
from dbbuddy.store import accounts, assumptions, baselines
from dbbuddy.store.assumptions import ChangedMeanwhileError
from dbbuddy.store.baselines import TicketWeek
from dbbuddy.store.store import Store

ANN = User("ann", "Ann", frozenset({"manager", "developer"}))
BEN = User("ben", "Ben", frozenset({"manager", "developer"}))
DEV = User("dev", "Dev", frozenset({"developer"}))
WEEK = TicketWeek("troubleshooting", date(2026, 1, 5), 14, 55.0, 120)


def test_every_version_is_kept_with_who_made_it(store: Store) -> None:
    assumptions.save(store, ANN, '{"a": 1}', None)
    first = assumptions.versions(store)[0]
    assumptions.save(store, BEN, '{"a": 2}', first.id)
    now, before = assumptions.versions(store)
    assert (now.content, now.made_by) == ('{"a": 2}', "ben")
    assert before == first
    logged = store.read("SELECT action FROM audit_waiting UNION ALL SELECT action FROM audit")
    assert [row[0] for row in logged].count("assumptions_changed") == 2


def test_nobody_overwrites_what_they_have_not_seen(store: Store) -> None:
    assumptions.save(store, ANN, "{}", None)
    with pytest.raises(ChangedMeanwhileError, match="Somebody else"):
        assumptions.save(store, BEN, '{"b": 1}', None)
    assert len(assumptions.versions(store)) == 1


def test_only_managers_record(store: Store) -> None:
    with pytest.raises(NotAllowedError):
        assumptions.save(store, DEV, "{}", None)
    with pytest.raises(NotAllowedError):
        baselines.record(store, DEV, [WEEK])
    with pytest.raises(NotAllowedError):
        baselines.remove(store, DEV, [("troubleshooting", WEEK.week)])
    assert not assumptions.versions(store)
    assert not baselines.recorded(store)


def test_a_week_recorded_again_replaces_the_first(store: Store) -> None:
    other = replace(WEEK, category="query_optimization")
    assert baselines.record(store, ANN, [WEEK, other]) == 2
    baselines.record(store, BEN, [replace(WEEK, tickets=20), replace(WEEK, tickets=21)])
    found = {row.row.category: (row.row.tickets, row.made_by) for row in baselines.recorded(store)}
    assert found == {"troubleshooting": (21, "ben"), "query_optimization": (14, "ann")}
    baselines.remove(store, ANN, [("troubleshooting", WEEK.week)])
    assert [row.row for row in baselines.recorded(store)] == [other]


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"category": "other"}, "none of the categories"),
        ({"week": date(2026, 1, 6)}, "begin on Monday"),
        ({"week": date(1900, 1, 1)}, "date cannot be"),
        ({"tickets": -1}, "0 to 100,000"),
        ({"minutes": 0.0}, "handling time"),
        ({"minutes": float("nan")}, "handling time"),
        ({"developers": 0}, "how many developers"),
    ],
)
def test_a_week_that_cannot_be_is_refused_with_all_others(store: Store, changed: dict[str, object], says: str) -> None:
    good = replace(WEEK, category="query_optimization")
    with pytest.raises(ValueError, match=says):
        baselines.record(store, ANN, [good, replace(WEEK, **changed)])  # type: ignore[arg-type]
    assert not baselines.recorded(store)


def test_an_erased_manager_leaves_the_records_without_the_name(store: Store) -> None:
    baselines.record(store, ANN, [WEEK])
    assumptions.save(store, ANN, "{}", None)
    accounts.erase(store, "ann", None)
    assert baselines.recorded(store)[0].made_by == accounts.ERASED
    assert assumptions.versions(store)[0].made_by == accounts.ERASED
