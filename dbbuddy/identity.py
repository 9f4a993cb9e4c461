"""Who is using the app. Local mode: one user with every role, on a server bound to this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["developer", "dba", "manager", "admin"]


@dataclass(frozen=True)
class User:
    """A person and what they may see."""

    id: str
    name: str
    roles: frozenset[Role]


LOCAL_USER = User("local", "Local user", frozenset({"developer", "dba", "manager", "admin"}))
