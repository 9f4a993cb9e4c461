"""A login as the identity provider or the proxy states it, and what its claims have to hold."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dbbuddy.access.errors import LoginError
from dbbuddy.access.rules import Access

CLOCK_SKEW_SECONDS = 60.0
"""How far the clock of the identity provider may be ahead of ours."""

_INCOMPLETE = "The identity provider did not say {what}. Ask an administrator to add the claim “{claim}” to the identity token."
_LONGEST = 320  # an e-mail address has at most 64 + 1 + 255 characters (RFC 5321, 4.5.3.1)


@dataclass(frozen=True)
class Login:
    """Who signed in, when and until when.

    `began` and `token_ends` are seconds since 1970 in UTC. `session` names this one login and says nothing about the person.
    `too_many_groups`: the provider left the groups out because there were too many.
    """

    id: str
    name: str
    email: str
    groups: frozenset[str]
    began: float
    token_ends: float
    session: str
    too_many_groups: bool = False


def read_login(claims: Mapping[str, Any], access: Access, now: float) -> Login:
    """The login in the claims of a token whose signature has been verified.

    Raises:
        LoginError: a needed claim is missing or makes no sense.
    """
    began, ends = _time(claims, "iat"), _time(claims, "exp")
    if began > now + CLOCK_SKEW_SECONDS:
        raise LoginError("This login begins in the future. Ask an administrator to set the servers' clocks.")
    subject = _text(claims.get("sub"))
    if not subject:
        raise LoginError(_INCOMPLETE.format(what="who you are", claim="sub"))
    email = _email(claims, access)
    provider = _text(claims.get("provider"))
    own_id = subject if provider in ("", "default") else f"{provider}:{subject}"
    if access.identify_by == "email":
        if not email:
            raise LoginError(_INCOMPLETE.format(what="your verified e-mail address", claim=access.claims.email))
        own_id = email
    return Login(
        id=own_id,
        name=_text(_claim(claims, access.claims.name)) or email or subject,
        email=email,
        groups=_groups(_claim(claims, access.claims.groups)),
        began=began,
        token_ends=ends,
        session=_session(claims),
        too_many_groups=_left_out(claims, access.claims.groups),
    )


def _claim(claims: Mapping[str, Any], name: str) -> object:
    """A claim by its name, or by its path: `realm_access.roles`. A name may itself hold dots, as URLs do."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(part)
    return found


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) and len(value) <= _LONGEST and value.isprintable() else ""


def _time(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise LoginError(_INCOMPLETE.format(what="how long your login is valid", claim=name))
    return float(value)


def _email(claims: Mapping[str, Any], access: Access) -> str:
    """The address in small letters; empty if the provider says that nobody has verified it."""
    if claims.get("email_verified") in (False, "false"):
        return ""
    address = _text(_claim(claims, access.claims.email))
    return address.casefold() if "@" in address else ""


def _groups(value: object) -> frozenset[str]:
    values = [value] if isinstance(value, str) else value if isinstance(value, list | tuple) else []
    return frozenset(group for group in map(_text, values) if group)


def _left_out(claims: Mapping[str, Any], groups: str) -> bool:
    """Microsoft Entra ID sends a pointer instead of more than 200 groups.

    Source: learn.microsoft.com/entra/identity-platform/id-token-claims-reference, "groups overage claim".
    """
    names = claims.get("_claim_names")
    return isinstance(names, Mapping) and groups in names


def _session(claims: Mapping[str, Any]) -> str:
    """A name for the login: the claims that differ from one login to the next, as a digest."""
    parts = [claims.get(name) for name in ("iss", "sub", "iat", "exp", "nonce", "jti", "sid")]
    return hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()
