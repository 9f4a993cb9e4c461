"""What is read from the claims of a verified token, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from dbbuddy.access.errors import LoginError
from tests.unit.access.logins import ACCESS, NOW, login

BY_EMAIL = ACCESS.model_copy(update={"identify_by": "email"})


def with_groups(claim: str) -> Any:
    return ACCESS.model_copy(update={"claims": ACCESS.claims.model_copy(update={"groups": claim})})


def test_a_login_is_its_claims() -> None:
    found = login()
    assert (found.id, found.name, found.email) == ("a-1", "Alice Adams", "alice@example.com")
    assert found.groups == {"dbas", "team-payments"}
    assert (found.began, found.token_ends) == (NOW - 60, NOW + 3540)


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "a\nb"},
        {"sub": "a" * 1000},
        {"iat": None},
        {"exp": None},
        {"iat": "now"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"iat": int(NOW) + 3600},
    ],
)
def test_a_token_without_sense_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(LoginError):
        login(**changed)


def test_an_address_that_nobody_verified_counts_for_nothing() -> None:
    found = login(email="erin@example.com", email_verified=False, groups=[])
    assert found.email == ""
    assert ACCESS.roles_of(found.id, found.email, found.groups) == frozenset()
    with pytest.raises(LoginError, match="verified e-mail address"):
        login(BY_EMAIL, email_verified=False)


def test_people_are_told_apart_by_the_chosen_claim() -> None:
    assert login(BY_EMAIL, email="Alice@Example.COM").id == "alice@example.com"
    assert login(email="other@example.com").id == login().id


def test_the_same_subject_of_two_providers_is_two_people() -> None:
    assert login(provider="okta").id == "okta:a-1"
    assert login(provider="microsoft").id == "microsoft:a-1"
    assert login(provider="default").id == "a-1"


@pytest.mark.parametrize(
    ("claim", "claims", "groups"),
    [
        ("groups", {"groups": "dbas"}, {"dbas"}),
        ("groups", {"groups": None}, set()),
        ("groups", {"groups": {"dbas": True}}, set()),
        ("groups", {"groups": ["dbas", 7, None, "", "a\x00b"]}, {"dbas"}),
        ("realm_access.roles", {"realm_access": {"roles": ["dbas"]}}, {"dbas"}),
        ("realm_access.roles", {"realm_access": "dbas"}, set()),
        ("cognito:groups", {"cognito:groups": ["dbas"]}, {"dbas"}),
        ("https://example.com/groups", {"https://example.com/groups": ["dbas"]}, {"dbas"}),
    ],
)
def test_groups_are_read_where_the_provider_writes_them(claim: str, claims: dict[str, Any], groups: set[str]) -> None:
    assert login(with_groups(claim), **claims).groups == groups


def test_groups_that_were_left_out_are_noticed() -> None:
    assert login(groups=None, _claim_names={"groups": "src1"}).too_many_groups
    assert not login().too_many_groups


def test_each_login_has_a_name_of_its_own() -> None:
    names = {login().session, login(nonce="n-2").session, login(iat=int(NOW) - 59).session, login(sub="b").session}
    assert len(names) == 4
    assert login().session == login(name="Alice B.", groups=[]).session
    assert "a-1" not in login().session
