"""Changes of the access file are taken in while the app runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from dbbuddy.access.errors import AccessFileError
from dbbuddy.access.rules import Access
from dbbuddy.access.watch import AccessWatch

GOOD = "roles:\n  dba: {groups: [dbas]}\n"
OTHER = "roles:\n  dba: {groups: [database-team]}\n"


class Watched:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 0.0
        self.told: list[Access] = []
        self.write(GOOD)
        self.watch = AccessWatch(path, self.told.append, clock=lambda: self.now)

    def write(self, text: str) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(self.path)

    def is_dba(self, group: str) -> bool:
        self.now += 10
        return "dba" in self.watch.current().roles_of("x", "", frozenset({group}))


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "access.yaml")


def test_a_change_counts_and_is_told_once(watched: Watched) -> None:
    assert watched.is_dba("dbas")
    watched.write(OTHER)
    assert watched.is_dba("database-team")
    assert not watched.is_dba("dbas")
    assert [access.roles.dba.groups for access in watched.told] == [("dbas",), ("database-team",)]


def test_a_mistake_leaves_the_last_good_file_in_force(watched: Watched) -> None:
    for broken in ("roles:\n  dbaa: {groups: [dbas]}\n", "", "roles: ["):
        watched.write(broken)
        assert watched.is_dba("dbas")
        assert watched.watch.problem
    watched.path.unlink()
    assert watched.is_dba("dbas")
    watched.write(OTHER)
    assert watched.is_dba("database-team")
    assert watched.watch.problem == ""
    assert len(watched.told) == 2


def test_a_mistake_at_the_start_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "access.yaml").write_text("roles:\n  dbaa: {}\n")
    with pytest.raises(AccessFileError, match="did you mean dba"):
        AccessWatch(tmp_path / "access.yaml", lambda access: None)
