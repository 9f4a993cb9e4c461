"""A fingerprint of each part of the access file: the audit log tells by it which role or team was changed, and names nobody."""

from __future__ import annotations

import hashlib

from pydantic import BaseModel

from dbbuddy.access.rules import Access
from dbbuddy.identity import ROLES


def access_versions(access: Access) -> dict[str, str]:
    """By the name of each part (`role dba`, `team Payments`, `claims`), a digest that changes with its content."""
    parts: dict[str, str] = {"claims": _digest(access.claims, access.identify_by)}
    parts |= {f"role {role}": _digest(getattr(access.roles, role)) for role in ROLES}
    return parts | {f"team {team.name}": _digest(team) for team in access.teams}


def _digest(part: BaseModel, more: str = "") -> str:
    return hashlib.sha256(f"{more} {part.model_dump_json()}".encode()).hexdigest()[:16]
