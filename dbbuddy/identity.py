"""Who is using the app, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["developer", "dba", "manager", "admin"]
ROLES: tuple[Role, ...] = ("developer", "dba", "manager", "admin")


class NotAllowedError(PermissionError):
    """The user lacks the role that this needs."""


@dataclass(frozen=True)
class User:
    """A person and what they may see. `team` is empty where none is known."""

    id: str
    name: str
    roles: frozenset[Role]
    team: str = ""


LOCAL_USER = User("local", "Local user", frozenset(ROLES))
"""Local mode: one user with every role, on a server bound to this machine."""


def require(user: User, *roles: Role) -> None:
    """Let a user with one of these roles pass.

    Raises:
        NotAllowedError: the user has none of them.
    """
    if not user.roles.intersection(roles):
        raise NotAllowedError(f"This needs the role {' or '.join(roles)}.")
