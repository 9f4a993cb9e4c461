"""The access file: who gets which role and team, and how mistakes in it are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbbuddy.access.errors import AccessFileError
from dbbuddy.access.rules import load_access
from dbbuddy.access.versions import access_versions
from dbbuddy.data_files import DATA
from tests.unit.access.logins import ACCESS

NOBODY = frozenset[str]()


def write(folder: Path, text: str) -> Path:
    path = folder / "access.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def problem(folder: Path, text: str) -> str:
    with pytest.raises(AccessFileError) as caught:
        load_access(write(folder, text))
    return str(caught.value)


@pytest.mark.parametrize(
    ("user_id", "email", "groups", "roles"),
    [
        ("a", "", {"developers"}, {"developer"}),
        ("a", "", {"dbas"}, {"dba", "developer"}),
        ("a", "", {"managers"}, {"manager", "developer"}),
        ("a", "vera@example.com", set(), {"dba", "developer"}),
        ("a", "erin@example.com", set(), {"admin", "developer"}),
        ("root-id", "", set(), {"admin", "developer"}),
        ("a", "", {"dbas", "managers"}, {"dba", "manager", "developer"}),
        ("a", "", set(), set()),
        ("a", "", {"DBAs", "dba", "dbas ", "admin"}, set()),
        ("ROOT-ID", "", set(), set()),
        ("a", "erin@example.com.evil.example", set(), set()),
        ("a", "someone@example.com", set(), set()),
        ("dbas", "dbas", set(), set()),
    ],
)
def test_roles_are_exactly_those_of_the_file(user_id: str, email: str, groups: set[str], roles: set[str]) -> None:
    assert ACCESS.roles_of(user_id, email, frozenset(groups)) == roles


def test_an_empty_file_of_roles_lets_nobody_in(tmp_path: Path) -> None:
    access = load_access(write(tmp_path, "roles: {}"))
    assert access.roles_of("", "", frozenset({"", "admin"})) == NOBODY


def test_the_first_team_that_includes_a_person_counts() -> None:
    assert ACCESS.team_of("a", "", frozenset({"dbas", "team-payments"})) == "Payments"
    assert ACCESS.team_of("a", "", frozenset({"dbas"})) == "Everybody"
    assert ACCESS.team_of("a", "", NOBODY) == ""


def test_the_sample_is_good() -> None:
    access = load_access(DATA / "samples" / "access.yaml")
    assert access.roles_of("x", "", frozenset({"database-team"})) == {"dba", "developer"}
    assert [(team.name, team.developers) for team in access.teams] == [("Payments", 24), ("Logistics", 17)]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("roles:\n  developr: {groups: [a]}", "roles.developr is not known here; did you mean developer?"),
        ("role:\n  dba: {groups: [a]}", "role is not known here; did you mean roles?"),
        ("roles:\n  dba: {group: [a]}", "roles.dba.group is not known here; did you mean groups?"),
        ("roles:\n  dba: {groups: [4711]}", "roles.dba.groups.0 must be text: write it in quotes"),
        ("roles:\n  dba: {groups: ['']}", "roles.dba.groups.0"),
        ("roles:\n  dba: {groups: ['*']}", "cannot hold *"),
        ("roles:\n  dba: {groups: [a]}\n  dba: {groups: [b]}", "line 3: “dba” stands twice"),
        ("teams:\n  - {name: A, groups: [a]}", "teams.0.developers"),
        ("teams:\n  - {name: A, groups: [a], developers: -1}", "teams.0.developers"),
        ("teams:\n  - {name: A, developers: 3}", "a team needs users or groups"),
        ("teams:\n  - {name: A, groups: [a], developers: 3}\n  - {name: a, groups: [b], developers: 3}", "same name"),
        ("teams:\n  - {name: A, groups: [a], developers: 3, since: soon}", "teams.0.since"),
        ("identify_by: phone", "identify_by"),
        ("roles: [", "line 1"),
        ("", "it is empty"),
        ("- a", "no mapping"),
        ("roles: !!python/object/apply:os.system [id]", "line 1"),
        ("&a [*a, *a]", "no mapping"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    message = problem(tmp_path, text)
    assert told in message
    assert message.startswith("access.yaml: ")
    assert str(tmp_path) not in message


def test_a_mistake_never_tells_who_is_in_the_file(tmp_path: Path) -> None:
    message = problem(tmp_path, "roles:\n  dba: {users: [vera@example.com], groups: [7, [secret-group]], typo: x@example.com}")
    assert "example.com" not in message
    assert "secret-group" not in message


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(AccessFileError, match="No such file"):
        load_access(tmp_path / "access.yaml")
    (tmp_path / "access.yaml").write_bytes(b"roles: \xff\xfe")
    with pytest.raises(AccessFileError, match="UTF-8"):
        load_access(tmp_path / "access.yaml")


def test_a_version_changes_with_its_part_alone_and_names_nobody() -> None:
    before = access_versions(ACCESS)
    roles = ACCESS.roles.model_copy(update={"dba": ACCESS.roles.manager})
    after = access_versions(ACCESS.model_copy(update={"roles": roles}))
    assert {name for name in before if before[name] != after[name]} == {"role dba"}
    assert before.keys() == {
        "claims",
        "role developer",
        "role dba",
        "role manager",
        "role admin",
        "team Payments",
        "team Everybody",
    }
    assert "vera" not in str(before)
