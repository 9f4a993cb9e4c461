"""How long a login lasts, and that it can be ended."""

from __future__ import annotations

import pytest

from dbbuddy.access.errors import SessionEndedError
from dbbuddy.access.sessions import REFRESH_SECONDS, Revocations, check_age, session_subject, user_subject
from tests.unit.access.logins import NOW, login


class Shelf:
    """Revocations as a store keeps them for several servers."""

    def __init__(self) -> None:
        self.kept: dict[str, float] = {}
        self.broken = False
        self.now = 0.0

    def read(self) -> dict[str, float]:
        if self.broken:
            raise OSError("no disk")
        return dict(self.kept)

    def write(self, subject: str, at: float) -> None:
        if self.broken:
            raise OSError("no disk")
        self.kept[subject] = at

    def server(self) -> Revocations:
        return Revocations(self.read, self.write, OSError, lambda: self.now)


def refused(server: Revocations, **changed: object) -> bool:
    try:
        server.check(login(**changed))
    except SessionEndedError:
        return True
    return False


@pytest.mark.parametrize(
    ("hours", "outlives", "now", "ends"),
    [
        (8, False, NOW + 3539, False),
        (8, False, NOW + 3540, True),
        (8, True, NOW + 3540, False),
        (8, True, NOW - 60 + 8 * 3600 - 1, False),
        (8, True, NOW - 60 + 8 * 3600, True),
        (0.5, False, NOW - 60 + 1800, True),
    ],
)
def test_a_session_ends_with_its_age_and_its_token(hours: float, outlives: bool, now: float, ends: bool) -> None:
    if ends:
        with pytest.raises(SessionEndedError):
            check_age(login(), hours, now, outlives_token=outlives)
    else:
        check_age(login(), hours, now, outlives_token=outlives)


def test_signing_out_ends_this_session_only() -> None:
    server = Shelf().server()
    assert not refused(server)
    server.end(session_subject(login()), NOW)
    assert refused(server)
    assert not refused(server, nonce="on the phone")
    assert not refused(server, sub="somebody else")


def test_signing_out_everywhere_ends_all_that_began_before() -> None:
    server = Shelf().server()
    server.end(user_subject("a-1"), NOW)
    assert refused(server)
    assert refused(server, nonce="on the phone", iat=int(NOW))
    assert not refused(server, iat=int(NOW) + 1)
    assert not refused(server, sub="somebody else")


def test_other_servers_hear_of_it() -> None:
    shelf = Shelf()
    here, there = shelf.server(), shelf.server()
    assert not refused(there)
    here.end(session_subject(login()), NOW)
    shelf.now += REFRESH_SECONDS
    assert refused(there)
    assert refused(shelf.server())


def test_a_failing_store_forgets_nothing() -> None:
    shelf = Shelf()
    server = shelf.server()
    server.end(session_subject(login()), NOW)
    shelf.broken = True
    shelf.now += REFRESH_SECONDS
    assert refused(server)
    with pytest.raises(OSError, match="no disk"):
        server.end(session_subject(login(nonce="n-2")), NOW)
    assert refused(server, nonce="n-2")


def test_what_is_kept_names_nobody() -> None:
    assert "alice" not in user_subject("alice@example.com")
    assert user_subject("alice@example.com") != user_subject("bob@example.com")
