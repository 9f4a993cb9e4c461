"""Claims and access files of tests."""

from __future__ import annotations

from typing import Any

from dbbuddy.access.login import Login, read_login
from dbbuddy.access.rules import Access

NOW = 1_790_000_000.0

ACCESS = Access.model_validate(
    {
        "roles": {
            "developer": {"groups": ["developers"]},
            "dba": {"groups": ["dbas"], "users": ["vera@example.com"]},
            "manager": {"groups": ["managers"]},
            "admin": {"users": ["root-id", "Erin@Example.com"]},
        },
        "teams": [
            {"name": "Payments", "groups": ["team-payments"], "developers": 24, "since": "2026-01-15"},
            {"name": "Everybody", "groups": ["developers", "dbas"], "developers": 90},
        ],
    }
)


def claims(**changed: Any) -> dict[str, Any]:
    """The claims of an identity token that began a minute ago and lasts an hour; `None` leaves one out."""
    usual: dict[str, Any] = {
        "iss": "https://login.example.com",
        "aud": ["dbbuddy"],
        "sub": "a-1",
        "email": "alice@example.com",
        "email_verified": True,
        "name": "Alice Adams",
        "groups": ["dbas", "team-payments"],
        "iat": int(NOW) - 60,
        "exp": int(NOW) + 3540,
        "nonce": "n-1",
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


def login(access: Access = ACCESS, **changed: Any) -> Login:
    return read_login(claims(**changed), access, NOW)
